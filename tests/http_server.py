"""A real HTTP server on the loopback that can do all that servers and networks do to a download.

``with HttpServer({"/a.tar": content}) as server: … server.url("/a.tar") …`` serves files
with Range, If-Range and ETag. `moods` says what happens to the first, second, … request;
after them the server is well.
"""

from __future__ import annotations

import hashlib
import select
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

_PIECE = 64 * 1024


@dataclass(frozen=True)
class Mood:
    """What happens to one request.

    Attributes
    ----------
    status
        Answered in the place of the file.
    cut_after
        Bytes of the answer's body after which the connection is closed.
    stall_after
        Bytes of the body after which the server falls silent; -1 before the head.
    redirect
        Where to send the client.
    ranges
        Whether a wish for a part is heard.
    length
        Whether the size is told before (else the body comes in chunks).
    body
        Sent in the place of the file, with status 200.
    etag
        Sent as the file's ETag; empty sends none.
    ignore_if_range
        Whether the rest is sent even if the version has changed, as bad servers do.
    pace
        Bytes per second; as fast as it goes if ``None``.
    content_type
        Sent with the answer.
    """

    status: int | None = None
    cut_after: int | None = None
    stall_after: int | None = None
    redirect: str = ""
    ranges: bool = True
    length: bool = True
    body: bytes | None = None
    etag: str | None = None
    ignore_if_range: bool = False
    pace: float | None = None
    content_type: str = "application/octet-stream"


WELL = Mood()


@dataclass(frozen=True)
class Generated:
    """A large file that is never in memory: one block, repeated."""

    size: int
    block: bytes = bytes(range(256)) * 256

    def pieces(self, start: int) -> Iterator[bytes]:
        """Yield the bytes from `start` on."""
        while start < self.size:
            offset = start % len(self.block)
            piece = self.block[offset : offset + self.size - start]
            yield piece
            start += len(piece)

    def digest(self, algorithm: str) -> str:
        """Return the checksum, as a definition writes it."""
        digest = hashlib.new(algorithm)
        for piece in self.pieces(0):
            digest.update(piece)
        return f"{algorithm}:{digest.hexdigest()}"


@dataclass(frozen=True)
class Asked:
    """A request that was made."""

    path: str
    range: str
    if_range: str
    headers: Mapping[str, str]


class HttpServer:
    """Serves files while its context lasts.

    Parameters
    ----------
    files
        What is served, by path.
    moods
        What happens to the first requests.
    always
        What happens to all others.

    Attributes
    ----------
    requests
        All requests so far.
    sent
        Bytes of files that were handed to the network, over all answers.
    asked
        Set once there was a request.
    stalled
        Set once the server has fallen silent.
    left
        Set once a client has given up on a silent server.
    """

    def __init__(
        self,
        files: Mapping[str, bytes | Generated],
        moods: Iterable[Mood] = (),
        *,
        always: Mood = WELL,
    ) -> None:
        self.files = dict(files)
        self.requests: list[Asked] = []
        self.sent = 0
        self.asked = threading.Event()
        self.stalled = threading.Event()
        self.left = threading.Event()
        self._moods = iter(moods)
        self._always = always
        self._guard = threading.Lock()
        self._closing = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer._serve(self)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                """Say nothing: clients come and go."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._server.server_address[1])

    def url(self, path: str) -> str:
        """Return the address of what is served at `path`."""
        return f"http://127.0.0.1:{self.port}{path}"

    def __enter__(self) -> HttpServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        headers = {name.lower(): value for name, value in handler.headers.items()}
        wish, condition = headers.get("range", ""), headers.get("if-range", "")
        with self._guard:
            self.requests.append(Asked(handler.path, wish, condition, headers))
            mood = next(self._moods, self._always)
        self.asked.set()
        try:
            if mood.stall_after == -1:
                self._stall(handler.connection)
            elif mood.redirect:
                self._head(handler, 302, {"Location": mood.redirect, "Content-Length": "0"})
            elif mood.status is not None:
                self._head(handler, mood.status, {"Content-Length": "0"})
            else:
                self._answer(handler, mood, wish, condition)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client was stopped

    def _answer(
        self, handler: BaseHTTPRequestHandler, mood: Mood, wish: str, condition: str
    ) -> None:
        # A proxy is asked with the whole address.
        path = handler.path.split("?")[0]
        content = self.files.get(path) if mood.body is None else mood.body
        if content is None:
            self._head(handler, 404, {"Content-Length": "0"})
            return
        size = content.size if isinstance(content, Generated) else len(content)
        etag = f'"{path}-{size}"' if mood.etag is None else mood.etag
        start = int(wish.removeprefix("bytes=").removesuffix("-")) if wish and mood.ranges else 0
        if condition and condition != etag and not mood.ignore_if_range:
            start = 0
        if start >= size:
            self._head(handler, 416, {"Content-Length": "0", "Content-Range": f"bytes */{size}"})
            return
        head = {"Content-Type": mood.content_type}
        if etag:
            head["ETag"] = etag
        if start:
            head["Content-Range"] = f"bytes {start}-{size - 1}/{size}"
        if mood.length:
            head["Content-Length"] = str(size - start)
        else:
            head["Transfer-Encoding"] = "chunked"
        self._head(handler, 206 if start else 200, head)
        pieces = (
            content.pieces(start)
            if isinstance(content, Generated)
            else (content[at : at + _PIECE] for at in range(start, size, _PIECE))
        )
        self._body(handler, mood, pieces)

    def _body(self, handler: BaseHTTPRequestHandler, mood: Mood, pieces: Iterable[bytes]) -> None:
        done, began = 0, time.monotonic()
        limits = [limit for limit in (mood.cut_after, mood.stall_after) if limit is not None]
        limit = min(limits, default=None)
        for whole in pieces:
            piece = whole if limit is None else whole[: limit - done]
            if mood.length:
                handler.wfile.write(piece)
            else:
                handler.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if piece else b"")
            with self._guard:
                self.sent += len(piece)
            done += len(piece)
            if limit is not None and done >= limit:
                if mood.stall_after is not None:
                    self._stall(handler.connection)
                return
            if mood.pace is not None:
                ahead = done / mood.pace - (time.monotonic() - began)
                if self._closing.wait(max(ahead, 0)):
                    return
        if not mood.length:
            handler.wfile.write(b"0\r\n\r\n")

    @staticmethod
    def _head(handler: BaseHTTPRequestHandler, status: int, headers: Mapping[str, str]) -> None:
        handler.send_response(status)
        for name, value in {**headers, "Connection": "close"}.items():
            handler.send_header(name, value)
        handler.end_headers()

    def _stall(self, connection: socket.socket) -> None:
        """Say nothing until the client leaves or the server closes."""
        self.stalled.set()
        while not self._closing.is_set():
            readable, _, _ = select.select([connection], [], [], 0.02)
            if readable and not _received(connection):
                self.left.set()
                return


def _received(connection: socket.socket) -> bytes:
    try:
        return connection.recv(1)
    except OSError:
        return b""
