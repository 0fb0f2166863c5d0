"""The workshops of a running server: one numbered snapshot each, pushed as it changes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from pydantic.main import IncEx

from ..progress.facts import KernelFacts
from ..progress.snapshot import AwakeView, Snapshot
from ..workshop import Workshop
from .metering import TrainingMeter

_log = logging.getLogger(__name__)

PUSH_INTERVAL = 0.3
"""Seconds between two pushes of one workshop: also a page that gets some late sees no more
than four in a second."""

LOOK_INTERVAL = 2.0
"""Seconds between two looks at a workshop that somebody watches."""

WATCHED_FOR = 600.0
"""Seconds after the last request in which a workshop counts as watched."""


class LiveWorkshop:
    """One workshop's current snapshot.

    Parameters
    ----------
    kernels
        Returns the running kernels of the workshop's notebooks, by module.
    push
        Tells the pages a new number.
    awake
        Returns until when the workshop keeps a Studio space awake.
    """

    def __init__(
        self,
        workshop: Workshop,
        *,
        server: str,
        kernels: Callable[[], Mapping[str, KernelFacts]],
        push: Callable[[str, int], None],
        awake: Callable[[], datetime | None] = lambda: None,
    ) -> None:
        self.workshop = workshop
        self._server = server
        self._kernels = kernels
        self._push = push
        self._meter = TrainingMeter(self.touch)
        self._awake = awake
        self._latest: Snapshot | None = None
        self._latest_content: object = None
        self._looking = asyncio.Lock()
        self._pending: asyncio.Task[None] | None = None
        self._asked = float("-inf")
        self._announcing: asyncio.TimerHandle | None = None
        self._announced = float("-inf")

    async def snapshot(self) -> Snapshot:
        """Look again and return the snapshot; a request of a page comes through here."""
        self._asked = asyncio.get_running_loop().time()
        return await self._refresh()

    def touch(self) -> None:
        """Note that something changed; soon a new number is pushed. On the loop only."""
        if self._pending is None or self._pending.done():
            self._pending = asyncio.get_running_loop().create_task(self._refresh_soon())

    @property
    def watched(self) -> bool:
        """Whether a page asked for this workshop lately."""
        return asyncio.get_running_loop().time() - self._asked < WATCHED_FOR

    def close(self) -> None:
        """Stop pushing."""
        self._meter.close()
        if self._pending:
            self._pending.cancel()
        if self._announcing:
            self._announcing.cancel()

    async def _refresh_soon(self) -> None:
        await asyncio.sleep(PUSH_INTERVAL)
        # Whatever changes from here on asks for another push.
        self._pending = None
        try:
            await self._refresh()
        except Exception:
            _log.exception("looking at workshop %s failed", self.workshop.definition.id)

    async def _refresh(self) -> Snapshot:
        async with self._looking:
            facts = await asyncio.to_thread(self.workshop.look, self._kernels(), self._meter.usage)
            until = self._awake()
            facts = replace(facts, awake=AwakeView(until=until) if until else None)
            self.workshop.record.follow()
            number = self._latest.number if self._latest else 0
            snapshot = self.workshop.snapshot(facts, number=number, server=self._server)
            content = _content(snapshot)
            if content != self._latest_content:
                snapshot = snapshot.model_copy(update={"number": number + 1})
                self._announce()
            self._latest, self._latest_content = snapshot, content
            self._meter.follow(
                training=self.watched and self._trains(snapshot),
                gpu=bool(snapshot.preflight and snapshot.preflight.gpu),
            )
            return snapshot

    def _announce(self) -> None:
        """Push the newest number, now or when the last push is long enough ago."""
        if self._announcing is None:
            loop = asyncio.get_running_loop()
            due = max(loop.time(), self._announced + PUSH_INTERVAL)
            self._announcing = loop.call_at(due, self._tell)

    def _tell(self) -> None:
        self._announcing = None
        self._announced = asyncio.get_running_loop().time()
        if self._latest:
            self._push(self._latest.id, self._latest.number)

    def _trains(self, snapshot: Snapshot) -> bool:
        """Return whether a step runs of which the definition says that it trains."""
        running = {
            (module.id, step.id)
            for module in snapshot.modules
            for step in module.steps
            if step.state == "running"
        }
        return any(
            step.training and (module.id, step.id) in running
            for module in self.workshop.definition.modules
            for step in module.steps
        )


def _content(snapshot: Snapshot) -> object:
    """Return what makes two snapshots different to a reader; passing time does not."""
    training: IncEx = {"left", "pace"}
    step: IncEx = {"elapsed": True, "training": training}
    steps: IncEx = {"__all__": step}
    module: IncEx = {"steps": steps}
    modules: IncEx = {"__all__": module}
    return snapshot.model_dump(exclude={"number": True, "modules": modules})


def new_server_identity() -> str:
    """Return a name for this server process."""
    return uuid4().hex
