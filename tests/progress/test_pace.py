"""How long a training still needs, told from what it printed and when."""

import pytest

from jupyter_monai_workshop.definition.models import Metric, Training
from jupyter_monai_workshop.progress.pace import Pace
from jupyter_monai_workshop.progress.training import TrainingParser


class Clock:
    """Prints a training's progress at its times, into a pace."""

    def __init__(self, **counts: int) -> None:
        self.pace = Pace()
        self.now = 1000.0
        self.counts = counts

    def tell(self, seconds: float, **counts: int | None) -> None:
        self.now += seconds
        for name, count in counts.items():
            if count is None:
                self.counts.pop(name, None)
            else:
                self.counts[name] = count
        self.pace.note(self.now, self.counts)

    @property
    def left(self) -> float | None:
        return self.pace.left(self.now)


def test_nothing_is_known_before_some_steps() -> None:
    clock = Clock(epoch=1, epochs=4)
    clock.tell(0)
    clock.tell(60, step=1, steps=100)
    assert (clock.pace.rate, clock.left) == (None, None)


def test_the_warm_up_before_the_first_step_does_not_count() -> None:
    clock = Clock(epoch=1, epochs=1)
    clock.tell(0)
    clock.tell(60, step=1, steps=101)
    for step in range(2, 12):
        clock.tell(0.5, step=step)
    assert clock.pace.rate == pytest.approx(2.0)
    assert clock.left == pytest.approx(90 / 2)


def epoch_of(clock: Clock, number: int, *, steps: int, each: float, between: float) -> None:
    clock.tell(0, epoch=number, step=None)
    for step in range(1, steps + 1):
        clock.tell(each + (between if step == 1 else 0), step=step, steps=steps + 1)


def test_validation_between_epochs_is_learned_from_the_first() -> None:
    clock = Clock(epochs=4)
    epoch_of(clock, 1, steps=20, each=0.5, between=7)
    without = clock.left
    epoch_of(clock, 2, steps=10, each=0.5, between=12)
    # 10 steps of this epoch (20 is what an epoch really has, not the 21 that is printed), its
    # validation, and two more epochs with theirs.
    assert clock.left == pytest.approx(10 / 2 + 12 + 2 * (20 / 2 + 12))
    assert without is not None


def test_time_passes_within_a_step_and_within_a_validation_but_a_stall_is_no_progress() -> None:
    clock = Clock(epochs=2)
    epoch_of(clock, 1, steps=20, each=0.5, between=0)
    epoch_of(clock, 2, steps=20, each=0.5, between=10)
    at_once = clock.pace.left(clock.now)
    assert at_once == pytest.approx(10)
    assert clock.pace.left(clock.now + 4) == pytest.approx(6)
    assert clock.pace.left(clock.now + 400) == 0
    clock = Clock(epoch=1, epochs=1, steps=100)
    for step in range(1, 21):
        clock.tell(0.5, step=step)
    assert clock.pace.left(clock.now + 0.4) == pytest.approx(40 - 0.4)
    assert clock.pace.left(clock.now + 60) == pytest.approx(40 - 0.5)


def test_the_pace_is_that_of_the_recent_past() -> None:
    clock = Clock(epoch=1, epochs=1, steps=1000)
    for step in range(1, 101):
        clock.tell(0.3, step=step)
    for step in range(101, 201):
        clock.tell(0.6, step=step)
    assert clock.pace.rate == pytest.approx(1 / 0.6, rel=0.02)


def test_epochs_that_are_counted_from_zero_have_one_less_to_go() -> None:
    clock = Clock(epoch=0, epochs=2, steps=10)
    for step in range(1, 11):
        clock.tell(1, step=step)
    assert clock.left == pytest.approx(10)


def test_a_bar_of_epochs_alone_tells_the_time_left() -> None:
    clock = Clock(epochs=4)
    clock.tell(0, epoch=0)
    clock.tell(42, epoch=1)
    assert clock.left == pytest.approx(3 * 42)
    clock.tell(42, epoch=2)
    clock.tell(42, epoch=3)
    clock.tell(42, epoch=4)
    assert (clock.left, clock.pace.rate) == (0, None)


def test_another_training_in_the_same_cell_begins_anew() -> None:
    clock = Clock(epoch=1, epochs=1, steps=100)
    for step in range(1, 101):
        clock.tell(0.5, step=step)
    clock.tell(0, epoch=0, step=None)
    assert (clock.pace.rate, clock.left) == (None, None)


KERAS = Training(
    patterns=(r"^Epoch (?P<epoch>\d+)/(?P<epochs>\d+) - loss: (?P<loss>\S+)$",),
    metrics={"loss": Metric(title="Loss")},
)


def test_an_epoch_that_is_told_at_its_end_is_over() -> None:
    parser = TrainingParser(KERAS)
    parser.feed("Epoch 1/3 - loss: 3\n", when=10.0)
    parser.feed("Epoch 2/3 - loss: 2\n", when=20.0)
    assert parser.pace.left(20.0) == pytest.approx(10)
    parser.feed("Epoch 3/3 - loss: 2\n", when=30.0)
    assert parser.pace.left(30.0) == 0
