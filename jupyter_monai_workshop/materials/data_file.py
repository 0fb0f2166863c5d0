"""A data set that is one file: fetched from an address or a copy, and unpacked."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Collection
from pathlib import Path

from ..definition.models import DataSet
from ..jobs.progress import Progress
from .archive_tree import Limits
from .data_copy import DataCopy
from .downloading import Patience, Wanted, fetch_file
from .unpacking import unpack

_CHUNK = 1 << 20
_DOWNLOADED = 0.7
_USUAL_GROWTH = 2
_MARGIN = 1.1
"""How much larger than it is said to be about a file is taken to be."""


class FileErrand:
    """Brings the file of one data set.

    Parameters
    ----------
    part
        Where the file grows; stays when a call ends early.
    checked
        Whether size and checksum must be those of the definition.
    """

    def __init__(self, data: DataSet, part: Path, copy: DataCopy, *, checked: bool) -> None:
        self._data = data
        self._part = part
        self._copy = copy
        self._checked = checked

    def rescue(self, tree: Path) -> None:
        """Save out of the tree of a killed run what need not be fetched again."""
        if self._data.unpack == "none" and not self._part.exists():
            finished = tree / file_name(self._data)
            if finished.is_file() and not finished.is_symlink():
                finished.rename(self._part)

    def needed(self) -> int:
        """Return how many bytes of the disk are still needed."""
        data, path = self._data, self._copy.path
        if path is not None:
            size = path.stat().st_size
            return self._unpacked(size) if data.unpack != "none" else size
        size = data.size if data.size_is == "exact" else round(data.size * _MARGIN)
        arrived = self._part.stat().st_size if self._part.exists() else 0
        return max(size - arrived, 0) + self._unpacked(size)

    def fill(
        self, tree: Path, *, protocols: Collection[str], patience: Patience, progress: Progress
    ) -> None:
        """Fill the empty folder `tree` with what the file holds, or with the file."""
        file = self._fetch(protocols, patience, progress)
        data = self._data
        progress.report("writing", _DOWNLOADED)
        if data.unpack != "none":
            limits = Limits.for_archive(file.stat().st_size, data.unpacked_size)
            unpack(file, data.unpack, tree, limits=limits, progress=progress, begin=_DOWNLOADED)
        elif file == self._part:
            file.rename(tree / file_name(data))
        else:
            with file.open("rb") as old, (tree / file_name(data)).open("xb") as new:
                while chunk := old.read(_CHUNK):
                    progress.raise_if_cancelled()
                    new.write(chunk)

    def _unpacked(self, size: int) -> int:
        if self._data.unpack == "none":
            return 0
        return self._data.unpacked_size or _USUAL_GROWTH * size

    def _fetch(self, protocols: Collection[str], patience: Patience, progress: Progress) -> Path:
        data = self._data
        addresses = (self._copy.told,) if self._copy else data.urls
        if self._copy.path is not None:
            addresses, protocols = (str(self._copy.path),), {"file"}
        return fetch_file(
            Wanted(
                data.title,
                data.size if self._checked else None,
                data.checksum if self._checked else "",
                exact=data.size_is == "exact",
            ),
            addresses,
            self._part,
            protocols=protocols,
            patience=patience,
            progress=progress,
            share=_DOWNLOADED,
        )


def file_name(data: DataSet) -> str:
    """Return the name of the file of `data`, taken from its first address."""
    path = urllib.parse.unquote(urllib.parse.urlsplit(data.urls[0]).path)
    name = re.sub(r"[^\w.+ -]", "_", path.rsplit("/", 1)[-1]).lstrip(". ")
    return name[:200] or data.id
