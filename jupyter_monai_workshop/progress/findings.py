"""What a step's check looked at and what it found, in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..definition.models import Check
from ..definition.patterns import searchable
from ..kernels.looking import Looked
from .snapshot import Found

MOST_FILES = 1000
"""Files that are counted for one pattern."""

_IMAGE = "An image is shown"
_LONGEST = 160
"""Characters of a printed line or of an expression that are shown."""

_FLAGS = re.compile(r"\(\?[aimsxuL]+\)")
_ANYTHING = re.compile(
    r"(?:(?<!\\)\((?:\?:|\?P<\w+>)?[^()]*\)|\[[^\]]*\]|\\[dwSWD]|(?<!\\)\.)(?:[+*?]|\{\d*,?\d*\})*"
)
_SAME_LETTER = re.compile(r"\[([A-Za-z])([A-Za-z])\](?![+*?{])")


def found_in_output(check: Check, text: str, *, image: bool) -> tuple[Found, ...]:
    """Return what the cells of a step printed and showed, by the step's check.

    Parameters
    ----------
    text
        All that they printed.
    image
        Whether they showed one.
    """
    found = []
    text = searchable(text)
    for pattern in check.prints:
        match = re.search(pattern, text, re.MULTILINE)
        line = _line_around(text, match) if match else ""
        found.append(Found(text=f"Printed: {readable(pattern)}", holds=bool(match), found=line))
    if check.image:
        found.append(Found(text=_IMAGE, holds=image))
    return tuple(found)


def found_in_kernel(looked: Sequence[Looked]) -> tuple[Found, ...]:
    """Return what the kernel said of the expressions of a check."""
    return tuple(
        Found(text=_shortly(it.expression), holds=it.holds, found=it.error or it.found)
        for it in looked
    )


def found_on_disk(files: Mapping[str, int]) -> tuple[Found, ...]:
    """Return how many files there are, by their pattern in the check."""
    return tuple(_found_files(pattern, count) for pattern, count in files.items())


def unmet_by(found: Sequence[Found]) -> tuple[str, ...]:
    """Return a sentence for everything in the output that is not as it should be."""
    return tuple(
        "The cell did not show an image."
        if it.text == _IMAGE
        else f"The cell did not print what was expected ({it.text.removeprefix('Printed: ')})."
        for it in found
        if not it.holds
    )


def unmet_in_kernel(looked: Sequence[Looked]) -> tuple[str, ...]:
    """Return a sentence for every expression that is not true."""
    return tuple(_unmet(it) for it in looked if not it.holds)


def readable(pattern: str) -> str:
    """Return about what text a regular expression means, for people."""
    text = _FLAGS.sub("", pattern)
    text = _SAME_LETTER.sub(
        lambda same: same[1] if same[1].lower() == same[2].lower() else same[0], text
    )
    text = re.sub(r"\\s[+*?]?", " ", text.replace(r"\.", "\0"))
    text = re.sub(r"^\^|\$$", "", _ANYTHING.sub("…", text))
    text = re.sub(r"\\(.)", r"\1", text).replace("\0", ".")
    return _shortly(re.sub(r"…(?:\.?…)+", "…", text))


def _unmet(looked: Looked) -> str:
    expression = _shortly(looked.expression)
    if looked.error:
        return f"This could not be looked at: {expression} ({looked.error})."
    if looked.found:
        return f"This does not hold: {expression} (it is {looked.found})."
    return f"This does not hold: {expression}."


def _found_files(pattern: str, count: int) -> Found:
    if not any(mark in pattern for mark in "*?["):
        return Found(
            text=f"The file {pattern}", holds=count > 0, found="" if count else "not there"
        )
    return Found(text=f"Files {pattern}", holds=count > 0, found=_files_text(count))


def _files_text(count: int) -> str:
    if count >= MOST_FILES:
        return f"{count} or more files"
    if count == 0:
        return "no files"
    return "1 file" if count == 1 else f"{count} files"


def _line_around(text: str, match: re.Match[str]) -> str:
    start = text.rfind("\n", 0, match.start() + 1) + 1
    end = text.find("\n", max(match.end() - 1, start))
    return _shortly(text[start : len(text) if end < 0 else end])


def _shortly(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
