"""Getting a commit and the wanted files of it into a store, from one address."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..definition.models import GitSource
from ..jobs.progress import Progress
from .addresses import check_address, shown
from .failures import CommitMissing, ServerUnreachable
from .git_answers import failure_of
from .git_bundle import bundle_of, unbundle
from .git_contents import Entry, files_of, needed_blobs, plain_paths, wanted
from .git_login import Login, answering
from .git_patience import GitPatience, pause
from .git_process import Git, GitExit, git_version
from .git_store import GitStore

_BATCH = 700 if sys.platform == "win32" else 5000
"""How many blobs one request asks for: about as many as a command line surely holds.

Large, because every request costs a journey. What has arrived of a batch that was cut is
mended by the store, so no more than one file of it is fetched again.
"""


@dataclass(frozen=True)
class GitErrand:
    """What to bring, and how; see :func:`bring_materials`."""

    source: GitSource
    addresses: tuple[str, ...]
    protocols: Collection[str]
    login: Login | None
    patience: GitPatience
    progress: Progress


@dataclass(frozen=True)
class _Way:
    """How a server is asked.

    Attributes
    ----------
    partial
        Ask for the commit without blobs first, so that it is known what is missing (needs a
        server that offers filters; others send everything at once).
    exact
        Ask for the commit by its id; otherwise fetch all branches and look in them.
    """

    partial: bool
    exact: bool


def fetch(errand: GitErrand, store: GitStore, address: str) -> tuple[Entry, ...]:
    """Get what `store` lacks from `address`, with new tries after pauses.

    Returns
    -------
    tuple of Entry
        All files of the commit; the contents of the wanted ones are in the store.

    Raises
    ------
    WorkshopError
        If this address cannot give it; what it gave is in the store.
    """
    check_address(address, errand.protocols)
    most = len(store.ids())
    pauses = iter(errand.patience.pauses)
    while True:
        try:
            return _try(errand, store, address)
        except ServerUnreachable as failure:
            store.renew()
            if (now := len(store.ids())) > most:
                most = now
                pauses = iter(errand.patience.pauses)
            seconds = next(pauses, None) if failure.passing else None
            if seconds is None:
                raise
            pause(seconds, errand.progress)


def _try(errand: GitErrand, store: GitStore, address: str) -> tuple[Entry, ...]:
    """Fetch in the leanest way that the server offers."""
    if bundle := bundle_of(address):
        return _take(bundle, errand, store, address)
    source = errand.source
    entries = _known_files(errand, store)
    way = _Way(partial=True, exact=True)
    while True:
        with answering(errand.login, address, store.repository) as answers:
            git = Git(
                store.repository,
                errand.progress,
                protocols=errand.protocols,
                address=address,
                silence=errand.patience.silence,
                answers=answers,
            )
            try:
                if entries is None:
                    entries = _fetch_commit(git, errand, store, way)
                _fetch_blobs(git, missing_blobs(store, source, entries), way)
                return entries
            except GitExit as exit_:
                next_way = _next_way(way, exit_, source.commit)
                if next_way is None:
                    raise failure_of(
                        exit_,
                        address=address,
                        commit=source.commit,
                        protocols=errand.protocols,
                        token_given=answers.given,
                    ) from exit_
        way, entries = next_way, None
        store.begin_anew()


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


def _take(bundle: Path, errand: GitErrand, store: GitStore, address: str) -> tuple[Entry, ...]:
    """Get everything from a file."""
    source = errand.source
    entries = _known_files(errand, store)
    if entries is None or missing_blobs(store, source, entries):
        git = Git(store.repository, errand.progress, address=address)
        unbundle(git, bundle, errand.progress)
        entries = _known_files(errand, store)
    if entries is None or missing_blobs(store, source, entries):
        raise CommitMissing(shown(address), source.commit, "the file lacks it, or a part of it")
    return entries


def _fetch_commit(git: Git, errand: GitErrand, store: GitStore, way: _Way) -> tuple[Entry, ...]:
    """Get the commit and its trees; all blobs come with them, unless the way is partial."""
    commit = errand.source.commit
    errand.progress.report("connecting", 0.0)
    what = ("--depth=1",) if way.exact else ()
    wish = commit if way.exact else "+refs/heads/*:refs/remotes/origin/*"
    span = (0.0, 0.15 if way.partial else 0.85)
    git.watch(span, *_command(way), *what, "--", "origin", wish)
    if not _has(store, commit):
        raise CommitMissing(shown(git.address), commit)
    return files_of(git, commit)


def _fetch_blobs(git: Git, missing: Sequence[str], way: _Way) -> None:
    share = 0.7 / max(len(missing), 1)
    for start in range(0, len(missing), _BATCH):
        batch = missing[start : start + _BATCH]
        span = (0.15 + share * start, 0.15 + share * (start + len(batch)))
        git.watch(span, *_command(way), "--", "origin", *batch)


def _command(way: _Way) -> tuple[str, ...]:
    filter_ = ("--filter=blob:none",) if way.partial else ()
    # For its list of what was fetched, git would look into every blob once more.
    unlisted = ("--no-write-fetch-head",) if git_version() >= (2, 29) else ()
    return ("fetch", "--progress", "--no-tags", "--force", *unlisted, *filter_)


def missing_blobs(store: GitStore, source: GitSource, entries: tuple[Entry, ...]) -> list[str]:
    """Return the ids of the wanted contents that are not in `store`, in order.

    Raises
    ------
    PathMissing
        If the commit lacks one of the paths that the source names.
    """
    chosen = wanted(entries, plain_paths(source.sparse), source.commit)
    here = store.ids()
    needed = needed_blobs(entries, chosen)
    return sorted(id_ for id_ in needed if bytes.fromhex(id_) not in here)


def _known_files(errand: GitErrand, store: GitStore) -> tuple[Entry, ...] | None:
    """Return the files of the commit if it is in `store` with all its trees."""
    commit = errand.source.commit
    if not _has(store, commit):
        return None
    try:
        # Without an address: what is missing shall not be fetched one by one.
        return files_of(Git(store.repository, errand.progress), commit)
    except GitExit:
        store.begin_anew()
        return None


def _has(store: GitStore, commit: str) -> bool:
    return bytes.fromhex(commit) in store.ids()
