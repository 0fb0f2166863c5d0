"""A line between a client and a server on the loopback: counts, slows down, and breaks."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from types import TracebackType

_PIECE = 1 << 18
_SHUT = (OSError, ValueError)


class Line:
    """Hands TCP connections on to a server while its context lasts.

    Parameters
    ----------
    port
        Port of the server on the loopback.
    rate
        Bytes per second towards the client, over all connections; as fast as it goes
        if ``None``.

    Attributes
    ----------
    moved
        Bytes that went through since the last :meth:`reset`, both ways.
    connections
        How many connections there were since then.
    broken
        Whether the line has broken; it stays so until :meth:`reset`.
    """

    def __init__(self, port: int, *, rate: float | None = None) -> None:
        self.moved = 0
        self.connections = 0
        self.broken = False
        self._server = port
        self._rate = rate
        self._free = 0.0
        self._breaks_after: int | None = None
        self._guard = threading.Lock()
        self._ends: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def port(self) -> int:
        """The port that clients connect to."""
        return int(self._listener.getsockname()[1])

    def reset(self, *, breaks_after: int | None = None) -> None:
        """Count from zero, on a whole line; let it break after so many bytes."""
        with self._guard:
            self.moved = self.connections = 0
            self.broken = False
            self._breaks_after = breaks_after

    def __enter__(self) -> Line:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(*_SHUT):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._shut_all()
        self._thread.join()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.broken:
                client.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self._server))
            except OSError:
                client.close()
                continue
            with self._guard:
                self.connections += 1
                self._ends |= {client, server}
            for way in ((client, server, None), (server, client, self._rate)):
                threading.Thread(target=self._hand_on, args=way, daemon=True).start()

    def _hand_on(self, source: socket.socket, sink: socket.socket, rate: float | None) -> None:
        """Hand on what comes, and then the end of it."""
        with contextlib.suppress(*_SHUT):
            while piece := source.recv(_PIECE):
                if rate is not None:
                    time.sleep(self._wait(len(piece), rate))
                piece = piece[: self._count(len(piece))]
                sink.sendall(piece)
                if self.broken:
                    self._shut_all()
                    return
        with contextlib.suppress(*_SHUT):
            sink.shutdown(socket.SHUT_WR)

    def _count(self, size: int) -> int:
        """Count `size` bytes and return how many of them the line still carries."""
        with self._guard:
            if self._breaks_after is not None:
                size = min(size, max(self._breaks_after - self.moved, 0))
                self.broken = self.broken or self.moved + size >= self._breaks_after
            self.moved += size
            return size

    def _wait(self, size: int, rate: float) -> float:
        """Return how long a piece has to wait for its turn."""
        with self._guard:
            now = time.monotonic()
            self._free = max(self._free, now) + size / rate
            return self._free - now

    def _shut_all(self) -> None:
        with self._guard:
            ends, self._ends = self._ends, set()
        for end in ends:
            with contextlib.suppress(*_SHUT):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
