"""One file as the version of the materials that is there gave it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from ..definition.models import BundledSource, GitSource
from ..errors import WorkshopError
from ..jobs.progress import Silent
from .bundled import PRISTINE, RECEIPT, bundle_folder, digest_of, files_of_receipt
from .failures import BundleMissing
from .git_folder import look_at_git
from .git_process import Git, GitExit


def pristine_file(
    source: GitSource | BundledSource, target: Path, path: str, *, definition_folder: Path
) -> bytes | None:
    """Return what a file was when it came; ``None`` if nobody has kept it.

    Parameters
    ----------
    path
        Relative to the materials.
    """
    if isinstance(source, GitSource):
        return _committed(target, look_at_git(target, source.commit)[1], path)
    return _bundled(source, target, path, definition_folder)


def _committed(target: Path, commit: str, path: str) -> bytes | None:
    if not commit:
        return None
    try:
        return Git(target, Silent()).read("cat-file", "blob", f"{commit}:{path}")
    except (GitExit, WorkshopError):
        return None


def _bundled(source: BundledSource, target: Path, path: str, folder: Path) -> bytes | None:
    try:
        digest = files_of_receipt((target / RECEIPT).read_bytes())[path]
    except (OSError, ValueError, KeyError):
        return None
    places = [target / PRISTINE / digest]
    with suppress(BundleMissing):
        places.append(bundle_folder(source, folder) / path)
    for place in places:
        try:
            if place.is_file() and digest_of(place) == digest:
                return place.read_bytes()
        except OSError:
            continue
    return None
