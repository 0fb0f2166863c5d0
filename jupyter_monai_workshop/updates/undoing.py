"""Taking the last update back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from secrets import token_hex

from ..definition.models import BundledSource, GitSource
from ..jobs.progress import Progress
from ..jobs.steady import Steady
from ..materials.adopting import return_bundle, return_commit
from ..materials.failures import told_plainly
from ..materials.pristine import version_there
from ..materials.replacing import copy_new, put
from ..materials.staging import clean_leftovers, staging
from .aside import copy_aside, move_aside
from .failures import InTheWay, NothingToUndo
from .keeping import KeptCopy, KeptThing, folder_for, last_report, last_tries, mark_undone
from .placing import make_folders, remove_empty, remove_empty_below
from .report import UpdateReport
from .things import Thing, look_at


def last_update(target: Path, kept: Path) -> UpdateReport | None:
    """Return what the last update of `target` did. Reads one small file.

    ``None`` before the first update, after it was taken back, and while one that was cut
    waits to be finished.
    """
    return last_report(folder_for(kept, target))


def undo_update(
    source: GitSource | BundledSource, target: Path, *, kept: Path, progress: Progress
) -> tuple[str, ...]:
    """Bring back what was there before the last update, byte for byte.

    What the attendee has changed since then is put beside under a dated name first. An
    update that was cut can be taken back too. The caller holds the lock of `target`; after
    a kill, calling again finishes.

    Parameters
    ----------
    kept
        As for :func:`update_materials`.

    Returns
    -------
    tuple of str
        The attendee's newer versions that were put beside, relative to the materials.

    Raises
    ------
    NothingToUndo
        If there was no update, or it was taken back already.
    InTheWay
        If a folder of a file that comes back was replaced by something else.
    DiskFull, NotWritable, MaterialsFailed
        If the disk refuses; what is not yet back is still kept.
    """
    progress = Steady(progress)
    progress.report("looking", 0.0)
    with told_plainly(target):
        if not target.is_dir():
            raise NothingToUndo
        target = target.resolve()
        tries = last_tries(folder_for(kept, target))
        version = version_there(source, target)
        if not tries or version not in (tries[-1].from_version, tries[-1].to_version):
            raise NothingToUndo
        clean_leftovers(target)
        with staging(target) as scratch:
            histories = _histories(tries)
            brought = {history.path for history in histories if history.first.before == "nothing"}
            undo = _Undo(target, scratch, datetime.now().astimezone(), brought)
            for number, history in enumerate(histories):
                progress.raise_if_cancelled()
                progress.report("writing", number / len(histories), history.path)
                undo.bring_back(history)
            for folder in sorted({f for copy in tries for f in copy.made}, reverse=True):
                remove_empty(target, target / folder, only=True)
            _return_receipt(source, tries, target, scratch, progress)
        mark_undone(tries)
        progress.report("writing", 1.0)
        return tuple(sorted(undo.aside))


def take_back_untouched(tries: Sequence[KeptCopy], target: Path, scratch: Path) -> None:
    """Bring back what cut tries have changed and the attendee has not touched since.

    For an update to yet another version: what we wrote ourselves is no work of the
    attendee's, and is not to be merged as if it were.
    """
    undo = _Undo(target, scratch, datetime.now().astimezone(), ())
    for history in _histories(tries):
        there = look_at(target, history.path)
        if not history.between and (there.kind, there.digest) in history.ours:
            undo.bring_back(history)


@dataclass
class _History:
    """One path through all tries of an update: how it was, and what the update made of it."""

    path: str
    first: KeptThing
    kept: Path
    ours: set[tuple[str, str]] = field(default_factory=set)
    between: list[tuple[KeptThing, Path]] = field(default_factory=list)


def _histories(tries: Sequence[KeptCopy]) -> list[_History]:
    histories: dict[str, _History] = {}
    for copy in tries:
        for thing in copy.things:
            place = copy.bytes_of(thing.path)
            history = histories.get(thing.path)
            if history is None:
                history = histories[thing.path] = _History(thing.path, thing, place)
            elif _before(thing) not in {_before(history.first), *history.ours}:
                # The attendee wrote it, or deleted it, after one try and before the next.
                if thing.before != "nothing":
                    history.between.append((thing, place))
                history.ours.add(_before(thing))
            history.ours.add((thing.after, thing.after_digest))
    # What the update brought goes first: it may be where a folder has to be again.
    return sorted(histories.values(), key=lambda history: history.first.before != "nothing")


def _before(thing: KeptThing) -> tuple[str, str]:
    return thing.before, thing.before_digest


@dataclass
class _Undo:
    target: Path
    scratch: Path
    when: datetime
    brought: Collection[str]
    aside: list[str] = field(default_factory=list)

    def bring_back(self, history: _History) -> None:
        """Bring one path back; what the attendee made since goes beside."""
        file, first = self.target / history.path, history.first
        there = look_at(self.target, history.path)
        for thing, place in history.between:
            self._put_between_aside(file, thing, place)
        if there.is_like(*_before(first)) or (first.before, there.kind) == ("nothing",) * 2:
            if there.kind == "file" and there.mode != first.before_mode and first.after == "file":
                file.chmod(first.before_mode)
            return
        is_ours = (there.kind, there.digest) in history.ours
        if first.before == "nothing":
            if is_ours and there.kind in ("file", "link"):
                file.unlink()
            return
        if there.kind == "blocked":
            self._clear_the_way(history.path)
            there = look_at(self.target, history.path)
        if there.kind == "folder":
            remove_empty_below(file)
            there = look_at(self.target, history.path)
        if there.kind not in ("nothing", "folder", "other") and not is_ours:
            self._note(copy_aside(self.target, history.path, there, self.scratch, self.when))
        elif there.kind in ("folder", "other"):
            self._note(move_aside(self.target, history.path, self.when))
        make_folders(self.target, file.parent)
        put(self._ready(first, history.kept), file)

    def _clear_the_way(self, path: str) -> None:
        """Put aside what the update brought and the attendee changed, where a folder was."""
        folders = [folder.as_posix() for folder in reversed(PurePosixPath(path).parents)][1:]
        kinds = ((folder, look_at(self.target, folder).kind) for folder in folders)
        obstacle = next(folder for folder, kind in kinds if kind != "folder")
        if obstacle not in self.brought:
            raise InTheWay(obstacle)
        self._note(move_aside(self.target, obstacle, self.when))

    def _ready(self, thing: KeptThing, kept: Path) -> Path:
        place = self.scratch / token_hex(8)
        if thing.before == "link":
            place.symlink_to(thing.before_link)
        else:
            copy_new(kept, place, thing.before_mode)
        return place

    def _put_between_aside(self, file: Path, thing: KeptThing, kept: Path) -> None:
        ready = self._ready(thing, kept)
        there = Thing(thing.before, thing.before_digest, thing.before_mode)
        make_folders(self.target, file.parent)
        path = file.relative_to(self.target).as_posix()
        self._note(copy_aside(self.target, path, there, self.scratch, self.when, content=ready))

    def _note(self, name: str) -> None:
        if name not in self.aside:
            self.aside.append(name)


def _return_receipt(
    source: GitSource | BundledSource,
    tries: Sequence[KeptCopy],
    target: Path,
    scratch: Path,
    progress: Progress,
) -> None:
    first = tries[0]
    if isinstance(source, BundledSource):
        receipt = first.hidden("receipt")
        if receipt is not None:
            return_bundle(receipt.read_bytes(), target, scratch)
        return
    moved = next((copy for copy in tries if copy.moved_head), None)
    return_commit(
        target,
        scratch,
        commit=first.from_version,
        index=moved.hidden("index") if moved else None,
        patterns=moved.hidden("patterns") if moved else None,
        progress=progress,
    )
