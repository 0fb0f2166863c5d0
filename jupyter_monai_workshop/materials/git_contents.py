"""What a commit contains, which of it is wanted, and whether it lies on the disk whole."""

from __future__ import annotations

import hashlib
import os
import posixpath
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..definition.paths import is_git_folder
from ..jobs.progress import Progress
from .failures import Damaged, PathMissing, UnsafeLink, UnsafePath
from .git_process import Git

_LINK = "120000"
_RULES = {".gitattributes", ".gitignore", ".gitmodules"}
"""Files that ``git status`` reads wherever they are, even outside of the sparse paths."""

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Entry:
    """One file of a commit."""

    mode: str
    id: str
    path: str


def files_of(git: Git, commit: str) -> tuple[Entry, ...]:
    """Return all files of `commit`, submodules left out; needs its trees, not its blobs."""
    listing = git.read("ls-tree", "-r", "-z", "--full-tree", commit)
    entries = []
    for line in listing.split(b"\0"):
        if line:
            what, _, path = line.partition(b"\t")
            mode, kind, id_ = what.decode("ascii").split()
            if kind == "blob":
                entries.append(Entry(mode, id_, os.fsdecode(path)))
    return tuple(entries)


def plain_paths(sparse: Sequence[str]) -> tuple[str, ...]:
    """Return sparse paths without ``./`` and trailing slashes; empty when all is wanted."""
    paths = tuple(posixpath.normpath(path) for path in sparse)
    return () if "." in paths else paths


def wanted(entries: Iterable[Entry], paths: Sequence[str], commit: str) -> tuple[Entry, ...]:
    """Return the entries that lie at or below `paths`, all if there are none.

    Raises
    ------
    PathMissing
        If one of `paths` has no file.
    """
    if not paths:
        return tuple(entries)
    chosen: dict[str, Entry] = {}
    all_entries = tuple(entries)
    for path in paths:
        below = [e for e in all_entries if e.path == path or e.path.startswith(path + "/")]
        if not below:
            raise PathMissing(path, commit)
        chosen.update((entry.path, entry) for entry in below)
    return tuple(chosen.values())


def needed_blobs(entries: Iterable[Entry], chosen: Iterable[Entry]) -> set[str]:
    """Return the ids of what must be here for the chosen files and for ``git status``."""
    rules = {e.id for e in entries if e.path.rsplit("/", 1)[-1] in _RULES and e.mode != _LINK}
    return rules | {entry.id for entry in chosen}


def sparse_patterns(chosen: Iterable[Entry], paths: Sequence[str]) -> str:
    """Return the text of ``info/sparse-checkout`` that brings `paths` and nothing else."""
    files = {entry.path for entry in chosen}
    lines = (f"/{_escaped(path)}{'' if path in files else '/'}" for path in paths)
    return "".join(line + "\n" for line in lines)


def refuse_paths_out(chosen: Iterable[Entry]) -> None:
    """Look at the name of every file before anything is written.

    Raises
    ------
    UnsafePath
        If some disk could take one for a file of git's own, or for one outside.
    """
    for entry in chosen:
        parts = entry.path.split("/")
        if any(part in ("", ".", "..") or is_git_folder(part) for part in parts):
            raise UnsafePath(entry.path)


def refuse_links_out(tree: Path, chosen: Iterable[Entry]) -> None:
    """Look at every link on the disk, and where it leads.

    Raises
    ------
    UnsafeLink
        If one leads out of `tree`, or is absolute.
    """
    root = tree.resolve()
    for entry in chosen:
        link = tree / entry.path
        if entry.mode == _LINK and link.is_symlink():
            leads_to = Path(os.path.realpath(link))
            if link.readlink().is_absolute() or not leads_to.is_relative_to(root):
                raise UnsafeLink(entry.path)


def verify(git: Git, tree: Path, chosen: Sequence[Entry], progress: Progress) -> None:
    """Compare every wanted file on the disk, byte for byte, with what the commit says.

    Raises
    ------
    Damaged
        If one is missing or differs.
    """
    differs = False
    for number, entry in enumerate(chosen):
        progress.raise_if_cancelled()
        progress.report("verifying", 0.95 + 0.05 * number / len(chosen))
        file = tree / entry.path
        if not (file.is_symlink() or file.is_file()):
            raise Damaged(f"did not arrive: {entry.path}")
        if not _is_blob(file, entry.id):
            differs = True
            # A .gitattributes may ask for other line ends on the disk, and only git knows
            # the way back. Another time of change makes it look at the content again.
            status = file.lstat()
            times = (status.st_atime_ns, status.st_mtime_ns - 1_000_000_000)
            os.utime(file, ns=times, follow_symlinks=False)
    if differs and (changed := git.read("status", "--porcelain", "--untracked-files=no")):
        raise Damaged("not as in the repository:\n" + changed.decode("utf-8", "replace"))


def _is_blob(file: Path, id_: str) -> bool:
    """Tell whether the content of `file`, as it is, has the id of a blob."""
    if file.is_symlink():
        content = os.fsencode(file.readlink())
        return _blob_id(len(content), [content]) == id_
    with file.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        return _blob_id(size, iter(lambda: stream.read(_CHUNK), b"")) == id_


def _blob_id(size: int, chunks: Iterable[bytes]) -> str:
    """Return the id that git gives to a content."""
    digest = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def _escaped(path: str) -> str:
    r"""Return `path` with ``\`` before what a pattern would take for more than a letter."""
    return "".join("\\" + letter if letter in "\\*?[]!# " else letter for letter in path)
