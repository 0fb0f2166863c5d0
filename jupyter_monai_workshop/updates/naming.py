"""Names for files that go beside others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path, PurePosixPath

from .things import thing_at

_LONGEST = 255
_DATED = re.compile(r" \((your copy \d{4}-\d\d-\d\d \d\d\.\d\d(?: \d+)?)\)[^()]*$")


def names_from_workshop(name: str) -> Iterator[str]:
    """Give names for the organiser's version beside the attendee's `name`, without end."""
    yield beside(name, "from the workshop")
    number = 2
    while True:
        yield beside(name, f"from the workshop {number}")
        number += 1


def free_copy_name(file: Path, when: datetime, digest: str) -> tuple[str, bool]:
    """Return a dated name for the attendee's copy beside `file`, and whether it is there.

    It is there when an earlier try has made it; then it has the content `digest`.
    """
    for other in sorted(file.parent.iterdir()):
        dated = _DATED.search(other.name)
        ours = dated is not None and beside(file.name, dated[1]) == other.name
        if digest and ours and thing_at(other).digest == digest:
            return other.name, True
    date = when.strftime("%Y-%m-%d %H.%M")
    number = 1
    while True:
        name = beside(file.name, f"your copy {date}" + (f" {number}" if number > 1 else ""))
        if thing_at(file.with_name(name)).kind == "nothing":
            return name, False
        number += 1


def beside(name: str, words: str) -> str:
    """Return `name` with words in brackets before its suffix, no longer than names may be."""
    stem, suffix = _parted(name)
    end = f" ({words}){suffix}"
    room = _LONGEST - len(end.encode("utf-8", "surrogateescape"))
    while len(stem.encode("utf-8", "surrogateescape")) > room:
        stem = stem[:-1]
    return stem + end


def _parted(name: str) -> tuple[str, str]:
    path = PurePosixPath(name)
    return path.stem, path.suffix
