"""Materials that ship with the definition: copied whole, or not at all."""

from __future__ import annotations

import hashlib
import json
import os
from functools import lru_cache
from pathlib import Path

from ..definition.models import BundledSource
from ..jobs.progress import Progress
from .failures import BundleMissing, Damaged, OtherVersion, TargetOccupied, UnsafeLink
from .staging import move_into_place, staging
from .state import Holding, MaterialsState, describe, look

RECEIPT = ".monai-workshop.json"
"""The file in the target that tells what was copied there."""

_LEFT_OUT = {"__pycache__", ".ipynb_checkpoints", ".DS_Store", ".git", RECEIPT}
_CHUNK = 1 << 20


def observe_bundled(source: BundledSource, target: Path, folder: Path) -> MaterialsState:
    """Return whether `target` holds what lies in the definition's folder. Writes nothing."""
    return describe(_look(_bundle(source, folder), target), target)


def bring_bundled(
    source: BundledSource, target: Path, folder: Path, *, progress: Progress
) -> MaterialsState:
    """Copy the bundled files to `target`; see :func:`bring_materials`."""
    progress.report("looking", 0.0)
    bundle = _bundle(source, folder)
    match _look(bundle, target):
        case Holding.OTHER_VERSION:
            raise OtherVersion(target)
        case Holding.SOMETHING_ELSE | Holding.BY_HAND:
            raise TargetOccupied(target, "is already there and holds something else")
        case Holding.NOTHING:
            _copy(bundle, target, progress)
    return describe(_look(bundle, target), target)


def _bundle(source: BundledSource, folder: Path) -> Path:
    bundle = (folder / source.path).resolve()
    if not bundle.is_dir() or not bundle.is_relative_to(folder.resolve()):
        raise BundleMissing(source.path)
    return bundle


def _look(bundle: Path, target: Path) -> Holding:
    def inside(folder: Path) -> Holding:
        try:
            receipt = json.loads((folder / RECEIPT).read_text(encoding="utf-8"))
            same = receipt["files"] == _digests(bundle)
        except (OSError, ValueError, KeyError, TypeError):
            return Holding.SOMETHING_ELSE
        return Holding.OURS if same else Holding.OTHER_VERSION

    return look(target, inside)


def _copy(bundle: Path, target: Path, progress: Progress) -> None:
    expected = _digests(bundle)
    with staging(target) as stage:
        tree = stage / "tree"
        tree.mkdir()
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
        progress.report("verifying", 0.9)
        if {path: _digest(tree / path) for path in expected} != expected:
            raise Damaged("a copy differs from its original")
        receipt = json.dumps({"format": 1, "files": expected}, indent=1) + "\n"
        (tree / RECEIPT).write_text(receipt, encoding="utf-8")
        progress.raise_if_cancelled()
        move_into_place(tree, target)
        progress.report("verifying", 1.0)


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
            if path.is_symlink() and not path.resolve().is_relative_to(bundle):
                raise UnsafeLink(relative)
            if name not in folders:
                status = path.stat()
                files.append((relative, status.st_size, status.st_mtime_ns))
    return tuple(sorted(files))


@lru_cache(maxsize=32)
def _digests_as_of(
    bundle: Path, signature: tuple[tuple[str, int, int], ...]
) -> tuple[tuple[str, str], ...]:
    return tuple((path, _digest(bundle / path)) for path, _, _ in signature)


def _digest(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
