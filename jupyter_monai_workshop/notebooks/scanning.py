"""Where the parts of a notebook lie in its text.

The file is walked once. Values that do not matter here (outputs, metadata) are
skipped by the standard library's JSON decoder, so the walk takes about as long as
``json.loads`` and accepts and rejects exactly the same texts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from json import JSONDecodeError

_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True)
class Value:
    """A JSON value and where it is written.

    Attributes
    ----------
    decoded
        What the standard library makes of it.
    key
        Offset of the quote that opens the key.
    start, end
        The value itself is ``text[start:end]``.
    """

    decoded: object
    key: int
    start: int
    end: int


@dataclass(frozen=True)
class CellText:
    """One cell of the file.

    Attributes
    ----------
    fields
        The cell's values by key. Of a key written twice the last counts, as in JSON.
    close
        Offset of the cell's closing brace.
    """

    fields: dict[str, Value]
    close: int


@dataclass(frozen=True)
class NotebookText:
    """A notebook's text, taken apart.

    Attributes
    ----------
    fields
        The notebook's own values by key, without ``cells``.
    cells
        The cells; an entry that is not an object is ``None``. ``None`` as a whole when
        the text is not an object with an array of cells.
    """

    fields: dict[str, Value]
    cells: tuple[CellText | None, ...] | None


def scan(text: str) -> NotebookText:
    """Find the cells of a notebook in its text.

    Raises
    ------
    json.JSONDecodeError
        If the text is not one JSON value.
    ValueError, RecursionError
        If the standard library's decoder gives up on it (a number of too many digits,
        values nested too deep).
    """
    start = _space(text, len(_BYTE_ORDER_MARK) if text.startswith(_BYTE_ORDER_MARK) else 0)
    fields: dict[str, Value] = {}
    cells: list[tuple[CellText | None, ...] | None] = [None]

    def member(key: str, key_at: int, at: int) -> int:
        if key == "cells" and text.startswith("[", at):
            found: list[CellText | None] = []
            end = _array(text, at, lambda item: _cell(text, item, found))
            cells[0] = tuple(found)
            return end
        if key == "cells":
            cells[0] = None
        decoded, end = _DECODER.raw_decode(text, at)
        fields[key] = Value(decoded, key_at, at, end)
        return end

    if text.startswith("{", start):
        end = _object(text, start, member)
    else:
        _, end = _DECODER.raw_decode(text, start)
    end = _space(text, end)
    if end != len(text):
        raise JSONDecodeError("Extra data", text, end)
    return NotebookText(fields, cells[0])


def _cell(text: str, at: int, found: list[CellText | None]) -> int:
    if not text.startswith("{", at):
        found.append(None)
        return _DECODER.raw_decode(text, at)[1]
    fields: dict[str, Value] = {}

    def member(key: str, key_at: int, value_at: int) -> int:
        decoded, end = _DECODER.raw_decode(text, value_at)
        fields[key] = Value(decoded, key_at, value_at, end)
        return end

    end = _object(text, at, member)
    found.append(CellText(fields, end - 1))
    return end


def _object(text: str, at: int, member: Callable[[str, int, int], int]) -> int:
    """Walk the object at `at`; `member` takes a key, its and its value's offset, and ends it."""
    at = _space(text, at + 1)
    if text.startswith("}", at):
        return at + 1
    while True:
        if not text.startswith('"', at):
            raise JSONDecodeError("Expecting property name enclosed in double quotes", text, at)
        key_at = at
        key, at = _DECODER.raw_decode(text, at)
        at = _space(text, at)
        if not text.startswith(":", at):
            raise JSONDecodeError("Expecting ':' delimiter", text, at)
        at = _space(text, member(key, key_at, _space(text, at + 1)))
        if text.startswith("}", at):
            return at + 1
        at = _comma(text, at)


def _array(text: str, at: int, item: Callable[[int], int]) -> int:
    at = _space(text, at + 1)
    if text.startswith("]", at):
        return at + 1
    while True:
        at = _space(text, item(at))
        if text.startswith("]", at):
            return at + 1
        at = _comma(text, at)


def _comma(text: str, at: int) -> int:
    if not text.startswith(",", at):
        raise JSONDecodeError("Expecting ',' delimiter", text, at)
    return _space(text, at + 1)


def _space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    assert found is not None
    return found.end()
