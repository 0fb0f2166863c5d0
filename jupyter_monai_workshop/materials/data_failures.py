"""Why a data set cannot be brought: one class for each reason, told in plain words."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import WorkshopError
from .failures import AddressFailure, DiskFull, NoAddressWorked


def megabytes(size: int) -> str:
    """Return `size`, in bytes, as people read it."""
    return f"{size / 1e6:,.1f} MB" if size < 100e6 else f"{size / 1e6:,.0f} MB"


class NotEnoughRoom(DiskFull):
    """The disk has less room than the data set needs; nothing was begun."""

    def __init__(self, title: str, needed: int, free: int) -> None:
        super().__init__(f"{needed} bytes needed, {free} bytes free")
        self.message = (
            f"“{title}” needs {megabytes(needed)} of room on the disk, "
            f"and only {megabytes(free)} are free."
        )
        self.args = (self.message,)


class FileMissing(AddressFailure):
    """The server answers, but has no such file."""

    code = "file_missing"

    def __init__(self, address: str, details: str = "") -> None:
        super().__init__(
            f"There is no file at “{address}”.",
            hint="Check the address, or tell the organiser of the workshop.",
            address=address,
            details=details,
        )


class AccessRefused(AddressFailure):
    """The server wants a login, or says no to who asks."""

    code = "authentication_needed"

    def __init__(self, address: str, details: str = "") -> None:
        super().__init__(
            f"The server of “{address}” does not give the file without a login.",
            hint="Tell the organiser of the workshop; the file should be open to everybody.",
            address=address,
            details=details,
        )


class ServerTrouble(AddressFailure):
    """The server answers that it cannot answer."""

    code = "server_trouble"

    def __init__(self, address: str, details: str = "") -> None:
        super().__init__(
            f"The server of “{address}” has trouble and did not give the file.",
            hint="Try again in a few minutes.",
            address=address,
            details=details,
        )


class CertificateRefused(AddressFailure):
    """Nobody whom this machine trusts vouches for the server."""

    code = "certificate_refused"

    def __init__(self, address: str, details: str = "") -> None:
        super().__init__(
            f"The server of “{address}” could not prove who it is.",
            hint="Behind a company's proxy, set SSL_CERT_FILE to the company's certificates.",
            address=address,
            details=details,
        )


class WrongSize(AddressFailure):
    """The server offers a file of another size."""

    code = "wrong_size"

    def __init__(self, address: str, expected: str, web_page: bool, details: str = "") -> None:
        """Say it; `expected` is the right size, as people read it."""
        super().__init__(
            f"“{address}” gives something else: not a file of {expected}.",
            hint="The network may ask for a login: open any web page in a browser, then try again."
            if web_page
            else "Tell the organiser: the file has changed, or the definition is wrong.",
            address=address,
            details=details,
        )


class WrongChecksum(AddressFailure):
    """A whole file arrived, and it is another one; it was thrown away."""

    code = "wrong_checksum"

    def __init__(self, address: str, details: str = "") -> None:
        super().__init__(
            f"The file from “{address}” is not the one that the workshop asks for.",
            hint="Try again. If it happens twice, tell the organiser of the workshop.",
            address=address,
            details=details,
        )


class NoAddressGaveData(NoAddressWorked):
    """Several addresses were tried, and none gave the data set."""


def no_address_gave(title: str, failures: Sequence[AddressFailure]) -> WorkshopError:
    """Return the one failure that tells what each address answered.

    Parameters
    ----------
    title
        The data set, for the message.
    failures
        One failure for each address, in the order in which they were tried; at least one.
    """
    if len(failures) == 1:
        return failures[0]
    error = NoAddressGaveData(
        f"None of the {len(failures)} addresses gave “{title}”. "
        + " ".join(failure.message for failure in failures),
        hint=failures[-1].hint,
        details="\n\n".join(f"{f.address}: {f.code}\n{f.details}".rstrip() for f in failures),
    )
    if len({failure.code for failure in failures}) == 1:
        error.code = failures[0].code
    return error


class ArchiveRefused(WorkshopError):
    """The archive would write where it must not, or far more than it should."""

    code = "archive_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The archive was refused and nothing of it was kept: {reason}.",
            hint="Tell the organiser of the workshop; the archive has to be made anew.",
            details=reason,
        )


class ArchiveDamaged(WorkshopError):
    """The archive cannot be read to its end."""

    code = "archive_damaged"

    def __init__(self, details: str) -> None:
        super().__init__(
            "The archive could not be unpacked: it is damaged or of another kind.",
            hint="Tell the organiser of the workshop.",
            details=details,
        )


class DataIncomplete(WorkshopError):
    """What was unpacked, or the folder that stands in, lacks what the workshop needs."""

    code = "data_incomplete"

    def __init__(self, title: str, missing: str) -> None:
        super().__init__(
            f"“{title}” should bring “{missing}”, and it is not there.",
            hint="If you gave a copy of your own, check that it is the right folder or file; "
            "otherwise tell the organiser of the workshop.",
        )


class ReplacementMissing(WorkshopError):
    """The local copy that should stand in for a data set is not there."""

    code = "replacement_missing"

    def __init__(self, title: str, where: str) -> None:
        super().__init__(
            f"The copy that should stand in for “{title}” is not at “{where}”.",
            hint="Check the path that was given for this data set.",
        )
