"""From a store with everything in it to a folder as the attendee gets it, proved right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..definition.models import GitSource
from ..jobs.progress import Progress
from .addresses import shown
from .failures import Damaged
from .git_contents import (
    Entry,
    plain_paths,
    refuse_links_out,
    refuse_paths_out,
    sparse_patterns,
    verify,
    wanted,
)
from .git_folder import BASE, head_of
from .git_process import Git, GitExit
from .git_store import GitStore

_BRANCH = "workshop"


def check_out(
    source: GitSource,
    store: GitStore,
    tree: Path | None,
    entries: Sequence[Entry],
    progress: Progress,
) -> Path:
    """Make `tree` a repository with the wanted files, and leave the receipt in it.

    Parameters
    ----------
    tree
        A new folder; ``None`` turns the store's own repository into it.
    entries
        All files of the commit.

    Returns
    -------
    Path
        The folder with the files.

    Raises
    ------
    Damaged
        If a file is not what the commit says.
    UnsafeLink
        If a link leads out of `tree`.
    UnsafePath
        If a file's name could do so.
    GitExit, Cancelled
        As :class:`Git`.
    """
    progress.report("writing", 0.85)
    paths = plain_paths(source.sparse)
    chosen = wanted(entries, paths, source.commit)
    refuse_paths_out(chosen)
    here = store.ids()
    partial = any(bytes.fromhex(entry.id) not in here for entry in entries)
    if tree is None:
        tree = store.settle(partial=partial)
    else:
        store.give(tree, partial=partial)
    repository = tree / ".git"
    if paths:
        patterns = sparse_patterns(chosen, paths)
        (repository / "info" / "sparse-checkout").write_text(patterns, encoding="utf-8")
    # Without an address: everything is here, and nothing may be fetched from now on.
    settings = _settings(store.settings, partial=partial, sparse=bool(paths))
    (repository / "config").write_text(settings, encoding="utf-8")
    # Beats every .gitattributes: no program of this machine's is run on what arrives.
    attributes = repository / "info" / "attributes"
    attributes.write_text("* -filter -working-tree-encoding\n", encoding="ascii")
    git = Git(tree, progress)
    _cut_history(git, repository, source.commit)
    git.watch(
        (0.85, 0.95),
        *("checkout", "--progress", "--force", "--no-track", "-B", _BRANCH),
        *(source.commit, "--"),
    )
    refuse_links_out(tree, chosen)
    verify(git, tree, chosen, progress)
    attributes.unlink()
    if head_of(repository) != source.commit:
        raise Damaged(f"HEAD is not {source.commit}")
    with (repository / "config").open("a", encoding="utf-8") as config:
        config.write(_remote(shown(source.urls[0]), partial=partial))
    receipt = repository / BASE
    receipt.parent.mkdir(parents=True, exist_ok=True)
    receipt.write_text(source.commit + "\n", encoding="ascii")
    return tree


def _settings(fresh: str, *, partial: bool, sparse: bool) -> str:
    """Return the settings of a repository, made of those that a new one has here."""
    # The bytes of the repository are the bytes on the disk, whatever the machine's habits.
    text = fresh.rstrip("\n") + "\n[core]\n\tautocrlf = false\n"
    if sparse:
        text += "\tsparseCheckout = true\n\tsparseCheckoutCone = false\n"
    if partial:
        text += "\trepositoryformatversion = 1\n[extensions]\n\tpartialClone = origin\n"
    return text


def _remote(address: str, *, partial: bool) -> str:
    escaped = address.replace("\\", "\\\\").replace('"', '\\"')
    text = f'[remote "origin"]\n\turl = "{escaped}"\n'
    text += "\tfetch = +refs/heads/*:refs/remotes/origin/*\n"
    if partial:
        text += "\tpromisor = true\n\tpartialclonefilter = blob:none\n"
    return text


def _cut_history(git: Git, repository: Path, commit: str) -> None:
    """Let git know that the history ends at `commit`, unless all of it is here."""
    shallow = repository / "shallow"
    known = shallow.read_text(encoding="ascii") if shallow.exists() else ""
    if commit in known.split():
        return
    try:
        git.read("rev-list", "--count", commit)
    except GitExit:
        shallow.write_text(known + commit + "\n", encoding="ascii")
