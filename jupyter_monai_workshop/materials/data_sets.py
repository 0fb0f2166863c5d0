"""The two things that can be done with a data set: look, and bring."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import urllib.parse
from collections.abc import Collection
from pathlib import Path

from ..definition.models import DataSet
from ..errors import Cancelled, WorkshopError
from ..jobs.progress import Progress
from ..jobs.steady import Steady
from .archive_tree import Limits
from .data_failures import DataIncomplete, NotEnoughRoom, ReplacementMissing
from .data_placing import bring_over, place, remove
from .data_receipt import Receipt, spread_over
from .data_state import DataState, arriving_folder, data_folder, observe_data, part_file
from .downloading import Patience, Wanted, fetch_file, local_path
from .failures import AddressFailure, NoAddressWorked, told_plainly
from .unpacking import unpack

__all__ = ["DataState", "Patience", "bring_data", "data_folder", "observe_data"]

_CHUNK = 1 << 20
_DOWNLOADED = 0.7
_UNPACKED = 0.98
_USUAL_GROWTH = 2
_TIDY_SECONDS = 1.0


def bring_data(
    data: DataSet,
    root: Path,
    *,
    replacement: str = "",
    check_replacement: bool = True,
    protocols: Collection[str] = ("https",),
    progress: Progress,
    patience: Patience | None = None,
) -> DataState:
    """Bring `data` to its folder below `root`, unless it is there.

    It is downloaded and unpacked in a hidden folder beside its own, and gets into place by
    one rename, with its receipt. Whenever this ends, also by a kill, either all of it counts
    or nothing; what has arrived of the file stays, and the next call goes on there. Files
    that the attendee has put into the folder are never lost. The caller holds the lock.

    Parameters
    ----------
    data
        What the definition says about it.
    root
        The folder that keeps data sets.
    replacement
        Stands in for the addresses of the definition: the path of a file, the path of a
        folder that is used where it is, or an address. Empty for the definition's own.
    check_replacement
        Whether the file that stands in must have the size and checksum of the definition.
        A folder has no checksum; it must hold what `data` provides.
    protocols
        What addresses may use; ``file`` allows paths in the definition. A replacement may
        always be a path.
    progress
        Is told phase and fraction; a stop takes effect within two seconds.
    patience
        How long to put up with a bad network.

    Returns
    -------
    DataState
        What :func:`observe_data` says afterwards.

    Raises
    ------
    AddressFailure, NoAddressWorked
        If no address gave the file; tells what each one answered.
    ArchiveRefused, ArchiveDamaged, DataIncomplete
        If the file itself is the reason; it is thrown away.
    ReplacementMissing
        If nothing is at the path of the replacement.
    NotEnoughRoom, DiskFull, NotWritable, MaterialsFailed
        If this machine is the reason.
    Cancelled
        If a stop was asked for.
    """
    folder = data_folder(data, root)
    with told_plainly(folder):
        work = _Bringing(data, folder, replacement, check_replacement, Steady(progress))
        work.look()
        if not work.settled(observe_data(data, root)):
            work.bring(protocols, patience or Patience())
        work.tidy()
        progress.report("verifying", 1.0)
        return observe_data(data, root)


class _Bringing:
    """One call of :func:`bring_data`."""

    def __init__(
        self, data: DataSet, folder: Path, replacement: str, check: bool, progress: Progress
    ) -> None:
        self._data = data
        self._folder = folder
        self._arriving = arriving_folder(folder)
        self._part = part_file(folder)
        self._tree = self._arriving / "tree"
        self._replacement = replacement
        self._check = check
        self._progress = progress
        self._copy = _copy_of(replacement)

    def look(self) -> None:
        """Finish or clear what a killed run left."""
        self._progress.report("looking", 0.0)
        self._progress.raise_if_cancelled()
        if self._data.unpack == "none" and not self._part.exists():
            finished = self._tree / file_name(self._data)
            if finished.is_file() and not finished.is_symlink():
                finished.rename(self._part)
        remove(self._tree, progress=self._progress)
        if self._folder.is_dir():
            bring_over(self._folder)

    def settled(self, state: DataState) -> bool:
        """Return whether there is nothing to do."""
        receipt = Receipt.read(self._folder)
        if not state.present or receipt is None:
            return False
        if not self._replacement or (self._copy is not None and not self._copy.exists()):
            return True
        if receipt.in_place or not receipt.checked:
            return receipt.replacement == self._fingerprint() and receipt.checked == self._check
        return self._check  # a checked file is the same wherever it came from

    def bring(self, protocols: Collection[str], patience: Patience) -> None:
        """Bring it, and put it into place."""
        if self._copy is not None and not self._copy.exists():
            raise ReplacementMissing(self._data.title, str(self._copy))
        self._arriving.mkdir(parents=True, exist_ok=True)
        self._tree.mkdir()
        try:
            in_place = self._copy is not None and self._copy.is_dir()
            if not in_place:
                self._write(self._fetch(protocols, patience))
            self._check_contents(self._copy if in_place and self._copy else self._tree)
            self._progress.report("verifying", _UNPACKED)
            Receipt(
                checksum=self._data.checksum,
                unpack=self._data.unpack,
                replacement=self._fingerprint(),
                checked=self._check or not self._replacement,
                in_place=str(self._copy) if in_place else "",
                spread=spread_over(self._tree),
            ).write(self._tree)
            self._progress.raise_if_cancelled()
            place(self._tree, self._folder)
        except (Cancelled, AddressFailure, NoAddressWorked, OSError):
            raise  # what has arrived of the file is good for the next try
        except WorkshopError:
            self._throw_away()
            raise
        finally:
            remove(self._tree, seconds=_TIDY_SECONDS)

    def tidy(self) -> None:
        """Remove what is not needed once the data set is there."""
        self._throw_away()

    def _throw_away(self) -> None:
        remove(self._tree, seconds=_TIDY_SECONDS)
        remove(self._arriving, seconds=_TIDY_SECONDS)

    def _fetch(self, protocols: Collection[str], patience: Patience) -> Path:
        data, check = self._data, self._check or not self._replacement
        addresses = (self._replacement,) if self._replacement else data.urls
        if self._copy is not None:
            addresses, protocols = (str(self._copy),), {"file"}
        self._check_room()
        return fetch_file(
            Wanted(data.title, data.size if check else None, data.checksum if check else ""),
            addresses,
            self._part,
            protocols=protocols,
            patience=patience,
            progress=self._progress,
            share=_DOWNLOADED,
        )

    def _check_room(self) -> None:
        data = self._data
        size = data.size if self._copy is None else self._copy.stat().st_size
        needed = 0
        if self._copy is None:
            arrived = self._part.stat().st_size if self._part.exists() else 0
            needed = max(size - arrived, 0)
        if data.unpack != "none":
            needed += data.unpacked_size or _USUAL_GROWTH * size
        elif self._copy is not None:
            needed = size
        free = shutil.disk_usage(self._arriving).free
        if needed > free:
            raise NotEnoughRoom(data.title, needed, free)

    def _write(self, file: Path) -> None:
        """Fill the tree from the file."""
        data = self._data
        self._progress.report("writing", _DOWNLOADED)
        if data.unpack != "none":
            limits = Limits.for_archive(file.stat().st_size, data.unpacked_size)
            unpack(
                file,
                data.unpack,
                self._tree,
                limits=limits,
                progress=self._progress,
                begin=_DOWNLOADED,
                end=_UNPACKED,
            )
        elif file == self._part:
            file.rename(self._tree / file_name(data))
        else:
            with file.open("rb") as old, (self._tree / file_name(data)).open("xb") as new:
                while chunk := old.read(_CHUNK):
                    self._progress.raise_if_cancelled()
                    new.write(chunk)

    def _check_contents(self, where: Path) -> None:
        if not any(where.iterdir()):
            raise DataIncomplete(self._data.title, "files")
        for path in self._data.provides:
            if not (where / path).exists():
                raise DataIncomplete(self._data.title, path)

    def _fingerprint(self) -> str:
        """Return what tells one replacement from another, and gives no secret of it away."""
        if not self._replacement:
            return ""
        told = self._replacement
        if self._copy is not None and self._copy.is_file():
            status = self._copy.stat()
            told += f"|{status.st_size}|{status.st_mtime_ns}"
        return hashlib.sha256(os.fsencode(told)).hexdigest()


def file_name(data: DataSet) -> str:
    """Return the name of the file of `data`, taken from its first address."""
    path = urllib.parse.unquote(urllib.parse.urlsplit(data.urls[0]).path)
    name = re.sub(r"[^\w.+ -]", "_", path.rsplit("/", 1)[-1]).lstrip(". ")
    return name[:200] or data.id


def _copy_of(replacement: str) -> Path | None:
    """Return the path that `replacement` names, or ``None`` if it is empty or an address."""
    if not replacement or re.match(r"(?!file:)[A-Za-z][A-Za-z0-9+.-]+://", replacement, re.I):
        return None
    return local_path(replacement).absolute()
