"""Waiting off the event loop for something that may take hours."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from ..errors import Cancelled
from ..jobs.progress import Progress, Silent

Result = TypeVar("Result")


async def patiently(
    work: Callable[[Progress], Result], *, alive: Callable[[], bool]
) -> Result | None:
    """Return what `work` returns, from a thread of its own.

    The threads that the event loop lends are few, and looks at the disk need them.

    Parameters
    ----------
    alive
        Whether somebody still waits; asked again and again by that thread. Once it says
        no, the answer is ``None``.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Result | None] = loop.create_future()

    def settle(result: Result | None, error: BaseException | None) -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(result)

    def run() -> None:
        result, error = None, None
        try:
            result = work(_While(alive))
        except Cancelled:
            pass
        except BaseException as raised:
            error = raised
        with suppress(RuntimeError):  # the server has ended
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name="monai-workshop-patience", daemon=True).start()
    return await answer


class _While(Silent):
    """A progress that is cancelled once something is no longer so."""

    def __init__(self, alive: Callable[[], bool]) -> None:
        self._alive = alive

    def raise_if_cancelled(self) -> None:
        if not self._alive():
            raise Cancelled
