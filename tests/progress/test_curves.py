"""Curves stay small, and keep what matters, however long a training is."""

import math

from hypothesis import given
from hypothesis import strategies as st

from jupyter_monai_workshop.definition.models import Metric, Training
from jupyter_monai_workshop.progress.curves import GrowingCurve
from jupyter_monai_workshop.progress.training import TrainingParser

TRAINING = Training(
    patterns=(
        r"^epoch (?P<epoch>\d+)/(?P<epochs>\d+)$",
        r"^(?P<step>\d+)/(?P<steps>\d+), loss: (?P<loss>\S+)$",
        r"^AUC: (?P<auc>\S+)$",
    ),
    metrics={"loss": Metric(title="Loss", better="lower"), "auc": Metric(title="AUC")},
)


def grown(values: list[float]) -> GrowingCurve:
    curve = GrowingCurve()
    for number, value in enumerate(values):
        curve.add(value, step=number + 1, epoch=None, with_step=True)
    return curve


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=3000))
def test_first_last_and_extremes_are_kept_in_few_points(values: list[float]) -> None:
    points = grown(values).points()
    assert len(points.x) == len(points.y) <= 365
    assert list(points.x) == sorted(set(points.x))
    kept = dict(zip(points.x, points.y, strict=True))
    for x, y in kept.items():
        value = values[int(x) - 1]
        assert y == (value if math.isfinite(value) else None)
    finite = [value for value in values if math.isfinite(value)]
    if values:
        assert {1.0, float(len(values))} <= set(kept)
    if finite:
        shown = [y for y in points.y if y is not None]
        assert (min(shown), max(shown)) == (min(finite), max(finite))
    assert (None in points.y) == (len(finite) < len(values))


def test_a_short_curve_is_kept_whole() -> None:
    values = [float(number * number % 17) for number in range(90)]
    assert list(grown(values).points().y) == values


def test_a_long_curve_is_thinned_evenly() -> None:
    points = grown([math.sin(number / 50) for number in range(100_000)]).points()
    assert len(points.x) <= 245
    gaps = [right - left for left, right in zip(points.x, points.x[1:], strict=False)]
    assert max(gaps) <= 4 * 100_000 / len(points.x)


def parsed(*lines: str, training: Training = TRAINING) -> TrainingParser:
    parser = TrainingParser(training)
    parser.feed("".join(line + "\n" for line in lines))
    return parser


def test_the_loss_goes_by_step_over_the_epochs_and_the_auc_by_epoch() -> None:
    lines = []
    for epoch in (1, 2, 3):
        lines.append(f"epoch {epoch}/3")
        lines += [f"{step}/4, loss: {epoch}.{step}" for step in (1, 2, 3)]  # the last never comes
        lines.append(f"AUC: 0.{epoch}")
    curves = parsed(*lines).curves()
    assert (curves["loss"].by, curves["auc"].by) == ("step", "epoch")
    assert curves["loss"].x == (1, 2, 3, 5, 6, 7, 9, 10, 11)
    assert curves["loss"].y == (1.1, 1.2, 1.3, 2.1, 2.2, 2.3, 3.1, 3.2, 3.3)
    assert (curves["auc"].x, curves["auc"].y) == ((1, 2, 3), (0.1, 0.2, 0.3))


def test_a_metric_that_comes_several_times_an_epoch_goes_by_step() -> None:
    auc = parsed(
        "epoch 1/2", "5/10, loss: 1", "AUC: 0.1", "10/10, loss: 1", "AUC: 0.2", "epoch 2/2"
    ).curves()["auc"]
    assert (auc.by, auc.x) == ("step", (5, 10))


def test_a_value_that_is_printed_again_at_the_same_place_is_one_point() -> None:
    auc = parsed("epoch 1/2", "AUC: 0.1", "AUC: 0.2", "epoch 2/2", "AUC: 0.3").curves()["auc"]
    assert (auc.by, auc.x, auc.y) == ("epoch", (1, 2), (0.2, 0.3))


def test_a_second_training_in_the_same_cell_goes_on_behind_the_first() -> None:
    curves = parsed(
        *("epoch 0/2", "0/2, loss: 4", "1/2, loss: 3", "AUC: 0.1", "epoch 1/2", "0/2, loss: 2"),
        *("epoch 0/2", "0/2, loss: 9", "AUC: 0.2"),
    ).curves()
    assert curves["loss"].x == (0, 1, 2, 4)
    assert curves["auc"].x == (0, 2)


def test_metrics_without_any_progress_are_counted() -> None:
    auc = parsed("AUC: 0.1", "AUC: 0.1", "AUC: nan").curves()["auc"]
    assert (auc.by, auc.x, auc.y) == ("step", (1, 2, 3), (0.1, 0.1, None))


def test_a_bar_that_is_half_drawn_is_shown_but_is_no_point() -> None:
    bar = Training(
        patterns=(r"^(?P<step>\d+)/(?P<steps>\d+) loss=(?P<loss>[\d.]+)",),
        metrics={"loss": Metric(title="Loss")},
    )
    parser = TrainingParser(bar)
    parser.feed("\r1/2 loss=0.1")
    assert parser.values == {"loss": 0.1}
    assert parser.curves() == {}
    parser.feed("75\r2/2 loss=0.05\n")
    assert parser.curves()["loss"].y == (0.175, 0.05)
