"""Getting one file from the first address that gives it, however often the network drops.

What has arrived lies in a part file, beside a note of where it came from. A line that is
cut, a stop and a killed process leave the two as they are, and the next try goes on there.
"""

from __future__ import annotations

import hashlib
import os
import threading
import urllib.parse
import urllib.request
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..jobs.progress import Progress
from .addresses import check_address, protocol_of, shown
from .data_failures import (
    FileMissing,
    ServerTrouble,
    WrongChecksum,
    WrongSize,
    megabytes,
    no_address_gave,
)
from .data_part import Part
from .failures import AddressFailure, ServerUnreachable
from .http_reading import Answer, Interrupted, RangeRefused, asked

_BY_NETWORK = frozenset({"http", "https"})
_OURS = _BY_NETWORK | {"file"}
_CHUNK = 1 << 20
_WORTH = 1 << 20


@dataclass(frozen=True)
class Patience:
    """How long to put up with a bad network.

    Attributes
    ----------
    timeout
        Seconds of silence after which a connection counts as broken.
    pauses
        Seconds to wait before the second, third, … try of an address; one more try for
        each. A try that brought a fair piece (1 MiB, and a hundredth of the file) begins
        the pauses anew.
    """

    timeout: float = 30.0
    pauses: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True)
class Wanted:
    """Which file is wanted.

    Attributes
    ----------
    title
        What people call it.
    size
        Its size in bytes; ``None`` if any will do.
    checksum
        ``md5:…`` or ``sha256:…``; empty if it is not to be checked.
    exact
        Whether the size is exact. If it is not, the checksum tells when all is there, and
        half to twice the size will do.
    """

    title: str
    size: int | None
    checksum: str
    exact: bool = True

    def admits(self, size: int) -> bool:
        """Return whether a file of `size` bytes may be the one."""
        if self.size is None or self.exact:
            return self.size in (None, size)
        return self.size <= 2 * size and size <= 2 * self.size

    @property
    def least(self) -> int | None:
        """The fewest bytes that the file can have; ``None`` if that is not known."""
        return self.size if self.size is None or self.exact else self.size // 2

    @property
    def most(self) -> int | None:
        """The most bytes that the file can have; ``None`` if there is no limit."""
        return self.size if self.size is None or self.exact else 2 * self.size

    @property
    def size_told(self) -> str:
        """The size as people read it."""
        if self.size is None:
            return "any size"
        return f"{self.size:,} bytes" if self.exact else f"about {megabytes(self.size)}"


def fetch_file(
    wanted: Wanted,
    addresses: Sequence[str],
    part: Path,
    *,
    protocols: Collection[str],
    patience: Patience,
    progress: Progress,
    share: float = 1.0,
) -> Path:
    """Return the path of the whole, checked file: `part`, or a file that an address names.

    Parameters
    ----------
    addresses
        HTTP addresses, ``file://…`` or plain paths, tried in order.
    part
        Where the file grows; its folder is there. What an earlier call left is used.
    protocols
        What addresses may use; of these, ``http``, ``https`` and ``file`` mean something here.
    share
        Which fraction of the job this is.

    Raises
    ------
    AddressFailure, NoAddressWorked
        If no address gave the file; tells what each one answered.
    OSError
        If the disk refuses.
    Cancelled
        If a stop was asked for. What has arrived stays.
    """
    failures: list[AddressFailure] = []
    protocols = _OURS.intersection(protocols)
    growing = Part(part, wanted.checksum)
    for address in addresses:
        try:
            check_address(address, protocols)
            if protocol_of(address) == "file":
                return _local(address, wanted, progress)
            _Download(growing, wanted, address, protocols, patience, progress, share).run()
            return part
        except AddressFailure as failure:
            failures.append(failure)
    raise no_address_gave(wanted.title, failures)


class _Download:
    """One address: its tries, until the part is whole or the address is given up."""

    def __init__(
        self,
        part: Part,
        wanted: Wanted,
        address: str,
        protocols: Collection[str],
        patience: Patience,
        progress: Progress,
        share: float,
    ) -> None:
        self._part = part
        self._wanted = wanted
        self._address = address
        self._fingerprint = hashlib.sha256(os.fsencode(address)).hexdigest()
        self._protocols = protocols
        self._patience = patience
        self._progress = progress
        self._share = share

    def run(self) -> None:
        # What was there before may be of another file; then, once, all is asked for anew.
        mixed = self._part.size > 0
        while True:
            self._fill()
            if not self._wanted.checksum:
                return
            self._progress.report("verifying", self._share)
            found = self._part.digest(self._progress)
            if found == self._wanted.checksum:
                return
            self._part.restart()
            if not mixed:
                details = f"expected {self._wanted.checksum}\nreceived {found}"
                raise WrongChecksum(shown(self._address), details)
            mixed = False

    def _fill(self) -> None:
        """Try until the part has its full size.

        Raises
        ------
        AddressFailure
            If the address is given up.
        """
        size, most = self._wanted.size, self._part.size
        if self._wanted.most is not None and most > self._wanted.most:
            self._part.restart()
            most = 0
        pauses = iter(self._patience.pauses)
        while not self._is_full():
            before = self._part.size
            try:
                self._ask()
                return
            except RangeRefused:
                self._part.restart()
                if not before:
                    details = "it sent another part than was asked for"
                    raise ServerTrouble(shown(self._address), details) from None
            except Interrupted as interruption:
                if self._part.size >= most + max(_WORTH, (size or 0) // 100):
                    most = self._part.size
                    pauses = iter(self._patience.pauses)
                pause = next(pauses, None)
                if pause is None:
                    raise interruption.failure from interruption
                _wait(pause, self._progress)

    def _is_full(self) -> bool:
        """Return whether nothing is left to ask for."""
        if self._wanted.exact or not self._wanted.checksum:
            return self._part.size == self._wanted.size
        # A server would be asked for the rest, there being none.
        full = self._part.size > 0 and self._wanted.admits(self._part.size)
        return full and self._part.digest(self._progress) == self._wanted.checksum

    def _ask(self) -> None:
        """Ask once, for all or for the rest."""
        self._progress.report("connecting")
        origin, validator = self._part.origin()
        if origin != self._fingerprint:
            validator = ""
        if not validator and not self._wanted.checksum:
            self._part.restart()  # nothing would tell that the two halves do not fit
        size = self._part.size
        with asked(
            self._address,
            start=size,
            validator=validator,
            protocols=_BY_NETWORK.intersection(self._protocols),
            timeout=self._patience.timeout,
            progress=self._progress,
        ) as answer:
            self._check_size(answer)
            if not answer.start:
                self._part.restart()
                self._part.note(self._fingerprint, answer.validator)
            elif answer.start != size or (validator and answer.validator not in ("", validator)):
                raise RangeRefused
            elif not validator:
                self._part.note("", "")  # the two halves may be of two versions
            self._part.append(answer, lambda arrived: self._arrived(arrived, answer))
        expected = self._wanted.least if answer.total is None else answer.total
        if expected is not None and self._part.size < expected:
            details = f"{self._part.size:,} of {expected:,} bytes arrived"
            raise Interrupted(ServerUnreachable(shown(self._address), details))

    def _check_size(self, answer: Answer) -> None:
        if answer.total is not None and not self._wanted.admits(answer.total):
            details = f"expected {self._wanted.size_told}, the server says {answer.total}"
            raise self._wrong_size(answer, details)

    def _arrived(self, arrived: int, answer: Answer) -> None:
        most, total = self._wanted.most, answer.total or self._wanted.size
        if most is not None and arrived > most:
            self._part.restart()
            details = f"expected {self._wanted.size_told}, more than that arrived"
            raise self._wrong_size(answer, details)
        if total:
            size = megabytes(total)
            if not answer.total and not self._wanted.exact:
                size = f"about {size}"
            message = f"{megabytes(arrived)} of {size}"
            fraction = self._share * min(arrived / total, 1.0)
            self._progress.report("downloading", fraction, message)
        else:
            self._progress.report("downloading", None, megabytes(arrived))

    def _wrong_size(self, answer: Answer, details: str) -> WrongSize:
        expected = self._wanted.size_told
        return WrongSize(shown(self._address), expected, answer.web_page, details)


def local_path(address: str) -> Path:
    """Return the path that a plain path or a ``file:`` address names."""
    if address.lower().startswith("file://"):
        return Path(urllib.request.url2pathname(urllib.parse.urlsplit(address).path))
    return Path(address).expanduser()


def _local(address: str, wanted: Wanted, progress: Progress) -> Path:
    """Return the path of a file on this machine, checked."""
    path = local_path(address)
    if not path.is_file():
        raise FileMissing(shown(address))
    size = path.stat().st_size
    if not wanted.admits(size):
        details = f"expected {wanted.size_told}, it has {size}"
        raise WrongSize(shown(address), wanted.size_told, False, details)
    if wanted.checksum:
        progress.report("verifying")
        found = Part(path, wanted.checksum).digest(progress)
        if found != wanted.checksum:
            details = f"expected {wanted.checksum}\nfound {found}"
            raise WrongChecksum(shown(address), details)
    return path


def _wait(seconds: float, progress: Progress) -> None:
    stopped = threading.Event()
    with progress.on_cancel(stopped.set):
        progress.raise_if_cancelled()
        stopped.wait(seconds)
    progress.raise_if_cancelled()
