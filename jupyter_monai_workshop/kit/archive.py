"""Writing the one file of a kit: ``kit.json`` first, then all that it names."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tarfile
from collections.abc import Mapping
from pathlib import Path

from ..jobs.progress import Progress
from ..materials.staging import clean_leftovers, staging
from .failures import KitNeedsRoom
from .manifest import NAME, Manifest, Member

_CHUNK = 1 << 20
_HEADS = 1 << 20


def members_of(files: Mapping[str, Path], progress: Progress) -> dict[str, Member]:
    """Return size and digest of each file, by the name that it has in the kit."""
    sizes = {name: path.stat().st_size for name, path in files.items()}
    whole, done = max(sum(sizes.values()), 1), 0
    members = {}
    for name, path in files.items():
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while piece := file.read(_CHUNK):
                progress.raise_if_cancelled()
                digest.update(piece)
                done += len(piece)
                progress.report("packing", done / whole)
        members[name] = Member(size=sizes[name], sha256=digest.hexdigest())
    return members


def write_archive(
    manifest: Manifest, files: Mapping[str, Path], target: Path, progress: Progress
) -> None:
    """Write the kit to `target`, which is replaced by one rename when all of it is there.

    The same files give the same bytes, whenever and by whom they are packed.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    clean_leftovers(target)
    needed, free = manifest.size + _HEADS, shutil.disk_usage(target.parent).free
    if needed > free:
        raise KitNeedsRoom("The kit", needed, free)
    with staging(target) as stage:
        fresh = stage / "kit.tar"
        with tarfile.open(fresh, "w", format=tarfile.GNU_FORMAT) as tar:
            text = manifest.text()
            tar.addfile(_member(NAME, len(text)), io.BytesIO(text))
            done = 0
            for name, member in manifest.members.items():
                with files[name].open("rb") as file:
                    watched = _Watched(file, done, max(manifest.size, 1), progress)
                    tar.addfile(_member(name, member.size), watched)
                done += member.size
        progress.raise_if_cancelled()
        _settle(fresh)
        fresh.replace(target)


def _member(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size = size
    info.mode = 0o644
    return info


def _settle(file: Path) -> None:
    """Wait until the file is on the disk, for kits are often made on sticks."""
    with file.open("rb+") as written:
        os.fsync(written.fileno())


class _Watched(io.RawIOBase):
    """A file that tells how far it was read, and can be stopped."""

    def __init__(self, file: io.BufferedReader, done: int, whole: int, progress: Progress) -> None:
        self._file = file
        self._done = done
        self._whole = whole
        self._progress = progress

    def read(self, size: int = -1) -> bytes:
        self._progress.raise_if_cancelled()
        piece = self._file.read(size)
        self._done += len(piece)
        self._progress.report("packing", self._done / self._whole)
        return piece
