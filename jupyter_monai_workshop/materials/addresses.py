"""Addresses of repositories: which may be used, and how they are shown."""

from __future__ import annotations

import re
from collections.abc import Collection

from .failures import ProtocolRefused

_SCHEME = re.compile(r"([A-Za-z0-9][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_HELPER = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._-]*::")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_USER = re.compile(r"(?<=://)[^/\s'\"]*@")
_QUERY = re.compile(r"[?#].*", re.DOTALL)


def protocol_of(address: str) -> str:
    """Return the protocol that git would use for `address`, or ``""`` if it has no honest one.

    A plain path is ``file``; ``host:path`` is ``ssh``. What git could take for an option
    or for the name of a helper program (``ext::…``) has none.
    """
    if not address or address.startswith("-") or _CONTROL.search(address) or _HELPER.match(address):
        return ""
    if match := _SCHEME.fullmatch(address):
        scheme, rest = match.groups()
        return "" if rest.startswith("-") or "@-" in rest else scheme.lower()
    before_slash = address.split("/", 1)[0]
    return "ssh" if ":" in before_slash else "file"


def check_address(address: str, protocols: Collection[str]) -> None:
    """Accept `address` if its protocol is allowed.

    Raises
    ------
    ProtocolRefused
        If it is not, or if git could misread the address.
    """
    if protocol_of(address) not in protocols:
        raise ProtocolRefused(shown(address), allowed=sorted(protocols))


def shown(address: str) -> str:
    """Return `address` without user, password and query, fit for messages."""
    return _QUERY.sub("", _USER.sub("", _CONTROL.sub(" ", address)))


def redacted(text: str, address: str = "") -> str:
    """Return `text` with `address` and the logins of all addresses made harmless."""
    if address:  # git prints it with the query, sometimes without the login
        for form in (address, _USER.sub("", address)):
            text = text.replace(form, shown(address))
    return _USER.sub("", text)
