"""Materials from a git repository: only the pinned commit, only the wanted paths."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from ..definition.models import GitSource
from ..jobs.progress import Progress
from .addresses import check_address, shown
from .failures import (
    AddressFailure,
    CommitMissing,
    Damaged,
    OtherVersion,
    TargetOccupied,
    failure_of_all,
)
from .git_answers import failure_of
from .git_contents import (
    files_of,
    needed_blobs,
    plain_paths,
    refuse_links_out,
    sparse_patterns,
    verify,
    wanted,
)
from .git_folder import BASE, look_at_git
from .git_process import Git, GitExit
from .staging import move_into_place, staging
from .state import Holding, MaterialsState, describe, look

_BRANCH = "workshop"
_BATCH = 1000
"""How many blobs one request asks for; a command line holds ten times as many."""


@dataclass(frozen=True)
class _Way:
    """How a server is asked.

    Attributes
    ----------
    partial
        Leave out blobs that nobody wants (needs a server that offers filters).
    exact
        Ask for the commit by its id; otherwise fetch all branches and look in them.
    """

    partial: bool
    exact: bool


def observe_git(source: GitSource, target: Path) -> MaterialsState:
    """Return whether `target` holds the pinned commit. Starts no process, writes nothing."""
    holding, commit = _look(source, target)
    return describe(holding, target, commit)


def bring_git(
    source: GitSource,
    target: Path,
    *,
    mirrors: Sequence[str],
    protocols: Collection[str],
    progress: Progress,
) -> MaterialsState:
    """Bring the pinned commit to `target`; see :func:`bring_materials`."""
    progress.report("looking", 0.0)
    holding, _ = _look(source, target)
    match holding:
        case Holding.OTHER_VERSION:
            raise OtherVersion(target, f"wanted: commit {source.commit}")
        case Holding.SOMETHING_ELSE:
            raise TargetOccupied(target, "is already there and holds something else")
        case Holding.BY_HAND:
            _adopt(source, target, protocols, progress)
        case Holding.NOTHING:
            _bring(source, target, (*mirrors, *source.urls), protocols, progress)
    return observe_git(source, target)


def _look(source: GitSource, target: Path) -> tuple[Holding, str]:
    commit = ""

    def inside(folder: Path) -> Holding:
        nonlocal commit
        holding, commit = look_at_git(folder, source.commit)
        return holding

    return look(target, inside), commit


def _adopt(source: GitSource, target: Path, protocols: Collection[str], progress: Progress) -> None:
    """Give a clone made by hand the receipt, if it is whole. Touches no file of the attendee."""
    git = Git(target, progress, protocols=protocols)
    try:
        chosen = wanted(files_of(git, source.commit), plain_paths(source.sparse), source.commit)
        absent = [e.path for e in chosen if not _exists(target / e.path)]
        if absent or not (target / ".git" / "index").exists():
            raise TargetOccupied(target, "is a clone in which files of the workshop are missing")
        if (target / ".git" / "index.lock").exists():
            raise TargetOccupied(target, "is a clone that git works on, or was stopped in")
        git.read("update-ref", BASE, source.commit)
    except GitExit as exit_:
        raise TargetOccupied(target, "is a clone that git cannot read", str(exit_)) from exit_


def _bring(
    source: GitSource,
    target: Path,
    addresses: Sequence[str],
    protocols: Collection[str],
    progress: Progress,
) -> None:
    """Ask one address after the other, and move what the first good one gives into place."""
    failures: list[AddressFailure] = []
    with staging(target) as stage:
        for number, address in enumerate(addresses):
            tree = stage / f"tree-{number}"
            try:
                check_address(address, protocols)
                tree = _fetch_somehow(source, tree, address, protocols, progress)
                _check_out(source, tree, address, protocols, progress)
            except AddressFailure as failure:
                failures.append(failure)
                continue
            progress.raise_if_cancelled()
            move_into_place(tree, target)
            progress.report("verifying", 1.0)
            return
    raise failure_of_all(failures)


def _fetch_somehow(
    source: GitSource, tree: Path, address: str, protocols: Collection[str], progress: Progress
) -> Path:
    """Fetch in the leanest way that the server offers; return the folder with the repository."""
    way: _Way | None = _Way(partial=bool(plain_paths(source.sparse)), exact=True)
    while way is not None:
        git = Git(tree, progress, protocols=protocols, address=address)
        try:
            tree.mkdir()
            _fetch(git, source, tree, way, progress)
            return tree
        except GitExit as exit_:
            way = _next_way(way, exit_, source.commit)
            if way is None:
                _raise_told(exit_, address, source, protocols)
            tree = tree.with_name(tree.name + "-again")
    raise AssertionError("every way ends in a return or a failure")


def _next_way(way: _Way, exit_: GitExit, commit: str) -> _Way | None:
    """Return how to ask next, after a server or a git that cannot do it in this way."""
    if way.partial and exit_.says("unknown option `filter", "invalid filter-spec"):
        return _Way(partial=False, exact=True)
    if exit_.says("unadvertised object"):
        if way.exact and exit_.says(commit):
            return _Way(partial=False, exact=False)
        if way.partial:
            return _Way(partial=False, exact=True)
    if way.exact and exit_.says("does not support shallow"):
        return _Way(partial=False, exact=False)
    return None


def _fetch(git: Git, source: GitSource, tree: Path, way: _Way, progress: Progress) -> None:
    """Get the commit and the wanted blobs into a new repository in `tree`."""
    progress.report("connecting", 0.0)
    git.read("init", "--quiet", "--template=")
    # The bytes of the repository are the bytes on the disk, whatever the machine's habits.
    git.read("config", "core.autocrlf", "false")
    (tree / ".git" / "info").mkdir(exist_ok=True)

    fetch = ("fetch", "--progress", "--no-tags", "--force")
    filter_ = ("--filter=blob:none",) if way.partial else ()
    what = ("--depth=1",) if way.exact else ()
    wish = source.commit if way.exact else "+refs/heads/*:refs/remotes/origin/*"
    span = (0.0, 0.15 if way.partial else 0.85)
    git.watch(span, *fetch, *filter_, *what, "--", "origin", wish)
    if not way.exact and not _has_commit(git, source.commit):
        raise CommitMissing(shown(git.address), source.commit)

    entries = files_of(git, source.commit)
    chosen = wanted(entries, plain_paths(source.sparse), source.commit)
    missing = sorted(needed_blobs(entries, chosen) & _missing(git, source.commit))
    share = 0.7 / max(len(missing), 1)
    for start in range(0, len(missing), _BATCH):
        batch = missing[start : start + _BATCH]
        span = (0.15 + share * start, 0.15 + share * (start + len(batch)))
        git.watch(span, *fetch, *filter_, "--", "origin", *batch)


def _has_commit(git: Git, commit: str) -> bool:
    try:
        git.read("cat-file", "-e", f"{commit}^{{commit}}")
    except GitExit:
        return False
    return True


def _missing(git: Git, commit: str) -> set[str]:
    """Return the ids of the objects of `commit` that are not here; fetches nothing."""
    listing = git.read("rev-list", "--objects", "--no-walk", "--missing=print", commit)
    return {line[1:] for line in listing.decode("utf-8", "replace").splitlines() if line[:1] == "?"}


def _check_out(
    source: GitSource, tree: Path, address: str, protocols: Collection[str], progress: Progress
) -> None:
    """Write the wanted files, prove them right, and leave the receipt."""
    # Without an address: everything is here, and nothing may be fetched from now on.
    git = Git(tree, progress)
    try:
        entries = files_of(git, source.commit)
        paths = plain_paths(source.sparse)
        chosen = wanted(entries, paths, source.commit)
        if paths:
            patterns = sparse_patterns(chosen, paths)
            (tree / ".git" / "info" / "sparse-checkout").write_text(patterns, encoding="utf-8")
            git.read("config", "core.sparseCheckout", "true")
            git.read("config", "core.sparseCheckoutCone", "false")
        progress.report("writing", 0.85)
        git.watch(
            (0.85, 0.95),
            *("checkout", "--progress", "--force", "--no-track", "-B", _BRANCH),
            *(source.commit, "--"),
        )
        refuse_links_out(tree, chosen)
        verify(git, tree, chosen, progress)
        if git.read("rev-parse", "HEAD").decode("ascii").strip() != source.commit:
            raise Damaged(f"HEAD is not {source.commit}")
        _settle(git, source, tree)
    except GitExit as exit_:
        _raise_told(exit_, address, source, protocols)


def _settle(git: Git, source: GitSource, tree: Path) -> None:
    """Make it a repository as the attendee expects one, with the receipt in it."""
    git.read("config", "remote.origin.url", shown(source.urls[0]))
    git.read("config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*")
    git.read("update-ref", BASE, source.commit)
    (tree / ".git" / "FETCH_HEAD").unlink(missing_ok=True)


def _exists(file: Path) -> bool:
    return file.is_symlink() or file.exists()


def _raise_told(
    exit_: GitExit, address: str, source: GitSource, protocols: Collection[str]
) -> NoReturn:
    raise failure_of(exit_, address=address, commit=source.commit, protocols=protocols) from exit_
