"""The two things that can be done with a workshop's materials: look, and bring."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ..definition.models import BundledSource, GitSource
from ..jobs.progress import Progress
from ..jobs.steady import Steady
from .bundled import bring_bundled, observe_bundled
from .failures import told_plainly
from .git_login import Login
from .git_patience import GitPatience
from .git_source import GitErrand, bring_git, observe_git, staged_git
from .staging import clean_leftovers, staging
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
    arriving: Path | None = None,
    mirrors: Sequence[str] = (),
    protocols: Collection[str] = ("https",),
    login: Login | None = None,
    patience: GitPatience | None = None,
    progress: Progress,
) -> MaterialsState:
    """Bring the materials to `target`, unless they are there.

    They grow in a hidden folder beside `target`, are verified, and get into place by one
    rename, so `target` is never half full. Repeating the call changes nothing, and what
    the attendee has in `target` is never overwritten. The caller holds the lock of `target`.

    A connection that breaks is tried again after a pause, then the next address is asked.
    What has arrived from a repository is not fetched again: not by the next try or the next
    address, nor, where `arriving` is given, by a later call after this one failed, was
    stopped or was killed. An old server that gives no single files starts over.

    Parameters
    ----------
    source, target, definition_folder
        As for :func:`observe_materials`.
    arriving
        Folder that keeps what has arrived of repositories until they are whole, on
        whichever disk; ``None`` keeps it for this call only.
    mirrors
        Addresses to ask before those of the definition, in order. An address is a URL, a
        folder that is a repository, or a file made by ``git bundle``.
    protocols
        What addresses may use; a plain path counts as ``file``.
    login
        What opens a private repository; given to the servers of the addresses only.
    patience
        How long a broken connection is tried again.
    progress
        Is told phase and fraction; a stop takes effect within two seconds and leaves
        nothing but what `arriving` keeps.

    Returns
    -------
    MaterialsState
        What :func:`observe_materials` says afterwards.

    Raises
    ------
    TargetOccupied
        If something else is in `target`; it is left as it is.
    AddressFailure, NoAddressWorked
        If no address gave the materials; tells what each one answered.
    GitMissing, DiskFull, NotWritable, LoginUnsupported, MaterialsFailed
        If this machine is the reason.
    PathMissing, UnsafeLink, Damaged, BundleMissing
        If the materials themselves are.
    Cancelled
        If a stop was asked for.
    """
    steady = Steady(progress)
    with told_plainly(target):
        target = _resolved(target)
        clean_leftovers(target)
        if isinstance(source, GitSource):
            errand = GitErrand(
                source,
                (*mirrors, *source.urls),
                protocols,
                login,
                patience or GitPatience(),
                steady,
            )
            state = bring_git(errand, target, arriving)
        else:
            state = bring_bundled(source, target, definition_folder, progress=steady)
        clean_leftovers(target)
        return state


@contextmanager
def staged_materials(
    source: GitSource | BundledSource,
    target: Path,
    *,
    definition_folder: Path,
    arriving: Path | None = None,
    mirrors: Sequence[str] = (),
    protocols: Collection[str] = ("https",),
    login: Login | None = None,
    patience: GitPatience | None = None,
    progress: Progress,
) -> Iterator[Path]:
    """Give a hidden folder beside `target` with the whole verified materials in it.

    `target` is neither changed nor has to be empty. A git source brings its ``.git``. The
    folder is on the disk of `target`, is the caller's to change or to rename away, and
    what is left of it goes when the context ends; what `arriving` keeps goes too, unless
    it ended by an exception.

    Parameters
    ----------
    source, target, definition_folder, arriving, mirrors, protocols, login, patience, progress
        As for :func:`bring_materials`.

    Raises
    ------
    WorkshopError
        As :func:`bring_materials`, without `TargetOccupied`.
    """
    steady = Steady(progress)
    with ExitStack() as stack:
        with told_plainly(target):
            target = _resolved(target)
            clean_leftovers(target)
            if isinstance(source, GitSource):
                errand = GitErrand(
                    source,
                    (*mirrors, *source.urls),
                    protocols,
                    login,
                    patience or GitPatience(),
                    steady,
                )
                folder = stack.enter_context(staged_git(errand, target, arriving))
            else:
                folder = stack.enter_context(staging(target)) / target.name
                bring_bundled(source, folder, definition_folder, progress=steady)
        yield folder


def _resolved(target: Path) -> Path:
    return target.resolve() if target.is_dir() else target.parent.resolve() / target.name
