"""The parser over what real runs of the workshops' notebooks printed."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import jupyter_monai_workshop.workshops as built_in
from jupyter_monai_workshop.definition.loading import load_definition
from jupyter_monai_workshop.definition.models import Training
from jupyter_monai_workshop.progress.curves import Points
from jupyter_monai_workshop.progress.training import TrainingParser

OUTPUTS = Path(__file__).parent.parent / "data" / "outputs"

WORKSHOPS = Path(built_in.__path__[0])


def training_of(workshop: str, module: str, step: str) -> Training:
    loaded = load_definition(WORKSHOPS / workshop / "workshop.yaml")
    modules = {it.id: it for it in loaded.definition.modules}
    found = {it.id: it for it in modules[module].steps}[step].training
    assert found is not None
    return found


END_TO_END = training_of("rsna-2023", "end-to-end", "train")
AUTO3DSEG = training_of("rsna-2023", "auto3dseg", "run")


CLASSIFY = training_of("first-light", "classify-2d", "train")
SEGMENT = training_of("first-light", "segment-3d", "train")
R18 = range(1, 19)


def pieces(name: str) -> list[tuple[str, str]]:
    """Return the recorded pieces of output with their streams, in order."""
    outputs = json.loads((OUTPUTS / f"{name}.json").read_text(encoding="utf-8"))
    return [(output["stream"], output["text"]) for output in outputs if "stream" in output]


def parsed(training: Training, printed: list[tuple[str, str]]) -> TrainingParser:
    parser = TrainingParser(training)
    for stream, text in printed:
        parser.feed(text, stream)
    parser.end()
    return parser


def figures(points: Points) -> dict[float, float | None]:
    return dict(zip(points.x, points.y, strict=True))


def test_every_step_and_epoch_of_the_first_notebook_is_found() -> None:
    parser = parsed(END_TO_END, pieces("end-to-end.monai-1.6.1.python-3.11"))
    assert parser.counts == {"epoch": 3, "epochs": 3, "step": 18, "steps": 19}
    assert parser.values == {"loss": 0.0317, "auc": 1.0, "accuracy": 0.9028}
    curves = parser.curves()
    assert {name: curve.by for name, curve in curves.items()} == {
        "loss": "step",
        "auc": "epoch",
        "accuracy": "epoch",
    }
    # 19 steps an epoch are announced and 18 come; the axis keeps the announced places.
    assert list(curves["loss"].x) == [19 * epoch + step for epoch in (0, 1, 2) for step in R18]
    assert (curves["loss"].y[0], curves["loss"].y[17:19]) == (1.8871, (0.1272, 0.0642))
    assert figures(curves["auc"]) == {1: 0.9833, 2: 0.9954, 3: 1.0}
    assert list(figures(curves["accuracy"])) == [1, 2, 3]


def test_a_training_of_two_steps_an_epoch_is_found_whole() -> None:
    parser = parsed(END_TO_END, pieces("end-to-end.monai-1.2.0.python-3.11"))
    assert parser.counts == {"epoch": 2, "epochs": 2, "step": 2, "steps": 2}
    curves = parser.curves()
    assert figures(curves["loss"]) == {1: 1.8939, 2: 1.8421, 3: 1.8221, 4: 1.7846}
    assert figures(curves["auc"]) == {1: 0.6440, 2: 0.5329}
    assert figures(curves["accuracy"]) == {1: 0.1667, 2: 0.0833}


def test_one_epoch_is_enough() -> None:
    curves = parsed(END_TO_END, pieces("end-to-end.monai-1.5.2.python-3.12")).curves()
    assert list(curves["loss"].x) == list(range(1, 10))
    assert figures(curves["auc"]) == {1: 0.7319}


def test_of_the_second_notebook_only_training_is_progress() -> None:
    parser = parsed(AUTO3DSEG, pieces("auto3dseg.monai-1.2.0"))
    assert parser.counts == {"epoch": 2, "epochs": 2}
    assert (parser.values, parser.curves()) == ({}, {})


@pytest.mark.parametrize("name", ["auto3dseg.monai-1.6.1", "auto3dseg.without-fire"])
def test_nothing_is_invented_where_no_training_is_told(name: str) -> None:
    parser = parsed(AUTO3DSEG, pieces(name))
    assert (parser.counts, parser.values, parser.curves()) == ({}, {}, {})


def test_both_trainings_of_first_light_are_found_whole() -> None:
    parser = parsed(CLASSIFY, pieces("first-light.classify-2d"))
    assert parser.counts == {"epoch": 4, "epochs": 4, "step": 53, "steps": 53}
    curves = parser.curves()
    assert list(curves) == ["loss", "auc", "accuracy"]
    loss = curves["loss"]
    assert (loss.by, loss.x[0], loss.x[-1]) == ("step", 1, 212)
    assert 100 < len(loss.x) <= 212
    assert (max(it for it in loss.y if it), min(it for it in loss.y if it)) == (1.8613, 0.0164)
    assert figures(curves["auc"]) == {1: 0.8927, 2: 0.9630, 3: 1.0, 4: 1.0}
    parser = parsed(SEGMENT, pieces("first-light.segment-3d"))
    assert parser.counts == {"epoch": 8, "epochs": 8, "step": 12, "steps": 12}
    assert list(parser.curves()["loss"].x) == list(range(1, 97))
    dice = figures(parser.curves()["dice"])
    assert (list(dice), dice[1], dice[8]) == (list(range(1, 9)), 0.7835, 0.9780)


RUNS = [
    (END_TO_END, "end-to-end.monai-1.6.1.python-3.11"),
    (END_TO_END, "end-to-end.monai-1.2.0.python-3.11"),
    (AUTO3DSEG, "auto3dseg.monai-1.2.0"),
    (SEGMENT, "first-light.segment-3d"),
]


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(RUNS))
def test_pieces_that_are_split_elsewhere_tell_the_same(
    data: st.DataObject, run: tuple[Training, str]
) -> None:
    training, name = run
    whole = pieces(name)
    split: list[tuple[str, str]] = []
    for stream, text in whole:
        places = data.draw(st.lists(st.integers(0, len(text)), max_size=4))
        for start, end in pairwise([0, *sorted(places), len(text)]):
            split.append((stream, text[start:end]))
    left, right = parsed(training, whole), parsed(training, split)
    assert left.counts == right.counts
    assert left.values == right.values
    assert left.curves() == right.curves()


@settings(max_examples=30, deadline=None)
@given(st.data(), st.sampled_from(RUNS))
def test_pieces_of_one_stream_that_arrive_joined_tell_the_same(
    data: st.DataObject, run: tuple[Training, str]
) -> None:
    training, name = run
    joined: list[tuple[str, str]] = []
    for stream, text in pieces(name):
        if joined and joined[-1][0] == stream and data.draw(st.booleans()):
            text = joined.pop()[1] + text
        joined.append((stream, text))
    left, right = parsed(training, pieces(name)), parsed(training, joined)
    assert (left.counts, left.values, left.curves()) == (right.counts, right.values, right.curves())
