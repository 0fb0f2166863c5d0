"""What the author of a definition needs: all mistakes of a file, notebooks included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from .definition.loading import examine_definition
from .definition.models import BundledSource, Definition, Module
from .definition.problems import Problem
from .definition.yaml_source import YamlSource, parse_yaml
from .errors import WorkshopError
from .notebooks import Notebook, find_cell, patch_states, read_notebook
from .notebooks.changes import with_changes
from .notebooks.parameters import same
from .notebooks.patches import plan_patches
from .notebooks.profiles import plan_profile
from .notebooks.settings import value_of, values_of


def lint_file(path: Path, materials: Path | None = None) -> tuple[Problem, ...]:
    """Return every mistake and warning of the definition in the file `path`.

    Where the materials lie beside the definition, its addresses and patches are looked
    up in the notebooks too.

    Parameters
    ----------
    materials
        A folder with the materials, such as a clone of the repository.

    Raises
    ------
    WorkshopError
        If the file cannot be read.
    """
    definition, problems = examine_definition(path)
    if definition is None:
        return problems
    if materials is None and isinstance(definition.source, BundledSource):
        materials = path.parent / definition.source.path
    if materials is None:
        return problems
    source = parse_yaml(path.read_text(encoding="utf-8-sig"))
    found = _in_notebooks(definition, materials)
    return problems + tuple(_placed(problem, source) for problem in found)


def _placed(problem: Problem, source: YamlSource) -> Problem:
    """Return a problem with its line, which is where the path of its field leads."""
    path: tuple[str | int, ...] = ()
    value: object = source.data
    for part in problem.where.split("."):
        key: str | int = part
        if isinstance(value, list):
            ids = [it.get("id") if isinstance(it, dict) else None for it in value]
            key = int(part) if part.isdigit() else ids.index(part) if part in ids else -1
            value = value[key] if 0 <= key < len(value) else None
        else:
            value = value.get(part) if isinstance(value, dict) else None
        if value is None:
            break
        path = (*path, key)
    line, column = source.place(path)
    return replace(problem, line=line, column=column)


def _in_notebooks(definition: Definition, materials: Path) -> Iterator[Problem]:
    for index, module in enumerate(definition.modules):
        path = materials / module.notebook
        yield from _in_notebook(definition, module, path, f"modules.{index}")


def _in_notebook(
    definition: Definition, module: Module, path: Path, where: str
) -> Iterator[Problem]:
    try:
        notebook = read_notebook(path)
    except WorkshopError as error:
        yield Problem("error", 0, 0, f"{where}.notebook", error.message, error.hint)
        return
    addresses = [
        (f"{where}.steps.{number}.cells.{position}", cell)
        for number, step in enumerate(module.steps)
        for position, cell in enumerate(step.cells)
    ]
    for place, address in addresses:
        try:
            find_cell(notebook, address)
        except WorkshopError as error:
            yield Problem("error", 0, 0, place, error.message, error.hint)
    for status in patch_states(notebook, module.patches):
        if status.state == "conflict":
            yield Problem("error", 0, 0, f"{where}.patches.{status.id}", status.message)
    yield from _choices(definition, module, notebook, where)


def _choices(
    definition: Definition, module: Module, notebook: Notebook, where: str
) -> Iterator[Problem]:
    """Yield what cannot be chosen in the notebook as it will be once it is corrected."""
    try:
        corrected = with_changes(notebook, plan_patches(notebook, module.patches))
    except WorkshopError:
        return
    for parameter in module.parameters:
        place = f"{where}.parameters.{parameter.id}"
        try:
            value = value_of(corrected, parameter).value
        except WorkshopError as error:
            yield Problem("error", 0, 0, place, error.message, error.hint)
            continue
        if not any(same(choice.value, value) for choice in parameter.choices):
            message = f"The notebook's own value, {value!r}, is none of the choices."
            yield Problem("warning", 0, 0, place, message, "Add it, so that it can be set back.")
    originals = values_of(corrected, module)
    for profile in definition.profiles:
        part = profile.modules.get(module.id)
        if part is None:
            continue
        place = f"profiles.{profile.id}.modules.{module.id}"
        try:
            plan_profile(corrected, module, definition.profiles, profile, originals)
        except WorkshopError as error:
            yield Problem("error", 0, 0, place, error.message, error.hint)
            continue
        for status in patch_states(notebook, [*module.patches, *part.patches]):
            if status.state == "conflict":
                yield Problem("error", 0, 0, f"{place}.{status.id}", status.message)
