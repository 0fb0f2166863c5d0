"""Patches on a notebook's text: what state they are in, making them, taking them back.

Patches are looked at in their order, each in the notebook that those before it leave.
So a patch may address a cell by text that an earlier one brings.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from ..definition.models import Patch, Replace
from ..errors import WorkshopError
from .addresses import AddressConflict, find_cell, matches
from .changes import CellChange, with_changes
from .edits import PatchConflict, find_edit, find_reverse_edit, revert_source
from .reading import Cell, Notebook
from .rewriting import change_text

PatchState = Literal["applied", "pending", "conflict"]
"""``pending`` can be applied; ``conflict`` cannot, and the message says why."""


@dataclass(frozen=True)
class PatchStatus:
    """How one patch stands to a notebook.

    Attributes
    ----------
    id, why
        As the definition has them.
    message
        The state in one or two plain sentences.
    hint
        What a person can do about a conflict; else empty.
    """

    id: str
    why: str
    state: PatchState
    message: str
    hint: str = ""


def patch_states(notebook: Notebook, patches: Sequence[Patch]) -> tuple[PatchStatus, ...]:
    """Return the state of each patch, in order. Never raises."""
    return _plan(notebook, patches).statuses


def applied_patches(notebook: Notebook, patches: Sequence[Patch]) -> tuple[Patch, ...]:
    """Return the patches that a notebook has, whatever the others are."""
    return tuple(it for it in patches if _plan(notebook, [it]).statuses[0].state == "applied")


def apply_patches(text: str, patches: Sequence[Patch], *, name: str = "This notebook") -> str:
    """Return a notebook's text with all patches; those that are there already stay.

    Only the lines of the patched cells' sources that change are written anew.

    Parameters
    ----------
    name
        What messages call the notebook.

    Raises
    ------
    PatchConflict
        If any patch conflicts.
    NotebookUnreadable
        If the text is not a notebook.
    """
    return change_text(text, partial(plan_patches, patches=patches, name=name), name=name)


def plan_patches(
    notebook: Notebook, patches: Sequence[Patch], *, name: str = "This notebook"
) -> tuple[CellChange, ...]:
    """Return the changes that make the patches which are pending.

    Raises
    ------
    PatchConflict
        If any patch conflicts.
    """
    plan = _plan(notebook, patches)
    conflicts = [status for status in plan.statuses if status.state == "conflict"]
    if conflicts:
        raise _refusal(conflicts, name)
    return plan.changes


def revert_patches(text: str, patches: Sequence[Patch], *, name: str = "This notebook") -> str:
    """Return a notebook's text without the patches, all else in it unchanged.

    It is the exact reverse of `apply_patches`, byte for byte, where no patch was there
    before. Two things cannot be known and are written in the file's usual way: how the
    text that a ``replace`` took out was escaped, and how its lines were separated, where
    that differed from the source around it.

    Raises
    ------
    PatchConflict
        If it cannot be told for any of the patches what to take back.
    NotebookUnreadable
        If the text is not a notebook.
    """
    return change_text(text, partial(plan_reverting, patches=patches, name=name), name=name)


def plan_reverting(
    notebook: Notebook, patches: Sequence[Patch], *, name: str = "This notebook"
) -> tuple[CellChange, ...]:
    """Return the changes that take the patches back, those that are there.

    Raises
    ------
    PatchConflict
        As `revert_patches`.
    """
    changes: list[CellChange] = []
    conflicts: list[PatchStatus] = []
    for patch in reversed(patches):
        try:
            cell = _find_patched_cell(notebook, patch)
            edit = find_reverse_edit(cell.source, patch)
        except (AddressConflict, PatchConflict) as error:
            conflicts.append(_status(patch, "conflict", error))
            continue
        if edit is not None:
            changes.append(CellChange(cell.index, edit, f"Taken back: {patch.why}"))
            notebook = with_changes(notebook, changes[-1:])
    if conflicts:
        raise _refusal(conflicts, name)
    return tuple(changes)


def preview(name: str, text: str, patches: Sequence[Patch]) -> str:
    """Return what `apply_patches` would change, as a unified diff of the file's text.

    Empty when nothing would change.

    Raises
    ------
    PatchConflict, NotebookUnreadable
        As `apply_patches`.
    """
    before, after = (
        [line + "\n" for line in version.split("\n")]
        for version in (text, apply_patches(text, patches, name=name))
    )
    if before == after:
        return ""
    for lines in (before, after):
        if lines[-1] == "\n":
            lines.pop()
        else:
            lines[-1] += "\\ No newline at end of file\n"
    return "".join(difflib.unified_diff(before, after, f"a/{name}", f"b/{name}"))


@dataclass(frozen=True)
class _Plan:
    statuses: tuple[PatchStatus, ...]
    changes: tuple[CellChange, ...]


def _plan(notebook: Notebook, patches: Sequence[Patch]) -> _Plan:
    statuses: list[PatchStatus] = []
    changes: list[CellChange] = []
    for patch in patches:
        try:
            cell = _find_patched_cell(notebook, patch)
            edit = find_edit(cell.source, patch)
            if edit is not None:
                change = CellChange(cell.index, edit, patch.why)
                edited = with_changes(notebook, [change])
                _check_still_found(edited, patch, cell)
                notebook = edited
                changes.append(change)
        except (AddressConflict, PatchConflict) as error:
            statuses.append(_status(patch, "conflict", error))
        else:
            statuses.append(_status(patch, "applied" if edit is None else "pending"))
    return _Plan(tuple(_disturbed(notebook, patches, statuses)), tuple(changes))


def _find_patched_cell(notebook: Notebook, patch: Patch) -> Cell:
    """Return the patch's cell, also where the patch itself replaced the addressed text."""
    if isinstance(patch, Replace) and not any(matches(cell, patch.cell) for cell in notebook.cells):
        found = [cell for cell in notebook.cells if matches(_unpatched(cell, patch), patch.cell)]
        if len(found) == 1:
            return found[0]
        if found:
            raise AddressConflict(patch.cell, found)
    return find_cell(notebook, patch.cell)


def _unpatched(cell: Cell, patch: Patch) -> Cell:
    try:
        source = revert_source(cell.source, patch)
    except PatchConflict:
        return cell
    return cell if source is None else replace(cell, source=source)


def _check_still_found(notebook: Notebook, patch: Patch, cell: Cell) -> None:
    try:
        found = _find_patched_cell(notebook, patch).index == cell.index
    except AddressConflict:
        found = False
    if not found:
        raise PatchConflict(
            "With the patch, its cell could not be told from others any more.",
            hint="The workshop's organiser must address the cell by something that stays.",
        )


def _disturbed(
    notebook: Notebook, patches: Sequence[Patch], statuses: Sequence[PatchStatus]
) -> list[PatchStatus]:
    """Return the statuses, with a conflict for each patch that a later one undoes."""
    result = []
    for patch, status in zip(patches, statuses, strict=True):
        if status.state != "conflict":
            try:
                cell = _find_patched_cell(notebook, patch)
                undone = find_edit(cell.source, patch) is not None
            except (AddressConflict, PatchConflict):
                undone = True
            if undone:
                status = _status(
                    patch,
                    "conflict",
                    PatchConflict(
                        "A later patch of the workshop undoes this one.",
                        hint="Tell the workshop's organiser.",
                    ),
                )
        result.append(status)
    return result


_MESSAGES: dict[PatchState, str] = {
    "applied": "The notebook has it.",
    "pending": "Not in the notebook yet.",
}


def _status(patch: Patch, state: PatchState, error: WorkshopError | None = None) -> PatchStatus:
    if error is None:
        return PatchStatus(patch.id, patch.why, state, _MESSAGES[state])
    return PatchStatus(patch.id, patch.why, state, error.message, error.hint)


def _refusal(conflicts: Sequence[PatchStatus], name: str) -> PatchConflict:
    first = conflicts[0]
    what = f'The patch "{first.id}" does not fit {name}, so nothing was changed.'
    if len(conflicts) > 1:
        what = f"{len(conflicts)} patches do not fit {name}, so nothing was changed."
    return PatchConflict(
        f"{what} {first.message}",
        hint=first.hint,
        details="\n".join(f"{status.id}: {status.message}" for status in conflicts),
    )
