"""The line to a server: urllib's connections, whose socket any thread may shut."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import urllib.request
from collections.abc import Collection
from typing import IO

from .addresses import check_address


def opener_for(line: Line, protocols: Collection[str]) -> urllib.request.OpenerDirector:
    """Return what opens addresses on `line`, by HTTP alone, through the machine's proxy.

    Parameters
    ----------
    protocols
        What a server may send the reader on to.
    """
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _Redirects(protocols),
        _Handler(line),
        _SecureHandler(line),
    ):
        opener.add_handler(handler)
    return opener


class Line:
    """The socket of one request.

    Attributes
    ----------
    moved
        Set once the line is cut, and by whoever opens it once that has ended.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._socket: socket.socket | None = None
        self._cut = False
        self.moved = threading.Event()

    def hold(self, used: socket.socket) -> None:
        """Remember the socket; shut it if the line has been cut meanwhile."""
        with self._guard:
            self._socket = used
            late = self._cut
        if late:
            self.cut()

    def cut(self) -> None:
        """End the conversation now; whoever reads or waits goes on at once."""
        with self._guard:
            self._cut = True
            used = self._socket
        self.moved.set()
        if used is not None:
            with contextlib.suppress(OSError):
                used.shutdown(socket.SHUT_RDWR)


class _Connection(http.client.HTTPConnection):
    def __init__(self, host: str, line: Line, timeout: float) -> None:
        super().__init__(host, timeout=timeout)
        self._line = line

    def connect(self) -> None:
        super().connect()
        self._line.hold(self.sock)


class _SecureConnection(http.client.HTTPSConnection):
    def __init__(self, host: str, line: Line, timeout: float) -> None:
        context = ssl.create_default_context()
        context.set_alpn_protocols(["http/1.1"])
        super().__init__(host, timeout=timeout, context=context)
        self._line = line

    def connect(self) -> None:
        super().connect()
        self._line.hold(self.sock)


class _Handler(urllib.request.HTTPHandler):
    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        def connect(host: str, /, *, timeout: float = 30.0, **_: object) -> _Connection:
            return _Connection(host, self._line, timeout)

        return self.do_open(connect, req)


class _SecureHandler(urllib.request.HTTPSHandler):
    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        def connect(host: str, /, *, timeout: float = 30.0, **_: object) -> _SecureConnection:
            return _SecureConnection(host, self._line, timeout)

        return self.do_open(connect, req)


class _Redirects(urllib.request.HTTPRedirectHandler):
    def __init__(self, protocols: Collection[str]) -> None:
        self._protocols = protocols

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        check_address(newurl, self._protocols)
        return super().redirect_request(req, fp, code, msg, headers, newurl)
