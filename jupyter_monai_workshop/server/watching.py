"""Listens to the kernels of workshop notebooks, from the moment they start.

This is the rim: it owns the sockets and hands plain messages to
:class:`~jupyter_monai_workshop.progress.kernel_log.KernelLog`. Listening costs a kernel
nothing; the messages are published anyway.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.session import Session
from tornado.web import HTTPError

from ..progress.kernel_log import KernelLog
from .hearing import Hearing

_KERNEL_ACTIONS = "https://events.jupyter.org/jupyter_server/kernel_actions/v1"
_UNKNOWN_FOR = 30.0
"""Seconds after which a kernel without a notebook (a console's, say) is left alone."""


@dataclass
class _Watched:
    hearing: Hearing
    stream: Any = None
    ports: tuple[int, ...] = ()
    notebook: str = ""
    process: str = ""
    since: float = field(default_factory=time.monotonic)

    @property
    def log(self) -> KernelLog | None:
        """The log of the notebook that the kernel serves."""
        return self.hearing.log

    def listen(self, kernel: Any) -> None:
        """Listen where the kernel publishes now; after its death that may be elsewhere."""
        if self.stream is not None and self.ports == tuple(kernel.ports):
            return
        if self.stream is not None:
            self.stream.close()
        self.ports = tuple(kernel.ports)
        self.stream = kernel.connect_iopub()
        self.stream.on_recv(self.hearing.receive)

    def close(self) -> None:
        """Stop listening."""
        if self.stream is not None:
            self.stream.close()
        self.hearing.close()

    def attach(self, notebook: str, log: KernelLog | None) -> None:
        """Serve another notebook from now on; what runs goes on if it is the same module."""
        before = self.log
        if before:
            self.hearing.read_all()
            if log and log.module == before.module:
                log.take_over(before)
            before.ended()
            self.process = before.process
        if log:
            log.process = log.process or self.process
        self.notebook = notebook
        self.hearing.serve(log)


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
        new_log: Callable[[str, str], KernelLog | None],
        changed: Callable[[str], None],
    ) -> None:
        self._kernels = kernels
        self._sessions = sessions
        self._new_log = new_log
        self._changed = changed
        self._watched: dict[str, _Watched] = {}

    def listen_for_starts(self, events: Any) -> None:
        """Watch every kernel from its start on, before it runs anything."""
        events.add_listener(schema_id=_KERNEL_ACTIONS, listener=self._kernel_action)

    def log_of(self, notebook: str) -> KernelLog | None:
        """Return the log of the kernel that serves the notebook at that path."""
        for watched in list(self._watched.values()):
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

    def connection_of(self, kernel_id: str) -> KernelConnectionInfo | None:
        """Return how to reach a kernel, ``None`` if it is gone."""
        if kernel_id not in self._kernels:
            return None
        info: KernelConnectionInfo = self._kernels.get_kernel(kernel_id).get_connection_info()
        return info

    async def match(self) -> None:
        """Learn from the server's sessions which kernel serves which notebook."""
        paths: dict[str, list[str]] = {}
        for session in await self._sessions.list_sessions():
            if session.get("kernel") and session.get("type") == "notebook":
                path = without_drive(session["path"])
                paths.setdefault(session["kernel"]["id"], []).append(path)
        for kernel_id in list(self._watched):
            if kernel_id not in self._kernels:
                self._forget(kernel_id, "The kernel was shut down while this ran.")
                continue
            self._watched[kernel_id].listen(self._kernels.get_kernel(kernel_id))
            if time.monotonic() - self._watched[kernel_id].since > _UNKNOWN_FOR:
                self._watched[kernel_id].hearing.give_up()
        for kernel_id, served in paths.items():
            watched = self._watch(kernel_id)
            if watched and watched.notebook not in served:
                # Several notebooks can share a kernel; the workshop's is the one to hear.
                logs = [(path, self._new_log(kernel_id, path)) for path in served]
                path, log = next((it for it in logs if it[1]), logs[0])
                watched.attach(path, log)
                self._changed(path)

    def close(self) -> None:
        """Stop listening to every kernel."""
        for watched in self._watched.values():
            watched.close()
        self._watched.clear()

    async def _kernel_action(self, logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        kernel_id, action = data.get("kernel_id", ""), data.get("action")
        if action == "start":
            self._watch(kernel_id)
        watched = self._watched.get(kernel_id)
        if action == "interrupt" and watched and watched.log:
            watched.hearing.read_all()
            watched.log.interrupted()
        elif action == "restart" and watched and watched.log:
            watched.hearing.read_all()
            watched.log.restarted()
        elif action == "shutdown":
            self._forget(kernel_id, "The kernel was shut down while this ran.")

    def _watch(self, kernel_id: str) -> _Watched | None:
        if kernel_id in self._watched or kernel_id not in self._kernels:
            return self._watched.get(kernel_id)
        kernel = self._kernels.get_kernel(kernel_id)
        watched = _Watched(Hearing(Session(config=kernel.session.config, key=kernel.session.key)))
        watched.listen(kernel)
        self._watched[kernel_id] = watched
        for event in ("restart", "dead"):
            self._kernels.add_restart_callback(kernel_id, lambda: self._died(kernel_id), event)
        return watched

    def _died(self, kernel_id: str) -> None:
        watched = self._watched.get(kernel_id)
        if watched and watched.log:
            watched.hearing.read_all()
            watched.log.died("The kernel died while this ran.")

    def _forget(self, kernel_id: str, message: str) -> None:
        watched = self._watched.pop(kernel_id, None)
        if watched is None:
            return
        watched.hearing.read_all()
        watched.close()
        if watched.log:
            watched.log.died(message)
            self._changed(watched.notebook)


def without_drive(path: str) -> str:
    """Return a session's path without the drive that some contents managers put before it."""
    return path.rpartition(":")[2].strip("/")
