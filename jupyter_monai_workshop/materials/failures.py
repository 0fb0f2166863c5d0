"""Why materials cannot be brought: one class for each reason, told in plain words."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..errors import WorkshopError

_DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NOT_WRITABLE = {errno.EACCES, errno.EPERM, errno.EROFS}


class GitMissing(WorkshopError):
    """There is no git on this machine."""

    code = "git_missing"

    def __init__(self, details: str = "") -> None:
        super().__init__(
            "Git is not installed on this machine, and these materials come by git.",
            hint="Install git (for example with “conda install git”), then try again.",
            details=details,
        )


class DiskFull(WorkshopError):
    """There was no room to write the materials."""

    code = "disk_full"

    def __init__(self, details: str = "") -> None:
        super().__init__(
            "There is not enough room on the disk for the materials.",
            hint="Delete what you no longer need, or ask for a larger disk, then try again.",
            details=details,
        )


class NotWritable(WorkshopError):
    """The folder that should receive the materials cannot be written."""

    code = "not_writable"

    def __init__(self, target: Path, details: str = "") -> None:
        super().__init__(
            f"The folder “{target.name}” cannot be made here: writing is not allowed.",
            hint="Choose another folder, or ask whoever runs this server for the right to write.",
            details=details,
        )


class MaterialsFailed(WorkshopError):
    """Something failed that has no class of its own."""

    code = "materials_failed"


class TargetOccupied(WorkshopError):
    """Something else is where the materials should go; it was left as it is."""

    code = "target_occupied"

    def __init__(self, target: Path, what: str, details: str = "") -> None:
        super().__init__(
            f"The folder “{target.name}” {what}. Nothing in it was changed.",
            hint="Rename or move that folder, or choose another one, then try again.",
            details=details,
        )


class UnsafeLink(WorkshopError):
    """The materials have a symbolic link that leads out of their folder."""

    code = "unsafe_link"

    def __init__(self, link: str) -> None:
        super().__init__(
            f"The materials were refused: their link “{link}” leads out of the folder.",
            hint="Tell the organiser of the workshop; the link has to go from the materials.",
        )


class UnsafePath(WorkshopError):
    """The materials have a file whose name would lead to another place than it seems to."""

    code = "unsafe_path"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"The materials were refused: a file in them is named {path[:200]!a}, which a disk "
            "could take for a place that is not theirs.",
            hint="Tell the organiser of the workshop; the file has to go from the materials.",
        )


class NoPlainFile(WorkshopError):
    """The materials hold something that is neither a file nor a folder."""

    code = "no_plain_file"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"The materials were refused: “{path}” is no plain file.",
            hint="Tell the organiser of the workshop; only files and folders can be brought.",
        )


class PathMissing(WorkshopError):
    """The pinned version lacks a folder or file that the definition names."""

    code = "path_missing"

    def __init__(self, path: str, commit: str) -> None:
        super().__init__(
            f"The repository has no “{path}” at the version that the workshop asks for.",
            hint="Tell the organiser: the workshop's definition names a path that is not there.",
            details=f"commit {commit}",
        )


class Damaged(WorkshopError):
    """What arrived is not what was sent."""

    code = "materials_damaged"

    def __init__(self, details: str) -> None:
        super().__init__(
            "The materials arrived damaged and were thrown away.",
            hint="Try again. If it happens twice, check the disk.",
            details=details,
        )


class BundleMissing(WorkshopError):
    """The folder with the materials does not lie beside the definition."""

    code = "bundle_missing"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"The workshop should come with its materials in “{path}”, but they are not there.",
            hint="Install the package again, or put the folder beside the workshop's definition.",
        )


class AddressFailure(WorkshopError):
    """One address did not give the materials; another may."""

    def __init__(self, message: str, *, hint: str, address: str, details: str = "") -> None:
        super().__init__(message, hint=hint, details=details)
        self.address = address


class ProtocolRefused(AddressFailure):
    """The address uses a way of reaching it that is not allowed here."""

    code = "protocol_refused"

    def __init__(self, address: str, *, allowed: Sequence[str], details: str = "") -> None:
        super().__init__(
            f"The address “{address}” may not be used here; allowed are: {', '.join(allowed)}.",
            hint="Use another address, or ask the administrator to allow this protocol.",
            address=address,
            details=details,
        )


class ServerUnreachable(AddressFailure):
    """No conversation with the server was possible, or it broke off.

    Attributes
    ----------
    passing
        Whether another try in a moment may go better.
    """

    code = "server_unreachable"

    def __init__(self, address: str, details: str = "", *, passing: bool = True) -> None:
        super().__init__(
            f"The server of “{address}” could not be reached, or the connection broke.",
            hint="Check the network (and the proxy, if you are behind one), then try again.",
            address=address,
            details=details,
        )
        self.passing = passing


class AuthenticationNeeded(AddressFailure):
    """The server wants to know who asks, or says no to who asks.

    Parameters
    ----------
    refused
        Whether the server was given a token.
    """

    code = "authentication_needed"

    def __init__(self, address: str, details: str = "", *, refused: bool = False) -> None:
        if refused:
            message = f"The server of “{address}” refused the token."
            hint = "Check that the token is whole, has not expired, and may read this repository."
        else:
            message = f"The server of “{address}” asks for a login that this machine does not have."
            hint = "Check the address; if the repository is private, ask the organiser for access."
        super().__init__(message, hint=hint, address=address, details=details)


class LoginUnsupported(WorkshopError):
    """A token cannot be handed to git on this system without leaving traces."""

    code = "login_unsupported"

    def __init__(self) -> None:
        super().__init__(
            "Tokens for private repositories are not supported on this system.",
            hint="Clone the repository by hand into the workshop's folder, then try again.",
        )


class BundleDamaged(AddressFailure):
    """A file made by ``git bundle`` cannot be read to its end, or counts on other commits."""

    code = "bundle_damaged"

    def __init__(self, address: str, details: str = "") -> None:
        super().__init__(
            f"The file “{address}” is damaged or not whole.",
            hint="Copy the file again, and compare its size with the original.",
            address=address,
            details=details,
        )


class RepositoryMissing(AddressFailure):
    """The server answers, but has no repository there."""

    code = "repository_missing"

    def __init__(self, address: str, details: str = "") -> None:
        super().__init__(
            f"There is no repository at “{address}”.",
            hint="Check the address, or tell the organiser of the workshop.",
            address=address,
            details=details,
        )


class CommitMissing(AddressFailure):
    """The repository lacks the pinned version, or a part of it."""

    code = "commit_missing"

    def __init__(self, address: str, commit: str, details: str = "") -> None:
        super().__init__(
            f"The repository at “{address}” does not have version {commit[:10]}, "
            "which the workshop asks for.",
            hint="Tell the organiser: the version may have been removed, or the mirror is old.",
            address=address,
            details=details,
        )


class GitFailed(AddressFailure):
    """Git gave up for a reason that has no class of its own."""

    code = "git_failed"

    def __init__(self, address: str, details: str = "") -> None:
        super().__init__(
            f"Git could not bring the materials from “{address}”.",
            hint="Try again. If it fails again, send the details to the organiser.",
            address=address,
            details=details,
        )


class NoAddressWorked(WorkshopError):
    """Several addresses were tried, and they failed for different reasons."""

    code = "no_address_worked"


def failure_of_all(failures: Sequence[AddressFailure]) -> WorkshopError:
    """Return the one failure that tells what each address answered.

    Parameters
    ----------
    failures
        One failure for each address, in the order in which they were tried; at least one.
    """
    if len(failures) == 1:
        return failures[0]
    error = NoAddressWorked(
        f"None of the {len(failures)} addresses gave the materials. "
        + " ".join(failure.message for failure in failures),
        hint=failures[-1].hint,
        details="\n\n".join(f"{f.address}: {f.code}\n{f.details}".rstrip() for f in failures),
    )
    if len({failure.code for failure in failures}) == 1:
        error.code = failures[0].code
    return error


@contextmanager
def told_plainly(target: Path) -> Iterator[None]:
    """Turn what the operating system refuses into a failure that a person understands.

    Raises
    ------
    DiskFull
        No space, no quota, or a limit on the size of files.
    NotWritable
        No right to write, or a read-only disk.
    MaterialsFailed
        Anything else that the operating system refuses.
    """
    try:
        yield
    except OSError as error:
        details = error.strerror or str(error)
        if error.errno in _DISK_FULL:
            raise DiskFull(details) from error
        if error.errno in _NOT_WRITABLE:
            raise NotWritable(target, details) from error
        raise MaterialsFailed(
            "The materials could not be written to the disk.",
            hint="Try again. If it fails again, send the details to whoever runs this server.",
            details=details,
        ) from error
