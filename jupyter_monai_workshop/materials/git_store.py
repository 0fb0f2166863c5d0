"""Keeps what has arrived of a repository until it is whole, whatever happens meanwhile.

A store is a folder that holds one repository under a name used once. Whoever opens it makes
a new repository in it and takes over the packs of the old one, mending those that were cut.
Nothing else is trusted: locks, settings and refs of a git that was killed go with the old
repository, and a git that outlived its server finds its folder gone.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import sys
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from filelock import FileLock, Timeout

from ..jobs.progress import Progress
from .git_packs import ids_of, is_sound, mend
from .git_process import Git, GitExit

_OWNER = "owner.lock"
_PARTS = (".pack", ".idx")
_PACKS = Path("objects", "pack")


def store_folder(arriving: Path, target: Path) -> Path:
    """Return the folder below `arriving` that keeps what arrives for `target`."""
    return arriving / hashlib.sha256(os.fsencode(target)).hexdigest()[:16]


def forget(arriving: Path | None, target: Path) -> None:
    """Remove what is kept for `target`, if there is something that nobody uses."""
    if arriving is None or not (folder := store_folder(arriving, target)).is_dir():
        return
    lock = FileLock(folder / _OWNER, thread_local=False)
    with suppress(Timeout, OSError):
        lock.acquire(timeout=0)
        _end_orphans(folder)
        _remove_with(lock, folder)


class GitStore:
    """A kept repository; the caller is the only one who uses it.

    Parameters
    ----------
    folder
        Everything in it is the store's. It is made where it is missing.
    progress
        Ends the work when a stop is asked for.

    Attributes
    ----------
    repository
        The folder in whose ``.git`` objects arrive.
    had
        Whether there was something in the store when it was opened.
    """

    def __init__(self, folder: Path, progress: Progress) -> None:
        self.folder = folder
        self.repository = folder
        self._progress = progress
        self._lock = FileLock(folder / _OWNER, thread_local=False)
        self._settings = ""
        self._acquire()
        try:
            self.renew()
        except BaseException:
            self._lock.release()
            raise
        self.had = bool(self._indexes())

    @property
    def packs(self) -> Path:
        """The folder of the packs."""
        return self.repository / ".git" / _PACKS

    @property
    def settings(self) -> str:
        """The text of the settings that a new repository has on this disk."""
        return self._settings

    def renew(self) -> None:
        """Begin a new repository with all objects of the old one that are whole.

        Raises
        ------
        GitExit, GitMissing, Cancelled
            As :class:`Git`.
        """
        old = [entry for entry in self.folder.iterdir() if entry.name != _OWNER]
        if old:
            _end_orphans(self.folder)
        self.repository = self.folder / token_hex(6)
        self.repository.mkdir()
        Git(self.repository, self._progress).read("init", "--quiet", "--template=")
        self._settings = (self.repository / ".git" / "config").read_text(encoding="utf-8")
        for folder in old:
            if (folder / ".git" / _PACKS).is_dir():
                self._take_over(folder / ".git" / _PACKS)
        for entry in old:
            _remove(entry)

    def begin_anew(self) -> None:
        """Throw away everything that has arrived."""
        shutil.rmtree(self.repository, ignore_errors=True)
        self.had = False
        self.renew()

    def borrow(self, repository: Path) -> None:
        """Use the packs of another repository on this disk too; they stay what they are."""
        for index in (repository / _PACKS).glob("pack-*.idx"):
            if is_sound(index):
                try:
                    for part in _PARTS:
                        source = index.with_suffix(part)
                        os.link(source, self.packs / source.name)
                    self.had = True
                except OSError:  # another disk, or one without links: then it is fetched
                    (self.packs / index.name).with_suffix(".pack").unlink(missing_ok=True)

    def close(self, *, remove: bool) -> None:
        """Let others open the store; with `remove`, nothing is left of it."""
        if remove:
            _remove_with(self._lock, self.folder)
        else:
            self._lock.release()

    def ids(self) -> set[bytes]:
        """Return the ids of all objects that have arrived."""
        return set[bytes]().union(*(ids_of(index) for index in self._indexes()))

    def settle(self, *, partial: bool) -> Path:
        """Make the store's own repository one that can leave it, and return its folder.

        Saves the copy that :meth:`give` makes, where the folder is on the target's disk.
        Until it is renamed away, a store that is opened again still finds its packs.

        Parameters
        ----------
        partial
            As for :meth:`give`.
        """
        repository = self.repository / ".git"
        (repository / "info").mkdir(exist_ok=True)
        (repository / "FETCH_HEAD").unlink(missing_ok=True)
        whole = {index.stem for index in self._indexes()}
        for file in self.packs.iterdir():
            if file.stem not in whole or (file.suffix == ".promisor" and not partial):
                file.unlink()
        if partial:
            for name in whole:
                (self.packs / f"{name}.promisor").touch()
        return self.repository

    def give(self, tree: Path, *, partial: bool) -> None:
        """Make a repository in `tree` with the same objects; the store keeps them too.

        Parameters
        ----------
        partial
            Whether git should be content although objects are missing.
        """
        old, new = self.repository / ".git", tree / ".git"
        (new / _PACKS).mkdir(parents=True)
        (new / "info").mkdir()
        shutil.copytree(old / "refs", new / "refs")
        for name in ("HEAD", "shallow"):
            if (old / name).exists():
                shutil.copyfile(old / name, new / name)
        for index in self._indexes():
            for part in _PARTS:
                _link_or_copy(index.with_suffix(part), new / _PACKS / (index.stem + part))
            if partial:
                (new / _PACKS / f"{index.stem}.promisor").touch()

    def _acquire(self) -> None:
        """Take the lock; whoever held it may have removed the folder meanwhile."""
        while True:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                self._lock.acquire(timeout=0.2)
            except Timeout:
                self._progress.report("waiting", message="Waits for other work on this folder.")
                self._progress.raise_if_cancelled()
                continue
            except FileNotFoundError:
                continue
            if (self.folder / _OWNER).exists():
                return
            self._lock.release()

    def _indexes(self) -> list[Path]:
        packs = self.packs
        return [i for i in packs.glob("*.idx") if i.with_suffix(".pack").exists()]

    def _take_over(self, packs: Path) -> None:
        """Move packs here; what git did not finish is mended first."""
        for index in packs.glob("pack-*.idx"):
            if is_sound(index):
                for part in _PARTS:
                    index.with_suffix(part).replace(self.packs / (index.stem + part))
                (self.packs / f"{index.stem}.promisor").touch()
        for pack in (*packs.glob("pack-*.pack"), *packs.glob("tmp_pack_*")):
            self._mend(pack)

    def _mend(self, pack: Path) -> None:
        if pack.stat().st_nlink > 1:  # borrowed, and not ours to change
            return
        name = mend(pack, self._progress.raise_if_cancelled)
        mended = self.packs / f"pack-{name}.pack"
        if not name or mended.exists():
            return
        pack.replace(mended)
        try:
            Git(self.repository, self._progress).read("index-pack", str(mended))
            mended.chmod(0o444)
            mended.with_suffix(".promisor").touch()
        except GitExit:  # an object that builds on one that did not arrive
            mended.unlink()


def _end_orphans(folder: Path) -> None:
    """End every git that works in `folder` although its server was killed.

    Only where the system tells what a process was started with. Elsewhere it goes on until
    it wants to finish, and finds its folder gone.
    """
    if not sys.platform.startswith("linux"):
        return
    ours = re.compile(rb"(?:^|\0)GIT_[A-Z_]+=" + re.escape(os.fsencode(folder)) + rb"/")
    for process in Path("/proc").iterdir():
        if process.name.isdecimal() and int(process.name) != os.getpid():
            try:
                if ours.search((process / "environ").read_bytes()):
                    os.kill(int(process.name), signal.SIGKILL)
            except OSError:  # ended meanwhile, or somebody else's
                continue


def _remove_with(lock: FileLock, folder: Path) -> None:
    """Remove `folder` while its lock is held, so that nothing of the next owner goes."""
    with suppress(OSError):  # somebody else removed it
        for entry in folder.iterdir():
            if entry.name != _OWNER:
                _remove(entry)
    # Whoever waits can have the folder as soon as the lock's file is gone from it.
    shutil.rmtree(folder, ignore_errors=True)
    lock.release()
    with suppress(OSError):  # where an open file cannot be removed, its folder was left
        folder.rmdir()


def _remove(entry: Path) -> None:
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry, ignore_errors=True)
    else:
        entry.unlink(missing_ok=True)


def _link_or_copy(old: Path, new: Path) -> None:
    try:
        os.link(old, new)
    except OSError:  # another disk, or one without links
        shutil.copyfile(old, new)
