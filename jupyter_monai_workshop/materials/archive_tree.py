"""The folder that an archive is written to, with every refusal in one place.

Nothing is written through a link: links are made when all files are there, and each is
followed to see where it ends before anything counts.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from ..jobs.progress import Progress
from .data_failures import ArchiveDamaged, ArchiveRefused, megabytes
from .data_receipt import RECEIPT

_CHUNK = 1 << 20
_LEAST = 64 << 20
_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True)
class Limits:
    """How much an archive may write.

    Attributes
    ----------
    size
        Bytes of all files together.
    files
        Files, folders and links together.
    """

    size: int
    files: int = 500_000

    @classmethod
    def for_archive(cls, size: int, unpacked_size: int | None) -> Limits:
        """Return the limits for an archive of `size` bytes whose contents may be declared."""
        return cls(100 * size + _LEAST if unpacked_size is None else unpacked_size)


class ArchiveTree:
    """The folder that is written."""

    def __init__(self, root: Path, limits: Limits, progress: Progress) -> None:
        self.root = root
        self.limits = limits
        self._progress = progress
        self._links: dict[Path, str] = {}
        self._folders: set[Path] = set()
        self._entries = 0
        self._size = 0

    def folder(self, name: str) -> None:
        """Make a folder."""
        self._admit(name)
        self._make_folder(self._path(name), name)

    def file(self, name: str, size: int, mtime: float, mode: int, content: IO[bytes]) -> None:
        """Write a file of `size` bytes."""
        self._admit(name, size)
        path = self._new(name)
        written = 0
        with _fresh(path, name) as file:
            while chunk := read_from(content, min(_CHUNK, size - written + 1)):
                self._progress.raise_if_cancelled()
                written += len(chunk)
                if written > size:
                    raise ArchiveRefused(f"“{name}” is longer than the archive says")
                rest = memoryview(chunk)
                while rest:  # a disk that gets full takes a part first
                    rest = rest[file.write(rest) :]
        if written < size:
            raise ArchiveDamaged(f"{name}: {written} of {size} bytes")
        os.chmod(path, 0o755 if mode & 0o100 else 0o644)  # noqa: PTH101 (a hundred thousand)
        with suppress(OSError, OverflowError, ValueError):
            os.utime(path, (mtime, mtime))

    def symlink(self, name: str, target: str) -> None:
        """Remember a symbolic link, to be made at the end."""
        self._admit(name)
        if not target or "\0" in target or "\\" in target or target.startswith("/"):
            raise ArchiveRefused(f"the link “{name}” leads out of the folder")
        if _DRIVE.match(target):
            raise ArchiveRefused(f"the link “{name}” leads out of the folder")
        self._links[self._new(name)] = target

    def hardlink(self, name: str, target: str) -> None:
        """Make a second name for a file that is there already."""
        self._admit(name)
        old = self._path(target)
        if not old.is_file():
            raise ArchiveRefused(f"the link “{name}” leads to “{target}”, which is no file in it")
        new = self._new(name)
        try:
            os.link(old, new)
        except FileExistsError:
            raise ArchiveRefused(f"“{name}” is in it twice") from None
        except OSError:  # not every disk has such links
            self._admit_size(name, old.stat().st_size)
            shutil.copyfile(old, new)

    def make_links(self) -> None:
        """Make the symbolic links and follow each to its end.

        Raises
        ------
        ArchiveRefused
            If one ends outside of the folder.
        """
        for path, target in self._links.items():
            self._make_folder(path.parent, path.name)
            try:
                path.symlink_to(target)
            except FileExistsError:
                raise ArchiveRefused(f"“{path.name}” is in it twice") from None
        root = self.root.resolve()
        for path in self._links:
            self._progress.raise_if_cancelled()
            if _is_ring(path) or not path.resolve().is_relative_to(root):
                name = path.relative_to(self.root).as_posix()
                raise ArchiveRefused(f"the link “{name}” leads out of the folder")

    def _admit(self, name: str, size: int = 0) -> None:
        self._progress.raise_if_cancelled()
        self._entries += 1
        if self._entries > self.limits.files:
            raise ArchiveRefused(f"it has more than {self.limits.files:,} files")
        self._admit_size(name, size)

    def _admit_size(self, name: str, size: int) -> None:
        self._size += size
        if size < 0 or self._size > self.limits.size:
            raise ArchiveRefused(f"it unpacks to more than {megabytes(self.limits.size)}")

    def _path(self, name: str) -> Path:
        return self.root.joinpath(*parts_of(name))

    def _new(self, name: str) -> Path:
        path = self._path(name)
        if path == self.root or (path.parent == self.root and path.name.startswith(RECEIPT)):
            raise ArchiveRefused(f"a file in it has the name “{name}”")
        self._make_folder(path.parent, name)
        if path in self._links:
            raise ArchiveRefused(f"“{name}” is in it twice")
        return path

    def _make_folder(self, folder: Path, name: str) -> None:
        if folder in self._folders:
            return
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise ArchiveRefused(f"“{name}” lies below a file") from None
        self._folders.add(folder)


def _is_ring(link: Path) -> bool:
    try:
        link.stat()
    except OSError as error:
        return error.errno == errno.ELOOP
    return False


def _fresh(path: Path, name: str) -> BinaryIO:
    try:
        return path.open("xb", buffering=0)
    except FileExistsError:
        raise ArchiveRefused(f"“{name}” is in it twice") from None


def parts_of(name: str) -> tuple[str, ...]:
    """Return the parts of a name in an archive, if it stays inside its folder.

    Raises
    ------
    ArchiveRefused
        If it is absolute, has a ``..`` part, a drive, a backslash or a null.
    """
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    if (
        name.startswith("/")
        or "\\" in name
        or "\0" in name
        or ".." in parts
        or any(_DRIVE.match(part) for part in parts)
    ):
        raise ArchiveRefused(f"the name “{name[:200]}” leads out of the folder")
    return parts


def read_from(source: IO[bytes], size: int) -> bytes:
    """Read; what a decompressor says about its input is no trouble of the disk."""
    try:
        return source.read(size)
    except OSError as error:
        if error.errno is not None:
            raise
        raise ArchiveDamaged(str(error)) from error
