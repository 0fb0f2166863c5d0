"""Looking at a workshop's folder, notebooks and environment. Writes nothing."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from .choosing import step_exercises, step_parameters
from .definition.models import Definition, Module, Patch, Step
from .errors import WorkshopError
from .jobs.job import Failure
from .kernels import EnvironmentState
from .materials import DataState, MaterialsState
from .notebooks import (
    Notebook,
    NotebookMissing,
    Originals,
    find_cell,
    match_cell,
    patch_states,
    read_notebook,
)
from .progress.facts import Gap, KernelFacts, ModuleFacts
from .progress.findings import MOST_FILES
from .progress.kernel_log import Locate, LocatedCell
from .progress.snapshot import CellRef

_BEING_WRITTEN = 3.0
"""Seconds after its last change in which a file may be only half there."""


@dataclass
class NotebookReader:
    """Reads notebooks, each again only when its file has changed."""

    _known: dict[Path, tuple[tuple[int, int, int], Notebook]] = field(default_factory=dict)

    def read(self, path: Path) -> Notebook:
        """Return the notebook in the file `path`.

        Raises
        ------
        WorkshopError
            If it is not there or cannot be read as a notebook.
        """
        try:
            stat = path.stat()
        except OSError:
            return read_notebook(path)
        mark = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        known = self._known.get(path)
        if known and known[0] == mark:
            return known[1]
        try:
            notebook = read_notebook(path)
        except WorkshopError:
            # Jupyter writes a notebook in place, so a look may meet half of it.
            if known and time.time() - stat.st_mtime < _BEING_WRITTEN:
                return known[1]
            raise
        self._known[path] = (mark, notebook)
        return notebook


def data_gap(states: Sequence[DataState]) -> Gap:
    """Return whether every data set is there."""
    missing = [state for state in states if not state.present]
    if missing:
        return Gap(closed=False, message=missing[0].message)
    return Gap(closed=True, message=states[-1].message if len(states) == 1 else "All data is here.")


def materials_gap(state: MaterialsState) -> Gap:
    """Return whether the materials are there."""
    return Gap(closed=state.present, message=state.message)


def environment_gap(state: EnvironmentState, kernels: Mapping[str, KernelFacts]) -> Gap:
    """Return whether the workshop's kernel environment is as the definition wants it."""
    waiting = state.served.process if state.served else ""
    if waiting and waiting in {kernel.process for kernel in kernels.values()}:
        return Gap(
            closed=False,
            message="The packages are installed. The kernel must be restarted to use them.",
            possible=False,
            remedy="restart_kernel",
        )
    return Gap(closed=state.ready, message=state.message)


def patches_gap(
    definition: Definition,
    folder: Path,
    reader: NotebookReader,
    profiles: Mapping[str, Sequence[Patch]] | None = None,
) -> Gap:
    """Return whether every patch of every notebook is applied.

    Parameters
    ----------
    profiles
        The patches of profiles that are on, by module.
    """
    pending = applied = 0
    for module in definition.modules:
        patches = [*module.patches, *(profiles or {}).get(module.id, ())]
        if not patches:
            continue
        try:
            notebook = reader.read(folder / module.notebook)
        except NotebookMissing:
            continue  # its module says so, and how to bring it back
        except WorkshopError as error:
            return Gap(False, error.message, failure=Failure.of(error))
        for status in patch_states(notebook, patches):
            if status.state == "conflict":
                failure = Failure(
                    code="patch_conflict",
                    message=f"{module.title}: {status.message}",
                    hint="The notebook differs from what the workshop expects; "
                    "mend the cell by hand, or bring the notebook back.",
                )
                return Gap(False, failure.message, failure=failure)
            pending += status.state == "pending"
            applied += status.state == "applied"
    if pending:
        many = f"{pending} corrections to make in the notebooks."
        return Gap(False, "1 correction to make in the notebooks." if pending == 1 else many)
    if applied == 0:
        return Gap(True, "Nothing to correct.")
    return Gap(True, "1 correction made." if applied == 1 else f"{applied} corrections made.")


def module_facts(
    module: Module,
    folder: Path,
    notebook_path: str,
    reader: NotebookReader,
    originals: Originals | None = None,
) -> ModuleFacts:
    """Return what is there of one module: its notebook, its cells, the files it made.

    Parameters
    ----------
    originals
        What its parameters were in the notebook as it came.
    """
    path = folder / module.notebook
    try:
        notebook = reader.read(path)
    except WorkshopError as error:
        absent = isinstance(error, NotebookMissing)
        return ModuleFacts(notebook=notebook_path, absent=absent, problem=Failure.of(error))
    cells: dict[str, tuple[CellRef, ...]] = {}
    conflicts: dict[str, Failure] = {}
    for step in module.steps:
        try:
            cells[step.id] = step_cells(step, notebook)
        except WorkshopError as error:
            conflicts[step.id] = Failure.of(error)
    files = {step.id: _files(step, path.parent) for step in module.steps}
    missing = {
        name: tuple(pattern for pattern, count in found.items() if not count)
        for name, found in files.items()
    }
    return ModuleFacts(
        notebook=notebook_path,
        conflicts=conflicts,
        cells=cells,
        missing_files=missing,
        files=files,
        parameters={
            step.id: step_parameters(step, module, notebook, originals or {})
            for step in module.steps
        },
        exercises={step.id: step_exercises(step, notebook) for step in module.steps},
    )


def step_cells(step: Step, notebook: Notebook) -> tuple[CellRef, ...]:
    """Return the cells of a step in `notebook`.

    Raises
    ------
    WorkshopError
        If an address matches no cell or several.
    """
    found = (find_cell(notebook, address) for address in step.cells)
    return tuple(CellRef(index=cell.index, id=cell.id) for cell in found)


def locator(module: Module, path: Path, reader: NotebookReader) -> Locate:
    """Return the function that finds which cell some executed code is, and of which step."""
    known: tuple[Notebook, dict[int, LocatedCell]] | None = None

    def locate(code: str, after: int) -> LocatedCell | None:
        nonlocal known
        try:
            notebook = reader.read(path)
        except WorkshopError:
            return None
        cell = match_cell(notebook, code, after=after)
        if cell is None:
            return None
        if known is None or known[0] is not notebook:
            known = notebook, _located(module, notebook)
        return known[1].get(cell.index) or LocatedCell(cell.index, cell.id)

    return locate


def _located(module: Module, notebook: Notebook) -> dict[int, LocatedCell]:
    """Return which step's cell each cell of a notebook is, by its position."""
    found: dict[int, LocatedCell] = {}
    for step in module.steps:
        try:
            references = step_cells(step, notebook)
        except WorkshopError:
            continue
        for number, it in enumerate(references):
            found.setdefault(it.index, LocatedCell(it.index, it.id, step.id, number))
    return found


def _files(step: Step, folder: Path) -> dict[str, int]:
    """Return how many files there are for each pattern of the step's check."""
    found = {}
    for pattern in step.check.files:
        try:
            found[pattern] = sum(1 for _ in islice(folder.glob(pattern), MOST_FILES))
        except OSError:  # a folder that may not be read
            found[pattern] = 0
    return found
