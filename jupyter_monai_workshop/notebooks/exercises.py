"""Exercises: cells that the attendee completes, and doing them for someone."""

from __future__ import annotations

from ..definition.models import Step
from .addresses import find_cell
from .changes import CellChange, with_changes
from .edits import SourceEdit
from .reading import Notebook

OPEN = "???"
"""What a cell holds while its exercise is to be done."""


def plan_solutions(notebook: Notebook, step: Step) -> tuple[CellChange, ...]:
    """Return the changes that do the exercises of a step which are still open.

    A cell that the attendee has completed is left as it is.

    Raises
    ------
    AddressConflict
        If a cell is not found exactly once.
    """
    changes: list[CellChange] = []
    for solution in step.solve:
        cell = find_cell(notebook, solution.cell)
        if solution.source and OPEN in cell.source:
            edit = SourceEdit(0, len(cell.source), solution.source)
            changes.append(CellChange(cell.index, edit, f"A solution of “{step.title}”."))
            notebook = with_changes(notebook, changes[-1:])
    return tuple(changes)
