"""Putting a finished folder into its place, and clearing what killed runs left.

The old folder, if there is one, steps aside first. What the attendee put there moves over
to the new one, so nothing is lost, whenever the process ends.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

from ..jobs.progress import Progress
from .data_receipt import RECEIPT


def place(tree: Path, folder: Path) -> None:
    """Make `tree` the folder, by one rename; what the old one had besides moves over."""
    if folder.is_symlink() or folder.exists():
        folder.rename(_aside(folder))
    tree.rename(folder)
    bring_over(folder)


def bring_over(folder: Path) -> None:
    """Finish what :func:`place` began: move over what only the old folder had.

    What both have and is different stays in the old folder, under a dated name without
    a dot in front. May be repeated at any time.
    """
    for old in _olds(folder):
        if not old.is_symlink():
            (old / RECEIPT).unlink(missing_ok=True)
            _merge(old, folder)
        if old.is_symlink() or old.exists():
            stamp = datetime.now(timezone.utc).strftime("%Y%m%d-%H%M%S-%f")
            old.rename(folder.with_name(f"{folder.name}.kept-{stamp}"))


def remove(tree: Path, *, seconds: float = float("inf"), progress: Progress | None = None) -> None:
    """Remove a folder with all that is in it; what is left after `seconds` stays.

    Raises
    ------
    Cancelled
        If `progress` is given and a stop was asked for.
    """
    deadline = time.monotonic() + seconds
    if tree.is_symlink() or not tree.is_dir():
        tree.unlink(missing_ok=True)
        return
    for path, is_folder in _bottom_up(tree):
        if progress is not None:
            progress.raise_if_cancelled()
        if time.monotonic() > deadline:
            return
        if is_folder:
            path.rmdir()
        else:
            path.unlink()


def _aside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old-{time.time_ns()}")


def _olds(folder: Path) -> list[Path]:
    if not folder.parent.is_dir():
        return []
    return sorted(p for p in folder.parent.iterdir() if p.name.startswith(f".{folder.name}.old-"))


def _merge(old: Path, new: Path) -> None:
    """Move what `new` lacks out of `old`, and remove from `old` what both have."""
    if not stat.S_ISDIR(old.lstat().st_mode):
        return
    for entry in sorted(old.iterdir()):
        counterpart = new / entry.name
        if not counterpart.is_symlink() and not counterpart.exists():
            entry.rename(counterpart)
        elif _is_folder(entry) and _is_folder(counterpart):
            _merge(entry, counterpart)
        elif _same(entry, counterpart):
            entry.unlink()
    if not any(old.iterdir()):
        old.rmdir()


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _same(one: Path, other: Path) -> bool:
    if one.is_symlink() or other.is_symlink():
        return one.is_symlink() and other.is_symlink() and one.readlink() == other.readlink()
    a, b = one.lstat(), other.lstat()
    # Unpacking sets the times that the archive tells, so an untouched file has the same time.
    return (a.st_size, int(a.st_mtime)) == (b.st_size, int(b.st_mtime)) and (
        stat.S_ISREG(a.st_mode) and stat.S_ISREG(b.st_mode)
    )


def _bottom_up(tree: Path) -> Iterator[tuple[Path, bool]]:
    for here, folders, files in os.walk(tree, topdown=False):
        for name in files:
            yield Path(here) / name, False
        for name in folders:
            path = Path(here) / name
            yield path, not path.is_symlink()
    yield tree, True
