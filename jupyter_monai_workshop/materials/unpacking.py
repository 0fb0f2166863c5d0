"""Unpacking an archive that nobody vouches for: inside its folder, and not without end."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import stat
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Literal, cast

from ..jobs.progress import Progress
from .archive_tree import ArchiveTree, Limits, parts_of, read_from
from .data_failures import ArchiveDamaged, ArchiveRefused, megabytes

_CHUNK = 1 << 20
_MOST_AT_ONCE = 64 << 20
_HEAD = 2048
_MAGIC = ((b"\x1f\x8b", "gz"), (b"BZh", "bz2"), (b"\xfd7zXZ\x00", "xz"))


def unpack(
    archive: Path,
    kind: Literal["tar", "zip"],
    tree: Path,
    *,
    limits: Limits,
    progress: Progress,
    begin: float = 0.0,
    end: float = 1.0,
) -> None:
    """Unpack `archive` into the empty folder `tree`.

    Parameters
    ----------
    kind
        ``tar`` (plain, or compressed by gzip, bzip2 or xz) or ``zip``.
    begin, end
        Which part of the job this is, as fractions.

    Raises
    ------
    ArchiveRefused
        If a name or a link leads out of the folder, if there are devices, or if it would
        write more than the limits allow.
    ArchiveDamaged
        If it cannot be read.
    OSError
        If the disk refuses.
    Cancelled
        If a stop was asked for.
    """
    target = ArchiveTree(tree, limits, progress)
    size = archive.stat().st_size or 1
    with archive.open("rb") as file:

        def report() -> None:
            done = min(file.tell() / size, 1.0)
            progress.report("writing", begin + (end - begin) * done)

        (_unpack_tar if kind == "tar" else _unpack_zip)(file, target, _Seldom(report))
    target.make_links()


class _Seldom:
    """Reports a few times a second at most."""

    def __init__(self, report: Callable[[], None]) -> None:
        self._report = report
        self._next = 0.0

    def __call__(self) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + 0.1
            self._report()


def _unpack_tar(file: BinaryIO, tree: ArchiveTree, report: _Seldom) -> None:
    with _understood():
        plain = _Sober(_decompressed(file), tree.limits)
        # Reading with seeks, for then tarfile asks us for each piece, and no piece is too large.
        with tarfile.open(fileobj=plain, mode="r:") as tar:
            while (member := tar.next()) is not None:
                vars(tar)["members"] = []  # or it remembers all of them
                report()
                _unpack_member(tar, member, tree)
        while plain.read(_CHUNK):
            pass  # what tells a compressed file's damage comes at its very end


def _unpack_member(tar: tarfile.TarFile, member: tarfile.TarInfo, tree: ArchiveTree) -> None:
    name = member.name
    parts_of(name)
    if not (member.isdir() or member.issym() or member.islnk() or member.isreg()):
        raise ArchiveRefused(f"“{name}” is a device or a pipe")
    if member.issym() or member.islnk():
        _second_opinion(member, tree.root)
    if member.isdir():
        tree.folder(name)
    elif member.issym():
        tree.symlink(name, member.linkname)
    elif member.islnk():
        tree.hardlink(name, member.linkname)
    elif content := tar.extractfile(member):
        with content:
            tree.file(name, member.size, member.mtime, member.mode, content)


def _second_opinion(member: tarfile.TarInfo, root: Path) -> None:
    """Ask Python's own filter about a link, where this Python has it.

    It would look at every folder above every file; while there are no links, a file is
    where its name says.
    """
    if hasattr(tarfile, "data_filter"):
        try:
            tarfile.data_filter(member, str(root))
        except tarfile.FilterError as error:
            # Its own words name folders of this machine.
            raise ArchiveRefused(f"“{member.name}” leads out of the folder") from error


def _unpack_zip(file: BinaryIO, tree: ArchiveTree, report: _Seldom) -> None:
    with _understood(), zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        if len(members) > tree.limits.files:
            raise ArchiveRefused(f"it has more than {tree.limits.files:,} files")
        if sum(member.file_size for member in members) > tree.limits.size:
            raise ArchiveRefused(f"it unpacks to more than {megabytes(tree.limits.size)}")
        for member in members:
            report()
            _unpack_zipped(archive, member, tree)


def _unpack_zipped(archive: zipfile.ZipFile, member: zipfile.ZipInfo, tree: ArchiveTree) -> None:
    # The name as it is in the file: Python cuts the other one at a null.
    name, mode = member.orig_filename, member.external_attr >> 16
    parts_of(name)
    if member.flag_bits & 1:
        raise ArchiveRefused(f"“{name}” is encrypted")
    if name.endswith("/"):
        tree.folder(name)
    elif stat.S_ISLNK(mode):
        with archive.open(member) as content:
            target = read_from(content, 4097)
        if len(target) > 4096:
            raise ArchiveRefused(f"the link “{name}” is too long")
        tree.symlink(name, target.decode("utf-8", "surrogateescape"))
    elif stat.S_IFMT(mode) in (0, stat.S_IFREG):
        with archive.open(member) as content:
            tree.file(name, member.file_size, _time_of(member), mode, content)
    else:
        raise ArchiveRefused(f"“{name}” is a device or a pipe")


def _time_of(member: zipfile.ZipInfo) -> float:
    try:
        return time.mktime((*member.date_time, 0, 0, -1))
    except (ValueError, OverflowError):
        return 0.0


def _decompressed(file: BinaryIO) -> IO[bytes]:
    head = file.read(8)
    file.seek(0)
    match next((name for magic, name in _MAGIC if head.startswith(magic)), ""):
        case "gz":
            return cast(IO[bytes], gzip.GzipFile(fileobj=file))
        case "bz2":
            return bz2.BZ2File(file)
        case "xz":
            return lzma.LZMAFile(file)
    return file


class _Sober(io.RawIOBase):
    """Reads at most what the limits allow, and never very much at once.

    An archive can be endless where no file is: in its headers, and between its files.
    """

    def __init__(self, inner: IO[bytes], limits: Limits) -> None:
        self._inner = inner
        self._most = limits.size + _HEAD * limits.files + _MOST_AT_ONCE
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _MOST_AT_ONCE:
            raise ArchiveRefused("a part of it that describes the files is far too large")
        data = read_from(self._inner, size)
        self._at += len(data)
        if self._at > self._most:
            raise ArchiveRefused("it unpacks to far more than it says")
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence != os.SEEK_SET:
            raise io.UnsupportedOperation("seek")
        if offset < self._at:
            self._at = self._inner.seek(offset)
        while self._at < offset and self.read(min(_CHUNK, offset - self._at)):
            pass
        return self._at

    def tell(self) -> int:
        return self._at

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True


@contextmanager
def _understood() -> Iterator[None]:
    """Turn what the readers of archives raise into a failure that a person understands."""
    try:
        yield
    except (
        tarfile.TarError,
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        EOFError,
        NotImplementedError,
        UnicodeError,
        ValueError,
        RuntimeError,
    ) as error:
        raise ArchiveDamaged(str(error) or type(error).__name__) from error
