"""Knows the kernels of workshop notebooks, from the moment they start.

What they publish is heard by :class:`~.listening.Listener` and handed on, as plain messages,
to :class:`~jupyter_monai_workshop.progress.kernel_log.KernelLog`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from tornado.web import HTTPError

from ..kernels.identity import ask_identity
from ..progress.kernel_log import KernelLog
from ..progress.kernel_messages import Message
from .listening import Address, Heard, Listener
from .turns import Turns

_log = logging.getLogger(__name__)

_KERNEL_ACTIONS = "https://events.jupyter.org/jupyter_server/kernel_actions/v1"
_KEPT_MESSAGES = 1000
"""Messages kept for a kernel while it is not known which notebook it serves."""

_UNKNOWN_FOR = 30.0
"""Seconds after which a kernel without a notebook (a console's, say) is left alone."""

_PIECE = 1 << 15
"""Characters of printed text that are read in one go."""

_ENDS_FOR = 0.3
"""Seconds that a process may take to end after its channel was lost."""


@dataclass
class _Watched:
    address: Address | None = None
    notebook: str = ""
    process: str = ""
    log: KernelLog | None = None
    early: list[Message] | None = field(default_factory=list)
    since: float = field(default_factory=time.monotonic)
    turns: Turns = field(default_factory=Turns)

    @property
    def wanted(self) -> bool:
        """Whether it serves a workshop, or may yet turn out to."""
        return self.log is not None or self.early is not None

    def receive(self, messages: Sequence[Message]) -> None:
        if self.log:
            pieces = (piece for message in messages for piece in pieces_of(message))
            self.turns.do(partial(self.handle, piece) for piece in pieces)
        elif self.early is not None:
            self.early = [*self.early, *messages][-_KEPT_MESSAGES:]

    def handle(self, message: Message) -> None:
        if self.log:
            self.log.handle(message)

    def then(self, happened: Callable[[KernelLog], None]) -> None:
        """Tell the log what has happened to the kernel, after all that it said before."""
        if self.log:
            self.turns.do([partial(happened, self.log)])

    def attach(self, notebook: str, log: KernelLog | None) -> None:
        """Serve another notebook from now on; what runs goes on if it is the same module."""
        self.turns.finish()
        if self.log:
            if log and log.module == self.log.module:
                log.take_over(self.log)
            self.log.ended()
            self.process = self.log.process
        if log:
            log.process = log.process or self.process
        self.notebook, self.log = notebook, log
        early, self.early = self.early, None
        self.receive(early or [])
        if log and not log.process:
            log.state = "unheard"  # until it says who it is


class KernelWatcher:
    """Knows the kernel of every workshop notebook.

    Parameters
    ----------
    kernels, sessions
        The server's kernel manager and session manager.
    new_log
        Returns the log for a kernel and a notebook's path, ``None`` if that is no notebook
        of a workshop.
    changed
        Called with a notebook's path when its kernel came or went.
    """

    def __init__(
        self,
        kernels: Any,
        sessions: Any,
        *,
        new_log: Callable[[str, str], Awaitable[KernelLog | None]],
        changed: Callable[[str], None],
    ) -> None:
        self._kernels = kernels
        self._sessions = sessions
        self._new_log = new_log
        self._changed = changed
        self._watched: dict[str, _Watched] = {}
        self._matching = asyncio.Lock()
        self._loop = asyncio.get_running_loop()
        self._listener = Listener(self._heard_in_thread)
        self._tasks: set[asyncio.Task[None]] = set()
        self._asked: list[KernelLog] = []

    def listen_for_starts(self, events: Any) -> None:
        """Watch every kernel from its start on, before it runs anything."""
        events.add_listener(schema_id=_KERNEL_ACTIONS, listener=self._kernel_action)

    def log_of(self, notebook: str) -> KernelLog | None:
        """Return the log of the kernel that serves the notebook at that path."""
        for watched in self._watched.values():
            if watched.notebook == notebook:
                return watched.log
        return None

    def connection_serving(self, notebook: str, kernelspec: str) -> KernelConnectionInfo | None:
        """Return how to reach the kernel of that kernelspec that serves a notebook.

        May be called in any thread.
        """
        for kernel_id, watched in list(self._watched.items()):
            if watched.notebook != notebook:
                continue
            with suppress(KeyError, HTTPError):  # it ends in this moment
                kernel = self._kernels.get_kernel(kernel_id)
                if kernel.kernel_name == kernelspec:
                    info: KernelConnectionInfo = kernel.get_connection_info()
                    return info
        return None

    def log_of_kernel(self, kernel_id: str) -> KernelLog | None:
        """Return the log of a kernel, ``None`` if it serves no workshop."""
        watched = self._watched.get(kernel_id)
        return watched.log if watched else None

    def connection_of(self, kernel_id: str) -> KernelConnectionInfo | None:
        """Return how to reach a kernel, ``None`` if it is gone or behind a gateway."""
        if kernel_id not in self._kernels:
            return None
        info: KernelConnectionInfo = self._kernels.get_kernel(kernel_id).get_connection_info()
        return info if info.get("iopub_port") else None

    def identify(self, kernel_id: str, process: str) -> None:
        """Learn of which process a kernel is that cannot be heard, from who has asked it."""
        watched = self._watched.get(kernel_id)
        if watched and watched.log and watched.address is None:
            watched.log.process = process
            self._changed(watched.notebook)

    async def match(self) -> None:
        """Learn from the server's sessions which kernel serves which notebook."""
        async with self._matching:
            await self._match()

    async def close(self) -> None:
        """Stop listening to every kernel."""
        for task in self._tasks:
            task.cancel()
        await asyncio.to_thread(self._listener.close)
        self._watched.clear()

    async def _match(self) -> None:
        paths: dict[str, list[str]] = {}
        for session in await self._sessions.list_sessions():
            if session.get("kernel") and session.get("type") == "notebook":
                path = without_drive(session["path"])
                paths.setdefault(session["kernel"]["id"], []).append(path)
        for kernel_id, watched in list(self._watched.items()):
            if kernel_id not in self._kernels:
                self._forget(kernel_id, "The kernel was shut down while this ran.")
                continue
            if watched.early is not None and time.monotonic() - watched.since > _UNKNOWN_FOR:
                watched.early = None
            self._listen(kernel_id, watched)
        for kernel_id, served in paths.items():
            watching = self._watch(kernel_id)
            if watching and watching.notebook not in served:
                # Several notebooks can share a kernel; the workshop's is the one to hear.
                logs = [(path, await self._new_log(kernel_id, path)) for path in served]
                path, log = next((it for it in logs if it[1]), logs[0])
                watching.attach(path, log)
                self._listen(kernel_id, watching)
                self._ask_who(kernel_id)
                self._changed(path)

    # What comes of kernels

    def _heard_in_thread(self, kernel_id: str, heard: Heard) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._heard, kernel_id, heard)

    def _heard(self, kernel_id: str, heard: Heard) -> None:
        watched = self._watched.get(kernel_id)
        if watched is None:
            return
        if heard == "connected":
            self._ask_who(kernel_id)
        elif heard == "dropped":
            watched.then(KernelLog.unheard)
            self._spawn(self._look_whether_dead(kernel_id))
        else:
            watched.receive(heard)

    def _ask_who(self, kernel_id: str) -> None:
        """Ask a kernel that is not known who it is, and whether it still runs what it ran."""
        watched = self._watched.get(kernel_id)
        if watched and watched.log and not watched.log.process and watched.log not in self._asked:
            self._spawn(self._ask(kernel_id, watched.log))

    async def _ask(self, kernel_id: str, log: KernelLog) -> None:
        connection = self.connection_of(kernel_id)
        if connection is None:
            return

        def probe(request: str) -> None:
            log.probe = request

        self._asked.append(log)
        try:
            await ask_identity(
                connection,
                heard=lambda: bool(log.process) or self.log_of_kernel(kernel_id) is not log,
                probed=lambda: not log.asks or self.log_of_kernel(kernel_id) is not log,
                probe=probe,
            )
        except Exception:
            _log.exception("asking a kernel who it is failed")
        finally:
            self._asked.remove(log)

    async def _look_whether_dead(self, kernel_id: str) -> None:
        """Tell of a kernel's death; a restarter does so late, and some kernels have none."""
        await asyncio.sleep(_ENDS_FOR)
        if kernel_id not in self._kernels:
            return
        kernel = self._kernels.get_kernel(kernel_id)
        if not getattr(kernel, "shutting_down", False) and not await kernel.is_alive():
            self._died(kernel_id)

    async def _kernel_action(self, logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        kernel_id, action = data.get("kernel_id", ""), data.get("action")
        if action == "start":
            self._watch(kernel_id)
        watched = self._watched.get(kernel_id)
        if action == "interrupt" and watched:
            watched.then(KernelLog.interrupted)
        elif action == "restart" and watched:
            watched.then(KernelLog.restarted)
            self.identify(kernel_id, "")
        elif action == "shutdown":
            self._forget(kernel_id, "The kernel was shut down while this ran.")

    def _watch(self, kernel_id: str) -> _Watched | None:
        if kernel_id in self._watched or kernel_id not in self._kernels:
            return self._watched.get(kernel_id)
        watched = self._watched[kernel_id] = _Watched()
        self._listen(kernel_id, watched)
        for event in ("restart", "dead"):
            self._kernels.add_restart_callback(kernel_id, lambda: self._died(kernel_id), event)
        return watched

    def _listen(self, kernel_id: str, watched: _Watched) -> None:
        """Listen where the kernel publishes now, or no longer if it serves no workshop.

        After its death it may publish elsewhere.
        """
        connection = self.connection_of(kernel_id) if watched.wanted else None
        address = Address.of(connection) if connection else None
        if watched.address == address:
            return
        watched.address = address
        if address:
            self._listener.listen(kernel_id, address)
        else:
            self._listener.leave(kernel_id)

    def _died(self, kernel_id: str) -> None:
        watched = self._watched.get(kernel_id)
        if watched:
            watched.then(lambda log: log.died("The kernel died while this ran."))

    def _forget(self, kernel_id: str, message: str) -> None:
        watched = self._watched.pop(kernel_id, None)
        if watched is None:
            return
        self._listener.leave(kernel_id)
        watched.then(lambda log: log.died(message))
        watched.then(lambda log: self._changed(watched.notebook))

    def _spawn(self, coroutine: Any) -> None:
        task: asyncio.Task[None] = self._loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def pieces_of(message: Message) -> Iterator[Message]:
    """Yield a message; in several, one after the other, if it holds much printed text."""
    content = message["content"]
    text = content.get("text") if message["header"]["msg_type"] == "stream" else None
    if not isinstance(text, str) or len(text) <= _PIECE:
        yield message
        return
    for start in range(0, len(text), _PIECE):
        yield {**message, "content": {**content, "text": text[start : start + _PIECE]}}


def without_drive(path: str) -> str:
    """Return a session's path without the drive that some contents managers put before it."""
    return path.rpartition(":")[2].strip("/")
