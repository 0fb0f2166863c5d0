"""What a patch does to a cell's source.

Text in, text out: nothing here knows of files. The same edit serves a notebook on
disk and one that is open in JupyterLab.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..definition.models import EnsureLine, Patch, Replace
from ..errors import WorkshopError

_LINE_BREAK = re.compile(r"\r\n|\r|\n")


class PatchConflict(WorkshopError):
    """A patch does not fit the notebook as it is now. Nothing was changed."""

    code = "patch_conflict"


@dataclass(frozen=True)
class SourceEdit:
    """One change of a source: ``source[start:end]`` becomes `text`."""

    start: int
    end: int
    text: str

    def applied_to(self, source: str) -> str:
        """Return the source after the change."""
        return source[: self.start] + self.text + source[self.end :]


def edit_source(source: str, patch: Patch) -> str | None:
    """Return the source with the patch, or ``None`` if it is there already.

    Raises
    ------
    PatchConflict
        If the patch does not fit the source, or could not be taken back from it.
    """
    edit = find_edit(source, patch)
    return None if edit is None else edit.applied_to(source)


def revert_source(source: str, patch: Patch) -> str | None:
    """Return the source without the patch, or ``None`` if it is not there.

    Whoever wrote the patched line or text, the patch or a person, it is the one that
    is taken back.

    Raises
    ------
    PatchConflict
        If it cannot be told what to take back.
    """
    edit = find_reverse_edit(source, patch)
    return None if edit is None else edit.applied_to(source)


def find_edit(source: str, patch: Patch) -> SourceEdit | None:
    """Return the change that makes the patch, or ``None`` if it is there already.

    Raises
    ------
    PatchConflict
        As `edit_source`.
    """
    if isinstance(patch, EnsureLine):
        return _add_line(source, patch)
    return _replace(source, patch)


def find_reverse_edit(source: str, patch: Patch) -> SourceEdit | None:
    """Return the change that takes the patch back, or ``None`` if it is not there.

    Raises
    ------
    PatchConflict
        As `revert_source`.
    """
    if isinstance(patch, EnsureLine):
        return _remove_line(source, patch)
    return _swap(source, patch.new, patch.old)


# ensure_line


@dataclass(frozen=True)
class _Line:
    """A line of a source: ``source[start:end]``, then its line break until `next`."""

    text: str
    start: int
    end: int
    next: int


def _lines(source: str) -> list[_Line]:
    lines = []
    start = 0
    for found in _LINE_BREAK.finditer(source):
        lines.append(_Line(source[start : found.start()], start, found.start(), found.end()))
        start = found.end()
    lines.append(_Line(source[start:], start, len(source), len(source)))
    return lines


def _equal_lines(lines: list[_Line], line: str) -> list[int]:
    return [n for n, other in enumerate(lines) if other.text.strip() == line.strip()]


def _add_line(source: str, patch: EnsureLine) -> SourceEdit | None:
    lines = _lines(source)
    if _equal_lines(lines, patch.line):
        return None
    if patch.after:
        above = [n for n, line in enumerate(lines) if patch.after in line.text]
        if not above:
            raise PatchConflict(
                f'The cell has no line with "{patch.after}", below which the new line belongs.',
                hint="Undo your change of that line, or add the new line by hand.",
            )
    else:
        above = [n for n, line in enumerate(lines) if line.text.strip()]
    if not above:
        # Only blank lines: they stay below the new one.
        first = lines[0]
        return SourceEdit(0, 0, patch.line + _line_break(source, first) if source else patch.line)
    last = lines[above[-1]]
    return SourceEdit(last.end, last.end, _line_break(source, last) + patch.line)


def _line_break(source: str, line: _Line) -> str:
    if line.next > line.end:
        return source[line.end : line.next]
    breaks = _LINE_BREAK.findall(source)
    return breaks[-1] if breaks else "\n"


def _remove_line(source: str, patch: EnsureLine) -> SourceEdit | None:
    lines = _lines(source)
    found = _equal_lines(lines, patch.line)
    if not found:
        return None
    if len(found) > 1:
        raise PatchConflict(
            f"The cell has the line {len(found)} times; which of them to remove cannot be told.",
            hint="Remove the one that you do not want by hand.",
        )
    line = lines[found[0]]
    if found[0] == 0:
        return SourceEdit(line.start, line.next, "")
    return SourceEdit(lines[found[0] - 1].end, line.end, "")


# replace


def _replace(source: str, patch: Replace) -> SourceEdit | None:
    edit = _swap(source, patch.old, patch.new)
    if edit is None:
        return None
    after = edit.applied_to(source)
    try:
        back = _swap(after, patch.new, patch.old)
        twice = _swap(after, patch.old, patch.new)
    except PatchConflict:
        reversible = False
    else:
        reversible = twice is None and back is not None and back.applied_to(after) == source
    if not reversible:
        raise PatchConflict(
            f'"{patch.old}" could be replaced, but not so that it can be taken back: '
            "the new text would not be the only one of its kind in the cell.",
            hint="The workshop's organiser must let the patch replace a longer piece of the cell.",
        )
    return edit


def _swap(source: str, old: str, new: str) -> SourceEdit | None:
    """Return the change of the one `old` to `new`; ``None`` if only `new` is there."""
    old_at = _occurrences(source, old)
    new_at = _occurrences(source, new)
    # "x" is not there to be replaced where it is only a part of the "x + 1" that replaced it.
    free = [
        at for at in old_at if not any(n <= at and at + len(old) <= n + len(new) for n in new_at)
    ]
    if len(free) == 1:
        return SourceEdit(free[0], free[0] + len(old), new)
    if free:
        raise PatchConflict(
            f'The cell has "{old}" {len(free)} times; it must be there once.',
            hint="Undo your change of this cell, or tell the organiser.",
        )
    if not new_at and new:
        raise PatchConflict(
            f'The cell has neither "{old}" nor "{new}".',
            hint="Undo your change of this cell, or tell the organiser.",
        )
    return None


def _occurrences(source: str, part: str) -> list[int]:
    found = []
    at = source.find(part) if part else -1
    while at >= 0:
        found.append(at)
        at = source.find(part, at + 1)
    return found
