"""Keeps what a kernel does after every cell from a thread that only looks.

:mod:`.asking` hands this file's text to the kernel, where it runs in a namespace of its own.
"""

from __future__ import annotations

import sys
import threading


def shield() -> None:
    """Keep this thread from what happens after every cell, such as showing open figures.

    IPython shows and closes the figures of matplotlib whenever a request has been carried
    out, by whichever thread. A cell that is drawing meanwhile would lose its figure.
    """
    here = threading.get_ident()
    calls = _calls()
    calls[:] = [_Elsewhere(call, here) for call in calls]


def unshield() -> None:
    """Undo :func:`shield`; calls that came or went meanwhile are kept as they are."""
    calls = _calls()
    calls[:] = [getattr(call, "_monai_workshop_call", call) for call in calls]


class _Elsewhere:
    """A call that is made by every thread but one."""

    def __init__(self, call: object, thread: int) -> None:
        self._monai_workshop_call = getattr(call, "_monai_workshop_call", call)
        self._thread = thread

    def __call__(self, *arguments: object, **named: object) -> None:
        if threading.get_ident() != self._thread and callable(self._monai_workshop_call):
            self._monai_workshop_call(*arguments, **named)


def _calls() -> list[object]:
    """Return IPython's own list of what it calls after every request."""
    shell = sys.modules["IPython"].get_ipython()
    calls: list[object] = shell.events.callbacks["post_execute"]
    return calls
