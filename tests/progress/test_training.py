"""Progress read out of printed lines, however they arrive."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from jupyter_monai_workshop.definition.models import Metric, Training
from jupyter_monai_workshop.progress.training import TrainingParser, view_of

TRAINING = Training(
    patterns=(
        r"^epoch (?P<epoch>\d+)/(?P<epochs>\d+)$",
        r"^(?P<step>\d+)/(?P<steps>\d+), training_loss: (?P<loss>\S+)$",
        r"AUC: (?P<auc>\S+) accuracy: (?P<accuracy>\S+)",
    ),
    metrics={
        "accuracy": Metric(title="Accuracy"),
        "auc": Metric(title="AUC"),
        "loss": Metric(title="Loss", better="lower"),
    },
)

PRINTED = (
    "epoch 1/2\n1/2, training_loss: 0.9000\n2/2, training_loss: nan\n"
    "AUC: 0.5 accuracy: 0.25\nepoch 2/2\n1/2, training_loss: 0.3000\n"
    "2/2, training_loss: 0.2500\nAUC: 0.9 accuracy: 0.75\n"
)


@given(st.lists(st.integers(0, len(PRINTED)), max_size=12))
def test_lines_may_be_split_anywhere(cuts: list[int]) -> None:
    parser = TrainingParser(TRAINING)
    edges = [0, *sorted(cuts), len(PRINTED)]
    for start, end in pairwise(edges):
        parser.feed(PRINTED[start:end])
    parser.end()
    assert parser.counts == {"epoch": 2, "epochs": 2, "step": 2, "steps": 2}
    assert parser.values == {"loss": 0.25, "auc": 0.9, "accuracy": 0.75}


def test_a_new_epoch_begins_with_no_step() -> None:
    parser = TrainingParser(TRAINING)
    parser.feed("epoch 1/2\n2/2, training_loss: 0.9\nepoch 2/2\n")
    assert parser.counts == {"epoch": 2, "epochs": 2, "steps": 2}


def test_two_streams_do_not_tear_each_others_lines() -> None:
    parser = TrainingParser(TRAINING)
    parser.feed("1/2, train", "stdout")
    parser.feed("UserWarning: slow\n", "stderr")
    parser.feed("ing_loss: 0.5\n", "stdout")
    assert parser.values == {"loss": 0.5}


def test_colours_and_carriage_returns_are_no_part_of_a_line() -> None:
    parser = TrainingParser(TRAINING)
    parser.feed("\x1b[32mepoch 1/4\x1b[0m\repoch 2/4\r")
    assert parser.counts == {"epoch": 2, "epochs": 4}


def test_nothing_is_invented() -> None:
    parser = TrainingParser(TRAINING)
    assert not parser.feed("training_loss: 3\nepoch one/two\nx 1/2, training_loss: 1\n")
    assert (parser.counts, parser.values) == ({}, {})


def test_the_view_has_the_definitions_order_and_no_infinite_values() -> None:
    values = {"loss": float("nan"), "auc": 0.5, "accuracy": 0.25}
    view = view_of(TRAINING, {"epoch": 1}, values, {})
    assert [(metric.title, metric.value) for metric in view.metrics] == [
        ("Accuracy", 0.25),
        ("AUC", 0.5),
    ]
    assert (view.epoch, view.step) == (1, None)


def test_a_progress_bar_is_read_as_it_is_drawn() -> None:
    parser = TrainingParser(TRAINING)
    parser.feed("\repoch 1/4")
    assert parser.counts == {"epoch": 1, "epochs": 4}
    parser.feed("\repoch 2/")
    assert parser.counts == {"epoch": 1, "epochs": 4}
    parser.feed("4")
    assert parser.counts == {"epoch": 2, "epochs": 4}
