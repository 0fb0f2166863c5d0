"""One thread that hears what all kernels publish, and costs neither them nor the server.

A kernel drops messages for a listener that is slow to take them, so they are taken by a
thread of its own, as many as come. The event loop gets them in batches, at most
:data:`BATCHES` a second of each kernel.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import zmq
from zmq.utils.monitor import parse_monitor_message

from .kernel_messages import Message, MessageReader

_log = logging.getLogger(__name__)

BATCHES = 20
"""Batches of one kernel's messages that reach the event loop in a second, at most."""

_DRAINED_FOR = 0.05
"""Seconds for which messages of one kernel are taken before others have their turn."""

Heard: TypeAlias = Literal["connected", "dropped"] | list[Message]
"""What came of a kernel: messages, or that its channel was lost or is there (again)."""


@dataclass(frozen=True)
class Address:
    """Where a kernel publishes.

    Attributes
    ----------
    url
        Address of the channel, as ZeroMQ has it.
    key, scheme
        With which and how its messages are signed.
    curve
        Public and secret key where the transport is encrypted.
    """

    url: str
    key: bytes
    scheme: str
    curve: tuple[bytes, bytes] | None = None

    @classmethod
    def of(cls, info: Any) -> Address:
        """Return the address in a kernel's connection info."""
        separator = "-" if info["transport"] == "ipc" else ":"
        key = info["key"]
        curve = info.get("curve_publickey"), info.get("curve_secretkey")
        return cls(
            f"{info['transport']}://{info['ip']}{separator}{info['iopub_port']}",
            key if isinstance(key, bytes) else key.encode(),
            info.get("signature_scheme") or "hmac-sha256",
            (curve[0].encode(), curve[1].encode()) if curve[0] and curve[1] else None,
        )


class Listener:
    """Hears the iopub channels of kernels.

    Parameters
    ----------
    hear
        Called in the listening thread with a kernel's id and what came of it.
    """

    def __init__(self, hear: Callable[[str, Heard], None]) -> None:
        self._hear = hear
        self._context = zmq.Context()
        self._channels: dict[str, _Channel] = {}
        self._wishes: deque[tuple[str, Address | None]] = deque()
        self._wake, self._woken = _pair(self._context)
        self._waking = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="kernel-listener", daemon=True)
        self._thread.start()

    def listen(self, kernel: str, address: Address) -> None:
        """Hear a kernel from now on, at that address and no other."""
        self._wish(kernel, address)

    def leave(self, kernel: str) -> None:
        """Hear a kernel no longer."""
        self._wish(kernel, None)

    def close(self) -> None:
        """Hear no kernel any more, and end the thread."""
        if self._closed:
            return
        self._closed = True
        self._wish("", None)
        self._thread.join()
        self._wake.close(0)
        self._context.destroy(0)

    def _wish(self, kernel: str, address: Address | None) -> None:
        self._wishes.append((kernel, address))
        with self._waking, contextlib.suppress(zmq.Again):
            self._wake.send(b"", zmq.NOBLOCK)

    # In the thread

    def _run(self) -> None:
        while not self._closed:
            try:
                self._turn()
            except Exception:
                _log.exception("hearing kernels failed")
                time.sleep(1 / BATCHES)
        for channel in self._channels.values():
            channel.close()
        self._woken.close(0)

    def _turn(self) -> None:
        """Wait for something to come, take it, and leave the rest of the moment to others."""
        poller = zmq.Poller()
        poller.register(self._woken, zmq.POLLIN)
        for channel in self._channels.values():
            if channel.socket.closed:
                self._hear(channel.kernel, "dropped")
                channel.open(self._context)
            poller.register(channel.socket, zmq.POLLIN)
            poller.register(channel.monitor, zmq.POLLIN)
        try:
            ready = dict(poller.poll(1000))
        except zmq.ZMQError:  # a socket was closed meanwhile; the next turn opens it again
            return
        began = time.monotonic()
        for channel in list(self._channels.values()):
            if channel.socket in ready or channel.monitor in ready:
                self._take(channel)
        self._meet_wishes()
        if ready and self._woken not in ready:
            rest = 1 / BATCHES - (time.monotonic() - began)
            self._woken.poll(max(0, int(1000 * rest)))

    def _take(self, channel: _Channel) -> None:
        changes: list[Literal["connected", "dropped"]] = []
        with contextlib.suppress(zmq.ZMQError):
            # What came before the channel was lost is there by now, and counts.
            if channel.drain(_DRAINED_FOR):
                changes = channel.changes()
        messages = channel.reader.batch()
        if changes and "dropped" not in changes:
            self._hear(channel.kernel, "connected")
        if messages:
            self._hear(channel.kernel, messages)
        if "dropped" in changes:
            self._hear(channel.kernel, "dropped")
            if changes[-1] == "connected":
                self._hear(channel.kernel, "connected")

    def _meet_wishes(self) -> None:
        with contextlib.suppress(zmq.Again):
            while True:
                self._woken.recv(zmq.NOBLOCK)
        while self._wishes:
            kernel, address = self._wishes.popleft()
            if kernel in self._channels:
                self._channels.pop(kernel).close()
            if address is not None:
                self._channels[kernel] = channel = _Channel(kernel, address)
                channel.open(self._context)


@dataclass
class _Channel:
    kernel: str
    address: Address
    socket: Any = None
    monitor: Any = None
    reader: MessageReader = field(init=False)

    def __post_init__(self) -> None:
        self.reader = MessageReader(self.address.key, self.address.scheme)

    def open(self, context: Any) -> None:
        """Connect, before the kernel has said a word if it has just been started."""
        self.close()
        self.socket = context.socket(zmq.SUB)
        self.socket.linger = 0
        self.socket.rcvhwm = 0  # as many as come: a full queue loses messages
        if self.address.curve:
            public, secret = self.address.curve
            self.socket.curve_publickey = self.socket.curve_serverkey = public
            self.socket.curve_secretkey = secret
        self.socket.subscribe(b"")
        events = zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED
        self.monitor = self.socket.get_monitor_socket(events)
        self.monitor.linger = 0
        self.socket.connect(self.address.url)

    def close(self) -> None:
        """Disconnect."""
        for socket in (self.socket, self.monitor):
            if socket is not None and not socket.closed:
                socket.close(0)

    def drain(self, seconds: float) -> bool:
        """Take the messages that have come, for so long at most; return whether all."""
        end = time.monotonic() + seconds
        try:
            while time.monotonic() < end:
                for _ in range(100):
                    self.reader.feed(self.socket.recv_multipart(zmq.NOBLOCK))
        except zmq.Again:
            return True
        return False

    def changes(self) -> list[Literal["connected", "dropped"]]:
        """Return how the channel has come and gone, in order."""
        found: list[Literal["connected", "dropped"]] = []
        with contextlib.suppress(zmq.Again):
            while True:
                event = parse_monitor_message(self.monitor.recv_multipart(zmq.NOBLOCK))["event"]
                found.append("dropped" if event == zmq.EVENT_DISCONNECTED else "connected")
        return found


def _pair(context: Any) -> tuple[Any, Any]:
    """Return two connected sockets, to wake the thread."""
    one, other = context.socket(zmq.PAIR), context.socket(zmq.PAIR)
    address = f"inproc://wake-{id(one)}"
    other.bind(address)
    one.connect(address)
    return one, other
