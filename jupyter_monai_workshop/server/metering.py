"""How busy the machine is while a training runs, looked at off the event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from ..preflight import Usage, UsageMeter

_log = logging.getLogger(__name__)

SAMPLE_INTERVAL = 2.0
"""Seconds between two looks; each may lead to one push."""

_FIRST_INTERVAL = 0.5
"""How busy processors are is known from the second look on."""

_STEP = 1 << 26
"""Bytes to which memory is rounded: less is no news."""


class TrainingMeter:
    """Looks at the GPU, or at processors and memory, as long as a training runs.

    Parameters
    ----------
    changed
        Called on the event loop when :attr:`usage` is another one.

    Attributes
    ----------
    usage
        What was seen last; ``None`` while no training runs.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self.usage: Usage | None = None
        self._changed = changed
        self._gpu = False
        self._task: asyncio.Task[None] | None = None

    def follow(self, *, training: bool, gpu: bool) -> None:
        """Take in whether a training runs now, and whether on a GPU. On the loop only."""
        self._gpu = gpu
        if training and self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._look())
        elif not training:
            self.close()

    def close(self) -> None:
        """Stop looking."""
        self.usage = None
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _look(self) -> None:
        meter = UsageMeter()
        interval = _FIRST_INTERVAL
        try:
            while True:
                self._take(await asyncio.to_thread(meter.sample, gpu=self._gpu))
                await asyncio.sleep(interval)
                interval = SAMPLE_INTERVAL
        except Exception:
            _log.exception("how busy the machine is could not be looked at")
        finally:
            await asyncio.to_thread(meter.close)

    def _take(self, found: Usage) -> None:
        if found.processor == "cpu" and found.busy is None and self.usage is None:
            return  # the next look knows more
        used, busy = found.memory_used, found.busy
        rounded = found.model_copy(
            update={
                "busy": None if busy is None else round(busy, 2),
                "memory_used": None if used is None else round(used / _STEP) * _STEP,
            }
        )
        if rounded != self.usage:
            self.usage = rounded
            self._changed()
