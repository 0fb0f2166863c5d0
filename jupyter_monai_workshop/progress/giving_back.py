"""Which recorded outputs a notebook file lacks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ..notebooks import Cell, Notebook, match_cell
from ..notebooks.reading import scan_notebook
from .output_entries import CellOutputs
from .outputs import NbOutput
from .stream_text import Load

_SAME_MOMENT = timedelta(milliseconds=10)
"""Clocks of files are coarser than those of processes."""


@dataclass(frozen=True)
class FileCell:
    """A code cell of a notebook file, with what it has as its outputs."""

    cell: Cell
    execution_count: int | None
    outputs: list[NbOutput]


@dataclass(frozen=True)
class NotebookFile:
    """A notebook file as it lies on the disk.

    Attributes
    ----------
    saved
        When a page, or anybody but this program, saved it last, in UTC.
    cells
        Its code cells, by their index.
    """

    notebook: Notebook
    saved: datetime
    cells: dict[int, FileCell]


@dataclass(frozen=True)
class GivenBack:
    """The last run of a cell of the file, and whether the file lacks it."""

    run: CellOutputs
    cell: FileCell
    outputs: list[NbOutput]
    lost: bool


def notebook_file(text: str, saved: datetime, *, name: str) -> NotebookFile:
    """Take a notebook file's text apart.

    Raises
    ------
    NotebookUnreadable
        If it is no notebook.
    """
    notebook, parts = scan_notebook(text, name=name)
    cells = {}
    for cell, part in zip(notebook.cells, parts.cells or (), strict=True):
        if cell.kind != "code" or part is None:
            continue
        count, outputs = (
            part.fields[key].decoded if key in part.fields else None
            for key in ("execution_count", "outputs")
        )
        cells[cell.index] = FileCell(
            cell,
            count if isinstance(count, int) else None,
            [it for it in outputs if isinstance(it, dict)] if isinstance(outputs, list) else [],
        )
    return NotebookFile(replace(notebook, text=""), saved, cells)


def give_back(runs: Iterable[CellOutputs], file: NotebookFile, load: Load) -> tuple[GivenBack, ...]:
    """Return the last run of every cell that the file still has, in the file's order."""
    newest: dict[int, CellOutputs] = {}
    for run in sorted(runs, key=lambda run: run.started):
        cell = _cell(run, file.notebook)
        if cell is not None:
            newest[cell.index] = run
    found = []
    for index, run in sorted(newest.items()):
        outputs, there = run.area.nbformat(load), file.cells[index]
        found.append(GivenBack(run, there, outputs, is_lost(run, outputs, there, file.saved)))
    return tuple(found)


def is_lost(run: CellOutputs, outputs: Sequence[NbOutput], cell: FileCell, saved: datetime) -> bool:
    """Tell whether a notebook file lacks the outputs of a cell's last run.

    - A file whose cell has the same outputs lacks nothing. Once the run has ended, it must
      have the run's execution count too.
    - While the cell runs, a file with other outputs lacks them: whatever it holds is from
      before the run, or a part of it.
    - A file that has only the beginning of the run's outputs, and no count, lacks the rest,
      whenever it was saved: a server that lets several people edit a notebook saves it
      once more after the last page has gone.
    - Any other file that was saved after the run's last word lacks nothing. Whoever saved
      it knew what the cell showed then: the whole run, something newer, or nothing because
      the attendee cleared it.
    - A file that was saved before that lacks what came later.

    A page may hold more than its file, so it still compares its own cell with
    ``file_execution_count`` before it takes what is called lost here.
    """
    there, wanted = _normal(cell.outputs), _normal(outputs)
    same = there == wanted
    if run.running:
        return not same
    if same and run.execution_count == cell.execution_count:
        return False
    if cell.execution_count is None and _begin(wanted, there):
        return True
    last_word = max(run.touched, run.ended or run.touched)
    return saved <= last_word - _SAME_MOMENT


def _begin(outputs: list[dict[str, Any]], part: list[dict[str, Any]]) -> bool:
    """Tell whether `outputs` begin with `part`, the last of which may be a stream's part."""
    if not part or len(part) > len(outputs):
        return False
    *whole, last = part
    other = outputs[len(whole)]
    text, rest = last.get("text"), other.get("text")
    grown = isinstance(text, str) and isinstance(rest, str) and rest.startswith(text)
    return whole == outputs[: len(whole)] and (
        last == other or (grown and {**last, "text": rest} == other)
    )


def _cell(run: CellOutputs, notebook: Notebook) -> Cell | None:
    """Return the cell that a run is of, where its notebook has changed since."""
    if run.id is not None:
        same = (cell for cell in notebook.cells if cell.id == run.id and cell.kind == "code")
        return next(same, None)
    # A notebook without ids: the cell at the same place or below with that source.
    return match_cell(notebook, run.source, after=run.index - 1)


def _normal(outputs: Sequence[NbOutput]) -> list[dict[str, Any]]:
    """Return outputs with every text in one piece, and without what files leave out."""
    return [
        {
            name: _joined(value) if name in ("text", "traceback") else _bundle(value)
            for name, value in output.items()
            if name not in ("metadata", "transient")
        }
        for output in outputs
    ]


def _bundle(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {
        name: it if name.endswith("json") else _joined(it).rstrip("\n")
        for name, it in value.items()
    }


def _joined(value: Any) -> Any:
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "".join(value)
    return value if isinstance(value, str) else str(value)
