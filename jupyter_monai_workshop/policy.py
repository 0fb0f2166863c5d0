"""What the administrator of a server allows: hosts, sizes, features."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import get_args
from urllib.parse import urlsplit

from .definition.models import DataSet, Definition
from .errors import WorkshopError
from .jobs.job import JobKind
from .materials.addresses import protocol_of, shown
from .progress.snapshot import Feature
from .wish import Wish

FEATURES: tuple[Feature, ...] = get_args(Feature)

_WORDS: dict[Feature, str] = {
    "parameters": "Changing the values of notebooks",
    "private_sources": "Fetching from private repositories with an access token",
    "environment_installs": "Installing Python packages",
}


class FeatureDisabled(WorkshopError):
    """The administrator has switched off what was asked for."""

    code = "feature_disabled"

    def __init__(self, feature: Feature, details: str = "") -> None:
        super().__init__(
            f"{_WORDS[feature]} is switched off on this server.",
            hint="Ask the administrator of this server if you need it.",
            details=details,
        )


class HostRefused(WorkshopError):
    """No address that the workshop names lies on a host that the administrator allows."""

    code = "host_refused"

    def __init__(self, title: str, addresses: Sequence[str], allowed: Collection[str]) -> None:
        super().__init__(
            f"“{title}” may not be fetched: its hosts are not allowed on this server.",
            hint=f"Ask the administrator of this server. Allowed are: {', '.join(allowed)}.",
            details="\n".join(shown(address) for address in addresses),
        )


class QuotaExceeded(WorkshopError):
    """A workshop is larger than the administrator allows."""

    code = "quota_exceeded"

    def __init__(self, what: str, size: int, most: int, *, arrives: bool = False) -> None:
        allowed, has = _gigabytes(most), _gigabytes(size)
        super().__init__(
            f"{what} may have {allowed} on this server, and more arrives than announced: {has}."
            if arrives
            else f"{what} may have {allowed} on this server, and this workshop has {has}.",
            hint="Ask the administrator of this server for more room, or the organiser of the "
            "workshop for a smaller one.",
        )


@dataclass(frozen=True)
class Policy:
    """What the administrator of a server allows.

    Attributes
    ----------
    hosts
        Names of hosts from which materials and data sets may come; ``*.example.org`` means
        every host below. Empty allows all that a definition names. Addresses that the
        administrator or the person gives are theirs to choose.
    disabled
        What is switched off.
    most_files
        Most bytes of materials and data sets together; 0 is no limit.
    most_environment
        Most bytes of Python packages; 0 is no limit.
    """

    hosts: frozenset[str] = frozenset()
    disabled: frozenset[Feature] = frozenset()
    most_files: int = 0
    most_environment: int = 0

    def check(self, kind: JobKind, wish: Wish, definition: Definition) -> None:
        """Refuse a job that is not allowed, by what the definition says beforehand.

        Raises
        ------
        FeatureDisabled, QuotaExceeded
            If it is not.
        """
        if kind in ("parameters", "profile") or (kind == "prepare" and wish.profile):
            self.check_feature("parameters")
        if wish.token:
            self.check_feature("private_sources")
        if kind == "install_in_kernel":
            self.check_feature("environment_installs")
        parts = (
            set(wish.parts) if kind == "prepare" else {"materials" if kind == "update" else kind}
        )
        if parts & {"materials", "data"}:
            self._check_size("Materials and data", announced_files(definition), self.most_files)
        if parts & {"environment", "install_in_kernel"}:
            size = definition.environment.size or 0
            self._check_size("Python packages", size, self.most_environment)

    def check_feature(self, feature: Feature) -> None:
        """Refuse what is switched off.

        Raises
        ------
        FeatureDisabled
            If it is.
        """
        if feature in self.disabled:
            raise FeatureDisabled(feature)

    def allowed(self, title: str, addresses: Sequence[str]) -> tuple[str, ...]:
        """Return those of a definition's addresses whose host is allowed.

        Raises
        ------
        HostRefused
            If there is none.
        """
        found = tuple(it for it in addresses if self.allows_host(host_of(it)))
        if not found:
            raise HostRefused(title, addresses, sorted(self.hosts))
        return found

    def allows_host(self, host: str) -> bool:
        """Tell whether a host is allowed; a path of this machine has none."""
        if not self.hosts or not host:
            return True
        return any(
            host == name or (name.startswith("*.") and host.endswith(name[1:]))
            for name in map(str.lower, self.hosts)
        )

    def _check_size(self, what: str, size: int, most: int) -> None:
        if most and size > most:
            raise QuotaExceeded(what, size, most)


EVERYTHING = Policy()
"""Allows everything."""


def announced_files(definition: Definition) -> int:
    """Return how many bytes a definition says that its materials and data sets have."""
    size = getattr(definition.source, "size", None) or 0
    for data in definition.data:
        size += data.size
        if isinstance(data, DataSet) and data.unpack != "none":
            size += data.unpacked_size or 0
    return size


def host_of(address: str) -> str:
    """Return the name of an address' host in lower case; ``""`` for a path of this machine."""
    if "://" not in address and protocol_of(address) == "ssh":
        return address.partition(":")[0].rpartition("@")[2].lower()
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return "?"


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:,.1f} GB" if size >= 1e8 else f"{size / 1e6:,.1f} MB"
