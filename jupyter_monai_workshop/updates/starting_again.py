"""A notebook as the organiser made it, with the attendee's copy beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from secrets import token_hex

from ..definition.models import BundledSource, GitSource, Patch
from ..errors import WorkshopError
from ..jobs.progress import Progress
from ..materials import observe_materials
from ..materials.failures import told_plainly
from ..materials.pristine import GivenFile, given_version
from ..materials.replacing import put, write_new
from ..materials.staging import clean_leftovers, staging
from ..notebooks import apply_patches
from .aside import copy_aside, move_aside
from .failures import InTheWay, NotebookNotGiven, NotThere
from .placing import make_folders
from .things import digest, look_at


def start_again(
    source: GitSource | BundledSource,
    target: Path,
    notebook: str,
    *,
    definition_folder: Path,
    patches: Sequence[Patch],
    progress: Progress,
) -> str:
    """Make a notebook what it was when it came, with the workshop's patches.

    The attendee's version is kept beside it under a dated name first. A notebook that was
    deleted comes back. The caller holds the lock of `target`; repeating the call is safe.

    Parameters
    ----------
    notebook
        Its path relative to the materials. It comes from the version that is there.
    patches
        The workshop's patches of this notebook; those that do not fit are left out.

    Returns
    -------
    str
        Path of the attendee's copy, relative to the materials; empty if none was needed.

    Raises
    ------
    NotThere
        If `target` does not hold the materials.
    NotebookNotGiven
        If the version that is there has no such notebook, or nobody has kept it.
    InTheWay
        If its folder was replaced by something else.
    VersionUnreadable
        If the repository is damaged.
    """
    progress.report("looking", 0.0)
    if not observe_materials(source, target, definition_folder=definition_folder).present:
        raise NotThere(target)
    with told_plainly(target):
        target = target.resolve()
        clean_leftovers(target)
        with staging(target) as scratch:
            version = given_version(
                source, target, scratch, definition_folder=definition_folder, progress=progress
            )
            content = _pristine(version.files.get(notebook), notebook, patches)
            progress.raise_if_cancelled()
            progress.report("writing", 0.8, notebook)
            return _put(target, notebook, content, scratch)


def _pristine(given: GivenFile | None, notebook: str, patches: Sequence[Patch]) -> bytes:
    if given is None:
        raise NotebookNotGiven(notebook, hint="The version of the materials here does not have it.")
    if given.place is None:
        raise NotebookNotGiven(
            notebook, hint="Nobody has kept it. Press “Update”, which brings it again."
        )
    content = given.place.read_bytes()
    for patch in patches:
        try:
            content = apply_patches(content.decode("utf-8"), [patch]).encode("utf-8")
        except (WorkshopError, UnicodeDecodeError):
            continue
    return content


def _put(target: Path, notebook: str, content: bytes, scratch: Path) -> str:
    there, when, aside = look_at(target, notebook), datetime.now().astimezone(), ""
    if there.kind == "blocked":
        raise InTheWay(notebook)
    if there.is_like("file", digest([content])):
        return ""
    file = target / notebook
    if there.kind in ("file", "link"):
        aside = copy_aside(target, notebook, there, scratch, when)
    elif there.kind != "nothing":
        aside = move_aside(target, notebook, when)
    make_folders(target, file.parent)
    ready = scratch / token_hex(8)
    write_new(ready, content, there.mode or 0o644)
    put(ready, file)
    return aside
