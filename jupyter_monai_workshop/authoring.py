"""What the author of a definition needs: all mistakes of a file, notebooks included."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .definition.loading import examine_definition
from .definition.models import BundledSource, Definition, Module
from .definition.problems import Problem
from .errors import WorkshopError
from .notebooks import find_cell, patch_states, read_notebook


def lint_file(path: Path) -> tuple[Problem, ...]:
    """Return every mistake and warning of the definition in the file `path`.

    Where the materials lie beside the definition, its addresses and patches are looked
    up in the notebooks too.

    Raises
    ------
    WorkshopError
        If the file cannot be read.
    """
    definition, problems = examine_definition(path)
    if definition is None:
        return problems
    return problems + tuple(_in_notebooks(definition, path.parent))


def _in_notebooks(definition: Definition, folder: Path) -> Iterator[Problem]:
    if not isinstance(definition.source, BundledSource):
        return
    for index, module in enumerate(definition.modules):
        path = folder / definition.source.path / module.notebook
        yield from _in_notebook(module, path, f"modules.{index}")


def _in_notebook(module: Module, path: Path, where: str) -> Iterator[Problem]:
    try:
        notebook = read_notebook(path)
    except WorkshopError as error:
        yield Problem("error", 0, 0, f"{where}.notebook", error.message, error.hint)
        return
    addresses = [
        (f"{where}.steps.{number}", cell)
        for number, step in enumerate(module.steps)
        for cell in step.cells
    ]
    addresses += [(f"{where}.parameters.{it.id}", it.cell) for it in module.parameters]
    for place, address in addresses:
        try:
            find_cell(notebook, address)
        except WorkshopError as error:
            yield Problem("error", 0, 0, place, error.message, error.hint)
    for status in patch_states(notebook, module.patches):
        if status.state == "conflict":
            yield Problem("error", 0, 0, f"{where}.patches.{status.id}", status.message)
