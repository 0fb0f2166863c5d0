"""Making the changes of a plan, each in one step, and never through a link."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from secrets import token_hex

from ..jobs.progress import Progress
from ..materials.replacing import copy_new, put, sync_folder, write_new
from .failures import ChangedMeanwhile
from .planning import Change, NewFile
from .things import Thing, look_at, thing_at


def make_ready(changes: Sequence[Change], scratch: Path, progress: Progress) -> list[Path | None]:
    """Write everything that `changes` bring into `scratch`, one place for each change.

    A full disk or a stop shows itself here, before anything has changed.
    """
    ready: list[Path | None] = []
    for change in changes:
        progress.raise_if_cancelled()
        ready.append(None if change.after is None else write_ready(change.after, scratch))
    return ready


def write_ready(new: NewFile, scratch: Path) -> Path:
    """Write a file or link into `scratch`, finished.

    Raises
    ------
    ChangedMeanwhile
        If what is copied is not what it was.
    """
    place = scratch / token_hex(8)
    if isinstance(new.content, bytes):
        write_new(place, new.content, new.mode)
    elif new.kind == "link":
        place.symlink_to(new.content.readlink())
    else:
        try:
            copy_new(new.content, place, new.mode)
        except FileNotFoundError:
            raise ChangedMeanwhile(new.content.name) from None
        if thing_at(place).digest != new.digest:
            raise ChangedMeanwhile(new.content.name)
    return place


def make_change(target: Path, change: Change, ready: Path | None) -> None:
    """Make one change, if what is there is still what the plan saw.

    Raises
    ------
    ChangedMeanwhile
        If it is not; nothing is changed then.
    """
    file = target / change.path
    if ready is None:
        _expect(target, change.path, change.before)
        file.unlink()
        sync_folder(file.parent)
        remove_empty(target, file.parent)
        return
    if change.before.kind == "nothing":
        remove_empty_below(file)
        make_folders(target, file.parent)
    _expect(target, change.path, change.before)
    put(ready, file)


def remove_empty(target: Path, folder: Path, *, only: bool = False) -> None:
    """Remove `folder`, and unless `only` it those above, while they are empty, up to `target`."""
    while folder != target and not folder.is_symlink():
        try:
            folder.rmdir()
        except OSError:
            return
        if only:
            return
        folder = folder.parent


def _expect(target: Path, path: str, seen: Thing) -> None:
    there = look_at(target, path)
    if (there.kind, there.digest, there.stamp) != (seen.kind, seen.digest, seen.stamp):
        raise ChangedMeanwhile(path)


def make_folders(target: Path, folder: Path) -> None:
    """Make the folders of a new file, none of them through a link."""
    for part in reversed([folder, *folder.parents]):
        if part == target or target not in part.parents:
            continue
        try:
            part.mkdir()
        except FileExistsError:
            if part.is_symlink() or not part.is_dir():
                path = PurePosixPath(part.relative_to(target)).as_posix()
                raise ChangedMeanwhile(path) from None


def remove_empty_below(folder: Path) -> None:
    """Remove a folder in which there are only folders, where a file is to be."""
    if folder.is_symlink() or not folder.is_dir():
        return
    for below, _, _ in os.walk(folder, topdown=False):
        try:
            Path(below).rmdir()
        except OSError:
            return
