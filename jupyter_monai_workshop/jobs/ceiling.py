"""Progress of work that may write only so much."""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import WorkshopError
from .progress import Phase, Progress

_SELDOM = 20
"""How many times longer than a look the pause after it is: looking costs little then."""

_CHEAP = 0.002
"""Seconds of a look after which none is left out."""

_LONGEST_PAUSE = 5.0
_SHORTEST_PAUSE = 0.2


class Ceiling:
    """A :class:`Progress` that stops the work once it has written more than allowed.

    Children of the work, such as git, are ended as if somebody had asked for a stop.

    Parameters
    ----------
    written
        Returns how many bytes there are now.
    most
        How many there may be.
    exceeded
        Makes the failure of a size.
    """

    def __init__(
        self,
        progress: Progress,
        *,
        written: Callable[[], int],
        most: int,
        exceeded: Callable[[int], WorkshopError],
    ) -> None:
        self._progress = progress
        self._written = written
        self._most = most
        self._exceeded = exceeded
        self._guard = threading.Lock()
        self._due = 0.0
        self._size = 0

    def report(self, phase: Phase, fraction: float | None = None, message: str = "") -> None:
        """Hand on."""
        self._progress.report(phase, fraction, message)

    def raise_if_cancelled(self) -> None:
        """Hand on, and raise the failure if too much was written."""
        self._progress.raise_if_cancelled()
        if self._too_much():
            raise self._exceeded(self._size)

    @contextmanager
    def on_cancel(self, stop: Callable[[], None]) -> Iterator[None]:
        """Call `stop` also when too much was written."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(_SHORTEST_PAUSE):
                if self._too_much():
                    stop()
                    return

        watcher = threading.Thread(target=watch, name="ceiling", daemon=True)
        watcher.start()
        try:
            with self._progress.on_cancel(stop):
                yield
        finally:
            over.set()

    def _too_much(self) -> bool:
        with self._guard:
            begun = time.monotonic()
            if self._size <= self._most and begun >= self._due:
                self._size = self._written()
                now = time.monotonic()
                if now - begun > _CHEAP:
                    self._due = now + min(_SELDOM * (now - begun), _LONGEST_PAUSE)
            return self._size > self._most


def bytes_below(folders: Iterable[Path]) -> int:
    """Return how many bytes the files below `folders` have; a repository counts beside them.

    What git keeps is packed and what it checks out is not, so the larger of both counts.
    Names that share one file count once.
    """
    kept = plain = 0
    seen: set[tuple[int, int]] = set()
    for folder in folders:
        for here, _, names in os.walk(folder):
            in_git = ".git" in Path(here).parts
            for name in names:
                try:
                    status = os.lstat(os.path.join(here, name))  # noqa: PTH118 (many)
                except OSError:  # gone meanwhile
                    continue
                if not stat.S_ISREG(status.st_mode) or (status.st_dev, status.st_ino) in seen:
                    continue
                seen.add((status.st_dev, status.st_ino))
                if in_git:
                    kept += status.st_size
                else:
                    plain += status.st_size
    return max(kept, plain)
