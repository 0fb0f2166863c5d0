"""Where a torch can be had for a Python that has none, best place first."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.tags import Tag
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import Version


@dataclass(frozen=True)
class Source:
    """A place to take torch from: what to ask for there, and how.

    Attributes
    ----------
    pin
        The only version to ask for; empty for the newest that serves.
    backend
        uv's name for the kind of build; empty for whatever the index has.
    last
        Whether nothing is left to try after it.
    """

    message: str
    pin: str = ""
    backend: str = ""
    last: bool = False


def torch_sources(*, gpu: bool, index: bool, wheels: Iterable[str]) -> Iterator[Source]:
    """Yield the places to try.

    Parameters
    ----------
    index
        Whether any package index may be asked.
    wheels
        Versions of CPU builds on this machine that serve, newest first.
    """
    if gpu and index:
        yield Source("torch for this GPU", backend="auto")
    elif not gpu:
        for version in wheels:
            yield Source(f"torch {version} from this machine", pin=version)
        if index:
            yield Source("torch for CPU", backend="cpu")
    # On Linux, PyPI's torch is the one with CUDA.
    big = index and sys.platform == "linux"
    yield Source("the full torch, which is several GB" if big else "torch", last=True)


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
