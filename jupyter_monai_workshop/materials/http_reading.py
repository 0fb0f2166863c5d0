"""Reading one file by HTTP in a way that can be stopped at any moment.

urllib does the talking, so proxies (``HTTPS_PROXY``, ``NO_PROXY``) and certificates
(``SSL_CERT_FILE``) are those of the machine. Two things are added. Name look-up, connecting
and waiting for the head of the answer happen in a thread that can be left behind, for
nothing can interrupt them; and the socket can be shut from another thread.
"""

from __future__ import annotations

import base64
import http.client
import re
import ssl
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from email.message import Message

from ..jobs.progress import Progress
from .addresses import check_address, redacted, shown
from .data_failures import AccessRefused, CertificateRefused, FileMissing, ServerTrouble
from .failures import AddressFailure, ServerUnreachable
from .http_line import Line, opener_for

_PIECE = 256 * 1024
_AGENT = "jupyter-monai-workshop"
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_PASSING = {408, 425, 429, 500, 502, 503, 504}


class Interrupted(Exception):
    """The network or the server failed in a way that may pass.

    Attributes
    ----------
    failure
        What to tell if it does not pass.
    """

    def __init__(self, failure: AddressFailure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class RangeRefused(Exception):
    """The server does not give the rest of the file; the whole has to be asked for."""


class Answer:
    """The answer of a server, while it is being read.

    Attributes
    ----------
    start
        Where in the file the answer begins.
    total
        Size of the whole file in bytes; ``None`` if the server does not say.
    validator
        What names this version of the file to the server; empty if there is no strong name.
    web_page
        Whether the server calls it a web page.
    """

    def __init__(self, response: http.client.HTTPResponse, address: str, progress: Progress):
        self._response = response
        self._address = address
        self._progress = progress
        headers = response.headers
        self.start, self.total = _extent(response)
        self.validator = _validator(headers)
        self.web_page = headers.get_content_type() == "text/html"

    def pieces(self) -> Iterator[bytes]:
        """Yield what arrives, as it arrives.

        Raises
        ------
        Interrupted
            If the connection broke or was silent for too long.
        Cancelled
            If a stop was asked for.
        """
        while True:
            self._progress.raise_if_cancelled()
            try:
                # read1 gives what is there; read would lose a whole piece when the line is cut.
                piece = self._response.read1(_PIECE)
            except (OSError, http.client.HTTPException, ValueError) as error:
                self._progress.raise_if_cancelled()
                raise _broken(self._address, error) from error
            if not piece:
                self._progress.raise_if_cancelled()
                return
            yield piece


@contextmanager
def asked(
    address: str,
    *,
    start: int,
    validator: str,
    protocols: Collection[str],
    timeout: float,
    progress: Progress,
) -> Iterator[Answer]:
    """Ask for the file at `address` from byte `start` on; give the answer while the context lasts.

    Parameters
    ----------
    validator
        Name of the version whose rest is wanted; another version comes whole.
    protocols
        What the address and everything that it redirects to may use.
    timeout
        Seconds of silence after which the connection counts as broken.

    Raises
    ------
    Interrupted
        If another try may help.
    RangeRefused
        If the server cannot begin at `start`.
    AddressFailure
        If another try will not help.
    Cancelled
        If a stop was asked for.
    """
    headers = {"User-Agent": _AGENT, "Accept": "*/*", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
        if validator:
            headers["If-Range"] = validator
    line = Line()
    with progress.on_cancel(line.cut):
        try:
            response = _opened(address, headers, protocols, timeout, line, progress)
            with response:
                yield Answer(response, address, progress)
        finally:
            line.cut()


def _opened(
    address: str,
    headers: Mapping[str, str],
    protocols: Collection[str],
    timeout: float,
    line: Line,
    progress: Progress,
) -> http.client.HTTPResponse:
    check_address(address, protocols)
    request = _request(address, headers)
    opener = opener_for(line, protocols)
    ends: list[http.client.HTTPResponse | Exception] = []

    def work() -> None:
        try:
            ends.append(opener.open(request, timeout=timeout))
        except Exception as error:
            ends.append(error)
        line.moved.set()

    threading.Thread(target=work, name="http-opening", daemon=True).start()
    # A look-up of a name has no time-out of its own.
    line.moved.wait(2 * timeout)
    progress.raise_if_cancelled()
    end = ends[0] if ends else TimeoutError("no answer")
    if isinstance(end, Exception):
        raise _told(end, shown(address), "Range" in headers) from end
    return end


def _request(address: str, headers: Mapping[str, str]) -> urllib.request.Request:
    """Return the request, with a login in the address as a header for that server alone."""
    parts = urllib.parse.urlsplit(address)
    login, _, host = parts.netloc.rpartition("@")
    # Spaces and letters beyond ASCII are quoted; what is quoted already stays.
    path = urllib.parse.quote(parts.path, safe="%/:=&~+!$,;'@()*[]")
    query = urllib.parse.quote(parts.query, safe="%/:=&~+!$,;'@()*[]?")
    bare = urllib.parse.urlunsplit((parts.scheme, host, path, query, ""))
    request = urllib.request.Request(bare, headers=dict(headers))  # noqa: S310 (checked above)
    if login:
        plain = urllib.parse.unquote(login).encode()
        token = base64.b64encode(plain if b":" in plain else plain + b":").decode()
        request.add_unredirected_header("Authorization", f"Basic {token}")
    return request


def _told(error: Exception, address: str, ranged: bool) -> Exception:
    """Return what to raise for a request that got no answer to read."""
    if isinstance(error, urllib.error.HTTPError):
        details = f"HTTP {error.code} {error.reason}"
        error.close()
        if error.code == 416 and ranged:
            return RangeRefused()
        if 300 <= error.code < 400:
            return ServerTrouble(address, "it sends the reader on without end, or to nowhere")
        if error.code in (401, 403, 407):
            return AccessRefused(address, details)
        if error.code in (404, 410):
            return FileMissing(address, details)
        trouble = ServerTrouble(address, details)
        return Interrupted(trouble) if error.code in _PASSING else trouble
    if isinstance(error, AddressFailure):
        return error
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, ssl.SSLCertVerificationError):
        return CertificateRefused(address, reason.verify_message)
    if isinstance(reason, OSError | http.client.HTTPException):
        return _broken(address, reason)
    return ServerUnreachable(address, redacted(str(reason), address))


def _broken(address: str, error: Exception) -> Interrupted:
    if isinstance(error, TimeoutError):
        details = "the server was silent for too long"
    else:
        told = getattr(error, "strerror", None) or str(error) or type(error).__name__
        details = redacted(str(told), address)
    return Interrupted(ServerUnreachable(shown(address), details))


def _extent(response: http.client.HTTPResponse) -> tuple[int, int | None]:
    """Return where the answer begins in the file, and the size of the whole file.

    Raises
    ------
    RangeRefused
        If the server sends a part and does not say which.
    """
    if response.status == 206:
        match = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
        if match is None:
            raise RangeRefused
        return int(match[1]), None if match[2] == "*" else int(match[2])
    length = response.headers.get("Content-Length", "").strip()
    return 0, int(length) if length.isdecimal() else None


def _validator(headers: Message) -> str:
    etag = headers.get("ETag", "").strip()
    if etag.startswith('"'):  # a weak one (W/"…") does not promise the same bytes
        return str(etag)
    return str(headers.get("Last-Modified", "")).strip()
