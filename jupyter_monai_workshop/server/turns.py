"""Work for the event loop, done in order and a little at a time.

A training can print megabytes at once. All of it is read on the loop, where everything
that knows of it lives, but never so much in one go that others would have to wait.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable

_log = logging.getLogger(__name__)

SLICE = 0.01
"""Seconds after which others get their turn."""


class Turns:
    """A queue of small pieces of work. On the loop only.

    Work that fails costs only itself.
    """

    def __init__(self) -> None:
        self._queue: deque[Callable[[], None]] = deque()
        self._scheduled = False

    def do(self, works: Iterable[Callable[[], None]]) -> None:
        """Do pieces of work after all that were given before: at once, where these are done."""
        self._queue.extend(works)
        if not self._scheduled:
            self._go_on()

    def finish(self) -> None:
        """Do all that is left at once, whatever it takes."""
        while self._queue:
            self._do_one()

    def _go_on(self) -> None:
        self._scheduled = False
        end = time.monotonic() + SLICE
        while self._queue and time.monotonic() < end:
            self._do_one()
        if self._queue:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._go_on)

    def _do_one(self) -> None:
        try:
            self._queue.popleft()()
        except Exception:
            _log.exception("what a kernel published was not understood")
