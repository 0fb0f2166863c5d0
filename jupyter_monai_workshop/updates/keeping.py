"""Kept copies: what the attendee had before an update changed it.

One folder for each try of an update, below a folder for the target. It gets its name when
it is whole, and only then is anything changed. Nothing in it is ever deleted.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Literal

from ..materials.replacing import copy_new, sync_folder, write_new
from .failures import ChangedMeanwhile
from .planning import Outcome, Plan
from .report import UpdateReport
from .things import ThingKind, thing_at

_STAMP = "%Y-%m-%dT%H-%M-%S.%fZ"
_MANIFEST, _DONE, _UNDONE = "manifest.json", "done.json", "undone"
_GROWING = ".growing"


@dataclass(frozen=True)
class KeptThing:
    """One path that an update changed, before and after.

    Attributes
    ----------
    before
        What was there: ``nothing``, ``file`` or ``link``.
    before_link
        Where the link led.
    after
        What the update put there, ``nothing`` if it removed it.
    """

    path: str
    of: str
    outcome: Outcome
    before: ThingKind
    before_digest: str
    before_mode: int
    before_link: str
    after: Literal["nothing", "file", "link"]
    after_digest: str


@dataclass(frozen=True)
class KeptCopy:
    """One try of an update.

    Attributes
    ----------
    folder
        Where it is kept.
    moved_head
        Whether git's branch and index were to follow.
    made
        Folders that were not there before.
    """

    folder: Path
    from_version: str
    to_version: str
    moved_head: bool
    things: tuple[KeptThing, ...]
    made: tuple[str, ...]
    deleted: tuple[str, ...]
    beside: tuple[str, ...]

    @property
    def done(self) -> bool:
        """Whether it is known to have come to its end."""
        return (self.folder / _DONE).exists()

    @property
    def undone(self) -> bool:
        """Whether it was taken back."""
        return (self.folder / _UNDONE).exists()

    def bytes_of(self, path: str) -> Path:
        """Return the file with the bytes that were at `path`."""
        return self.folder / "files" / path

    def hidden(self, name: str) -> Path | None:
        """Return a file that was kept of what the attendee does not see, if there was one."""
        file = self.folder / "hidden" / name
        return file if file.exists() else None


def folder_for(kept: Path, target: Path) -> Path:
    """Return the folder below `kept` with the copies of `target`."""
    return kept / hashlib.sha256(str(target.resolve()).encode()).hexdigest()[:16]


def keep(
    place: Path,
    target: Path,
    plan: Plan,
    *,
    from_version: str,
    to_version: str,
    moved_head: bool,
    hidden: Mapping[str, Path],
) -> KeptCopy:
    """Keep everything that `plan` changes or takes away.

    Parameters
    ----------
    place
        The folder for the copies of `target`.
    hidden
        More files to keep, by name; those that are not there are left out.

    Raises
    ------
    ChangedMeanwhile
        If a file is no longer the one that the plan was made for.
    """
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.rmtree(place / _GROWING, ignore_errors=True)
    growing = place / _GROWING
    (growing / "files").mkdir(parents=True)
    (growing / "hidden").mkdir()
    things = []
    for change in plan.changes:
        before, link = change.before, ""
        if before.kind == "link":
            link = str((target / change.path).readlink())
        elif before.kind == "file":
            copy = growing / "files" / change.path
            copy.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):
                copy_new(target / change.path, copy, before.mode)
            if thing_at(copy).digest != before.digest:
                raise ChangedMeanwhile(change.path)
        after = change.after
        things.append(
            KeptThing(
                change.path,
                change.of,
                change.outcome,
                before.kind,
                before.digest,
                before.mode,
                link,
                after.kind if after else "nothing",
                after.digest if after else "",
            )
        )
    for name, file in hidden.items():
        if file.exists():
            copy_new(file, growing / "hidden" / name)
    made = sorted(
        {
            folder.as_posix()
            for thing in things
            for folder in Path(thing.path).parents
            if not os.path.lexists(target / folder)
        }
    )
    manifest = {
        "format": 1,
        "from_version": from_version,
        "to_version": to_version,
        "moved_head": moved_head,
        "things": [asdict(thing) for thing in things],
        "made": made,
        "deleted": plan.deleted,
        "beside": plan.beside,
    }
    write_new(growing / _MANIFEST, json.dumps(manifest, indent=1).encode("ascii"))
    for name, _, _ in os.walk(growing):
        sync_folder(Path(name))
    folder = place / _next_stamp(place)
    growing.rename(folder)
    sync_folder(place)
    return read_copy(folder)


def read_copy(folder: Path) -> KeptCopy:
    """Return the kept copy in `folder`."""
    manifest = json.loads((folder / _MANIFEST).read_bytes())
    return KeptCopy(
        folder,
        manifest["from_version"],
        manifest["to_version"],
        manifest["moved_head"],
        tuple(KeptThing(**thing) for thing in manifest["things"]),
        tuple(manifest["made"]),
        tuple(manifest["deleted"]),
        tuple(manifest["beside"]),
    )


def last_tries(place: Path) -> list[KeptCopy]:
    """Return the tries of the last update, the earliest first; empty if it was taken back.

    An update that was cut and pressed again has several. Only the last of them is done.
    """
    tries: list[KeptCopy] = []
    for folder in reversed(_folders(place)):
        copy = read_copy(folder)
        if copy.undone or (tries and (copy.done or copy.from_version != tries[0].from_version)):
            break
        tries.insert(0, copy)
    return tries


def finish(tries: Sequence[KeptCopy]) -> UpdateReport:
    """Write down that the last of `tries` came to its end; return what all of them did."""
    last = tries[-1]
    report = _report(tries)
    _write_report(last.folder, report)
    return report


def amend(place: Path, *, restored: Sequence[str], deleted: Sequence[str]) -> UpdateReport | None:
    """Note that files which the attendee had deleted came back after the last update."""
    report = last_report(place)
    if report is not None:
        both = tuple(sorted({*report.restored, *restored}))
        report = replace(report, restored=both, deleted=tuple(deleted))
        _write_report(_folders(place)[-1], report)
    return report


def mark_undone(tries: Sequence[KeptCopy]) -> None:
    """Write down that `tries` were taken back."""
    for copy in reversed(tries):
        _write_mark(copy.folder / _UNDONE, b"")


def last_report(place: Path) -> UpdateReport | None:
    """Return what the last update did; ``None`` if there is none, or none that is done.

    Reads one small file.
    """
    folders = _folders(place)
    if not folders or (folders[-1] / _UNDONE).exists():
        return None
    try:
        content = json.loads((folders[-1] / _DONE).read_bytes())
    except FileNotFoundError:
        return None
    return UpdateReport(
        when=datetime.fromisoformat(content["when"]),
        from_version=content["from_version"],
        to_version=content["to_version"],
        followed=content["followed"],
        merged=tuple(content["merged"]),
        beside=tuple(content["beside"]),
        deleted=tuple(content["deleted"]),
        restored=tuple(content["restored"]),
        can_undo=content["can_undo"],
    )


def _report(tries: Sequence[KeptCopy]) -> UpdateReport:
    outcomes: dict[str, Outcome] = {}
    for copy in tries:
        for thing in copy.things:
            # A try that was cut may have made what the next one finds made.
            outcomes[thing.path] = thing.outcome
    last = tries[-1]

    def paths(*wanted: Outcome) -> tuple[str, ...]:
        return tuple(sorted(path for path, outcome in outcomes.items() if outcome in wanted))

    return UpdateReport(
        when=datetime.now(timezone.utc),
        from_version=last.from_version,
        to_version=last.to_version,
        followed=len(paths("followed", "removed")),
        merged=paths("merged"),
        beside=tuple(sorted(last.beside)),
        deleted=last.deleted,
        restored=paths("restored"),
    )


def _folders(place: Path) -> list[Path]:
    if not place.is_dir():
        return []
    return sorted(folder for folder in place.iterdir() if (folder / _MANIFEST).is_file())


def _next_stamp(place: Path) -> str:
    """Return the time as a name after all others, even if the clock was set back."""
    now = datetime.now(timezone.utc)
    names = [folder.name for folder in place.iterdir() if folder.name != _GROWING]
    if names and max(names) >= now.strftime(_STAMP):
        latest = datetime.strptime(max(names), _STAMP).replace(tzinfo=timezone.utc)
        now = latest + timedelta(microseconds=1)
    return now.strftime(_STAMP)


def _write_report(folder: Path, report: UpdateReport) -> None:
    content = asdict(report) | {"when": report.when.isoformat()}
    _write_mark(folder / _DONE, json.dumps(content, indent=1).encode("ascii"))


def _write_mark(file: Path, content: bytes) -> None:
    growing = file.with_name(f".{file.name}")
    growing.unlink(missing_ok=True)
    write_new(growing, content)
    growing.replace(file)
    sync_folder(file.parent)
