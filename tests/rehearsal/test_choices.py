"""Parameters, profiles, exercises and known failures, as the panel has them."""

from pathlib import Path
from typing import Any

import nbformat
import pytest

from jupyter_monai_workshop.definition.loading import load_definition
from jupyter_monai_workshop.rehearsal.task import SettingUnfit, read_settings

from .workbench import KERNEL, rehearsed

DEFINITION = """\
format: 1
id: made
title: Made by a test
summary: A workshop for tests.
text: Welcome.
source: {kind: bundled, path: files, folder: made}
profiles:
  - id: short
    title: Short
    text: One epoch, and less of everything.
    modules:
      trains: {parameters: {epochs: 1, size: 10}}
failures:
  - id: no-codec
    pattern: "No module named 'no_such_codec'"
    cause: The codec is missing.
    remedy: Get everything ready again.
    action: prepare
modules:
  - id: trains
    title: Trains
    text: It trains.
    notebook: trains.ipynb
    patches:
      - kind: ensure_line
        id: more
        cell: {id: set}
        line: patched = True
        why: It is missing.
    parameters:
      - id: epochs
        variable: epochs
        title: Epochs
        cell: {id: set}
        choices: [{value: 4}, {value: 2}, {value: 1}]
      - id: size
        variable: size
        title: Size
        cell: {id: set}
        choices: [{value: 100}, {value: 10}]
    steps:
      - id: set
        title: Set
        text: Set.
        cells: [{id: set}]
        duration: 1
        check: {expressions: [patched, epochs == 2, size == 10]}
      - id: exercise
        title: Exercise
        text: Do it.
        cells: [{id: exercise}]
        duration: 1
        check: {expressions: [x == 5]}
        solve: [{cell: {id: exercise}, source: x = 5}]
      - id: train
        title: Train
        text: Train.
        cells: [{id: train}]
        duration: 1
        check: {files: [model.pth]}
        training:
          patterns: ['^epoch (?P<epoch>\\d+), loss (?P<loss>\\S+)$']
          metrics: {loss: {title: Loss, better: lower}}
  - id: lacks
    title: Lacks
    text: Something is missing.
    notebook: lacks.ipynb
    parameters:
      - id: epochs
        variable: epochs
        title: Epochs
        cell: {id: import}
        choices: [{value: 4}, {value: 2}]
    steps:
      - id: import
        title: Import
        text: Import.
        cells: [{id: import}]
        duration: 1
"""

CELLS = {
    "trains": {
        "set": "epochs = 4\nsize = 100",
        "exercise": "x = ???",
        "train": (
            "for epoch in range(3): print(f'epoch {epoch}, loss {1 / (epoch + 1)}')\n"
            "open('model.pth', 'w').close()"
        ),
    },
    # It prints 12 MB, too, which is allowed here.
    "lacks": {
        "import": ("epochs = 4\nfor _ in range(12): print('x' * 1_000_000)\nimport no_such_codec")
    },
}


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("definitions")
    (folder / "files").mkdir()
    (folder / "workshop.yaml").write_text(DEFINITION)
    for name, cells in CELLS.items():
        made = [nbformat.v4.new_code_cell(source, id=cell) for cell, source in cells.items()]
        nbformat.write(nbformat.v4.new_notebook(cells=made), folder / "files" / f"{name}.ipynb")
    return folder


@pytest.fixture(scope="module")
def results(definitions: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    data = tmp_path_factory.mktemp("jupyter")
    options = ("--profile", "short", "--set", "trains.epochs=2", "--kernel", KERNEL)
    kept = ("--output-limit", 20, "--folder", data / "fresh", "--keep")
    return rehearsed("made", "--definitions", definitions, *options, *kept, data=data, status=1)


def test_a_profile_is_chosen_and_single_values_go_before_it(results: dict[str, Any]) -> None:
    steps = {step["id"]: step for step in results["trains"]["steps"]}
    assert steps["set"]["state"] == "passed", steps["set"]
    assert {part["name"] for part in results["trains"]["preparation"]} >= {
        *("materials", "patches", "profile", "parameters", "solution"),
    }


def test_an_exercise_is_replaced_by_its_solution(results: dict[str, Any]) -> None:
    steps = {step["id"]: step for step in results["trains"]["steps"]}
    assert steps["exercise"]["state"] == "passed", steps["exercise"]
    assert results["trains"]["state"] == "passed"


def test_training_is_told_with_its_curve(results: dict[str, Any]) -> None:
    steps = {step["id"]: step for step in results["trains"]["steps"]}
    (curve,) = steps["train"]["training"]["curves"]
    assert curve["y"] == pytest.approx([1, 1 / 2, 1 / 3])


def test_a_known_failure_is_told_with_cause_and_remedy(results: dict[str, Any]) -> None:
    (step,) = results["lacks"]["steps"]
    assert step["failure"]["message"] == "The codec is missing."
    assert step["failure"]["hint"] == "Get everything ready again."
    assert "ModuleNotFoundError" in step["failure"]["details"]
    assert "prepare" in {remedy["action"] for remedy in step["remedies"]}
    assert step["cell"] == 1


def test_what_is_kept_is_a_fresh_folder_of_its_own(results: dict[str, Any]) -> None:
    folders = {Path(result["folder"]) for result in results.values()}
    assert len(folders) == 2
    assert (Path(results["trains"]["folder"]) / "model.pth").exists()


def test_a_parameter_may_be_named_alone_where_only_one_module_has_it(definitions: Path) -> None:
    definition = load_definition(definitions / "workshop.yaml").definition
    assert read_settings(definition, ["size=10", "lacks.epochs=2"]) == {
        "trains": {"size": 10},
        "lacks": {"epochs": 2},
    }
    with pytest.raises(SettingUnfit, match="several modules"):
        read_settings(definition, ["epochs=2"])
