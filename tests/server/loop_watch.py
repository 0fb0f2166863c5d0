"""A server extension for tests: writes down what keeps the server's event loop busy too long."""

from __future__ import annotations

import asyncio
import linecache
import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Any

from tornado.ioloop import IOLoop

LONGEST = 0.05
"""Seconds that one callback may take."""

PLACE = "LOOP_WATCH"
"""The environment variable that names the file to write into."""

BLOCK = "LOOP_WATCH_BLOCK"
"""The environment variable that says for how many seconds to block the loop once."""


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(serverapp: Any) -> None:
    handler = logging.FileHandler(os.environ[PLACE])
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger = logging.getLogger("asyncio")
    logger.addHandler(handler)
    logger.setLevel(logging.WARNING)

    # In debug mode Python notes the stack of every task. From 3.13 on it looks up each line of
    # source for that, which takes longer than what is watched, and is not the server's doing.
    linecache.checkcache = lambda filename=None: None
    linecache.updatecache = lambda filename, module_globals=None: []

    def begin() -> None:
        loop = asyncio.get_running_loop()
        loop.time = _time_with_a_processor()  # type: ignore[method-assign]
        loop.set_debug(True)
        loop.slow_callback_duration = LONGEST
        loop.call_soon(time.sleep, float(os.environ.get(BLOCK, "0")))

    # The first thing that the loop does.
    IOLoop.current().add_callback(begin)


def _time_with_a_processor() -> Callable[[], float]:
    """Return a clock that stands still while this thread waits for a processor.

    What other programs take from the machine is nobody's blocking. Waiting for a disk, a
    lock or another thread counts.
    """
    try:
        place = f"/proc/self/task/{threading.get_native_id()}/schedstat"
        file = os.open(place, os.O_RDONLY)
    except OSError:  # not Linux
        return time.monotonic

    def waited() -> float:
        return int(os.pread(file, 100, 0).split()[1]) / 1e9

    before = waited()
    return lambda: time.monotonic() - (waited() - before)
