"""Leaving nothing half unpacked in uv's cache after a stop.

uv unpacks into ``.tmp…`` folders of its cache and does not remove them when it is
ended. For torch that is most of a gigabyte on a home disk that may have five.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def unfinished(cache: Path) -> frozenset[Path]:
    """Return the folders of `cache` that a run of uv is filling, or left unfinished."""
    return frozenset(cache.glob(".tmp*"))


@contextmanager
def tidied_after_failure(cache: Path) -> Iterator[None]:
    """Remove what the block left unfinished in `cache` when it ends with an exception.

    Nothing is removed while any uv works with the cache: whose the folders are cannot
    be told then. A later ``uv cache prune`` takes them.
    """
    before = unfinished(cache)
    try:
        yield
    except BaseException:
        _remove(cache, unfinished(cache) - before)
        raise


def _remove(cache: Path, folders: Iterable[Path]) -> None:
    try:
        import fcntl
    except ImportError:  # Windows, where uv leaves its folders locked or not at all.
        return
    with suppress(OSError):
        # uv holds this lock, shared, as long as it works with the cache.
        lock = os.open(cache / ".lock", os.O_RDWR)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for folder in folders:
                shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(lock)
