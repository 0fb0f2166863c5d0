"""Materials from a git repository: only the pinned commit, only the wanted paths."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from ..definition.models import GitSource
from ..jobs.progress import Progress
from .failures import (
    AddressFailure,
    Damaged,
    GitFailed,
    TargetOccupied,
    failure_of_all,
)
from .git_answers import failure_of
from .git_checkout import check_out
from .git_contents import files_of, plain_paths, wanted
from .git_fetch import GitErrand, fetch
from .git_folder import BASE, look_at_git
from .git_process import Git, GitExit
from .git_store import GitStore, forget, store_folder
from .staging import move_into_place, staging
from .state import Holding, MaterialsState, describe, look

__all__ = ["GitErrand", "bring_git", "observe_git", "staged_git"]


def observe_git(source: GitSource, target: Path) -> MaterialsState:
    """Return whether `target` holds the pinned commit. Starts no process, writes nothing."""
    holding, commit = _look(source, target)
    return describe(holding, target, commit)


def bring_git(errand: GitErrand, target: Path, arriving: Path | None) -> MaterialsState:
    """Bring the pinned commit to `target`; see :func:`bring_materials`."""
    source, progress = errand.source, errand.progress
    progress.report("looking", 0.0)
    holding, _ = _look(source, target)
    match holding:
        case Holding.OTHER_VERSION:
            pass  # it goes on working; an update is offered, never done unasked
        case Holding.SOMETHING_ELSE:
            raise TargetOccupied(target, "is already there and holds something else")
        case Holding.BY_HAND:
            _adopt(source, target, progress)
        case Holding.OURS:
            forget(arriving, target)
        case Holding.NOTHING:
            with _workplace(errand, target, arriving) as (store, stage):
                # Whoever had the store before may have brought them meanwhile.
                if _look(source, target)[0] is not Holding.OURS:
                    _bring(errand, store, stage, target)
                progress.report("verifying", 1.0)
    return observe_git(source, target)


def _bring(errand: GitErrand, store: GitStore, stage: Path, target: Path) -> None:
    """Grow the clone and make it the target, without a copy where store and target share a disk."""
    if store.folder.stat().st_dev == stage.stat().st_dev:
        tree = _grow(errand, store, None)
        errand.progress.raise_if_cancelled()
        try:
            move_into_place(tree, target)
            return
        except OSError as error:
            # Two mounts of one disk have the same number, and no rename leads across.
            if error.errno != errno.EXDEV:
                raise
    tree = _grow(errand, store, stage)
    errand.progress.raise_if_cancelled()
    move_into_place(tree, target)


@contextmanager
def staged_git(errand: GitErrand, target: Path, arriving: Path | None) -> Iterator[Path]:
    """Give a hidden folder beside `target` with the clone in it; see :func:`staged_materials`."""
    with _workplace(errand, target, arriving) as (store, stage):
        if _look(errand.source, target)[0] is Holding.OTHER_VERSION:
            store.borrow(target / ".git")
        yield _grow(errand, store, stage)


@contextmanager
def _workplace(
    errand: GitErrand, target: Path, arriving: Path | None
) -> Iterator[tuple[GitStore, Path]]:
    """Give the store of `target`, kept unless the work ends well, and a folder beside it."""
    with staging(target) as stage:
        folder = stage / "arriving" if arriving is None else store_folder(arriving, target)
        with _told(errand, errand.addresses[0]):
            store = GitStore(folder, errand.progress)
        done = False
        try:
            yield store, stage
            done = True
        finally:
            store.close(remove=done)


def _grow(errand: GitErrand, store: GitStore, stage: Path | None) -> Path:
    """Ask one address after the other until the clone is whole.

    It is made in a new folder of `stage`; without one, the store's repository becomes it.
    """
    failures: list[AddressFailure] = []
    for address in errand.addresses:
        try:
            return _grow_from(address, errand, store, stage)
        except AddressFailure as failure:
            failures.append(failure)
    raise failure_of_all(failures)


def _grow_from(address: str, errand: GitErrand, store: GitStore, stage: Path | None) -> Path:
    """Fetch and check out; once more from nothing, if what an earlier call left is bad."""
    try:
        with _told(errand, address):
            entries = fetch(errand, store, address)
            tree = stage and stage / f"tree-{token_hex(6)}"
            return check_out(errand.source, store, tree, entries, errand.progress)
    except (Damaged, GitFailed):
        had = store.had
        with _told(errand, address):
            store.begin_anew()
        if not had:
            raise
    return _grow_from(address, errand, store, stage)


@contextmanager
def _told(errand: GitErrand, address: str) -> Iterator[None]:
    """Turn git's failure into one that a person understands."""
    try:
        yield
    except GitExit as exit_:
        raise failure_of(
            exit_, address=address, commit=errand.source.commit, protocols=errand.protocols
        ) from exit_


def _look(source: GitSource, target: Path) -> tuple[Holding, str]:
    commit = ""

    def inside(folder: Path) -> Holding:
        nonlocal commit
        holding, commit = look_at_git(folder, source.commit)
        return holding

    return look(target, inside), commit


def _adopt(source: GitSource, target: Path, progress: Progress) -> None:
    """Give a clone made by hand the receipt, if it is whole. Touches no file of the attendee."""
    # Nobody knows what its settings say, so nothing may be fetched by them.
    git = Git(target, progress)
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


def _exists(file: Path) -> bool:
    return file.is_symlink() or file.exists()
