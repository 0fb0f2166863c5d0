"""A part of a job's progress, and progress that never goes backwards."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from .progress import Phase, Progress


class Steady:
    """A :class:`Progress` that hands everything on, with the fraction only ever growing."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._most: float | None = None

    def report(self, phase: Phase, fraction: float | None = None, message: str = "") -> None:
        """Hand on; a fraction that is missing or below an earlier one is told as that one."""
        if fraction is not None:
            self._most = min(max(self._most or 0.0, fraction), 1.0)
        self._progress.report(phase, self._most, message)

    def raise_if_cancelled(self) -> None:
        """Hand on."""
        self._progress.raise_if_cancelled()

    def on_cancel(self, stop: Callable[[], None]) -> AbstractContextManager[None]:
        """Hand on."""
        return self._progress.on_cancel(stop)


class Share:
    """A :class:`Progress` for one of several pieces of work.

    Parameters
    ----------
    start, size
        The part of the whole that the piece is, as fractions.
    title
        What the piece is called; put before messages that do not name it.
    """

    def __init__(self, progress: Progress, start: float, size: float, *, title: str = "") -> None:
        self._progress = progress
        self._start = start
        self._size = size
        self._title = title

    def report(self, phase: Phase, fraction: float | None = None, message: str = "") -> None:
        """Hand on, with the fraction as one of the whole."""
        whole = None if fraction is None else self._start + self._size * fraction
        if self._title not in message:
            message = f"{self._title}: {message}" if message else self._title
        self._progress.report(phase, whole, message)

    def raise_if_cancelled(self) -> None:
        """Hand on."""
        self._progress.raise_if_cancelled()

    def on_cancel(self, stop: Callable[[], None]) -> AbstractContextManager[None]:
        """Hand on."""
        return self._progress.on_cancel(stop)
