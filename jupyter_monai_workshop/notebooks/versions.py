"""A version of a notebook as values, to be compared and taken apart."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import WorkshopError
from .aligning import Piece
from .beside import is_beside
from .cell_merging import content
from .reading import scan_notebook


class NotebookUnmergeable(WorkshopError):
    """The organiser's version cannot be merged into the attendee's notebook."""

    code = "notebook_unmergeable"


@dataclass(frozen=True)
class Version:
    """A notebook as values.

    Attributes
    ----------
    text
        The file as it is.
    fields
        All but the cells.
    cells
        Each with its source as one string.
    """

    text: str
    fields: dict[str, object]
    cells: list[dict[str, object]]

    def same(self, other: Version) -> bool:
        """Tell whether both hold the same, however it is written."""
        return self.cells == other.cells and self.fields == other.fields

    @property
    def metadata(self) -> dict[str, object]:
        """The notebook's own metadata."""
        metadata = self.fields.get("metadata", {})
        assert isinstance(metadata, dict)
        return metadata

    @property
    def minor(self) -> int:
        """The minor version of the file's format, 4."""
        minor = self.fields.get("nbformat_minor", 0)
        assert isinstance(minor, int)
        return minor

    def pieces(self) -> list[Piece]:
        """Return what is compared to tell which cell is which."""
        pieces = []
        for cell in self.cells:
            kind, source, _ = content(cell)
            id = cell.get("id")
            known = id if isinstance(id, str) else None
            pieces.append(Piece(known, str(kind), source, alone=is_beside(cell)))
        return pieces


def read_version(text: str, name: str) -> Version:
    """Read a notebook from the text of its file.

    Raises
    ------
    NotebookUnreadable
        As `parse_notebook`.
    NotebookUnmergeable
        If its metadata are none.
    """
    notebook, parts = scan_notebook(text, name=name)
    assert parts.cells is not None
    fields = {key: value.decoded for key, value in parts.fields.items()}
    cells: list[dict[str, object]] = []
    for cell, part in zip(notebook.cells, parts.cells, strict=True):
        assert part is not None
        values = {key: value.decoded for key, value in part.fields.items()}
        cells.append({**values, "source": cell.source})
    for holder in (fields, *cells):
        for key in ("metadata", "attachments"):
            if not isinstance(holder.get(key, {}), dict):
                raise NotebookUnmergeable(
                    f"{name} cannot be merged: its {key} are not what a notebook may hold.",
                    hint="Your notebook stays as it is.",
                )
    return Version(text, fields, cells)
