"""What stands in for the addresses of a data set: a path, an address, or nothing."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from ..definition.models import Data, GitDataSet
from .addresses import protocol_of
from .downloading import local_path

_ADDRESS = re.compile(r"(?!file:)[A-Za-z][A-Za-z0-9+.-]+://", re.IGNORECASE)


@dataclass(frozen=True)
class DataCopy:
    """What stands in for the addresses of a data set.

    Attributes
    ----------
    told
        What was given; empty if nothing stands in.
    path
        The path that it names; ``None`` if it is empty or an address.
    in_place
        Whether it is a folder that is used where it is.
    """

    told: str
    path: Path | None
    in_place: bool

    @classmethod
    def of(cls, data: Data, told: str) -> DataCopy:
        """Return what `told`, as a person wrote it, means for `data`.

        A folder is used where it is, unless it is the repository that `data` comes from.
        """
        from_git = isinstance(data, GitDataSet)
        address = protocol_of(told) != "file" if from_git else _ADDRESS.match(told) is not None
        if not told or address:
            return cls(told, None, in_place=False)
        path = local_path(told).absolute()
        return cls(told, path, path.is_dir() and not (from_git and _is_repository(path)))

    def __bool__(self) -> bool:
        return bool(self.told)

    @property
    def is_missing(self) -> bool:
        """Whether it is a path and nothing is there."""
        return self.path is not None and not self.path.exists()

    def fingerprint(self) -> str:
        """Return what tells one copy from another, and gives no secret of it away."""
        if not self.told:
            return ""
        told = self.told
        if self.path is not None and self.path.is_file():
            status = self.path.stat()
            told += f"|{status.st_size}|{status.st_mtime_ns}"
        return hashlib.sha256(os.fsencode(told)).hexdigest()


def _is_repository(folder: Path) -> bool:
    bare = all((folder / name).exists() for name in ("HEAD", "objects", "refs"))
    return bare or (folder / ".git").exists()
