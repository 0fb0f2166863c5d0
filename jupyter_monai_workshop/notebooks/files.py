"""Changing notebook files: all of the change or nothing, and never a half-written file."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..definition.models import Patch
from ..errors import WorkshopError
from .patches import apply_patches, revert_patches
from .reading import read_text
from .rewriting import Planning, change_text
from .saving import last_saved, note_saved

_ATTEMPTS = 3


class NotebookNotWritten(WorkshopError):
    """The notebook could not be written; the file is as it was."""

    code = "notebook_not_written"


class NotebookIsLink(WorkshopError):
    """The notebook is a symbolic link; what it points to may lie anywhere."""

    code = "notebook_is_link"


def patch_file(path: Path, patches: Sequence[Patch]) -> bool:
    """Apply patches to a notebook file, and tell whether it changed.

    The new text is written beside the file and takes its place in one step, with the
    same mode bits. If something else writes the file in the meantime, the patches are
    applied to what it wrote.

    Raises
    ------
    PatchConflict
        If any patch conflicts.
    NotebookMissing, NotebookTooLarge, NotebookUnreadable
        As `read_notebook`.
    NotebookIsLink
        If the path is a symbolic link.
    NotebookNotWritten
        If the disk is full, the folder may not be written, or something else writes
        the file all the time.
    """
    return _rewrite_file(path, lambda text: apply_patches(text, patches, name=path.name))


def unpatch_file(path: Path, patches: Sequence[Patch]) -> bool:
    """Take patches back from a notebook file, and tell whether it changed.

    Raises
    ------
    WorkshopError
        As `patch_file`.
    """
    return _rewrite_file(path, lambda text: revert_patches(text, patches, name=path.name))


def change_files(plans: Mapping[Path, Planning]) -> tuple[Path, ...]:
    """Change the cells of several notebook files, all or none; return those that changed.

    What is to change is planned for every file before the first is written. If a later one
    cannot be written, those before it become what they were.

    Raises
    ------
    WorkshopError
        As `patch_file`, and what a plan raises.
    """
    return _rewrite_files(
        {path: partial(change_text, plan=plan, name=path.name) for path, plan in plans.items()}
    )


@dataclass(frozen=True)
class _Rewriting:
    """A file that is about to change: what it says, what it shall say, and which file it is."""

    path: Path
    old: str
    new: str
    before: os.stat_result


def _rewrite_file(path: Path, change: Callable[[str], str]) -> bool:
    return bool(_rewrite_files({path: change}))


def _rewrite_files(changes: Mapping[Path, Callable[[str], str]]) -> tuple[Path, ...]:
    for path in changes:
        if path.is_symlink():
            raise NotebookIsLink(
                f"{path.name} is a symbolic link, so it is not changed.",
                hint="Put a copy of the notebook in its place.",
            )
    busy = ""
    for _ in range(_ATTEMPTS):
        found = [_rewriting(path, change) for path, change in changes.items()]
        files = [it for it in found if it.new != it.old]
        busy = _replace_all(files)
        if not busy:
            return tuple(it.path for it in files)
    raise NotebookNotWritten(
        f"Something else keeps writing {busy}.",
        hint="Close the notebook, wait a moment and try again.",
    )


def _rewriting(path: Path, change: Callable[[str], str]) -> _Rewriting:
    try:
        before = path.lstat()
    except OSError:
        before = os.stat_result([0] * 10)  # read_text says what is wrong.
    text = read_text(path)
    return _Rewriting(path, text, change(text), before)


def _replace_all(files: Sequence[_Rewriting]) -> str:
    """Write all files or none; return the name of one that something else has written."""
    with ExitStack() as undo:
        for file in files:
            with _told(file.path):
                if not _replace_file(file.path, file.new, file.before):
                    return file.path.name
                undo.callback(_take_back, file, file.path.lstat())
        undo.pop_all()
    return ""


def _take_back(file: _Rewriting, written: os.stat_result) -> None:
    # The first failure is told; looking again shows what is there.
    with suppress(OSError):
        _replace_file(file.path, file.old, written)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotebookNotWritten(
            f"{path.name} could not be written: {error.strerror or 'the system refused'}. "
            "It is as it was.",
            hint="Free some disk space, or check that you may write in the notebook's folder.",
        ) from error


def _replace_file(path: Path, text: str, before: os.stat_result) -> bool:
    """Write the file, unless it is no longer the one that was read; tell whether."""
    handle, name = tempfile.mkstemp(prefix=".", suffix=".ipynb.tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(stat.S_IMODE(before.st_mode))
        note_saved(temporary, last_saved(path))
        if _fingerprint(path.lstat()) != _fingerprint(before):
            return False
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)
    return True


def _fingerprint(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _sync_folder(folder: Path) -> None:
    """Make the new name outlast a power cut, where the system can promise that."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)
