"""Whether what is still to be brought can be reached from here.

One HEAD request to each address, all at once, without anything about the attendee in it.
Only what is still missing is asked for, so a workshop that is ready needs no network.
"""

from __future__ import annotations

import socket
import threading
import time
import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .http_head import head
from .verdict import Level, PreflightCheck

Reach = Literal[
    "reached", "dns", "refused", "timeout", "tls", "proxy", "gone", "http", "unreachable", "invalid"
]
"""What became of a request.

``dns``: the host's name is not known; ``refused``: the host refuses connections;
``proxy``: the proxy is not reached or refuses; ``gone``: the host says that there is no
such thing; ``http``: it answers with an error of its own; ``invalid``: no address.
"""


@dataclass(frozen=True)
class Origin:
    """Something that is still to be brought, and where from.

    Attributes
    ----------
    title
        What people call it, such as ``materials``.
    addresses
        Addresses of the same thing; one that is reached is enough. ``file:`` addresses and
        plain paths need no network.
    git
        Whether they are those of a git repository.
    """

    title: str
    addresses: tuple[str, ...]
    git: bool = False


@dataclass(frozen=True)
class Answer:
    """What one address answered.

    Attributes
    ----------
    host
        The address's host; addresses themselves may hold secrets.
    words
        Technical words, such as an HTTP status.
    """

    host: str
    reach: Reach
    words: str = ""


def read_network(
    origins: Sequence[Origin], *, timeout: float = 5.0
) -> tuple[tuple[Origin, tuple[Answer, ...]], ...]:
    """Ask every address once. Blocks for at most `timeout` seconds. Never raises.

    A look-up of a name cannot be broken off: its thread is left to end by itself.
    """
    asked = [
        (origin, [_Asker(address, origin.git, timeout) for address in origin.addresses])
        for origin in origins
    ]
    until = time.monotonic() + timeout
    return tuple(
        (origin, tuple(asker.answer(until) for asker in askers)) for origin, askers in asked
    )


class _Asker:
    """Asks one address in a thread of its own."""

    def __init__(self, address: str, git: bool, timeout: float) -> None:
        self._address, self._git, self._timeout = address, git, timeout
        self._answer: Answer | None = None
        self._thread = threading.Thread(target=self._ask, name="preflight-network", daemon=True)
        self._thread.start()

    def answer(self, until: float) -> Answer:
        self._thread.join(max(0.0, until - time.monotonic()))
        return self._answer or Answer(host_of(self._address), "timeout", "no answer in time")

    def _ask(self) -> None:
        host = host_of(self._address)
        try:
            reach, words = _ask(self._address, self._git, self._timeout)
        except Exception as error:  # an address may be strange in many ways
            reach, words = "unreachable", type(error).__name__
        self._answer = Answer(host, reach, words)


def host_of(address: str) -> str:
    """Return the host that an address names, without a login; the scheme if it has none."""
    try:
        parts = urllib.parse.urlsplit(address)
        return parts.hostname or (parts.scheme and f"{parts.scheme}:") or "this machine"
    except ValueError:
        return "an address that cannot be read"


def _ask(address: str, git: bool, timeout: float) -> tuple[Reach, str]:
    try:
        parts = urllib.parse.urlsplit(address)
        port = parts.port
    except ValueError as error:
        return "invalid", str(error)
    if parts.scheme in ("http", "https"):
        if not parts.hostname:
            return "invalid", "no host"
        return head(address, git=git, timeout=timeout)
    if parts.scheme in ("ssh", "git"):
        if not parts.hostname:
            return "invalid", "no host"
        return _connect(parts.hostname, port or {"ssh": 22, "git": 9418}[parts.scheme], timeout)
    if parts.scheme in ("", "file"):
        return "reached", "needs no network"
    return "invalid", f"{parts.scheme}: cannot be asked"


def _connect(host: str, port: int, timeout: float) -> tuple[Reach, str]:
    """Open a connection and close it; nothing is sent."""
    try:
        socket.create_connection((host, port), timeout=timeout).close()
    except socket.gaierror as error:
        return "dns", str(error)
    except TimeoutError:
        return "timeout", "no connection in time"
    except ConnectionRefusedError:
        return "refused", "connection refused"
    except OSError as error:
        return "unreachable", str(error)
    return "reached", ""


def network_check(
    asked: Sequence[tuple[Origin, Sequence[Answer]]], *, timeout: float = 5.0
) -> PreflightCheck | None:
    """Judge what was asked; ``None`` when nothing is to be brought over a network."""
    if not asked:
        return None
    missing = [
        (origin, answers)
        for origin, answers in asked
        if not any(answer.reach == "reached" for answer in answers)
    ]
    details = "; ".join(
        f"{answer.host}: {answer.reach}" + f" ({answer.words})" * bool(answer.words)
        for _origin, answers in asked
        for answer in answers
        if answer.reach != "reached"
    )
    found = f"{len(asked) - len(missing)} of {len(asked)} reached"
    wanted = f"{len(asked)} reached"
    if not missing:
        many = "All sources are reached." if len(asked) > 1 else "The source is reached."
        return PreflightCheck(
            name="network", level="pass", found=found, wanted=wanted, message=many, details=details
        )
    origin, answers = missing[0]
    # The first address is the one that is meant; the others are its mirrors.
    first = answers[0] if answers else Answer("", "invalid")
    sentence, remedy = _WORDS[first.reach]
    level: Level = "fail"
    if any(answer.reach == "http" for answer in answers):
        level = "warn"
    message = f"{origin.title}: {sentence.format(host=first.host, timeout=f'{timeout:g}')}"
    others = len(missing) - 1
    return PreflightCheck(
        name="network",
        level=level,
        found=found,
        wanted=wanted,
        message=f"{message} {_more_text(others)}".strip(),
        remedy=remedy.format(host=first.host),
        details=details,
    )


def _more_text(others: int) -> str:
    if others == 0:
        return ""
    return "1 more is not reached." if others == 1 else f"{others} more are not reached."


_ASK_ADMINISTRATOR = "Check the network, or ask your administrator whether {host} may be reached."

_WORDS: dict[Reach, tuple[str, str]] = {
    "reached": ("", ""),
    "dns": ("the name {host} is not known here.", _ASK_ADMINISTRATOR),
    "refused": ("{host} refuses the connection.", _ASK_ADMINISTRATOR),
    "timeout": ("{host} did not answer within {timeout} seconds.", _ASK_ADMINISTRATOR),
    "unreachable": ("{host} cannot be reached.", _ASK_ADMINISTRATOR),
    "tls": (
        "the secure connection to {host} is not trusted here.",
        "Behind a company's proxy, set SSL_CERT_FILE to the company's certificates.",
    ),
    "proxy": (
        "the proxy does not let us through to {host}.",
        "Check HTTPS_PROXY and NO_PROXY, or ask your administrator for the proxy.",
    ),
    "gone": (
        "{host} answers, but what is looked for is not there.",
        "Tell the organiser of the workshop: an address is out of date.",
    ),
    "http": ("{host} answers with an error.", "Wait a few minutes, then check again."),
    "invalid": (
        "its address cannot be used.",
        "Tell the organiser of the workshop: an address is wrong.",
    ),
}
