"""What git's last words mean."""

from __future__ import annotations

import signal
from collections.abc import Collection

from ..errors import WorkshopError
from .addresses import shown
from .failures import (
    AuthenticationNeeded,
    CommitMissing,
    DiskFull,
    GitFailed,
    ProtocolRefused,
    RepositoryMissing,
    ServerUnreachable,
)
from .git_process import GitExit

_FILE_TOO_LARGE = int(getattr(signal, "SIGXFSZ", 25))
"""The signal by which the system ends a process that writes too large a file."""

_DISK_FULL = (
    "no space left on device",
    "disk quota exceeded",
    "file too large",
    "out of diskspace",
    "unable to write file",
    f"died of signal {_FILE_TOO_LARGE}",
)
_PROTOCOL = (" not allowed", "unable to find remote helper", "is not a git command")
_NO_LOGIN = (
    "could not read username",
    "could not read password",
    "authentication failed",
    "terminal prompts disabled",
    "returned error: 401",
    "returned error: 403",
    "permission denied (",
    "host key verification failed",
)
_NO_REPOSITORY = (
    "returned error: 404",
    "returned error: 410",
    "does not appear to be a git repository",
    "repository not found",
    "' not found",
    "not a git repository",
    "invalid gitfile format",
)
_NO_COMMIT = ("not our ref", "unadvertised object", "couldn't find remote ref")
_NO_SERVER = (
    "could not resolve",
    "couldn't resolve",
    "failed to connect",
    "couldn't connect",
    "connection refused",
    "connection reset",
    "connection timed out",
    "operation timed out",
    "operation too slow",
    "network is unreachable",
    "no route to host",
    "returned error: 5",
    "ssl",
    "certificate",
    "tls",
    "unable to access",
    "early eof",
    "rpc failed",
    "hung up",
    "unexpected disconnect",
    "expected flush",
    "could not read from remote",
)
_LASTING = ("certificate", "unsupported protocol")
"""A connection that fails in this way fails again."""


def failure_of(
    exit_: GitExit,
    *,
    address: str,
    commit: str,
    protocols: Collection[str],
    token_given: bool = False,
) -> WorkshopError:
    """Return the failure that tells why git ended.

    The order of the questions matters: a full disk also looks like a broken connection.
    """
    where = shown(address)
    details = str(exit_)
    if is_disk_full(exit_):
        return DiskFull(details)
    if exit_.says("transport") and exit_.says(*_PROTOCOL):
        return ProtocolRefused(where, allowed=sorted(protocols), details=details)
    if exit_.says(*_NO_LOGIN):
        return AuthenticationNeeded(where, details, refused=token_given)
    if exit_.says(*_NO_REPOSITORY):
        return RepositoryMissing(where, details)
    if exit_.says(*_NO_COMMIT):
        return CommitMissing(where, commit, details)
    if exit_.says(*_NO_SERVER):
        return ServerUnreachable(where, details, passing=not exit_.says(*_LASTING))
    return GitFailed(where, details)


def is_disk_full(exit_: GitExit) -> bool:
    """Tell whether git ended because it could not write."""
    return exit_.says(*_DISK_FULL) or exit_.status == -_FILE_TOO_LARGE
