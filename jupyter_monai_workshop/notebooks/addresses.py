"""Finding the one cell that an address means."""

from __future__ import annotations

from collections.abc import Iterable

from ..definition.models import CellAddress
from ..errors import WorkshopError
from .headings import normal_heading
from .reading import Cell, Notebook


class AddressConflict(WorkshopError):
    """An address matches no code cell, or more than one.

    Attributes
    ----------
    matches
        Positions of the cells that matched, from 0.
    """

    code = "address_conflict"

    def __init__(self, address: CellAddress, matches: Iterable[Cell]) -> None:
        found = tuple(matches)
        self.matches = tuple(cell.index for cell in found)
        wanted = describe(address)
        if found:
            message = f"{len(found)} code cells match {wanted}: {_positions(found)}."
            hint = "Only one may match. Delete the copy if you copied it, else tell the organiser."
        else:
            message = f"No code cell matches {wanted}."
            hint = (
                "The notebook is not the one that the workshop was written for, or the cell was "
                "changed. Undo that change, or tell the organiser."
            )
        super().__init__(message, hint=hint)


def find_cell(notebook: Notebook, address: CellAddress) -> Cell:
    """Return the one code cell that an address means.

    Raises
    ------
    AddressConflict
        If no code cell matches, or more than one.
    """
    found = [cell for cell in notebook.cells if matches(cell, address)]
    if len(found) != 1:
        raise AddressConflict(address, found)
    return found[0]


def matches(cell: Cell, address: CellAddress) -> bool:
    """Tell whether a cell is a code cell for which all that the address says holds."""
    return (
        cell.kind == "code"
        and (not address.id or cell.id == address.id)
        and (not address.heading or cell.heading == normal_heading(address.heading))
        and (not address.contains or address.contains in cell.source)
    )


def describe(address: CellAddress) -> str:
    """Say an address in words, such as ``the heading "0.1 Installation"``."""
    parts = []
    if address.id:
        parts.append(f'the id "{address.id}"')
    if address.heading:
        parts.append(f'the heading "{normal_heading(address.heading)}"')
    if address.contains:
        parts.append(f'the text "{address.contains}"')
    return ", ".join(parts)


def _positions(cells: tuple[Cell, ...]) -> str:
    shown = [str(cell.index + 1) for cell in cells[:5]]
    if len(cells) > len(shown):
        shown.append("…")
    return f"cells {', '.join(shown)} from the top"
