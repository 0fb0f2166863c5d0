"""Changes of a notebook's cells, for a file or for a notebook that is open in a page.

Changes are made one after the other: each counts from what those before it leave. A page
wants all of a cell's changes as places in the source that it has, so they are put together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from .edits import SourceEdit
from .reading import Cell, Notebook


@dataclass(frozen=True)
class CellChange:
    """A change of one cell's source.

    Attributes
    ----------
    index
        The cell, among all cells from 0.
    why
        One sentence for the attendee.
    """

    index: int
    edit: SourceEdit
    why: str


@dataclass(frozen=True)
class PlacedEdit:
    """A change of one cell's source as it is before any other change.

    Attributes
    ----------
    id
        The cell's id, if it has one.
    """

    index: int
    id: str | None
    edit: SourceEdit
    why: str


def with_changes(notebook: Notebook, changes: Iterable[CellChange]) -> Notebook:
    """Return the notebook's cells after the changes."""
    cells = list(notebook.cells)
    for change in changes:
        cells[change.index] = with_edit(cells[change.index], change.edit)
    return replace(notebook, cells=tuple(cells))


def with_edit(cell: Cell, edit: SourceEdit) -> Cell:
    """Return the cell after the change of its source."""
    return replace(cell, source=edit.applied_to(cell.source))


def one_by_one(
    plans: Iterable[Callable[[Notebook], Sequence[CellChange]]], notebook: Notebook
) -> tuple[CellChange, ...]:
    """Return the changes of several plans, each of which sees what those before it leave."""
    changes: list[CellChange] = []
    for plan in plans:
        more = plan(notebook)
        changes += more
        notebook = with_changes(notebook, more)
    return tuple(changes)


def placed(notebook: Notebook, changes: Sequence[CellChange]) -> tuple[PlacedEdit, ...]:
    """Return the changes by cell, and within a cell from the last place to the first.

    Changes that touch one another become one.
    """
    result: list[PlacedEdit] = []
    for index in sorted({change.index for change in changes}):
        cell = notebook.cells[index]
        own = [change for change in changes if change.index == index]
        for piece in reversed(_put_together(cell.source, own)):
            edit = piece.trimmed(cell.source)
            if edit.start < edit.end or edit.text:
                result.append(PlacedEdit(index, cell.id, edit, " ".join(piece.whys)))
    return tuple(result)


@dataclass(frozen=True)
class _Piece:
    """A piece of the source that is replaced: ``source[start:end]`` becomes `text`."""

    start: int
    end: int
    text: str
    whys: tuple[str, ...]

    @property
    def growth(self) -> int:
        return len(self.text) - (self.end - self.start)

    def trimmed(self, source: str) -> SourceEdit:
        """Return the edit without what it leaves as it is at its ends."""
        start, end, text = self.start, self.end, self.text
        while start < end and text and source[start] == text[0]:
            start, text = start + 1, text[1:]
        while start < end and text and source[end - 1] == text[-1]:
            end, text = end - 1, text[:-1]
        return SourceEdit(start, end, text)


def _put_together(source: str, changes: Sequence[CellChange]) -> list[_Piece]:
    """Return the pieces of `source` that the changes replace, in order, none touching."""
    pieces: list[_Piece] = []
    now = source
    for change in changes:
        pieces = _with_piece(pieces, now, change)
        now = change.edit.applied_to(now)
    return pieces


def _with_piece(pieces: list[_Piece], now: str, change: CellChange) -> list[_Piece]:
    edit = change.edit
    before: list[_Piece] = []
    touched: list[tuple[_Piece, int, int]] = []
    after: list[_Piece] = []
    shift = 0
    grown = 0
    for piece in pieces:
        start, end = piece.start + shift, piece.start + shift + len(piece.text)
        if end < edit.start:
            before.append(piece)
            grown += piece.growth
        elif start > edit.end:
            after.append(piece)
        else:
            touched.append((piece, start, end))
        shift += piece.growth
    first = min([edit.start, *(start for _, start, _ in touched)])
    last = max([edit.end, *(end for _, _, end in touched)])
    inside = sum(piece.growth for piece, _, _ in touched)
    whys = tuple(dict.fromkeys([*(why for it, _, _ in touched for why in it.whys), change.why]))
    text = now[first : edit.start] + edit.text + now[edit.end : last]
    return [*before, _Piece(first - grown, last - grown - inside, text, whys), *after]
