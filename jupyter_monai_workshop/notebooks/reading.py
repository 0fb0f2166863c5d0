"""Reading a notebook: its cells, and what is wrong with a file that is none."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import WorkshopError
from .headings import last_heading
from .scanning import CellText, NotebookText, scan

MAX_BYTES = 100_000_000
"""The largest notebook file that is read, in bytes."""


class NotebookMissing(WorkshopError):
    """There is no notebook at this path."""

    code = "notebook_missing"


class NotebookUnreadable(WorkshopError):
    """The file is there, but it is not a notebook that can be worked with."""

    code = "notebook_unreadable"


class NotebookTooLarge(WorkshopError):
    """The file is larger than any notebook that is meant to be read."""

    code = "notebook_too_large"


@dataclass(frozen=True)
class Cell:
    """One cell of a notebook.

    Attributes
    ----------
    index
        Position among all cells of the file, from 0.
    id
        The cell's id; ``None`` where the format has none (before nbformat 4.5).
    kind
        ``code``, ``markdown`` or ``raw``.
    source
        The cell's text, as one string.
    heading
        The last heading of the nearest Markdown cell at or above this one that has any,
        without ``#`` marks; empty above the first heading.
    """

    index: int
    id: str | None
    kind: str
    source: str
    heading: str


@dataclass(frozen=True)
class Notebook:
    """A notebook as its file has it.

    Attributes
    ----------
    text
        The whole file; empty for a notebook that is open in a page.
    nbformat
        Major and minor version of the file's format.
    """

    cells: tuple[Cell, ...]
    text: str = field(repr=False)
    nbformat: tuple[int, int]


def parse_notebook(text: str, *, name: str = "This notebook") -> Notebook:
    """Read a notebook from the text of its file.

    Parameters
    ----------
    name
        What messages call the notebook.

    Raises
    ------
    NotebookUnreadable
        If the text is not JSON, not a notebook, or one of an unsupported format.
    """
    return scan_notebook(text, name=name)[0]


def read_notebook(path: Path) -> Notebook:
    """Read a notebook file.

    Raises
    ------
    NotebookMissing
        If there is no file.
    NotebookTooLarge
        If the file is larger than `MAX_BYTES`.
    NotebookUnreadable
        If it cannot be read, or is not a notebook of nbformat 4.
    """
    return parse_notebook(read_text(path), name=path.name)


def read_text(path: Path) -> str:
    """Return a notebook file's text, line breaks and byte order mark as they are.

    Raises
    ------
    NotebookMissing, NotebookTooLarge, NotebookUnreadable
        As `read_notebook`.
    """
    name = path.name
    try:
        if not path.is_file():
            if path.exists():
                raise NotebookUnreadable(f"{name} is not a file.")
            raise NotebookMissing(
                f"There is no notebook {name}.",
                hint="Get the workshop's materials again; nothing that you changed is lost by it.",
            )
        if path.stat().st_size > MAX_BYTES:
            raise _too_large(name)
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise NotebookUnreadable(
            f"{name} cannot be read: {error.strerror or 'the system refused'}.",
            hint="Check that you may read the file.",
        ) from error
    if len(content) > MAX_BYTES:
        raise _too_large(name)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotebookUnreadable(
            f"{name} is not a notebook: its text is not UTF-8.", hint=_AGAIN
        ) from error


def scan_notebook(text: str, *, name: str = "This notebook") -> tuple[Notebook, NotebookText]:
    """Read a notebook, and keep where its parts lie in the text.

    Raises
    ------
    NotebookUnreadable
        As `parse_notebook`.
    """
    parts = _scan(text, name)
    version = _version(parts, name)
    if parts.cells is None:
        raise _unreadable(name, "it has no list of cells")
    texts: list[tuple[str | None, str, str]] = []
    for index, part in enumerate(parts.cells):
        if part is None:
            raise _unreadable(name, f"its cell {index + 1} is not an object")
        kind, source = _text(part, "cell_type"), _source(part)
        if kind is None or source is None:
            what = "cell_type" if kind is None else "source"
            raise _unreadable(name, f"its cell {index + 1} has no text as {what}")
        texts.append((_text(part, "id"), kind, source))
    return Notebook(_cells(texts), text, version), parts


def open_notebook(cells: Iterable[tuple[str | None, str, str]]) -> Notebook:
    """Return a notebook that is open in a page, of whose file nothing is known.

    Parameters
    ----------
    cells
        Id, kind and source of each cell, in order.
    """
    return Notebook(_cells(cells), "", (4, 5))


def _cells(texts: Iterable[tuple[str | None, str, str]]) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    heading = ""
    for index, (id, kind, source) in enumerate(texts):
        if kind == "markdown":
            heading = last_heading(source) or heading
        cells.append(Cell(index, id, kind, source, heading))
    return tuple(cells)


_AGAIN = (
    "Open it in JupyterLab to see whether it can be read there. If it cannot, rename it and get "
    "the workshop's materials again."
)


def _scan(text: str, name: str) -> NotebookText:
    try:
        return scan(text)
    except json.JSONDecodeError as error:
        if not text.strip("\ufeff \t\r\n"):
            raise _unreadable(name, "the file is empty") from error
        hint = _AGAIN
        if "\n<<<<<<< " in text:
            hint = (
                "It holds the marks of an unfinished git merge (<<<<<<<). Finish the merge first."
            )
        raise NotebookUnreadable(
            f"{name} is not valid JSON (line {error.lineno}, column {error.colno}).",
            hint=hint,
            details=error.msg,
        ) from error
    except (ValueError, RecursionError) as error:
        raise _unreadable(name, "it holds a value that is too long or nested too deep") from error


def _version(parts: NotebookText, name: str) -> tuple[int, int]:
    major, minor = _number(parts, "nbformat"), _number(parts, "nbformat_minor", 0)
    if major is None or minor is None:
        raise _unreadable(name, "it does not say the version of its format")
    if major < 4:
        raise NotebookUnreadable(
            f"{name} has the old notebook format {major}.",
            hint="Open it in JupyterLab and save it; that brings it to format 4.",
        )
    if major > 4:
        raise NotebookUnreadable(
            f"{name} has the notebook format {major}, which is newer than this program knows.",
            hint="Update jupyter-monai-workshop.",
        )
    return major, minor


def _too_large(name: str) -> NotebookTooLarge:
    return NotebookTooLarge(
        f"{name} is larger than {MAX_BYTES // 1_000_000} MB.",
        hint="Clear its outputs in JupyterLab (Edit, Clear Outputs of All Cells) and save it.",
    )


def _unreadable(name: str, reason: str) -> NotebookUnreadable:
    return NotebookUnreadable(f"{name} is not a usable notebook: {reason}.", hint=_AGAIN)


def _number(parts: NotebookText, key: str, default: int | None = None) -> int | None:
    if key not in parts.fields:
        return default
    value = parts.fields[key].decoded
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(part: CellText, key: str) -> str | None:
    value = part.fields[key].decoded if key in part.fields else None
    return value if isinstance(value, str) else None


def _source(part: CellText) -> str | None:
    value = part.fields["source"].decoded if "source" in part.fields else None
    if isinstance(value, list):
        lines = [line for line in value if isinstance(line, str)]
        return "".join(lines) if len(lines) == len(value) else None
    return value if isinstance(value, str) else None
