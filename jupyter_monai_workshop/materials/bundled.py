"""Materials that ship with the definition: copied whole, or not at all.

The target also keeps a second copy of every file, hidden and named by its digest, so that
it can be told later what the attendee changed, and what the file was before.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from ..definition.models import BundledSource
from ..jobs.progress import Progress
from .failures import BundleMissing, Damaged, NoPlainFile, TargetOccupied, UnsafeLink
from .staging import move_into_place, staging
from .state import Holding, MaterialsState, describe, look

RECEIPT = ".monai-workshop.json"
"""The file in the target that tells what was copied there."""

STORE = ".monai-workshop"
"""The folder in the target with what the attendee need not see."""

PRISTINE = f"{STORE}/pristine"
"""The folder in the target with the files as they came, each named by its digest."""

_LEFT_OUT = {"__pycache__", ".ipynb_checkpoints", ".DS_Store", ".git", RECEIPT, STORE}
_DIGEST = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1 << 20


def observe_bundled(source: BundledSource, target: Path, folder: Path) -> MaterialsState:
    """Return whether `target` holds what lies in the definition's folder. Writes nothing."""
    return describe(_look(bundle_folder(source, folder), target), target)


def bring_bundled(
    source: BundledSource, target: Path, folder: Path, *, progress: Progress
) -> MaterialsState:
    """Copy the bundled files to `target`; see :func:`bring_materials`."""
    progress.report("looking", 0.0)
    bundle = bundle_folder(source, folder)
    match _look(bundle, target):
        case Holding.SOMETHING_ELSE | Holding.BY_HAND:
            raise TargetOccupied(target, "is already there and holds something else")
        case Holding.NOTHING:
            _copy(bundle, target, progress)
    return describe(_look(bundle, target), target)


def bundle_folder(source: BundledSource, folder: Path) -> Path:
    """Return the folder that is copied.

    Raises
    ------
    BundleMissing
        If it does not lie beside the definition.
    """
    bundle = (folder / source.path).resolve()
    if not bundle.is_dir() or not bundle.is_relative_to(folder.resolve()):
        raise BundleMissing(source.path)
    return bundle


def _look(bundle: Path, target: Path) -> Holding:
    def inside(folder: Path) -> Holding:
        try:
            files = files_of_receipt((folder / RECEIPT).read_bytes())
        except (OSError, ValueError):
            return Holding.SOMETHING_ELSE
        return Holding.OURS if files == _digests(bundle) else Holding.OTHER_VERSION

    return look(target, inside)


def files_of_receipt(receipt: bytes) -> dict[str, str]:
    """Return the digest of every file that a receipt names, by its path.

    Raises
    ------
    ValueError
        If it is no receipt.
    """
    try:
        files = dict(json.loads(receipt)["files"])
        for path, digest in files.items():
            if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
                raise ValueError("no digest")
            if path.startswith("/") or ".." in path.split("/"):
                raise ValueError("no path inside")
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("no receipt") from error
    return files


def version_of_receipt(files: Mapping[str, str]) -> str:
    """Return a short name for the version that has these files."""
    listing = "".join(f"{digest} {path}\n" for path, digest in sorted(files.items()))
    return hashlib.sha256(listing.encode("utf-8", "surrogateescape")).hexdigest()


def _copy(bundle: Path, target: Path, progress: Progress) -> None:
    expected = _digests(bundle)
    with staging(target) as stage:
        tree = stage / "tree"
        (tree / PRISTINE).mkdir(parents=True)
        total = sum((bundle / path).stat().st_size for path in expected) or 1
        done = 0
        for path in expected:
            progress.report("copying", 0.9 * done / total, path)
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            with (bundle / path).open("rb") as old, (tree / path).open("xb") as new:
                while chunk := old.read(_CHUNK):
                    progress.raise_if_cancelled()
                    new.write(chunk)
                    done += len(chunk)
            if not (copy := tree / PRISTINE / expected[path]).exists():
                shutil.copyfile(tree / path, copy)
        progress.report("verifying", 0.9)
        if {path: digest_of(tree / path) for path in expected} != expected:
            raise Damaged("a copy differs from its original")
        receipt = json.dumps({"format": 1, "files": expected}, indent=1) + "\n"
        (tree / RECEIPT).write_text(receipt, encoding="utf-8")
        progress.raise_if_cancelled()
        move_into_place(tree, target)
        progress.report("verifying", 1.0)


def bundle_digests(source: BundledSource, folder: Path) -> dict[str, str]:
    """Return the digest of every bundled file by its path; quick when nothing changed.

    Raises
    ------
    BundleMissing, NoPlainFile, UnsafeLink
        If the bundle is not what it should be.
    """
    return _digests(bundle_folder(source, folder))


def _digests(bundle: Path) -> dict[str, str]:
    """Return the digest of every bundled file by its path; quick when nothing changed.

    Raises
    ------
    UnsafeLink
        If a link leads out of the bundle.
    """
    return dict(_digests_as_of(bundle, _signature(bundle)))


def _signature(bundle: Path) -> tuple[tuple[str, int, int], ...]:
    """Return path, size and time of change of every file that belongs to the bundle."""
    files = []
    for folder, folders, names in os.walk(bundle):
        folders[:] = sorted(set(folders) - _LEFT_OUT)
        for name in (*folders, *sorted(set(names) - _LEFT_OUT)):
            path = Path(folder) / name
            relative = path.relative_to(bundle).as_posix()
            if path.is_symlink() and not _leads_inside(path, bundle):
                raise UnsafeLink(relative)
            if name not in folders:
                status = path.stat()
                if not stat.S_ISREG(status.st_mode):  # a pipe would keep us waiting for ever
                    raise NoPlainFile(relative)
                files.append((relative, status.st_size, status.st_mtime_ns))
    return tuple(sorted(files))


def _leads_inside(link: Path, bundle: Path) -> bool:
    """Tell whether a link ends at something that is in the bundle."""
    try:
        return link.resolve(strict=True).is_relative_to(bundle)
    except (OSError, RuntimeError):  # it leads nowhere, or round and round
        return False


@lru_cache(maxsize=32)
def _digests_as_of(
    bundle: Path, signature: tuple[tuple[str, int, int], ...]
) -> tuple[tuple[str, str], ...]:
    return tuple((path, digest_of(bundle / path)) for path, _, _ in signature)


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file's content."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
