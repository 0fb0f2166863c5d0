"""A server extension for tests: writes down what keeps the server's event loop busy too long."""

from __future__ import annotations

import asyncio
import logging
import os
import time
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

    def begin() -> None:
        loop = asyncio.get_running_loop()
        loop.set_debug(True)
        loop.slow_callback_duration = LONGEST
        loop.call_soon(time.sleep, float(os.environ.get(BLOCK, "0")))

    # The first thing that the loop does.
    IOLoop.current().add_callback(begin)
