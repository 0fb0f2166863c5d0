"""Asking a live kernel whether expressions hold, without disturbing it."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo

_ASK_AGAIN = 0.3
"""Seconds before a request that was dropped from the kernel's queue is sent again."""


async def unmet_expressions(
    connection: KernelConnectionInfo, expressions: Sequence[str], *, alive: Callable[[], bool]
) -> tuple[str, ...] | None:
    """Return a sentence for every expression that is not true in the kernel.

    The request is silent: it leaves no trace in history, counters or outputs. It waits
    for its turn behind the cells that were sent before, however long they take.

    Parameters
    ----------
    connection
        The kernel's connection info.
    alive
        Asked every second; once it says no, the waiting ends.

    Returns
    -------
    tuple of str or None
        ``None`` when the kernel was gone before it answered.
    """
    client = AsyncKernelClient()
    client.load_connection_info(connection)
    # The shell channel of the Jupyter protocol, not a shell of the system.
    client.start_channels(shell=True, iopub=False, stdin=False, hb=False, control=False)  # noqa: S604
    try:
        asked = {str(number): f"bool({text})" for number, text in enumerate(expressions)}
        reply = await _ask(client, asked, alive)
        while reply is not None and reply.get("status") != "ok":
            # A cell before it failed or was interrupted, and took the queue with it.
            await asyncio.sleep(_ASK_AGAIN)
            reply = await _ask(client, asked, alive)
    finally:
        client.stop_channels()
    if reply is None:
        return None
    answers = reply.get("user_expressions", {})
    sentences = (
        _unmet(text, answers.get(str(number), {})) for number, text in enumerate(expressions)
    )
    return tuple(sentence for sentence in sentences if sentence)


async def _ask(
    client: AsyncKernelClient, asked: dict[str, str], alive: Callable[[], bool]
) -> dict[str, Any] | None:
    """Return the reply's content, ``None`` when the kernel is gone."""
    request = client.execute(
        "",
        silent=True,
        store_history=False,
        user_expressions=asked,
        allow_stdin=False,
        stop_on_error=False,
    )
    while alive():
        try:
            message = await client.get_shell_msg(timeout=1)
        except queue.Empty:
            continue
        if message["parent_header"].get("msg_id") == request:
            content: dict[str, Any] = message["content"]
            return content
    return None


def _unmet(text: str, answer: Mapping[str, Any]) -> str:
    if answer.get("status") != "ok":
        return f"This could not be looked at: {text} ({answer.get('ename', 'no answer')})."
    holds = answer.get("data", {}).get("text/plain") == "True"
    return "" if holds else f"This does not hold: {text}."
