"""The REST interface to trust: a person's consent before a workshop does anything."""

from __future__ import annotations

import asyncio

from jupyter_server.auth.decorator import authorized
from tornado import web

from .bodies import TrustRequest
from .handlers import WorkshopHandler


class TrustHandler(WorkshopHandler):
    """A person's trust in a workshop."""

    @web.authenticated
    @authorized
    async def post(self, workshop: str) -> None:
        """Remember that the workshop, as it was shown, may be run; answer the snapshot."""
        live = self.offer.get(workshop)
        request = self.body(TrustRequest)
        await asyncio.to_thread(live.workshop.trust.give, request.digest)
        live.touch()
        self.answer(await live.snapshot())
