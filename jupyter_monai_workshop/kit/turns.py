"""One at a time: whoever works in a folder holds its lock, across processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ..jobs.progress import Progress

_POLL_SECONDS = 0.2


@contextmanager
def taking_turns(folder: Path, progress: Progress) -> Iterator[None]:
    """Hold the lock of `folder`, beside it; wait for whoever has it.

    Raises
    ------
    Cancelled
        If a stop was asked for meanwhile.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder.with_name(f".{folder.name}.lock"))
    while True:
        progress.raise_if_cancelled()
        try:
            lock.acquire(timeout=_POLL_SECONDS)
            break
        except Timeout:
            progress.report("waiting")
    try:
        yield
    finally:
        lock.release()
