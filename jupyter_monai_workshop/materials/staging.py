"""Where materials grow before they count: a hidden folder beside the target.

What lies in the target is always whole, because it gets there by one rename. A run that
was killed leaves its hidden folder behind; the next run sees that nobody holds its lock
and removes it.
"""

from __future__ import annotations

import errno
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from filelock import FileLock, Timeout

from .failures import TargetOccupied

_PREFIX = ".monai-workshop-"
_OWNER = "owner.lock"

_ORPHANS = 0.5
"""Seconds for which a killed run's lock may outlive it, held by a child it was just starting."""


@contextmanager
def staging(target: Path) -> Iterator[Path]:
    """Give an empty folder on the same disk as `target`, and remove it at the end.

    Folders above the target are made where they are missing, and removed again unless
    something stayed in them.
    """
    made = [folder for folder in target.parents if not folder.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        stage, lock = _new_stage(target)
        try:
            yield stage
        finally:
            # The folder goes first: while the lock is held nobody else takes it for a leftover.
            _remove(stage)
            lock.release()
            _remove(stage)
    finally:
        for folder in made:
            try:
                folder.rmdir()
            except OSError:
                break


def clean_leftovers(target: Path) -> None:
    """Remove what killed runs left beside `target`; what a living run uses stays."""
    ours = re.compile(re.escape(f"{_PREFIX}{target.name}-") + "[0-9a-f]{12}")
    if not target.parent.is_dir():
        return
    for stage in target.parent.iterdir():
        if not ours.fullmatch(stage.name) or stage.is_symlink():
            continue
        lock = FileLock(stage / _OWNER)
        try:
            with lock.acquire(timeout=_ORPHANS):
                _remove(stage)
        except (Timeout, OSError):
            continue
        _remove(stage)


def move_into_place(tree: Path, target: Path) -> None:
    """Make `tree` the target, in one step.

    Raises
    ------
    TargetOccupied
        If something other than an empty folder is there by now.
    """
    try:
        # POSIX renames over an empty folder and over nothing else, which is what is wanted.
        tree.rename(target)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
            raise TargetOccupied(target, "was filled by something else meanwhile") from error
        raise


def _new_stage(target: Path) -> tuple[Path, FileLock]:
    """Make a hidden folder and hold its lock; a neighbour may take a new one for a leftover."""
    while True:
        stage = target.parent / f"{_PREFIX}{target.name}-{token_hex(6)}"
        stage.mkdir(mode=0o700)
        lock = FileLock(stage / _OWNER)
        try:
            lock.acquire(timeout=0)
        except (Timeout, FileNotFoundError):
            continue
        if stage.exists():
            return stage, lock
        lock.release()


def _remove(folder: Path) -> None:
    """Remove a folder, patiently: a git that was just killed may still be ending in it."""
    for _ in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.02)
