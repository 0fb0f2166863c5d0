"""Runs cells in a kernel and lets somebody hear what the kernel says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from nbclient import NotebookClient
from nbformat import NotebookNode

from ..progress.kernel_messages import Message


class CellClient(NotebookClient):
    """nbclient's client, with two additions: a listener, and a limit of output.

    nbclient's hooks tell when a cell begins and ends. What the kernel publishes in between
    has no hook, and it is what training progress, curves and checks are read from.

    Parameters
    ----------
    hear
        Called with every message that belongs to the running cell.
    output_limit
        Bytes that one cell may print; what comes after them is not kept.
    """

    def __init__(
        self,
        notebook: NotebookNode,
        *,
        hear: Callable[[Message], None],
        output_limit: float,
        **options: Any,
    ) -> None:
        super().__init__(notebook, **options)
        self.over_limit = asyncio.Event()
        self._hear = hear
        self._output_limit = output_limit
        self._printed = 0

    def process_message(
        self, msg: dict[str, Any], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        """Take one message of the kernel; see nbclient."""
        kind = msg["msg_type"]
        if kind == "execute_input":
            self._printed = 0
        elif kind in ("stream", "display_data", "execute_result"):
            self._printed += _size(msg["content"])
            if self._printed > self._output_limit:
                self.over_limit.set()
                return None
        self._hear(msg)
        return super().process_message(msg, cell, cell_index)


def _size(content: Message) -> int:
    text = content.get("text")
    if isinstance(text, str):
        return len(text)
    return sum(len(value) for value in content.get("data", {}).values() if isinstance(value, str))
