"""Asking a live kernel for a sign of life, so that it can be told from any other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo

_ASK_AGAIN = 0.3
"""Seconds before a kernel that was not heard is asked again."""

_PATIENCE = 60.0
"""Seconds after which a kernel that says nothing is left alone."""


async def ask_identity(
    connection: KernelConnectionInfo,
    *,
    heard: Callable[[], bool],
    probed: Callable[[], bool],
    probe: Callable[[str], None],
) -> None:
    """Let a kernel speak on the channel that everybody hears.

    It is asked on the control channel, which answers while a cell runs. Once it was heard,
    a second request on the shell channel waits behind all that the kernel has to do: what
    the kernel publishes about it comes after the end of what was running.

    Parameters
    ----------
    heard
        Whether the kernel was heard, and not lost again since.
    probed
        Whether the second request is not, or no longer, of use.
    probe
        Takes the id of the second request, before it is sent.
    """
    client = AsyncKernelClient()
    client.load_connection_info(connection)
    # The shell channel of the Jupyter protocol, not a shell of the system.
    client.start_channels(shell=True, iopub=False, stdin=False, hb=False, control=True)  # noqa: S604
    try:
        while await _is_heard(client, heard) and not probed():
            message = client.session.msg("kernel_info_request")
            probe(message["header"]["msg_id"])
            client.shell_channel.send(message)
            while heard() and not probed():  # noqa: ASYNC110 (a kernel raises no event here)
                await asyncio.sleep(_ASK_AGAIN)
    finally:
        client.stop_channels()


async def _is_heard(client: AsyncKernelClient, heard: Callable[[], bool]) -> bool:
    """Ask until the kernel is heard, and return whether it was."""
    end = time.monotonic() + _PATIENCE
    while not heard():
        if time.monotonic() > end:
            return False
        client.control_channel.send(client.session.msg("kernel_info_request"))
        await asyncio.sleep(_ASK_AGAIN)
    return True
