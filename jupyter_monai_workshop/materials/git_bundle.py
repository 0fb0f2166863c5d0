"""A repository in one file, as ``git bundle`` makes it: taking from one, and making one."""

from __future__ import annotations

import errno
import shutil
import tempfile
from pathlib import Path
from secrets import token_hex

from ..definition.models import GitSource
from ..jobs.progress import Progress
from .addresses import protocol_of, shown
from .failures import BundleDamaged, CommitMissing, told_plainly
from .git_answers import is_disk_full
from .git_contents import files_of, needed_blobs, plain_paths, wanted
from .git_process import Git, GitExit

_HEADS = (b"# v2 git bundle\n", b"# v3 git bundle\n")
_REF = "refs/heads/workshop"


def bundle_of(address: str) -> Path | None:
    """Return the path of the bundle that `address` stands for; ``None`` if it is none."""
    if protocol_of(address) != "file":
        return None
    file = Path(address.removeprefix("file://"))
    try:
        with file.open("rb") as stream:
            return file.resolve() if stream.read(len(_HEADS[0])) in _HEADS else None
    except OSError:
        return None


def unbundle(git: Git, bundle: Path, progress: Progress) -> None:
    """Put everything that is in `bundle` into the repository of `git`.

    Raises
    ------
    BundleDamaged
        If git cannot read it to its end, or it counts on commits that are not here.
    """
    progress.report("copying", 0.05, bundle.name)
    try:
        git.read("bundle", "unbundle", str(bundle))
    except GitExit as exit_:
        if is_disk_full(exit_):
            raise
        raise BundleDamaged(shown(git.address), str(exit_)) from exit_


def write_bundle(target: Path, source: GitSource, file: Path, progress: Progress) -> None:
    """Write the pinned commit and its wanted files, as they were brought, into one file.

    The file is an address for :func:`bring_materials`. It has the commit, its folders, and
    the contents of the wanted files; nothing of its history and nothing that was edited.

    Parameters
    ----------
    target
        A folder to which `source` has been brought.
    file
        The file to write, in a folder that is there; replaced in one step.
    progress
        Is told phase and fraction.

    Raises
    ------
    CommitMissing
        If `target` lacks the commit or one of the wanted files.
    DiskFull, NotWritable, MaterialsFailed
        If the file cannot be written.
    Cancelled
        If a stop was asked for.
    """
    progress.report("packing", 0.0)
    part = file.with_name(f".{file.name}-{token_hex(6)}")
    git = Git(target, progress)
    with told_plainly(file):
        try:
            _write(git, source, file.parent, part)
            progress.raise_if_cancelled()
            part.replace(file)
        except GitExit as exit_:
            if is_disk_full(exit_):
                raise OSError(errno.ENOSPC, str(exit_)) from exit_
            raise CommitMissing(str(target), source.commit, str(exit_)) from exit_
        finally:
            part.unlink(missing_ok=True)
    progress.report("packing", 1.0)


def _write(git: Git, source: GitSource, folder: Path, part: Path) -> None:
    commit = source.commit
    entries = files_of(git, commit)
    chosen = wanted(entries, plain_paths(source.sparse), commit)
    folders = git.read("ls-tree", "-r", "-d", "-z", "--full-tree", commit).split(b"\0")
    trees = [line.split()[2].decode("ascii") for line in folders if b" tree " in line]
    root = git.read("rev-parse", f"{commit}^{{tree}}").decode("ascii").strip()
    ids = [commit, root, *trees, *sorted(needed_blobs(entries, chosen))]
    with tempfile.TemporaryDirectory(prefix=part.name, dir=folder) as packing:
        with (Path(packing) / "ids").open("w+b") as wishes:
            wishes.write("".join(id_ + "\n" for id_ in ids).encode("ascii"))
            wishes.seek(0)
            git.read("pack-objects", "--quiet", f"{packing}/bundle", given=wishes)
        [made] = Path(packing).glob("bundle-*.pack")
        with part.open("xb") as bundle, made.open("rb") as pack:
            bundle.write(_HEADS[0] + f"{commit} {_REF}\n\n".encode("ascii"))
            shutil.copyfileobj(pack, bundle)
