"""A data set that is a folder of a git repository, at a commit."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from ..definition.models import GitDataSet, GitSource
from ..jobs.progress import Progress
from .bringing import staged_materials
from .data_copy import DataCopy
from .data_failures import DataIncomplete
from .downloading import Patience
from .failures import UnsafeLink
from .git_patience import GitPatience
from .git_process import Git

_TWICE_AND_MORE = 3
"""The folder is there twice for a moment: in the repository, and beside it."""


def git_source_of(data: GitDataSet) -> GitSource:
    """Return the repository that `data` comes from, as a source of materials."""
    return GitSource(
        kind="git", urls=data.urls, commit=data.commit, sparse=(data.path,), folder=data.id
    )


class GitErrand:
    """Brings the folder of one data set.

    Parameters
    ----------
    work
        A folder for the repository; what has arrived stays in it when a call ends early.
    """

    def __init__(self, data: GitDataSet, work: Path, copy: DataCopy) -> None:
        self._data = data
        self._work = work
        self._copy = copy

    def rescue(self, tree: Path) -> None:
        """Do nothing: what has arrived is kept elsewhere."""

    def needed(self) -> int:
        """Return how many bytes of the disk are still needed."""
        return _TWICE_AND_MORE * self._data.size

    def fill(
        self, tree: Path, *, protocols: Collection[str], patience: Patience, progress: Progress
    ) -> None:
        """Move the folder to `tree`, which is empty. Its commit proves it, so it is checked."""
        source = git_source_of(self._data)
        if self._copy:
            source = source.model_copy(update={"urls": (str(self._copy.path or self._copy.told),)})
        with staged_materials(
            source,
            self._work / "repository",
            definition_folder=self._work,
            arriving=self._work / "objects",
            protocols=protocols if self._copy.path is None else {"file"},
            patience=GitPatience(pauses=patience.pauses, silence=patience.timeout),
            progress=progress,
        ) as repository:
            folder = repository / self._data.path
            if folder.is_symlink() or not folder.is_dir():
                raise DataIncomplete(self._data.title, self._data.path)
            _settle(folder, _time_of(repository, self._data.commit, progress))
            tree.rmdir()
            folder.rename(tree)


def _time_of(repository: Path, commit: str, progress: Progress) -> int:
    told = Git(repository, progress).read("show", "--no-patch", "--format=%ct", commit)
    return int(told)


def _settle(folder: Path, time: int) -> None:
    """Give all files the time of their commit, so that untouched ones can be told.

    Raises
    ------
    UnsafeLink
        If a link leads out of the folder.
    """
    for path in folder.rglob("*"):
        if not path.is_symlink():
            os.utime(path, (time, time))
        elif not Path(os.path.realpath(path)).is_relative_to(folder.resolve()):
            raise UnsafeLink(path.relative_to(folder).as_posix())
