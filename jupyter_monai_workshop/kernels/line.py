"""Requests to a live kernel that wait no longer than they are told to."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Literal

import zmq
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import KernelConnectionInfo

from ..jobs.progress import Progress

Channel = Literal["shell", "control"]
Content = dict[str, object]

_TICK = 100
"""Milliseconds between two looks at whether a stop was asked for."""


class KernelLine:
    """A client of its own to one kernel, for one thread.

    It shares nothing with the clients of the server or of a browser, and hears only the
    answers to its own requests.

    Parameters
    ----------
    connection
        The kernel's connection info.

    Attributes
    ----------
    process
        Identity of the kernel process that replied last; empty before the first reply.
    """

    def __init__(self, connection: KernelConnectionInfo) -> None:
        self.process = ""
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._client = BlockingKernelClient(context=self._context)
        self._client.load_connection_info(connection)
        self._sockets = {
            "shell": self._client.connect_shell(),
            "control": self._client.connect_control(),
        }

    def send(self, channel: Channel, kind: str, content: Content, *, subshell: str = "") -> str:
        """Send a request and return its id."""
        message = self._client.session.msg(kind, content)
        if subshell:
            message["header"]["subshell_id"] = subshell
        self._client.session.send(self._sockets[channel], message)
        return str(message["header"]["msg_id"])

    def reply(
        self, channel: Channel, request: str, *, until: float, progress: Progress
    ) -> Mapping[str, object] | None:
        """Return the content of the reply, ``None`` if it has not come in time.

        Parameters
        ----------
        until
            When the waiting ends, by ``time.monotonic``.

        Raises
        ------
        Cancelled
            If a stop was asked for.
        """
        socket = self._sockets[channel]
        while True:
            progress.raise_if_cancelled()
            left = until - time.monotonic()
            if not socket.poll(round(max(0, min(_TICK, left * 1000)))):
                if left <= 0:
                    return None
                continue
            try:
                _identities, message = self._client.session.recv(socket)
            except (ValueError, KeyError, TypeError):  # not signed as agreed, or no message
                continue
            if message is not None and message["parent_header"].get("msg_id") == request:
                self.process = str(message["header"].get("session", ""))
                content: Mapping[str, object] = message["content"]
                return content

    def close(self) -> None:
        """Close the sockets; what was not sent yet is dropped."""
        self._context.destroy(linger=0)
