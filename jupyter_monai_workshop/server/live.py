"""The workshops of a running server: one numbered snapshot each, pushed as it changes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from uuid import uuid4

from ..progress.facts import KernelFacts
from ..progress.snapshot import Snapshot
from ..workshop import Workshop

_log = logging.getLogger(__name__)

PUSH_INTERVAL = 0.25
"""Seconds between two pushes of one workshop."""

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
    """

    def __init__(
        self,
        workshop: Workshop,
        *,
        server: str,
        kernels: Callable[[], Mapping[str, KernelFacts]],
        push: Callable[[str, int], None],
    ) -> None:
        self.workshop = workshop
        self._server = server
        self._kernels = kernels
        self._push = push
        self._latest: Snapshot | None = None
        self._looking = asyncio.Lock()
        self._pending: asyncio.Task[None] | None = None
        self._asked = float("-inf")

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
        if self._pending:
            self._pending.cancel()

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
            facts = await asyncio.to_thread(self.workshop.look, self._kernels())
            self.workshop.record.follow()
            before = self._latest
            number = before.number if before else 0
            snapshot = self.workshop.snapshot(facts, number=number, server=self._server)
            if before is None or _content(before) != _content(snapshot):
                snapshot = snapshot.model_copy(update={"number": number + 1})
                self._push(snapshot.id, snapshot.number)
            self._latest = snapshot
            return snapshot


def _content(snapshot: Snapshot) -> object:
    """Return what makes two snapshots different to a reader; passing time does not."""
    timeless = {"steps": {"__all__": {"elapsed"}}}
    return snapshot.model_dump(exclude={"number": True, "modules": {"__all__": timeless}})


def new_server_identity() -> str:
    """Return a name for this server process."""
    return uuid4().hex
