"""Putting what the attendee made aside, under a dated name, before something takes its place."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path, PurePosixPath
from secrets import token_hex

from ..materials.replacing import copy_new, put, sync_folder
from .naming import free_copy_name
from .things import Thing


def copy_aside(
    target: Path,
    path: str,
    there: Thing,
    scratch: Path,
    when: datetime,
    *,
    content: Path | None = None,
) -> str:
    """Keep a second copy of a file or link beside it; return the copy's path.

    Parameters
    ----------
    there
        What is to be kept.
    when
        The date for the name, in the attendee's own time.
    content
        The file or link with the bytes; the one at `path` if ``None``.
    """
    file = target / path
    content = content or file
    name, is_there = free_copy_name(file, when, there.digest)
    if not is_there:
        ready = scratch / token_hex(8)
        if content.is_symlink():
            ready.symlink_to(content.readlink())
        else:
            copy_new(content, ready, there.mode)
        put(ready, file.with_name(name))
    return str(PurePosixPath(path).with_name(name))


def move_aside(target: Path, path: str, when: datetime) -> str:
    """Move what is at `path`, a folder perhaps, out of the way; return where it is now."""
    file = target / path
    name, _ = free_copy_name(file, when, "")
    file.rename(file.with_name(name))
    sync_folder(file.parent)
    return str(PurePosixPath(path).with_name(name))
