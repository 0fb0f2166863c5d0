"""What is at a path of the target now, looked at without going through any link."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

_CHUNK = 1 << 20

ThingKind = Literal["nothing", "file", "link", "folder", "other", "blocked"]
"""``blocked`` is a path below something that is no folder; ``other`` cannot be read."""


@dataclass(frozen=True)
class Thing:
    """What is at a path.

    Attributes
    ----------
    digest
        SHA-256 of a file's content, or of where a link leads.
    mode
        A file's permission bits.
    stamp
        What changes whenever the thing does: device, number, size, time of change.
    """

    kind: ThingKind
    digest: str = ""
    mode: int = 0
    stamp: tuple[int, ...] = ()

    def is_like(self, kind: str, digest: str) -> bool:
        """Tell whether it is a file or a link with that content."""
        return self.kind == kind and self.digest == digest


NOTHING = Thing("nothing")


def look_at(root: Path, path: str) -> Thing:
    """Return what is at `path` below `root`."""
    *above, _ = path.split("/")
    folder = root
    for part in above:
        folder = folder / part
        try:
            status = folder.lstat()
        except FileNotFoundError:
            return NOTHING
        if not stat.S_ISDIR(status.st_mode):
            return Thing("blocked")
    return thing_at(root / path)


def thing_at(file: Path) -> Thing:
    """Return what is at a path whose folders are known to be folders."""
    try:
        status = file.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return NOTHING
    stamp = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
    if stat.S_ISDIR(status.st_mode):
        return Thing("folder")
    try:
        if stat.S_ISLNK(status.st_mode):
            return Thing("link", digest([os.fsencode(file.readlink())]), stamp=stamp)
        if stat.S_ISREG(status.st_mode):
            with file.open("rb") as stream:
                content = digest(iter(lambda: stream.read(_CHUNK), b""))
            return Thing("file", content, stat.S_IMODE(status.st_mode), stamp)
    except PermissionError:
        pass
    return Thing("other", stamp=stamp)


def digest(chunks: Iterable[bytes]) -> str:
    """Return the SHA-256 of a content."""
    result = hashlib.sha256()
    for chunk in chunks:
        result.update(chunk)
    return result.hexdigest()
