"""Unpacking a kit that nobody vouches for, once, into a folder that counts whole or not at all."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..definition.models import Definition
from ..jobs.progress import Progress
from ..jobs.steady import Steady
from ..kernels.interpreter import Interpreter, ask_interpreter
from ..kernels.wheels import short_version, unfit_wheels
from ..materials.archive_tree import Limits
from ..materials.data_failures import ArchiveDamaged, ArchiveRefused
from ..materials.data_placing import remove
from ..materials.failures import told_plainly
from ..materials.staging import clean_leftovers, staging
from ..materials.unpacking import unpack
from .failures import (
    KitDamaged,
    KitForOther,
    KitNeedsRoom,
    KitRefused,
    KitUnfit,
)
from .head import MOST, read_manifest
from .manifest import (
    BUNDLE,
    NAME,
    WHEELS,
    Manifest,
    data_member,
    difference,
    version_of_packages,
)
from .turns import taking_turns

_CHUNK = 1 << 20
_UNPACKED = 0.7


@dataclass(frozen=True)
class Kit:
    """An opened kit. Every path lies in the folder that it was unpacked into.

    Attributes
    ----------
    bundle
        A git bundle to ask before all other addresses of the materials; ``None`` if the
        kit has none.
    data
        By the data set's id, what stands in for its addresses; it is checked at use.
    wheels
        The folder of all packages that the environment needs. ``None`` if the kit has
        none, or has some that do not fit.
    wheels_problem
        Why the kit's packages do not fit here, in one sentence; empty if they do, or if
        there are none.
    """

    bundle: Path | None = None
    data: Mapping[str, Path] = field(default_factory=dict)
    wheels: Path | None = None
    wheels_problem: str = ""

    def wheels_for_environment(self) -> Path | None:
        """Return the folder of packages, ``None`` if the kit has none.

        Raises
        ------
        KitUnfit
            If it has some, and they are for another kind of machine.
        """
        if self.wheels_problem:
            raise KitUnfit(self.wheels_problem)
        return self.wheels


def open_kit(
    file: Path,
    folder: Path,
    definition: Definition,
    *,
    base_python: Path,
    progress: Progress,
) -> Kit:
    """Unpack the kit `file` below `folder`, unless it is there, and return what it holds.

    Each kit has a folder of its own, named by its digest, which gets into place by one
    rename after everything in it was compared with the digests. Whenever this ends, also
    by a kill, there is either the whole kit or nothing that counts. Several callers at
    once take turns.

    Parameters
    ----------
    folder
        Keeps unpacked kits; is made where it is missing.
    definition
        The workshop that the kit must be for.
    base_python
        The interpreter that the kit's packages must fit.
    progress
        Phases ``looking``, ``waiting``, ``writing`` and ``verifying``.

    Raises
    ------
    KitMissing, NotAKit, KitTooNew
        If the file is no kit that can be read here.
    KitDamaged, KitRefused
        If it is not as it was packed; nothing of it is kept.
    KitForOther
        If it is for another workshop or another version of this one.
    KitNeedsRoom, DiskFull, NotWritable, MaterialsFailed
        If this machine is the reason.
    InterpreterGone, InterpreterBroken
        If the kit has packages and `base_python` does not answer.
    Cancelled
        If a stop was asked for.
    """
    progress = Steady(progress)
    progress.report("looking", 0.0)
    manifest, digest = read_manifest(file)
    if told := difference(manifest, definition):
        raise KitForOther(
            f"The kit “{file.name}” {told}.",
            hint="Use the kit that was packed from this definition, or pack it anew.",
        )
    tree = folder / f"{manifest.workshop}-{digest[:16]}"
    with told_plainly(tree), taking_turns(tree, progress):
        clean_leftovers(tree)
        if not _is_whole(tree, manifest):
            remove(tree, progress=progress)
            _Unpacking(file, manifest, tree, progress).run()
    progress.report("verifying", 1.0)
    return _kit_of(tree, manifest, definition, base_python)


class _Unpacking:
    """One unpacking of one kit, read from `run` downwards."""

    def __init__(self, file: Path, manifest: Manifest, tree: Path, progress: Progress) -> None:
        self._file = file
        self._manifest = manifest
        self._tree = tree
        self._progress = progress

    def run(self) -> None:
        needed = self._manifest.size
        free = shutil.disk_usage(self._tree.parent).free
        if needed > free:
            raise KitNeedsRoom(f"The kit “{self._file.name}”", needed, free)
        with staging(self._tree) as stage:
            fresh = stage / "kit"
            fresh.mkdir()
            self._write(fresh)
            self._compare(fresh)
            if self._manifest.packages is not None:
                (fresh / WHEELS).mkdir(exist_ok=True)  # it may be that no package is needed
            self._progress.raise_if_cancelled()
            fresh.rename(self._tree)

    def _write(self, fresh: Path) -> None:
        # Its folders, at most three, count as files too.
        limits = Limits(size=self._manifest.size + MOST, files=len(self._manifest.members) + 4)
        try:
            unpack(self._file, "tar", fresh, limits=limits, progress=self._progress, end=_UNPACKED)
        except ArchiveRefused as failure:
            raise KitRefused(self._file.name, failure.details) from failure
        except ArchiveDamaged as failure:
            raise KitDamaged(self._file.name, failure.details) from failure

    def _compare(self, fresh: Path) -> None:
        """Compare what was written with what ``kit.json`` says, byte for byte."""
        self._refuse_others(fresh)
        done, whole = 0, max(self._manifest.size, 1)
        for name, member in self._manifest.members.items():
            path = fresh / name
            if not path.is_file() or path.stat().st_size != member.size:
                raise KitDamaged(self._file.name, f"{name} is missing or has another size")
            digest = hashlib.sha256()
            for piece in pieces_of(path):
                self._progress.raise_if_cancelled()
                digest.update(piece)
                done += len(piece)
                fraction = _UNPACKED + (1 - _UNPACKED) * done / whole
                self._progress.report("verifying", fraction)
            if digest.hexdigest() != member.sha256:
                raise KitDamaged(self._file.name, f"{name} is not as it was packed")

    def _refuse_others(self, fresh: Path) -> None:
        expected = {NAME, *self._manifest.members}
        for path in fresh.rglob("*"):
            name = path.relative_to(fresh).as_posix()
            if path.is_symlink() or (path.is_file() and name not in expected):
                raise KitRefused(self._file.name, f"it holds “{name}”, which no kit holds")


def pieces_of(path: Path) -> Iterator[bytes]:
    """Yield the content of a file, a piece at a time."""
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            yield piece


def _is_whole(tree: Path, manifest: Manifest) -> bool:
    """Return whether the kit is unpacked, as far as a quick look shows."""
    try:
        return (
            all(
                (tree / name).stat().st_size == member.size
                for name, member in manifest.members.items()
            )
            and (tree / NAME).is_file()
        )
    except OSError:
        return False


def _kit_of(tree: Path, manifest: Manifest, definition: Definition, base_python: Path) -> Kit:
    problem = ""
    if manifest.packages is not None:
        problem = _problem(manifest, definition, ask_interpreter(base_python))
    return Kit(
        bundle=tree / BUNDLE if manifest.materials else None,
        data={
            data.id: tree / data_member(data)
            for data in definition.data
            if data.id in manifest.data
        },
        wheels=tree / WHEELS if manifest.packages is not None and not problem else None,
        wheels_problem=problem,
    )


def _problem(manifest: Manifest, definition: Definition, base: Interpreter) -> str:
    packages = manifest.packages
    assert packages is not None
    if packages.digest != version_of_packages(definition):
        return "The kit was packed when the workshop asked for other packages."
    here, platform = short_version(base), base.tags()[0].platform
    if packages.python != here or unfit_wheels(manifest.wheels, base):
        return (
            f"The packages in the kit are for Python {packages.python} on {packages.platform}; "
            f"this is Python {here} on {platform}."
        )
    return ""
