"""The examples of the documentation fit the notebooks of their repositories."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.loading import examine_definition
from jupyter_monai_workshop.definition.models import CellAddress, Definition, GitSource, Module

ROOT = Path(__file__).parents[2]
EXAMPLES = {
    "monai-on-aws": "monai-on-aws-workshop.json",
    "monai-tutorials-2d": "monai-tutorials.json",
}


@dataclass(frozen=True)
class OutlineCell:
    """A code cell as the outline knows it: all but its source."""

    index: int
    id: str | None
    heading: str
    lines: int
    assigns: tuple[str, ...]


def outline(name: str) -> dict[str, object]:
    path = ROOT / "tests" / "data" / "outlines" / EXAMPLES[name]
    found: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return found


def definition(name: str) -> Definition:
    found, problems = examine_definition(ROOT / "docs" / "examples" / name / "workshop.yaml")
    assert problems == ()
    assert found is not None
    return found


def code_cells(name: str, notebook: str) -> list[OutlineCell]:
    """Return a notebook's code cells, each with the nearest Markdown heading above it."""
    notebooks = outline(name)["notebooks"]
    assert isinstance(notebooks, dict)
    return list(_code_cells(notebooks[notebook]["cells"]))


def _code_cells(cells: list[dict[str, object]]) -> Iterator[OutlineCell]:
    heading = ""
    for cell in cells:
        headings = cell.get("headings")
        index, lines, assigns = cell["index"], cell["lines"], cell.get("assigns") or []
        assert isinstance(index, int)
        assert isinstance(lines, int)
        assert isinstance(assigns, list)
        if cell["type"] == "markdown" and isinstance(headings, list) and headings:
            heading = str(headings[-1]).strip("#* ")
        elif cell["type"] == "code":
            identity = cell.get("id")
            own = None if identity is None else str(identity)
            yield OutlineCell(index, own, heading, lines, tuple(map(str, assigns)))


def found_by(address: CellAddress, cells: list[OutlineCell]) -> list[OutlineCell]:
    """Return the cells that an address may mean, its contained text left aside."""
    return [
        cell
        for cell in cells
        if address.id in (None, cell.id) and address.heading in (None, cell.heading)
    ]


def modules() -> list[tuple[str, Module]]:
    return [(name, module) for name in EXAMPLES for module in definition(name).modules]


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_commit_is_the_one_that_was_outlined(name: str) -> None:
    source = definition(name).source
    assert isinstance(source, GitSource)
    assert (source.urls[0], source.commit) == (outline(name)["repository"], outline(name)["commit"])
    notebooks = outline(name)["notebooks"]
    assert isinstance(notebooks, dict)
    for module in definition(name).modules:
        assert module.notebook in notebooks
        assert module.notebook.startswith(tuple(f"{folder}/" for folder in source.sparse))


@pytest.mark.parametrize(("name", "module"), modules(), ids=lambda it: getattr(it, "id", it))
def test_every_address_means_one_cell(name: str, module: Module) -> None:
    cells = code_cells(name, module.notebook)
    for step in module.steps:
        for address in step.cells:
            found = found_by(address, cells)
            # What a cell contains is not outlined; it only tells those of a heading apart.
            expected = 2 if address.contains else 1
            assert len(found) == expected, address


@pytest.mark.parametrize(("name", "module"), modules(), ids=lambda it: getattr(it, "id", it))
def test_steps_cover_the_notebook_in_its_order(name: str, module: Module) -> None:
    cells = code_cells(name, module.notebook)
    named: list[int] = []
    for step in module.steps:
        for address in step.cells:
            found = [cell.index for cell in found_by(address, cells)]
            named.append(next(index for index in found if index not in named))
    assert named == sorted(named)
    left_out = [cell for cell in cells if cell.index not in named and cell.lines]
    # A last cell that deletes everything is nobody's step.
    assert all(cell.index == cells[-1].index or cell.lines == 34 for cell in left_out), left_out


@pytest.mark.parametrize(("name", "module"), modules(), ids=lambda it: getattr(it, "id", it))
def test_parameters_are_assigned_in_their_cells(name: str, module: Module) -> None:
    cells = code_cells(name, module.notebook)
    for parameter in module.parameters:
        (cell,) = found_by(parameter.cell, cells)
        assert parameter.variable in cell.assigns
