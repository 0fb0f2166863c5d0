"""Making another version the one that the target counts as: the receipt, and git's view.

Git itself writes nothing in the target here, for a git that is killed leaves locks. Every
step puts one finished file in its place; the receipt comes last, so that an update that was
stopped is done again from the same beginning.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from secrets import token_hex

from ..definition.models import BundledSource, GitSource
from ..jobs.progress import Progress
from .bundled import PRISTINE, RECEIPT
from .failures import Damaged
from .git_contents import plain_paths
from .git_folder import BASE, head_of, look_at_git
from .git_process import Git, GitExit
from .replacing import copy_new, put, replace_file, sync_folder

_BRANCH = "refs/heads/workshop"
_RECORD = "monai-workshop.json"
_KEPT = "refs/monai-workshop/kept"
_PARTIAL = (
    "core.repositoryformatversion",
    "extensions.partialclone",
    "remote.origin.promisor",
    "remote.origin.partialclonefilter",
)
_UNDER_WAY = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")
_PLAIN = re.compile(r"/((?:[^\\*?\[\]!# ]|\\.)+?)/?")


def adopt_version(
    source: GitSource | BundledSource,
    staged: Path,
    target: Path,
    scratch: Path,
    *,
    moves_head: bool,
    progress: Progress,
) -> None:
    """Let `target` count as the version that is in `staged`; its files are there already.

    Safe to repeat after a kill at any point.

    Parameters
    ----------
    scratch
        A folder on the disk of `target`, for files on their way.
    moves_head
        Whether git's branch and index follow too; see :func:`head_follows`.

    Raises
    ------
    Damaged
        If `staged` lacks what it should hold.
    """
    if isinstance(source, BundledSource):
        _adopt_bundle(staged, target, scratch)
        return
    old = look_at_git(target, source.commit)[1]
    _bring_shallow(staged, target, scratch, progress)
    _bring_objects(staged / ".git" / "objects", target / ".git" / "objects", scratch)
    git = Git(target, progress)
    try:
        git.read("cat-file", "-e", f"{source.commit}^{{tree}}")
    except GitExit as exit_:
        raise Damaged(f"the new version did not arrive: {exit_}") from exit_
    _bring_settings(staged, target, scratch, git)
    _record_paths(source, target, scratch, old)
    _write_ref(target, f"{_KEPT}/{old}", old, scratch)
    if moves_head:
        patterns = staged / ".git" / "info" / "sparse-checkout"
        _set_sparse(target, patterns if plain_paths(source.sparse) else None, scratch, git)
        _move_head(target, staged / ".git" / "index", source.commit, scratch)
    _write_ref(target, BASE, source.commit, scratch)


def return_bundle(receipt: bytes, target: Path, scratch: Path) -> None:
    """Let `target` count as the version of an earlier receipt again."""
    replace_file(target / RECEIPT, receipt, scratch)


def return_commit(
    target: Path,
    scratch: Path,
    *,
    commit: str,
    index: Path | None,
    patterns: Path | None,
    progress: Progress,
) -> None:
    """Let `target` count as an earlier commit again.

    Parameters
    ----------
    index
        Git's index as it was, if the update moved HEAD; HEAD goes back with it where it is
        still where the update put it.
    patterns
        Git's sparse patterns as they were then, if there were any.
    """
    newer = look_at_git(target, commit)[1]
    if index is not None and head_follows(target, newer, commit, progress):
        _set_sparse(target, patterns, scratch, Git(target, progress))
        _move_head(target, index, commit, scratch)
    _write_ref(target, BASE, commit, scratch)


def head_follows(target: Path, old: str, new: str, progress: Progress) -> bool:
    """Tell whether git's branch and index are ours to move from commit `old` to `new`.

    They are while HEAD is our branch at `old`, nothing is staged, and nothing is under way.
    After a move that was cut in the middle they still are. Starts git, which only reads.
    """
    git = target / ".git"
    if any((git / name).exists() for name in (*_UNDER_WAY, "index.lock")):
        return False
    try:
        on_branch = (git / "HEAD").read_text(encoding="utf-8").strip() == f"ref: {_BRANCH}"
    except (OSError, UnicodeDecodeError):
        return False
    if not on_branch or head_of(git) not in (old, new) or not (git / "index").exists():
        return False
    reader = Git(target, progress)
    for commit in (old, new):
        try:
            reader.read("diff-index", "--cached", "--quiet", commit, "--")
        except GitExit:  # there are differences, or the commit has not arrived yet
            continue
        return True
    return False


def given_paths(target: Path, commit: str) -> tuple[str, ...] | None:
    """Return the paths of `commit` that were brought, ``()`` for all, ``None`` if unknown."""
    git = target / ".git"
    recorded = _recorded(git).get(commit)
    if recorded is not None:
        return recorded
    try:
        lines = (git / "info" / "sparse-checkout").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    matches = [_PLAIN.fullmatch(line) for line in lines]
    paths = tuple(re.sub(r"\\(.)", r"\1", match[1]) for match in matches if match)
    return paths if paths and len(paths) == len(lines) else None


# Bundles


def _adopt_bundle(staged: Path, target: Path, scratch: Path) -> None:
    """Add the new version's pristine files to those that are kept, then flip the receipt."""
    (target / PRISTINE).mkdir(parents=True, exist_ok=True)
    for file in (staged / PRISTINE).iterdir():
        _put_copy(file, target / PRISTINE / file.name, scratch)
    replace_file(target / RECEIPT, (staged / RECEIPT).read_bytes(), scratch)


# Git


def _bring_shallow(staged: Path, target: Path, scratch: Path, progress: Progress) -> None:
    """Let git know where the new history ends, before that history is there.

    A commit whose parents the target has is no end: then the histories are one.
    """
    shallow = target / ".git" / "shallow"
    known = set(_lines(shallow))
    there, here = Git(target, progress), Git(staged, progress)
    new = []
    for commit in _lines(staged / ".git" / "shallow"):
        if commit not in known and not _has_parents(there, here, commit):
            new.append(commit)
    if new:
        text = "".join(f"{commit}\n" for commit in sorted(known | set(new)))
        replace_file(shallow, text.encode("ascii"), scratch)


def _has_parents(there: Git, here: Git, commit: str) -> bool:
    try:
        head = (
            here.read("cat-file", "commit", commit).partition(b"\n\n")[0].decode("ascii", "replace")
        )
    except GitExit:
        return False
    parents = re.findall(r"^parent ([0-9a-f]{40})$", head, re.MULTILINE)
    for parent in parents:
        try:
            there.read("cat-file", "-e", f"{parent}^{{commit}}")
        except GitExit:
            return False
    return True


def _bring_objects(staged: Path, target: Path, scratch: Path) -> None:
    """Bring all objects; a pack counts once its index is there, so that comes last."""
    packs = [
        file
        for file in (staged / "pack").iterdir()
        if file.name.startswith("pack-") and file.suffix in (".pack", ".idx", ".promisor", ".rev")
    ]
    (target / "pack").mkdir(exist_ok=True)
    for file in sorted(packs, key=lambda file: file.suffix == ".idx"):
        _share(file, target / "pack" / file.name, scratch)
    sync_folder(target / "pack")
    for folder in staged.iterdir():
        if re.fullmatch("[0-9a-f]{2}", folder.name):
            (target / folder.name).mkdir(exist_ok=True)
            for file in folder.iterdir():
                _share(file, target / folder.name / file.name, scratch)


def _share(old: Path, new: Path, scratch: Path) -> None:
    """Make the finished, never changing file `old` be at `new` too."""
    if new.exists():
        return
    try:
        os.link(old, new)
    except OSError:  # another disk, or one without links
        _put_copy(old, new, scratch, mode=0o444)


def _bring_settings(staged: Path, target: Path, scratch: Path, git: Git) -> None:
    """Let git know that objects may be missing, if it does not; else it finds damage."""
    wanted = _settings(git, staged / ".git" / "config")
    there = _settings(git, target / ".git" / "config")
    if wanted.get("remote.origin.promisor") == "true" and not any(
        key.startswith("remote.") and key.endswith(".promisor") for key in there
    ):
        changes = {key: wanted[key] for key in _PARTIAL if key in wanted}
        _change_settings(target, changes, scratch, git)


def _set_sparse(target: Path, patterns: Path | None, scratch: Path, git: Git) -> None:
    """Let git expect the files that `patterns` name, all if there are none."""
    value = "false" if patterns is None else "true"
    there = _settings(git, target / ".git" / "config")
    if there.get("core.sparsecheckout", "false") != value:
        changes = {"core.sparsecheckout": value, "core.sparsecheckoutcone": "false"}
        _change_settings(target, changes, scratch, git)
    if patterns is not None:
        (target / ".git" / "info").mkdir(exist_ok=True)
        _put_copy(patterns, target / ".git" / "info" / "sparse-checkout", scratch)


def _change_settings(target: Path, changes: Mapping[str, str], scratch: Path, git: Git) -> None:
    """Change a copy of the settings, so that the lock that git takes for it lies elsewhere."""
    config, changed = target / ".git" / "config", scratch / "config"
    changed.unlink(missing_ok=True)
    copy_new(config, changed, config.stat().st_mode & 0o777)
    for key, value in changes.items():
        git.read("config", "--file", str(changed), key, value)
    put(changed, config)


def _settings(git: Git, config: Path) -> dict[str, str]:
    listing = git.read("config", "--file", str(config), "--null", "--list")
    entries = listing.decode("utf-8", "replace").split("\0")
    return dict(entry.partition("\n")[::2] for entry in entries if entry)


def _record_paths(source: GitSource, target: Path, scratch: Path, old: str) -> None:
    """Write down which paths each version gave; the sparse patterns are the attendee's."""
    record = {commit: list(paths) for commit, paths in _recorded(target / ".git").items()}
    before = given_paths(target, old)
    record[old] = list(plain_paths(source.sparse) if before is None else before)
    record[source.commit] = list(plain_paths(source.sparse))
    text = json.dumps({"format": 1, "paths": record}, indent=1) + "\n"
    replace_file(target / ".git" / _RECORD, text.encode("ascii"), scratch)


def _recorded(git: Path) -> dict[str, tuple[str, ...]]:
    try:
        paths = json.loads((git / _RECORD).read_bytes())["paths"]
        return {str(commit): tuple(map(str, given)) for commit, given in paths.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _move_head(target: Path, index: Path, commit: str, scratch: Path) -> None:
    _put_copy(index, target / ".git" / "index", scratch)
    _write_ref(target, _BRANCH, commit, scratch)


def _write_ref(target: Path, ref: str, commit: str, scratch: Path) -> None:
    file = target / ".git" / ref
    file.parent.mkdir(parents=True, exist_ok=True)
    replace_file(file, f"{commit}\n".encode("ascii"), scratch)


def _put_copy(old: Path, new: Path, scratch: Path, mode: int = 0o644) -> None:
    ready = scratch / token_hex(8)
    copy_new(old, ready, mode)
    put(ready, new)


def _lines(file: Path) -> Sequence[str]:
    try:
        return file.read_text(encoding="ascii").split()
    except OSError:
        return ()
