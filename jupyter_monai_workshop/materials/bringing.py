"""The two things that can be done with a workshop's materials: look, and bring."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from ..definition.models import BundledSource, GitSource
from ..jobs.progress import Progress
from ..jobs.steady import Steady
from .bundled import bring_bundled, observe_bundled
from .failures import told_plainly
from .git_source import bring_git, observe_git
from .staging import clean_leftovers
from .state import MaterialsState


def observe_materials(
    source: GitSource | BundledSource, target: Path, *, definition_folder: Path
) -> MaterialsState:
    """Look whether the materials are in `target`.

    Reads a few small files; no network, no child process, nothing written.

    Parameters
    ----------
    source
        Where the definition says that the materials come from.
    target
        The folder that receives them.
    definition_folder
        The folder of the definition's file, from which a bundled source counts.

    Raises
    ------
    BundleMissing
        If a bundled source does not lie beside its definition.
    UnsafeLink
        If a link in a bundled source leads out of it.
    NotWritable, MaterialsFailed
        If the folders cannot be read.
    """
    with told_plainly(target):
        if isinstance(source, GitSource):
            return observe_git(source, target)
        return observe_bundled(source, target, definition_folder)


def bring_materials(
    source: GitSource | BundledSource,
    target: Path,
    *,
    definition_folder: Path,
    mirrors: Sequence[str] = (),
    protocols: Collection[str] = ("https",),
    progress: Progress,
) -> MaterialsState:
    """Bring the materials to `target`, unless they are there.

    They grow in a hidden folder beside `target`, are verified, and get into place by one
    rename, so `target` is never half full. Repeating the call changes nothing, and what
    the attendee has in `target` is never overwritten. The caller holds the lock of `target`.

    Parameters
    ----------
    source, target, definition_folder
        As for :func:`observe_materials`.
    mirrors
        Addresses to ask before those of the definition, in order.
    protocols
        What addresses may use; a plain path counts as ``file``.
    progress
        Is told phase and fraction; a stop takes effect within two seconds and leaves nothing.

    Returns
    -------
    MaterialsState
        What :func:`observe_materials` says afterwards.

    Raises
    ------
    TargetOccupied, OtherVersion
        If something else is in `target`; it is left as it is.
    AddressFailure, NoAddressWorked
        If no address gave the materials; tells what each one answered.
    GitMissing, DiskFull, NotWritable, MaterialsFailed
        If this machine is the reason.
    PathMissing, UnsafeLink, Damaged, BundleMissing
        If the materials themselves are.
    Cancelled
        If a stop was asked for.
    """
    steady = Steady(progress)
    with told_plainly(target):
        target = target.resolve() if target.is_dir() else target.parent.resolve() / target.name
        clean_leftovers(target)
        if isinstance(source, GitSource):
            return bring_git(source, target, mirrors=mirrors, protocols=protocols, progress=steady)
        return bring_bundled(source, target, definition_folder, progress=steady)
