"""Changing a cell's source where it is written, and nothing else of the file.

A source is either one JSON string or an array of them, by custom one a line. An edit
of the source becomes an edit of the characters that write it: those outside the edit
stay as they are, with their escapes, their indentation and their place in the array.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from .changes import CellChange
from .edits import SourceEdit
from .reading import Notebook, scan_notebook
from .scanning import CellText, NotebookText

_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"')
_CHARACTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]",
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\u(?!00[0-7])[0-9a-fA-F]{4}")
_COMMA = re.compile(r"[ \t\n\r]*,(?P<space>[ \t\n\r]*)")


Planning: TypeAlias = Callable[[Notebook], Sequence[CellChange]]
"""Tells what to change in a notebook; raises a `WorkshopError` if it cannot be done."""


def change_text(text: str, plan: Planning, *, name: str = "This notebook") -> str:
    """Return a notebook's text with the changes that `plan` tells.

    Raises
    ------
    NotebookUnreadable
        If the text is not a notebook.
    WorkshopError
        As `plan`.
    """
    notebook, parts = scan_notebook(text, name=name)
    return rewrite(text, parts, plan(notebook))


def rewrite(text: str, parts: NotebookText, changes: Iterable[CellChange]) -> str:
    """Return a notebook's text with changes of its cells' sources.

    Text that a change puts in is written in the style of the source around it: as one
    string or as lines of an array, with characters beyond ASCII escaped or not.

    Parameters
    ----------
    parts
        Where the cells lie in `text`.
    changes
        Several of one cell follow one another: each counts from what the one before has
        left.
    """
    assert parts.cells is not None
    values: dict[int, str] = {}
    for change in changes:
        index = change.index
        cell = parts.cells[index]
        assert cell is not None
        place = cell.fields["source"]
        value = values.get(index, text[place.start : place.end])
        values[index] = _rewrite_value(value, change.edit, _style(text, cell))
    pieces = []
    at = 0
    for index in sorted(values):
        cell = parts.cells[index]
        assert cell is not None
        place = cell.fields["source"]
        pieces += [text[at : place.start], values[index]]
        at = place.end
    return "".join([*pieces, text[at:]])


@dataclass(frozen=True)
class _Style:
    r"""How the file is written around a source.

    Attributes
    ----------
    ascii
        Whether characters beyond ASCII are written as ``\uXXXX``.
    inline
        What separates values that share a line, such as ``", "``.
    first, last
        White space between the brackets and the elements of an array of lines.
    """

    ascii: bool
    inline: str
    first: str
    last: str


def _style(text: str, cell: CellText) -> _Style:
    place = cell.fields["source"]
    before_key = _space_before(text, place.key)
    if text[place.key - len(before_key) - 1] == ",":
        after_comma = before_key
    else:
        following = _COMMA.match(text, place.end)
        after_comma = following["space"] if following else " "
    inline = "," if after_comma == "" else ", "
    first = last = ""
    step = before_key.removeprefix(_space_before(text, cell.close))
    if "\n" in before_key and step and "\n" not in step:
        first, last = before_key + step, before_key
    return _Style(
        _escapes(text[place.start : place.end], text.removeprefix("\ufeff")), inline, first, last
    )


def _space_before(text: str, at: int) -> str:
    start = at
    while text[start - 1] in " \t\r\n":
        start -= 1
    return text[start:at]


def _escapes(*regions: str) -> bool:
    """Tell whether characters beyond ASCII are escaped, by the first region that has any."""
    for region in regions:
        if not region.isascii():
            return False
        if any(_is_escape(region, found.start()) for found in _ESCAPED.finditer(region)):
            return True
    return False


def _is_escape(region: str, at: int) -> bool:
    """Tell whether the backslash at `at` begins an escape, not itself escaped by one before."""
    before = at
    while before > 0 and region[before - 1] == "\\":
        before -= 1
    return (at - before) % 2 == 0


class _Written:
    """A source as it is written: the value's JSON, and where each character stands in it.

    Attributes
    ----------
    strings
        Begin and end of each string of the value, with its quotes.
    starts, ends
        Begin and end of each of the source's characters.
    """

    def __init__(self, value: str) -> None:
        self.value = value
        self.source = ""
        self.strings = [found.span() for found in _STRING.finditer(value)]
        self.starts: list[int] = []
        self.ends: list[int] = []
        for begin, end in self.strings:
            self.source += json.loads(value[begin:end])
            for found in _CHARACTER.finditer(value, begin + 1, end - 1):
                self.starts.append(found.start())
                self.ends.append(found.end())
        assert len(self.source) == len(self.starts)

    @property
    def is_array(self) -> bool:
        return self.value.startswith("[")

    def joint(self, at: int, style: _Style) -> str:
        """Return what stands between the lines around offset `at`, quotes and comma included."""
        if not self.is_array:
            return ""
        if len(self.strings) > 1:
            nearest = bisect_right([begin for begin, _ in self.strings], at) - 1
            nearest = min(max(nearest, 0), len(self.strings) - 2)
            return self.value[self.strings[nearest][1] - 1 : self.strings[nearest + 1][0] + 1]
        first = self.value[1 : self.strings[0][0]]
        return f'",{first}"' if "\n" in first else f'"{style.inline}"'


def _rewrite_value(value: str, edit: SourceEdit, style: _Style) -> str:
    written = _Written(value)
    edit = _trimmed(written.source, edit)
    if edit.start == edit.end and not edit.text:
        return value
    if not written.source:
        return _fill(written, edit.text, style)
    if edit.end - edit.start == len(written.source) and not edit.text:
        return _emptied(written)
    return _change(written, edit, style)


def _trimmed(source: str, edit: SourceEdit) -> SourceEdit:
    """Return the same edit without what it leaves as it is at its ends."""
    start, end, text = edit.start, edit.end, edit.text
    while start < end and text and source[start] == text[0]:
        start, text = start + 1, text[1:]
    while start < end and text and source[end - 1] == text[-1]:
        end, text = end - 1, text[:-1]
    return SourceEdit(start, end, text)


def _change(written: _Written, edit: SourceEdit, style: _Style) -> str:
    source, starts, ends = written.source, written.starts, written.ends
    size, start, end, text = len(source), edit.start, edit.end, edit.text
    to_the_end = end == size
    begin_at = starts[start] if start < size else ends[-1]
    if to_the_end and start > 0 and not text:
        begin_at = ends[start - 1]
    if to_the_end:
        end_at = ends[-1]
    elif start == end or not text or source[end - 1] == "\n":
        end_at = starts[end]
    else:
        end_at = ends[end - 1]

    joint = written.joint(begin_at, style)
    body = _encode(text, joint, style)
    if text and start == size and source.endswith("\n"):
        body = joint + body
    joined_already = start < end < size and end_at == ends[end - 1] != starts[end]
    if text.endswith("\n") and not to_the_end and not joined_already:
        body += joint
    return written.value[:begin_at] + body + written.value[end_at:]


def _encode(text: str, joint: str, style: _Style) -> str:
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    return joint.join(json.dumps(line, ensure_ascii=style.ascii)[1:-1] for line in lines)


# Arrays without text need care of their own, so that `_emptied` is the exact reverse of
# `_fill`: an array that had nothing but white space inside has it on both sides when
# filled, and no other array is filled with the same white space on both sides.


def _fill(written: _Written, text: str, style: _Style) -> str:
    value = written.value
    if written.strings:
        at = written.strings[-1][1] - 1
        joint = written.joint(at, style)
        body = _encode(text, joint, style)
        return value[:at] + joint + body + value[at:]
    inside = value[1:-1]
    first, last = (inside, inside) if inside else (style.first, style.last)
    joint = f'",{first}"' if "\n" in first else f'"{style.inline}"'
    return f'[{first}"{_encode(text, joint, style)}"{last}]'


def _emptied(written: _Written) -> str:
    value, strings = written.value, written.strings
    if not written.is_array:
        return '""'
    first, last = value[1 : strings[0][0]], value[strings[-1][1] : -1]
    kept = [n for n, (begin, end) in enumerate(strings) if end - begin == 2]
    if not kept:
        return f"[{first}]" if first == last else "[]"
    pieces = ["[", first, '""']
    for n in kept[1:]:
        pieces += [value[strings[n - 1][1] : strings[n][0]], '""']
    return "".join([*pieces, last, "]"])
