"""A bad network on the loopback: it counts, cuts, stalls, slows down, and answers for the server.

``with Network(server.port) as network: … network.port …`` hands every connection on to the
server's port. What it should do wrong is told to it while it runs.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from types import TracebackType

_CHUNK = 4096
_RESET = struct.pack("ii", 1, 0)


class Network:
    """Carries connections to one port of this machine, while its context lasts.

    Parameters
    ----------
    server
        The port to which everything goes.

    Attributes
    ----------
    to_server, to_client
        Bytes moved in each direction.
    connections
        How many connections were opened.
    cuts
        How many connections were cut.
    stalled
        Set once the network has fallen silent.
    """

    def __init__(self, server: int) -> None:
        self.to_server = 0
        self.to_client = 0
        self.connections = 0
        self.cuts = 0
        self.stalled = threading.Event()
        self._server = server
        self._guard = threading.Lock()
        self._closing = threading.Event()
        self._cut_after: int | None = None
        self._cuts_left = 0
        self._cut_in = 0
        self._reset = False
        self._stall_in: int | None = None
        self._rate: float | None = None
        self._answers: list[int] = []
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._accept)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._listener.getsockname()[1])

    @property
    def moved(self) -> int:
        """Bytes moved in both directions."""
        return self.to_server + self.to_client

    def cut(self, after: int, times: int = 1, *, reset: bool = False) -> None:
        """Cut the connection in use each time that `after` more bytes have come to the client.

        With `reset` the client loses even what it has received and not yet read.
        """
        with self._guard:
            self._cut_after, self._cuts_left, self._cut_in = after, times, after
            self._reset = reset

    def stall(self, after: int) -> None:
        """Hand on `after` more bytes to the client and then nothing more in that connection."""
        with self._guard:
            self._stall_in = after

    def slow(self, rate: float | None) -> None:
        """Hand on at most `rate` bytes in a second, ``None`` for any number."""
        self._rate = rate

    def answer(self, status: int, times: int) -> None:
        """Give the next `times` connections an HTTP status, in the place of the server."""
        with self._guard:
            self._answers = [status] * times

    def __enter__(self) -> Network:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()
        for connection in list(self._open):
            self._end(connection)

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with self._guard:
                status = self._answers.pop() if self._answers else None
            if status is not None:
                threading.Thread(target=_refuse, args=(client, status), daemon=True).start()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self._server))
            except OSError:
                client.close()
                continue
            self._open |= {client, server}
            for pump in (self._up, self._down):
                threading.Thread(target=pump, args=(client, server), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while chunk := client.recv(_CHUNK):
                self.to_server += len(chunk)
                server.sendall(chunk)
            server.shutdown(socket.SHUT_WR)

    def _down(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while chunk := server.recv(_CHUNK):
                if rate := self._rate:
                    time.sleep(len(chunk) / rate)
                chunk, cut, stall = self._what_comes_through(chunk)
                client.sendall(chunk)
                self.to_client += len(chunk)
                if stall:
                    self.stalled.set()
                    while not self._closing.wait(0.02) and _is_open(client):
                        pass
                    break
                if cut and self._reset:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                if cut:
                    break
        self._end(client)
        self._end(server)

    def _what_comes_through(self, chunk: bytes) -> tuple[bytes, bool, bool]:
        """Return how much of `chunk` the client gets, and whether a cut or a silence follows."""
        with self._guard:
            if self._stall_in is not None:
                if self._stall_in <= len(chunk):
                    chunk, self._stall_in = chunk[: self._stall_in], None
                    return chunk, False, True
                self._stall_in -= len(chunk)
            if self._cuts_left:
                if self._cut_in <= len(chunk):
                    chunk = chunk[: self._cut_in]
                    self._cuts_left -= 1
                    self._cut_in = self._cut_after or 0
                    self.cuts += 1
                    return chunk, True, False
                self._cut_in -= len(chunk)
        return chunk, False, False

    def _end(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if not connection.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER):
                connection.shutdown(socket.SHUT_RDWR)
        connection.close()
        self._open.discard(connection)


def _is_open(connection: socket.socket) -> bool:
    """Tell whether the other side still has the connection."""
    try:
        return bool(connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
    except BlockingIOError:
        return True
    except OSError:
        return False


def _refuse(client: socket.socket, status: int) -> None:
    with contextlib.suppress(OSError):
        request = b""
        while b"\r\n\r\n" not in request and (chunk := client.recv(_CHUNK)):
            request += chunk
        client.sendall(f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode("ascii"))
        client.shutdown(socket.SHUT_WR)
    client.close()
