"""Bringing a new version to a folder in which somebody has worked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path

from ..definition.models import BundledSource, GitSource, Parameter, Patch
from ..jobs.progress import Progress, Silent
from ..jobs.steady import Share, Steady
from ..materials import GitPatience, Login, observe_materials, staged_materials
from ..materials.adopting import adopt_version, given_paths, head_follows
from ..materials.bundled import RECEIPT
from ..materials.failures import told_plainly
from ..materials.pristine import GivenVersion, given_version, staged_version, version_there
from ..materials.staging import clean_leftovers, staging
from .failures import ChangedMeanwhile, NotThere
from .keeping import amend, finish, folder_for, keep, last_report, last_tries
from .placing import make_change, make_ready
from .planning import Plan, plan_update
from .report import UpdateReport
from .undoing import take_back_untouched

_ATTEMPTS = 3


def update_materials(
    source: GitSource | BundledSource,
    target: Path,
    *,
    definition_folder: Path,
    patches: Mapping[str, Sequence[Patch]],
    kept: Path,
    arriving: Path | None = None,
    parameters: Mapping[str, Sequence[Parameter]] | None = None,
    restore_deleted: bool = False,
    mirrors: Sequence[str] = (),
    protocols: Collection[str] = ("https",),
    login: Login | None = None,
    patience: GitPatience | None = None,
    progress: Progress,
) -> UpdateReport:
    """Bring the version that the workshop names now to a folder with another one of ours.

    What the attendee made stays; ``docs/materials.md`` tells what happens in which case.
    The caller holds the lock of `target`. There is no journal: the receipt changes last,
    and what was cut, by a kill even, is finished by calling again.

    Parameters
    ----------
    source, target, definition_folder, arriving, mirrors, protocols, login, patience
        As for :func:`~jupyter_monai_workshop.materials.bring_materials`.
    patches
        The workshop's patches by notebook, relative to the materials. Those that a
        notebook has, it has afterwards.
    parameters
        The workshop's parameters by notebook. A value that the attendee chose stays.
    kept
        Folder that keeps what is changed, as it was before; on whichever disk.
    restore_deleted
        Whether files that the attendee has deleted come back. Asks for no new version: where
        there is none, they come back from the one that is there.
    progress
        Is told phase and fraction. A stop is heard until the first file changes.

    Returns
    -------
    UpdateReport
        What was done, by earlier tries of the same update too. If there was nothing to do,
        what the last update did.

    Raises
    ------
    NotThere
        If `target` does not hold a version of ours.
    ChangedMeanwhile
        If something else keeps writing the same files.
    VersionUnreadable
        If it cannot be told what the version that is there gave.
    WorkshopError
        As :func:`~jupyter_monai_workshop.materials.bring_materials`.
    """
    steady = Steady(progress)
    steady.report("looking", 0.0)
    state = observe_materials(source, target, definition_folder=definition_folder)
    if not state.present:
        raise NotThere(target)
    with told_plainly(target), ExitStack() as stack:
        target = target.resolve()
        place = folder_for(kept, target)
        clean_leftovers(target)
        if not state.outdated:
            version = version_there(source, target)
            _finish_late(place, version)
            if not restore_deleted:
                return last_report(place) or _nothing_done(version)
        scratch = stack.enter_context(staging(target))
        base = given_version(
            source, target, scratch, definition_folder=definition_folder, progress=steady
        )
        work = _Update(
            source, target, place, scratch, patches, parameters or {}, restore_deleted, steady
        )
        if not state.outdated:
            return work.restore(base)
        staged = stack.enter_context(
            staged_materials(
                source,
                target,
                definition_folder=definition_folder,
                arriving=arriving,
                mirrors=mirrors,
                protocols=protocols,
                login=login,
                patience=patience,
                progress=Share(steady, 0.0, 0.7),
            )
        )
        return work.bring(base, staged)


@dataclass(frozen=True)
class _Update:
    source: GitSource | BundledSource
    target: Path
    place: Path
    scratch: Path
    patches: Mapping[str, Sequence[Patch]]
    parameters: Mapping[str, Sequence[Parameter]]
    restore_deleted: bool
    progress: Progress

    def bring(self, base: GivenVersion, staged: Path) -> UpdateReport:
        """Bring what `staged` holds; look anew if files change meanwhile."""
        new = staged_version(self.source, staged)
        tries = last_tries(self.place)
        if tries and not tries[-1].done and tries[-1].to_version != new.version:
            take_back_untouched(tries, self.target, self.scratch)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self._bring_files(base, new)
                break
            except ChangedMeanwhile:
                if attempt == _ATTEMPTS:
                    raise
        tries = last_tries(self.place)
        adopt_version(
            self.source,
            staged,
            self.target,
            self.scratch,
            moves_head=tries[-1].moved_head,
            progress=Silent(),
        )
        report = finish(tries)
        self.progress.report("writing", 1.0)
        return report

    def restore(self, base: GivenVersion) -> UpdateReport:
        """Bring back what was deleted of the version that is there; nothing else changes."""
        plan, ready = self._prepare(base, base)
        self._make(plan, ready)
        restored = [change.path for change in plan.changes]
        report = amend(self.place, restored=restored, deleted=plan.deleted)
        return report or replace(_nothing_done(base.version), restored=tuple(sorted(restored)))

    def _bring_files(self, base: GivenVersion, new: GivenVersion) -> None:
        plan, ready = self._prepare(base, new)
        self.progress.report("copying", 0.85)
        keep(
            self.place,
            self.target,
            plan,
            from_version=base.version,
            to_version=new.version,
            moved_head=self._moves_head(base, new),
            hidden=self._hidden(base),
        )
        self._make(plan, ready)

    def _prepare(self, base: GivenVersion, new: GivenVersion) -> tuple[Plan, list[Path | None]]:
        plan = plan_update(
            self.target,
            base,
            new,
            patches=self.patches,
            parameters=self.parameters,
            restore_deleted=self.restore_deleted,
            progress=Share(self.progress, 0.7, 0.1),
        )
        ready = make_ready(plan.changes, self.scratch, self.progress)
        self.progress.raise_if_cancelled()
        return plan, ready

    def _make(self, plan: Plan, ready: Sequence[Path | None]) -> None:
        """Make all changes. Only a failure stops it: it is a matter of renames."""
        for number, (change, file) in enumerate(zip(plan.changes, ready, strict=True)):
            self.progress.report("writing", 0.9 + 0.1 * number / len(ready), change.path)
            make_change(self.target, change, file)

    def _moves_head(self, base: GivenVersion, new: GivenVersion) -> bool:
        if isinstance(self.source, BundledSource) or base.version == new.version:
            return False
        # A clone that was made by hand is not ours to move.
        ours = given_paths(self.target, base.version) is not None or not self.source.sparse
        return ours and head_follows(self.target, base.version, new.version, self.progress)

    def _hidden(self, base: GivenVersion) -> dict[str, Path]:
        if isinstance(self.source, BundledSource):
            return {"receipt": self.target / RECEIPT}
        git = self.target / ".git"
        hidden = {"index": git / "index"}
        if given_paths(self.target, base.version):
            hidden["patterns"] = git / "info" / "sparse-checkout"
        return hidden


def _finish_late(place: Path, version: str) -> None:
    """Complete an update that was killed after the receipt and before its last mark."""
    tries = last_tries(place)
    if tries and not tries[-1].done and tries[-1].to_version == version:
        finish(tries)


def _nothing_done(version: str) -> UpdateReport:
    return UpdateReport(datetime.now(timezone.utc), version, version, can_undo=False)
