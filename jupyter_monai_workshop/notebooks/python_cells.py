"""Reading a cell as Python, though it may hold lines that only IPython knows.

The syntax tree is of a copy in which such lines are masked; all that is Python stands in it
where it stands in the cell.
"""

from __future__ import annotations

import ast
import re
import threading
import warnings
from functools import lru_cache

LINE_BREAK = re.compile(r"\r\n|\r|\n")
"""What ends a line in Python; other separators of Unicode do not."""

_PYTHON_MAGICS = frozenset({"capture", "prun", "time"})
"""Cell magics that run the rest of the cell as Python in the notebook's own names."""

_STATEMENT = re.compile(r"(?P<indent>[ \t\f]*)(?:[!%?,;/].*|.*\?[ \t]*)")
_ASSIGNMENT = re.compile(r"(?P<kept>[ \t\f]*[^=!%#'\"]+=[ \t]*)(?:[!%].*|.*\?[ \t]*)")
_CELL_MAGIC = re.compile(r"\s*%%(?P<name>\w*)")
_MASK = "_"
_WARNINGS = threading.Lock()


@lru_cache(maxsize=128)
def parse_cell(source: str) -> ast.Module:
    """Return the syntax tree of a code cell; of a cell in another language, an empty one.

    Lines such as ``!pip``, ``%matplotlib`` or ``help?`` become a name and spaces: a name,
    so that what they assign is no plain value. The tree is shared, so it must not be changed.

    Raises
    ------
    SyntaxError
        If the cell is no Python, even without such lines.
    """
    magic = _CELL_MAGIC.match(source)
    if magic and magic["name"] not in _PYTHON_MAGICS:
        return ast.Module(body=[], type_ignores=[])
    lines = _split(source)
    masked: set[int] = set()
    while True:
        try:
            return _parse("".join(lines))
        except SyntaxError as error:
            # Only where Python stumbles: a text of several lines may hold a line like a magic.
            at = (error.lineno or 1) - 1
            if at in masked or not _mask(lines, at, masked):
                return _parse("".join(_all_masked(lines, masked)))


def _split(source: str) -> list[str]:
    """Return the lines, each with its line break."""
    ends = [found.end() for found in LINE_BREAK.finditer(source)]
    return [source[a:b] for a, b in zip([0, *ends], [*ends, len(source)], strict=True)]


def _mask(lines: list[str], at: int, masked: set[int]) -> bool:
    """Mask the line `at`, if only IPython knows its like; tell whether it is one."""
    if not 0 <= at < len(lines):
        return False
    text = lines[at].rstrip("\r\n")
    statement, assignment = _STATEMENT.fullmatch(text), _ASSIGNMENT.fullmatch(text)
    if not statement and not assignment:
        return False
    if assignment:
        kept = assignment["kept"]
    else:
        assert statement is not None
        kept = statement["indent"]
    lines[at] = _blank(lines[at], kept + _MASK)
    masked.add(at)
    while text.endswith("\\") and at + 1 < len(lines):
        at += 1
        text = lines[at].rstrip("\r\n")
        lines[at] = _blank(lines[at], "")
        masked.add(at)
    return True


def _blank(line: str, kept: str) -> str:
    text = line.rstrip("\r\n")
    return kept.ljust(len(text)) + line[len(text) :]


def _all_masked(lines: list[str], masked: set[int]) -> list[str]:
    result = list(lines)
    for at in range(len(result)):
        if at not in masked:
            _mask(result, at, masked)
    return result


def _parse(text: str) -> ast.Module:
    # Python warns of a text such as "\d" each time; the attendee hears of it from the kernel.
    with _WARNINGS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (ValueError, RecursionError, MemoryError) as error:
            raise SyntaxError(str(error) or type(error).__name__) from error
