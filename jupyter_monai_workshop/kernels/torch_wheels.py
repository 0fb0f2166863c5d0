"""Finding a torch without CUDA among the wheels that lie on this machine."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from packaging.tags import Tag
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import Version


def cpu_torch_wheels(folders: Iterable[Path], tags: Iterable[Tag]) -> tuple[str, ...]:
    """Return the versions of the CPU builds of torch in `folders`, newest first.

    Only builds that an interpreter with `tags` can use count. A CPU build is known by
    its local version, ``+cpu``.
    """
    accepted = frozenset(tags)
    found: set[Version] = set()
    for folder in folders:
        for path in folder.glob("torch-*.whl"):
            try:
                name, version, _, offered = parse_wheel_filename(path.name)
            except InvalidWheelFilename:
                continue
            if name == "torch" and version.local == "cpu" and not accepted.isdisjoint(offered):
                found.add(version)
    return tuple(str(version) for version in sorted(found, reverse=True))
