"""How long work tells what it does and hears that it should stop."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Literal, Protocol

Phase = Literal[
    "waiting",
    "looking",
    "connecting",
    "receiving",
    "resolving",
    "downloading",
    "installing",
    "copying",
    "writing",
    "verifying",
    "merging",
    "packing",
]
"""What a job is busy with; a closed list, so that the panel can translate it."""


class Progress(Protocol):
    """What a piece of long work is given by whoever runs it.

    The work calls :meth:`report` as often as it likes (the receiver throttles) and
    :meth:`raise_if_cancelled` between its parts. Work that waits in a child process
    registers the way to end it with :meth:`on_cancel`.
    """

    def report(self, phase: Phase, fraction: float | None = None, message: str = "") -> None:
        """Say what is going on; `fraction` of the whole job, 0 to 1, ``None`` if unknown."""

    def raise_if_cancelled(self) -> None:
        """Raise :class:`~jupyter_monai_workshop.errors.Cancelled` once a stop was asked for."""

    def on_cancel(self, stop: Callable[[], None]) -> AbstractContextManager[None]:
        """While the context lasts, call `stop` (from another thread) when a stop is asked for."""


class Silent:
    """A :class:`Progress` that nobody watches and nobody cancels."""

    def report(self, phase: Phase, fraction: float | None = None, message: str = "") -> None:
        """Do nothing."""

    def raise_if_cancelled(self) -> None:
        """Do nothing."""

    def on_cancel(self, stop: Callable[[], None]) -> AbstractContextManager[None]:
        """Return an empty context."""
        from contextlib import nullcontext

        return nullcontext()
