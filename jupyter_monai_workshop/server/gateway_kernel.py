"""A kernel behind a gateway, spoken to without keeping the server from its other work."""

from __future__ import annotations

import asyncio
import queue
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from ..kernels.failures import KernelUnreachable

PACE = 0.05
"""Seconds between two looks for an answer; jupyter_server's own client never rests."""


@asynccontextmanager
async def connected(client: Any) -> AsyncIterator[GatewayKernel]:
    """Connect jupyter_server's client of a kernel behind a gateway.

    Connecting and leaving wait for the network, in threads.

    Raises
    ------
    KernelUnreachable
        If the gateway does not let this server talk to it.
    """
    options = {"shell": True, "iopub": True, "stdin": False, "hb": False}
    connecting = asyncio.ensure_future(
        asyncio.to_thread(asyncio.run, client.start_channels(**options))
    )
    try:
        await asyncio.shield(connecting)
    except asyncio.CancelledError:
        connecting.add_done_callback(lambda done: _leave_late(client, done))
        raise
    except Exception as error:
        raise KernelUnreachable(str(error)) from error
    try:
        yield GatewayKernel(client)
    finally:
        await asyncio.to_thread(client.stop_channels)


def _leave_late(client: Any, connecting: asyncio.Future[None]) -> None:
    """Leave again once connected, for nobody wants it any more."""
    if not connecting.cancelled() and connecting.exception() is None:
        connecting.get_loop().run_in_executor(None, client.stop_channels)


class GatewayKernel:
    """What of a kernel's client is needed to work in the kernel."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.session = client.session
        self.control_channel = _ControlChannel(client.control_channel)

    def execute(self, code: str, **options: Any) -> str:
        """Send code; return the id of the request."""
        return str(self._client.execute(code, **options))

    async def get_shell_msg(self, *, timeout: float) -> dict[str, Any]:
        """Return the next message, or raise :class:`queue.Empty`."""
        return await _next(self._client.shell_channel, timeout)

    async def get_iopub_msg(self, *, timeout: float) -> dict[str, Any]:
        """Return the next message, or raise :class:`queue.Empty`."""
        return await _next(self._client.iopub_channel, timeout)


class _ControlChannel:
    """The channel that a busy kernel hears, too; a message has to say that it is meant."""

    def __init__(self, channel: Any) -> None:
        self._channel = channel

    def send(self, message: dict[str, Any]) -> None:
        """Send a message."""
        self._channel.send({**message, "channel": "control"})


async def _next(channel: Any, timeout: float) -> dict[str, Any]:
    until = time.monotonic() + timeout
    while True:
        try:
            message: dict[str, Any] = channel.get_nowait()
        except queue.Empty:
            if channel.response_router_finished:
                raise KernelUnreachable("The connection to the gateway was lost.") from None
            if time.monotonic() > until:
                raise
            await asyncio.sleep(PACE)
        else:
            channel.task_done()
            return message
