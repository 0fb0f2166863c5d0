"""The two things that can be done with a data set: look, and bring."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from ..definition.models import Data, GitDataSet
from ..jobs.progress import Progress
from ..jobs.steady import Share, Steady
from .data_copy import DataCopy
from .data_failures import (
    ArchiveDamaged,
    ArchiveRefused,
    DataIncomplete,
    NotEnoughRoom,
    ReplacementMissing,
)
from .data_file import FileErrand
from .data_git import GitErrand
from .data_placing import bring_over, place, remove
from .data_receipt import Receipt, identity, spread_over
from .data_state import DataState, arriving_folder, data_folder, observe_data, part_file
from .downloading import Patience
from .failures import Damaged, PathMissing, UnsafeLink, UnsafePath, told_plainly

__all__ = ["DataState", "Patience", "bring_data", "data_folder", "data_room", "observe_data"]

_FILLED = 0.98
_TIDY_SECONDS = 1.0
_UNFIT = (
    *(ArchiveRefused, ArchiveDamaged, DataIncomplete),
    *(PathMissing, UnsafeLink, UnsafePath, Damaged),
)


def bring_data(
    data: Data,
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
        For a data set from git the file is a git bundle, and a folder that is a repository
        is fetched from.
    check_replacement
        Whether the file that stands in must have the size and checksum of the definition.
        A folder has no checksum; it must hold what `data` provides. What comes by git is
        always checked.
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
    ArchiveRefused, ArchiveDamaged, DataIncomplete, PathMissing, UnsafeLink, Damaged
        If what has arrived is the reason; it is thrown away.
    ReplacementMissing
        If nothing is at the path of the replacement.
    NotEnoughRoom, DiskFull, NotWritable, GitMissing, MaterialsFailed
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


def data_room(data: Data, root: Path, *, replacement: str = "") -> int:
    """Return about how many bytes of the disk of `root` are still needed to bring `data`.

    Looks only. Nothing is needed for what is there, or for a copy that is used where it is.
    """
    copy = DataCopy.of(data, replacement)
    if copy.in_place or observe_data(data, root).present:
        return 0
    try:
        return _errand(data, data_folder(data, root, replacement), copy, checked=True).needed()
    except OSError:  # a copy that is not there now
        return data.size


class _Errand(Protocol):
    """How the files of a data set of some kind arrive."""

    def rescue(self, tree: Path) -> None:
        """Save out of the tree of a killed run what need not be fetched again."""

    def needed(self) -> int:
        """Return how many bytes of the disk are still needed."""

    def fill(
        self, tree: Path, *, protocols: Collection[str], patience: Patience, progress: Progress
    ) -> None:
        """Fill the empty folder `tree`."""


def _errand(data: Data, folder: Path, copy: DataCopy, *, checked: bool) -> _Errand:
    if isinstance(data, GitDataSet):
        return GitErrand(data, arriving_folder(folder), copy)
    return FileErrand(data, part_file(folder), copy, checked=checked)


class _Bringing:
    """One call of :func:`bring_data`."""

    def __init__(
        self, data: Data, folder: Path, replacement: str, check: bool, progress: Progress
    ) -> None:
        self._data = data
        self._folder = folder
        self._arriving = arriving_folder(folder)
        self._tree = self._arriving / "tree"
        self._progress = progress
        self._copy = copy = DataCopy.of(data, replacement)
        from_git = isinstance(data, GitDataSet)
        self._check = check or (from_git and not copy.in_place)
        self._errand = _errand(data, folder, copy, checked=check or not copy)

    def look(self) -> None:
        """Finish or clear what a killed run left."""
        self._progress.report("looking", 0.0)
        self._progress.raise_if_cancelled()
        self._errand.rescue(self._tree)
        remove(self._tree, progress=self._progress)
        if self._folder.is_dir():
            bring_over(self._folder)

    def settled(self, state: DataState) -> bool:
        """Return whether there is nothing to do."""
        receipt = Receipt.read(self._folder)
        if not state.present or receipt is None:
            return False
        if not self._copy or self._copy.is_missing:
            return True
        if receipt.in_place or not receipt.checked:
            same = receipt.replacement == self._copy.fingerprint()
            return same and receipt.checked == self._check
        return self._check  # what is checked is the same wherever it came from

    def bring(self, protocols: Collection[str], patience: Patience) -> None:
        """Bring it, and put it into place."""
        if self._copy.is_missing:
            raise ReplacementMissing(self._data.title, str(self._copy.path))
        self._arriving.mkdir(parents=True, exist_ok=True)
        self._tree.mkdir()
        in_place = self._copy.path if self._copy.in_place else None
        try:
            if in_place is None:
                self._check_room()
                progress = Share(self._progress, 0.0, _FILLED)
                self._errand.fill(
                    self._tree, protocols=protocols, patience=patience, progress=progress
                )
            self._check_contents(in_place or self._tree)
            self._progress.report("verifying", _FILLED)
            checksum, unpack = identity(self._data)
            Receipt(
                checksum=checksum,
                unpack=unpack,
                replacement=self._copy.fingerprint(),
                checked=self._check or not self._copy,
                in_place="" if in_place is None else str(in_place),
                spread=spread_over(self._tree),
            ).write(self._tree)
            self._progress.raise_if_cancelled()
            place(self._tree, self._folder)
        except _UNFIT:
            self._throw_away()
            raise
        finally:
            # What has arrived besides is good for the next try.
            remove(self._tree, seconds=_TIDY_SECONDS)
            with suppress(OSError):
                self._arriving.rmdir()

    def tidy(self) -> None:
        """Remove what is not needed once the data set is there."""
        self._throw_away()

    def _throw_away(self) -> None:
        remove(self._tree, seconds=_TIDY_SECONDS)
        remove(self._arriving, seconds=_TIDY_SECONDS)

    def _check_room(self) -> None:
        needed, free = self._errand.needed(), shutil.disk_usage(self._arriving).free
        if needed > free:
            raise NotEnoughRoom(self._data.title, needed, free)

    def _check_contents(self, where: Path) -> None:
        if not any(where.iterdir()):
            raise DataIncomplete(self._data.title, "files")
        for path in self._data.provides:
            if not (where / path).exists():
                raise DataIncomplete(self._data.title, path)
