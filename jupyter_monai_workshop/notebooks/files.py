"""Patching a notebook file: all of the change or nothing, and never a half-written file."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from ..definition.models import Patch
from ..errors import WorkshopError
from .patches import apply_patches, revert_patches
from .reading import read_text

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


def _rewrite_file(path: Path, change: Callable[[str], str]) -> bool:
    if path.is_symlink():
        raise NotebookIsLink(
            f"{path.name} is a symbolic link, so it is not changed.",
            hint="Put a copy of the notebook in its place.",
        )
    for _ in range(_ATTEMPTS):
        try:
            before: os.stat_result | None = path.lstat()
        except OSError:
            before = None  # read_text says what is wrong.
        text = read_text(path)
        changed = change(text)
        if changed == text:
            return False
        if before is not None and _replace_file(path, changed, before):
            return True
    raise NotebookNotWritten(
        f"Something else keeps writing {path.name}.",
        hint="Close the notebook, wait a moment and try again.",
    )


def _replace_file(path: Path, text: str, before: os.stat_result) -> bool:
    """Write the file, unless it is no longer the one that was read; tell whether."""
    try:
        handle, name = tempfile.mkstemp(prefix=".", suffix=".ipynb.tmp", dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
            temporary.chmod(stat.S_IMODE(before.st_mode))
            if _fingerprint(path.lstat()) != _fingerprint(before):
                return False
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        _sync_folder(path.parent)
    except OSError as error:
        raise NotebookNotWritten(
            f"{path.name} could not be written: {error.strerror or 'the system refused'}. "
            "It is as it was.",
            hint="Free some disk space, or check that you may write in the notebook's folder.",
        ) from error
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
