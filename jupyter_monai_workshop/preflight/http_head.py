"""One HEAD request, and what became of it in one word.

urllib does the talking, as it does for data sets, so proxies (``HTTPS_PROXY``,
``NO_PROXY``) and certificates (``SSL_CERT_FILE``) are those of the environment.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import urllib.error
import urllib.parse
import urllib.request
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from .network import Reach

_NOT_THERE = (404, 410)


def head(address: str, *, git: bool, timeout: float) -> tuple[Reach, str]:
    """Ask for the head of `address`.

    An answer that only refuses this way of asking, or wants a login, counts as reached.

    Parameters
    ----------
    git
        Whether it is the address of a repository, of which the list of branches is asked.
    timeout
        Seconds for each part of the talk.

    Returns
    -------
    tuple
        The word, and technical words without the address.
    """
    bare = _bare(address, git)
    request = urllib.request.Request(  # noqa: S310 - the caller checked the scheme
        bare, method="HEAD", headers={"User-Agent": "jupyter-monai-workshop"}
    )
    opener = urllib.request.build_opener(_HeadRedirects())
    try:
        opener.open(request, timeout=timeout).close()
    except urllib.error.HTTPError as error:
        error.close()
        return _status(error.code), f"HTTP status {error.code}"
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        return _why(reason, through_proxy=_has_proxy(bare))
    return "reached", ""


class _HeadRedirects(urllib.request.HTTPRedirectHandler):
    """Follows to where the thing is, still asking for its head only."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if urllib.parse.urlsplit(newurl).scheme not in ("http", "https"):
            return None
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        if following is not None:
            following.method = "HEAD"
        return following


def _bare(address: str, git: bool) -> str:
    """Return the address without its login and fragment."""
    parts = urllib.parse.urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    path = urllib.parse.quote(parts.path, safe="%/:=&~+!$,;'@()*[]")
    query = urllib.parse.quote(parts.query, safe="%/:=&~+!$,;'@()*[]?")
    if git:
        path, query = f"{path.rstrip('/')}/info/refs", "service=git-upload-pack"
    return urllib.parse.urlunsplit((parts.scheme, host, path, query, ""))


def _status(code: int) -> Reach:
    if code == 407:
        return "proxy"
    if code in _NOT_THERE:
        return "gone"
    # 501 is how servers say that they do not know HEAD.
    return "http" if code >= 500 and code != 501 else "reached"


def _why(reason: object, *, through_proxy: bool) -> tuple[Reach, str]:
    """Say why there was no answer. Words of the system's are short and hold no address."""
    words = str(reason)[:200]
    if isinstance(reason, ssl.SSLError):
        return "tls", words
    if words.startswith("Tunnel connection failed"):
        return "proxy", words
    if isinstance(reason, http.client.InvalidURL | ValueError):
        return "invalid", "no address of the web"
    found: Reach = "unreachable"
    if isinstance(reason, socket.gaierror):
        found = "dns"
    elif isinstance(reason, ConnectionRefusedError):
        found = "refused"
    elif isinstance(reason, TimeoutError):
        found, words = "timeout", "no answer in time"
    # Whatever keeps us from the proxy is the proxy's matter; a silent one may be the host's.
    return ("proxy" if through_proxy and found != "timeout" else found), words


def _has_proxy(address: str) -> bool:
    parts = urllib.parse.urlsplit(address)
    proxies = urllib.request.getproxies()
    return parts.scheme in proxies and not urllib.request.proxy_bypass(parts.netloc)
