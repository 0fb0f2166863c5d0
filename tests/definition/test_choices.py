"""Mistakes in parameters, profiles and known failures are named with their line."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from jupyter_monai_workshop.authoring import lint_file
from jupyter_monai_workshop.definition.loading import examine_definition

GOOD = """\
format: 1
id: small
title: Small
summary: A small workshop.
text: Welcome.
source: {kind: bundled, path: files, folder: small}
profiles:
  - id: quick
    title: Quick
    text: Less.
    suits: no-gpu
    modules:
      one:
        parameters: {epochs: 2, rate: 0.001}
        patches:
          - {kind: replace, id: cut, cell: {id: a}, old: all, new: "all[:9]", why: Less.}
        durations: {first: 3}
failures:
  - id: memory
    pattern: 'out of memory'
    cause: The GPU is full.
    remedy: Choose fewer epochs.
    set: {epochs: 2}
    modules: [one]
modules:
  - id: one
    title: One
    text: The only module.
    notebook: one.ipynb
    parameters:
      - id: epochs
        variable: epochs
        title: Epochs
        cell: {id: a}
        choices: [{value: 4}, {value: 2}]
      - id: rate
        variable: rate
        title: Rate
        cell: {id: a}
        choices: [{value: 1.0e-5}, {value: 0.001}]
    steps:
      - {id: first, title: First, text: Do it., cells: [{id: a}], duration: 5}
"""

ERRORS = [
    ("      one:\n", "      two:\n", 14, "no module 'two'"),
    ("{epochs: 2, rate", "{eras: 2, rate", 14, "no parameter 'eras'"),
    ("rate: 0.001}", "rate: 1e-3}", 14, "another kind"),
    ("{epochs: 2, rate", "{epochs: 2.5, rate", 14, "another kind"),
    ("{epochs: 2, rate", "{epochs: true, rate", 14, "another kind"),
    ("{first: 3}", "{last: 3}", 17, "no step 'last'"),
    ("{first: 3}", "{first: 0}", 17, "greater than 0"),
    ("suits: no-gpu", "suits: small-gpu", 11, "no-gpu"),
    ("out of memory", "out of (memory", 20, "Not a regular expression"),
    ("set: {epochs: 2}", "set: {eras: 2}", 23, "no parameter 'eras'"),
    ("modules: [one]", "modules: [two]", 24, "no module 'two'"),
    ("modules: [one]", "profile: huge", 24, "no profile 'huge'"),
    ("choices: [{value: 4}", "choices: [{value: four}", 35, "different kinds"),
    ("choices: [{value: 4}", "choices: [{value: 2}", 35, "there twice"),
]
NOTES = [
    ("{epochs: 2, rate", "{epochs: 3, rate", 14, "none of the choices"),
    ("set: {epochs: 2}", "set: {epochs: 1}", 23, "none of the choices"),
    ("cell: {id: a}\n        choices: [{value: 4", "cell: {id: b}\n        choices: [{value: 4",
     34, "of no step"),
]  # fmt: skip


def examine(folder: Path, text: str) -> list[tuple[str, int, str]]:
    path = folder / "workshop.yaml"
    path.write_text(text, encoding="utf-8")
    _, problems = examine_definition(path)
    return [(problem.level, problem.line, problem.message) for problem in problems]


def test_a_good_one_has_no_problem(tmp_path: Path) -> None:
    assert examine(tmp_path, GOOD) == []


@pytest.mark.parametrize(("old", "new", "line", "message"), ERRORS)
def test_an_error_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, message: str
) -> None:
    assert old in GOOD
    found = examine(tmp_path, GOOD.replace(old, new, 1))
    assert [it for it in found if message in it[2]] == [
        ("error", line, next(text for _, _, text in found if message in text))
    ], found


@pytest.mark.parametrize(("old", "new", "line", "message"), NOTES)
def test_what_can_be_used_all_the_same_is_only_noted(
    tmp_path: Path, old: str, new: str, line: int, message: str
) -> None:
    assert old in GOOD
    found = examine(tmp_path, GOOD.replace(old, new, 1))
    assert [(level, number) for level, number, _ in found] == [("warning", line)]
    assert message in found[0][2]


@pytest.mark.parametrize("repeated", ["profiles", "failures"])
def test_an_id_is_used_once(tmp_path: Path, repeated: str) -> None:
    begin = GOOD.index(f"{repeated}:\n") + len(repeated) + 2
    end = GOOD.index("failures:" if repeated == "profiles" else "modules:\n  - id: one", begin)
    found = examine(tmp_path, GOOD[:end] + GOOD[begin:end] + GOOD[end:])
    assert any("is used twice" in message for _, _, message in found), found


def test_numbers_that_yaml_takes_for_texts_are_noted(tmp_path: Path) -> None:
    text = GOOD.replace("[{value: 1.0e-5}, {value: 0.001}]", "[{value: 1e-5}, {value: 1e-3}]")
    found = examine(tmp_path, text.replace("rate: 0.001}", "rate: 1e-3}"))
    assert [(level, line) for level, line, _ in found] == [("warning", 40)] * 2


def lint_with(folder: Path, *sources: str) -> list[tuple[str, str, str]]:
    (folder / "files").mkdir()
    cells = [nbformat.v4.new_code_cell(it, id="abc"[n]) for n, it in enumerate(sources)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "files" / "one.ipynb")
    (folder / "workshop.yaml").write_text(GOOD)
    problems = lint_file(folder / "workshop.yaml")
    return [(problem.level, problem.where, problem.message) for problem in problems]


def test_a_notebook_in_which_all_can_be_chosen_has_no_problem(tmp_path: Path) -> None:
    assert lint_with(tmp_path, "epochs = 4\nrate = 1e-5\nimages = all") == []


def test_a_choice_that_the_notebook_does_not_allow_is_an_error(tmp_path: Path) -> None:
    found = lint_with(tmp_path, "epochs = 4\nepochs = 3\nrate = 1e-4\nimages = all")
    assert [it[:2] for it in found] == [
        ("error", "modules.0.parameters.epochs"),
        ("warning", "modules.0.parameters.rate"),
        ("error", "profiles.quick.modules.one"),
    ]


def test_a_patch_of_a_profile_that_does_not_fit_is_an_error(tmp_path: Path) -> None:
    found = lint_with(tmp_path, "epochs = 4\nrate = 1e-5")
    assert [it[:2] for it in found] == [("error", "profiles.quick.modules.one")]
