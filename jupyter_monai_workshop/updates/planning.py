"""What an update changes, file by file; the cases are those of ``docs/materials.md``.

A plan depends on three versions only: what was given before, what is there, what is given
now. So an update that was cut is planned again from the same beginning, and what it has
done already needs nothing more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Literal

from ..definition.models import Parameter, Patch
from ..errors import WorkshopError
from ..jobs.progress import Progress
from ..materials.pristine import GivenFile, GivenVersion
from ..notebooks import applied_patches, merge_notebooks, parse_notebook, revert_patches
from ..notebooks.reading import MAX_BYTES
from .choices import Choices, chosen_values
from .naming import names_from_workshop
from .things import NOTHING, Thing, digest, look_at

Outcome = Literal["followed", "removed", "merged", "beside", "restored"]


@dataclass(frozen=True)
class NewFile:
    """What a path gets.

    Attributes
    ----------
    mode
        Permission bits.
    content
        The bytes, or the file or link that has them.
    """

    kind: Literal["file", "link"]
    digest: str
    mode: int
    content: Path | bytes


@dataclass(frozen=True)
class Change:
    """One path that changes.

    Attributes
    ----------
    path
        Where, relative to the materials.
    of
        The organiser's path that it is about; another one for what goes beside.
    before
        What is there.
    after
        What it gets; ``None`` when it goes.
    """

    path: str
    of: str
    outcome: Outcome
    before: Thing
    after: NewFile | None


@dataclass(frozen=True)
class Plan:
    """What an update changes.

    Attributes
    ----------
    changes
        In the order in which they are to be made.
    deleted
        What the attendee deleted and does not come back.
    beside
        All files beside the attendee's own, those of earlier tries too.
    """

    changes: tuple[Change, ...]
    deleted: tuple[str, ...]
    beside: tuple[str, ...]


def plan_update(
    target: Path,
    base: GivenVersion,
    new: GivenVersion,
    *,
    patches: Mapping[str, Sequence[Patch]],
    parameters: Mapping[str, Sequence[Parameter]],
    restore_deleted: bool,
    progress: Progress,
) -> Plan:
    """Look at every file of both versions and decide what happens to it. Writes nothing."""
    planner = _Planner(target, base, new, patches, parameters, restore_deleted)
    gone = sorted(set(base.files) - set(new.files), reverse=True)
    paths = [*gone, *sorted(new.files)]
    for number, path in enumerate(paths):
        progress.raise_if_cancelled()
        progress.report("merging", number / len(paths), path)
        planner.decide(path)
    return Plan(tuple(planner.changes), tuple(planner.deleted), tuple(planner.beside))


@dataclass
class _Planner:
    target: Path
    base: GivenVersion
    new: GivenVersion
    patches: Mapping[str, Sequence[Patch]]
    parameters: Mapping[str, Sequence[Parameter]]
    restore_deleted: bool
    changes: list[Change] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)
    _going: set[str] = field(default_factory=set)
    _taken: set[str] = field(default_factory=set)

    def decide(self, path: str) -> None:
        old, new = self.base.files.get(path), self.new.files.get(path)
        there = self._look(path)
        if new is None:
            assert old is not None
            if _is(there, old) or self._is_patched(path, there, old):
                self._change(path, "removed", there, None)
                self._going.add(path)
        elif there.kind in ("nothing", "blocked") and not self._comes(old, new):
            self.deleted.append(path)
        elif new.place is None:
            pass  # the version that was there before, of which nobody has kept this file
        elif there.kind == "nothing":
            outcome: Outcome = "followed" if old is None else "restored"
            self._change(path, outcome, there, _as_given(new))
        elif there.kind == "blocked":
            self._put_beside_folder(path, new)
        elif _is(there, new):
            self._follow_mode(path, there, old, new)
        elif old is None:
            self._put_beside(path, old, new)
        elif (old.kind, old.digest) == (new.kind, new.digest):
            if _is(there, old):
                self._follow_mode(path, there, old, new)
        else:
            self._reconcile(path, there, old, new)

    def _comes(self, old: GivenFile | None, new: GivenFile) -> bool:
        return old is None or (self.restore_deleted and new.place is not None)

    def _look(self, path: str) -> Thing:
        """Return what is at `path` when everything that goes is gone."""
        there = look_at(self.target, path)
        if path in self._going:
            return NOTHING
        if there.kind == "folder" and self._vanishes(path):
            return NOTHING
        if there.kind == "blocked":
            above = {str(folder) for folder in PurePosixPath(path).parents}
            return NOTHING if above & self._going else there
        if there.kind in ("file", "link") and self._is_other_case(path):
            return NOTHING
        return there

    def _vanishes(self, folder: str) -> bool:
        """Tell whether a folder that was given is empty when everything that goes is gone."""
        if not any(path.startswith(f"{folder}/") for path in self.base.files):
            return False
        entries = [f"{folder}/{entry.name}" for entry in (self.target / folder).iterdir()]
        return all(self._look(entry).kind == "nothing" for entry in entries)

    def _is_other_case(self, path: str) -> bool:
        """Tell whether the disk takes `path` for another one that goes, as some systems do."""
        if path.casefold() not in {gone.casefold() for gone in self._going}:
            return False
        names = {entry.name for entry in (self.target / path).parent.iterdir()}
        return PurePosixPath(path).name not in names

    def _reconcile(self, path: str, there: Thing, old: GivenFile, new: GivenFile) -> None:
        """Decide about a file that the organiser changed, and perhaps the attendee."""
        mode = _followed_mode(there.mode, old, new)
        if _is(there, old):
            kept_mode = mode if there.kind == "file" else None
            self._change(path, "followed", there, _as_given(new, kept_mode))
        elif not (_is_notebook(path) and there.kind == old.kind == new.kind == "file"):
            self._put_beside(path, old, new)
        else:
            self._merge(path, there, old, new, mode)

    def _merge(self, path: str, there: Thing, old: GivenFile, new: GivenFile, mode: int) -> None:
        """Merge a notebook cell by cell, all three versions seen through its choices."""
        try:
            ours, theirs = _text(self.target / path), _text(new.place)
            choices = self._patches_of(path, ours)
            if self._is_patched(path, there, old):
                before = ours
            else:
                choices = self._with_values(path, ours, old, choices).fitting(theirs)
                before = choices.made_in(_text(old.place))
            patched = choices.made_in(theirs)
            if ours in (before, patched):
                text = patched
            else:
                name = PurePosixPath(path).name
                text = merge_notebooks(before, ours, patched, name=name).text
        except (WorkshopError, _NoText):
            self._put_beside(path, old, new)
            return
        content = text.encode("utf-8")
        if (sum_ := digest([content])) != there.digest or mode != there.mode:
            after = NewFile("file", sum_, mode, content)
            self._change(path, "followed" if text == patched else "merged", there, after)

    def _is_patched(self, path: str, there: Thing, old: GivenFile) -> bool:
        """Tell whether all that differs from what was given are patches of the workshop."""
        if not self.patches.get(path) or there.kind != "file":
            return False
        try:
            ours = _text(self.target / path)
            choices = self._patches_of(path, ours)
            if old.place is not None:
                return ours == choices.made_in(_text(old.place))
            return digest([revert_patches(ours, choices.patches).encode("utf-8")]) == old.digest
        except (WorkshopError, _NoText):
            return False

    def _patches_of(self, path: str, text: str) -> Choices:
        patches = self.patches.get(path, ())
        return Choices(applied_patches(parse_notebook(text), patches)) if patches else Choices()

    def _with_values(self, path: str, ours: str, old: GivenFile, choices: Choices) -> Choices:
        """Return the choices with the values of parameters that the attendee chose."""
        given = choices.made_in(_text(old.place))
        return replace(choices, values=chosen_values(ours, given, self.parameters.get(path, ())))

    def _follow_mode(self, path: str, there: Thing, old: GivenFile | None, new: GivenFile) -> None:
        if there.kind != "file" or old is None or new.place is None:
            return
        mode = _followed_mode(there.mode, old, new)
        if mode != there.mode:
            after = NewFile("file", there.digest, mode, self.target / path)
            self._change(path, "followed", there, after)

    def _put_beside(self, path: str, old: GivenFile | None, new: GivenFile) -> None:
        """Put the organiser's version beside; a copy of an earlier version follows."""
        place = PurePosixPath(path)
        for name in names_from_workshop(place.name):
            candidate = str(place.with_name(name))
            if candidate in self._taken or candidate in self.new.files:
                continue
            there = self._look(candidate)
            if _is(there, new) or there.kind == "nothing" or (old and _is(there, old)):
                break
        self._taken.add(candidate)
        self.beside.append(candidate)
        if not _is(there, new):
            mode = there.mode if there.kind == "file" else None
            self._change(candidate, "beside", there, _as_given(new, mode), of=path)

    def _put_beside_folder(self, path: str, new: GivenFile) -> None:
        """Put a file whose folder cannot be, because something is in its place."""
        parts = path.split("/")
        depth = next(
            number
            for number in range(1, len(parts))
            if self._look("/".join(parts[:number])).kind not in ("nothing", "folder")
        )
        above, name, below = parts[: depth - 1], parts[depth - 1], parts[depth:]
        for words in names_from_workshop(name):
            candidate = "/".join([*above, words, *below])
            there = self._look(candidate)
            if candidate not in self.new.files and (_is(there, new) or there.kind == "nothing"):
                break
        self.beside.append(candidate)
        if not _is(there, new):
            self._change(candidate, "beside", there, _as_given(new), of=path)

    def _change(
        self, path: str, outcome: Outcome, before: Thing, after: NewFile | None, of: str = ""
    ) -> None:
        self.changes.append(Change(path, of or path, outcome, before, after))


class _NoText(Exception):
    """The file is no text that can be compared."""


def _is(there: Thing, given: GivenFile) -> bool:
    return there.is_like(given.kind, given.digest)


def _is_notebook(path: str) -> bool:
    return path.endswith(".ipynb")


def _text(file: Path | None) -> str:
    try:
        if file is None or file.stat().st_size > MAX_BYTES:
            raise _NoText
        return file.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise _NoText from error


def _as_given(new: GivenFile, mode: int | None = None) -> NewFile:
    assert new.place is not None, "a version that arrives has all its files"
    if mode is None:
        mode = new.place.stat().st_mode & 0o777 if new.kind == "file" else 0
    return NewFile(new.kind, new.digest, mode, new.place)


def _followed_mode(mode: int, old: GivenFile, new: GivenFile) -> int:
    """Return the attendee's mode, executable or not as the organiser has changed it."""
    if old.executable == new.executable or new.kind == "link":
        return mode
    return mode | (mode & 0o444) >> 2 if new.executable else mode & ~0o111
