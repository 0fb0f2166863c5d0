"""What a version of the materials gave: every file of it, and where its bytes lie.

Compared with it, it is plain what the attendee changed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..definition.models import BundledSource, GitSource
from ..errors import WorkshopError
from ..jobs.progress import Progress
from .adopting import given_paths
from .bundled import (
    PRISTINE,
    RECEIPT,
    STORE,
    bundle_folder,
    digest_of,
    files_of_receipt,
    version_of_receipt,
)
from .failures import BundleMissing, DiskFull
from .git_answers import failure_of
from .git_contents import files_of, plain_paths, sparse_patterns
from .git_folder import look_at_git
from .git_process import Git, GitExit

_SETTINGS = """\
[core]
	repositoryformatversion = 0
	bare = false
	filemode = true
	autocrlf = false
	sparseCheckout = {sparse}
	sparseCheckoutCone = false
"""


class VersionUnreadable(WorkshopError):
    """What the version that is there gave cannot be read any more."""

    code = "version_unreadable"

    def __init__(self, target: Path, details: str = "") -> None:
        super().__init__(
            f"The version of the materials in “{target.name}” cannot be read any more.",
            hint="Rename that folder and get the materials again; your work stays in the "
            "renamed one.",
            details=details,
        )


@dataclass(frozen=True)
class GivenFile:
    """One file of a version.

    Attributes
    ----------
    kind
        A symbolic link's content is where it leads.
    digest
        SHA-256 of the content.
    executable
        Whether it is meant to be run.
    place
        Where the very same bytes lie now; ``None`` if nobody has kept them.
    """

    kind: Literal["file", "link"]
    digest: str
    executable: bool
    place: Path | None


@dataclass(frozen=True)
class GivenVersion:
    """A version of the materials.

    Attributes
    ----------
    version
        The commit, or the digest of a bundle's list of files.
    files
        By path relative to the materials.
    """

    version: str
    files: Mapping[str, GivenFile]


def given_version(
    source: GitSource | BundledSource,
    target: Path,
    scratch: Path,
    *,
    definition_folder: Path,
    progress: Progress,
) -> GivenVersion:
    """Return the version whose receipt `target` has, as it was brought.

    Parameters
    ----------
    scratch
        A folder beside `target`, on the same disk; a git version is checked out in it, and
        the bytes are there as long as it is.

    Raises
    ------
    VersionUnreadable
        If there is no receipt, or the repository is damaged.
    """
    if isinstance(source, BundledSource):
        return _bundled_version(source, target, definition_folder)
    tree = scratch / "given"
    try:
        commit = _check_out(source, target, tree, progress)
    except GitExit as exit_:
        failure = failure_of(exit_, address="", commit="", protocols=())
        if isinstance(failure, DiskFull):
            raise failure from exit_
        raise VersionUnreadable(target, str(exit_)) from exit_
    return GivenVersion(commit, _walk(tree, {".git"}))


def staged_version(source: GitSource | BundledSource, staged: Path) -> GivenVersion:
    """Return the version that a folder of :func:`staged_materials` holds."""
    if isinstance(source, GitSource):
        return GivenVersion(source.commit, _walk(staged, {".git"}))
    files = files_of_receipt((staged / RECEIPT).read_bytes())
    return GivenVersion(version_of_receipt(files), _walk(staged, {RECEIPT, STORE}))


def version_there(source: GitSource | BundledSource, target: Path) -> str:
    """Return the version whose receipt `target` has, ``""`` if there is none. Reads a file."""
    if isinstance(source, GitSource):
        return look_at_git(target, source.commit)[1]
    try:
        return version_of_receipt(files_of_receipt((target / RECEIPT).read_bytes()))
    except (OSError, ValueError):
        return ""


# Bundles


def _bundled_version(source: BundledSource, target: Path, folder: Path) -> GivenVersion:
    try:
        files = files_of_receipt((target / RECEIPT).read_bytes())
    except ValueError as error:
        raise VersionUnreadable(target, str(error)) from error
    try:
        bundle: Path | None = bundle_folder(source, folder)
    except BundleMissing:
        bundle = None
    given = {}
    for path, digest in files.items():
        places = [target / PRISTINE / digest, *([bundle / path] if bundle else [])]
        place = next((place for place in places if _is(place, digest)), None)
        given[path] = GivenFile("file", digest, executable=False, place=place)
    return GivenVersion(version_of_receipt(files), given)


def _is(file: Path, digest: str) -> bool:
    return file.is_file() and digest_of(file) == digest


# Git


def _check_out(source: GitSource, target: Path, tree: Path, progress: Progress) -> str:
    """Check the receipt's commit out of the target's objects into `tree`; return the commit."""
    commit = look_at_git(target, source.commit)[1]
    if not commit:
        raise VersionUnreadable(target, "no receipt")
    recorded = given_paths(target, commit)
    paths = plain_paths(source.sparse if recorded is None else recorded)
    chosen = [
        entry
        for entry in files_of(Git(target, progress), commit)
        if not paths or any(entry.path == p or entry.path.startswith(p + "/") for p in paths)
    ]
    git = tree / ".git"
    for folder in ("objects/info", "refs", "info"):
        (git / folder).mkdir(parents=True)
    if not chosen:
        return commit
    (git / "HEAD").write_text("ref: refs/heads/workshop\n")
    (git / "config").write_text(_SETTINGS.format(sparse="true" if paths else "false"))
    (git / "info" / "sparse-checkout").write_bytes(os.fsencode(sparse_patterns(chosen, paths)))
    (git / "info" / "attributes").write_text("* -filter -working-tree-encoding\n", "ascii")
    # Relative, so that no letter of the folders above can be misread.
    objects = os.path.relpath(target / ".git" / "objects", git / "objects")
    (git / "objects" / "info" / "alternates").write_bytes(os.fsencode(objects) + b"\n")
    if (target / ".git" / "shallow").exists():
        (git / "shallow").write_bytes((target / ".git" / "shallow").read_bytes())
    Git(tree, progress).read(
        *("checkout", "--quiet", "--force", "--no-track", "-B", "workshop", commit, "--")
    )
    if absent := [entry.path for entry in chosen if not os.path.lexists(tree / entry.path)]:
        raise VersionUnreadable(target, f"not in the repository: {absent[0]}")
    return commit


def _walk(tree: Path, left_out: Collection[str]) -> dict[str, GivenFile]:
    """Return every file and link below `tree`."""
    given = {}
    for folder, folders, names in os.walk(tree):
        here = Path(folder)
        if here == tree:
            folders[:] = [name for name in folders if name not in left_out]
            names = [name for name in names if name not in left_out]
        for name in (*folders, *names):
            file = here / name
            path = file.relative_to(tree).as_posix()
            if file.is_symlink():
                digest = hashlib.sha256(os.fsencode(file.readlink())).hexdigest()
                given[path] = GivenFile("link", digest, False, file)
            elif name not in folders:
                executable = bool(file.stat().st_mode & 0o100)
                given[path] = GivenFile("file", digest_of(file), executable, file)
    return given
