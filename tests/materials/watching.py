"""Progress that remembers and can be stopped, and a close look at a folder."""

from __future__ import annotations

import resource
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_monai_workshop.errors import Cancelled
from jupyter_monai_workshop.jobs.progress import Phase


class Recorder:
    """A :class:`Progress` that remembers what it was told.

    Parameters
    ----------
    stop_at
        Ask for a stop when this phase is told for the first time.
    """

    def __init__(self, stop_at: Phase | None = None) -> None:
        self.phases: list[Phase] = []
        self.fractions: list[float] = []
        self._stop_at = stop_at
        self._stop = threading.Event()
        self._stops: list[Callable[[], None]] = []

    def report(self, phase: Phase, fraction: float | None = None, message: str = "") -> None:
        if phase not in self.phases:
            self.phases.append(phase)
        if fraction is not None:
            self.fractions.append(fraction)
        if phase == self._stop_at and not self._stop.is_set():
            self.cancel()

    def cancel(self) -> None:
        self._stop.set()
        for stop in list(self._stops):
            stop()

    def raise_if_cancelled(self) -> None:
        if self._stop.is_set():
            raise Cancelled

    @contextmanager
    def on_cancel(self, stop: Callable[[], None]) -> Iterator[None]:
        self._stops.append(stop)
        try:
            yield
        finally:
            self._stops.remove(stop)


def everything_in(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return time of change and content of all that is in `folder`, hidden or not."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mtime_ns,
            bytes(path.readlink()) if path.is_symlink() else _content(path),
        )
        for path in sorted(folder.rglob("*"))
    }


@contextmanager
def files_at_most(size: int) -> Iterator[None]:
    """Let no file grow beyond `size` bytes meanwhile, in this process and its children."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _content(path: Path) -> bytes:
    return b"" if path.is_dir() else path.read_bytes()
