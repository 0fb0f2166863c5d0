"""Measured times come into a definition, and nothing else of it changes."""

from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.loading import load_definition
from jupyter_monai_workshop.retiming import Retimed, TimesUnfit, retime

DEFINITION = """\
format: 1
id: lungs  # a comment
title: Lungs
summary: Look.
text: Welcome.
source: {kind: bundled, path: files, folder: lungs}
modules:
  - id: look
    title: Look
    text: Look.
    notebook: look.ipynb
    steps:
      - {id: start, title: Start, text: Begin., cells: [{contains: a}], duration: 5}
      - id: train
        title: Train
        text: Train.
        cells: [{contains: b}]
        duration: {gpu: 60, cpu: 600}  # about
      - id: plot
        title: Plot
        text: Plot.
        cells: [{contains: c}]
        duration: 2
"""

TIMES = """\
workshop: lungs
measured: '2026-11-24T22:27:34Z'
profile: ''
machines:
- machine: {processors: 4}
  modules:
    look:
      start: {duration: {cpu: 6.4}}
      train: {duration: {cpu: 1234.5}}
- machine: {processors: 8, gpus: [T4]}
  modules:
    look:
      start: {duration: {gpu: 6.2}}
      plot: {duration: {gpu: 2.4}}
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    definition, times = tmp_path / "workshop.yaml", tmp_path / "times.yaml"
    definition.write_text(DEFINITION)
    times.write_text(TIMES)
    return definition, times


def test_measured_times_replace_those_of_their_machine(files: tuple[Path, Path]) -> None:
    assert retime(*files) == (
        Retimed("look", "start", "5", "6"),
        Retimed("look", "train", "{gpu: 60, cpu: 600}", "{gpu: 60, cpu: 1200}"),
    )
    steps = load_definition(files[0]).definition.modules[0].steps
    assert [(step.duration.gpu, step.duration.cpu) for step in steps] == [
        *((6, 6), (60, 1200), (2, 2)),
    ]
    expected = DEFINITION.replace("duration: 5}", "duration: 6}").replace("cpu: 600", "cpu: 1200")
    assert files[0].read_text() == expected
    assert retime(*files) == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("workshop: lungs", "workshop: hearts", "of the workshop “hearts”"),
        ("profile: ''", "profile: no-gpu", "with the profile “no-gpu”"),
        ("machines:", "cars:", "holds no measured times"),
        ("{cpu: 6.4}", "{tpu: 6.4}", "holds no measured times"),
    ],
)
def test_times_that_do_not_fit_change_nothing(
    files: tuple[Path, Path], old: str, new: str, message: str
) -> None:
    files[1].write_text(TIMES.replace(old, new))
    with pytest.raises(TimesUnfit, match=message):
        retime(*files)
    assert files[0].read_text() == DEFINITION
