"""What one kernel publishes, taken in order and a little at a time.

A training can print megabytes at once, and a plot can be as large. All of it is read
here, but never so much in one go that the server would not answer others meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from jupyter_client.session import Session

from ..progress.kernel_log import KernelLog, Message

_log = logging.getLogger(__name__)

_KEPT_MESSAGES = 1000
"""Messages kept for a kernel while it is not known which notebook it serves."""

_SLICE = 0.01
"""Seconds after which others get their turn."""

_PIECE = 1 << 15
"""Characters of printed text that are read in one go."""

_LARGE = 1 << 18
"""Bytes of a message from which on it is unpacked in a thread."""

Frames = list[bytes]


class Hearing:
    """The messages of one kernel, on their way to the log of its notebook.

    Parameters
    ----------
    session
        Unpacks the messages, and knows those that are not signed by the kernel.

    Attributes
    ----------
    log
        The log of the notebook that the kernel serves; ``None`` while it serves none.
    """

    def __init__(self, session: Session) -> None:
        # A message may be unpacked twice here, which that memory would forbid.
        session.digest_history_size = 0
        self._session = session
        self.log: KernelLog | None = None
        self._waiting = True
        self._queue: deque[Frames] = deque()
        self._reading: asyncio.Task[None] | None = None

    def receive(self, frames: Frames) -> None:
        """Take a message as it came over the wire. On the loop only."""
        if self.log is None and not self._waiting:
            return
        self._queue.append(frames)
        if self.log is not None:
            self._read_on()
        elif len(self._queue) > _KEPT_MESSAGES:
            self._queue.popleft()

    def serve(self, log: KernelLog | None) -> None:
        """Hand all messages from now on to another log, and what came early too."""
        if self.log is not None:
            self.read_all()
        self.log, self._waiting = log, False
        if log is None:
            self._queue.clear()
        else:
            self._read_on()

    def give_up(self) -> None:
        """Keep no messages any more for a kernel that serves no notebook."""
        if self.log is None:
            self._waiting = False
            self._queue.clear()

    def read_all(self) -> None:
        """Read at once all that has come, because something is about to end."""
        while self._queue:
            message = self._unpacked(self._queue.popleft())
            if message is not None:
                self._handle(message)

    def close(self) -> None:
        """Read nothing any more."""
        self._queue.clear()
        if self._reading is not None:
            self._reading.cancel()

    def _read_on(self) -> None:
        if self._reading is None or self._reading.done():
            self._reading = asyncio.get_running_loop().create_task(self._read())

    async def _read(self) -> None:
        begun = time.monotonic()
        while self._queue and self.log is not None:
            frames = self._queue[0]
            if sum(map(len, frames)) < _LARGE:
                message = self._unpacked(frames)
            else:
                message = await asyncio.to_thread(self._unpacked, frames)
            await self._look_ahead(message)
            if not self._queue or self._queue[0] is not frames:
                continue  # it was read meanwhile, because something ended
            self._queue.popleft()
            for piece in _pieces(message):
                self._handle(piece)
                if time.monotonic() - begun > _SLICE:
                    await asyncio.sleep(0)
                    begun = time.monotonic()

    async def _look_ahead(self, message: Message | None) -> None:
        """Have the notebook's file read in a thread, before the cell is looked for in it."""
        if message is not None and message["msg_type"] == "execute_input" and self.log:
            with suppress(Exception):  # who looks for the cell will meet it again
                await asyncio.to_thread(self.log.locate, "", -1)

    def _unpacked(self, frames: Frames) -> Message | None:
        try:
            _, parts = self._session.feed_identities(frames)
            message: Message = self._session.deserialize(parts)
        except Exception:  # not signed by this kernel, or no message
            return None
        return message

    def _handle(self, message: Message) -> None:
        """Hand a message on; one that cannot be handled costs only itself."""
        try:
            if self.log:
                self.log.handle(message)
        except Exception:
            _log.exception("a message of a kernel was not understood")


def _pieces(message: Message | None) -> Iterator[Message]:
    """Yield a message, in several if it holds much printed text."""
    if message is None:
        return
    content: Any = message["content"]
    text = content.get("text") if message["msg_type"] == "stream" else None
    if not isinstance(text, str) or len(text) <= _PIECE:
        yield message
        return
    for start in range(0, len(text), _PIECE):
        yield {**message, "content": {**content, "text": text[start : start + _PIECE]}}
