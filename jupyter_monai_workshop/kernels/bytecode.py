"""Taking compiled bytecode along from one environment to the next.

Compiling is most of the time of a first import. What Python compiled for one environment is
kept beside the packages in uv's cache, so ``uv cache clean`` and ``uv cache prune`` remove
both, and the next environment gets it together with them.

Python believes bytecode that names its source's time and size, which two releases of a
package can have in common. So it is kept by the checksums of a package's sources.
"""

from __future__ import annotations

import csv
import hashlib
import os
import shutil
from collections.abc import Iterator, Set
from contextlib import suppress
from pathlib import Path, PurePosixPath

STORE = "monai-workshop-bytecode"
"""The folder's name in uv's cache."""

_CACHE = "__pycache__"


class Bytecode:
    """The bytecode of what is installed in one folder, and of what is kept in a store.

    Parameters
    ----------
    packages
        The folder, as it is now: what is installed into it later does not count.
    store
        The store, which need not exist.
    """

    def __init__(self, packages: Path, store: Path) -> None:
        self._packages = packages
        self._store = store
        self._installed = tuple(_installed(packages))

    def keep(self) -> int:
        """Link the bytecode in the folder into the store; return for how many files."""
        return sum(
            _link(self._packages / folder / _CACHE, self._store / key / folder / _CACHE, modules)
            for key, sources in self._installed
            for folder, modules in sources.items()
        )

    def take(self) -> int:
        """Link the bytecode in the store into the folder; return for how many files.

        Python replaces what does not suit it without touching the store.
        """
        return sum(
            _link(self._store / key / folder / _CACHE, self._packages / folder / _CACHE, modules)
            for key, sources in self._installed
            for folder, modules in sources.items()
        )

    def share_kept(self) -> float:
        """Return of which share of the packages that have modules there is bytecode.

        1.0 where there are none. A package of which nothing was ever imported has none.
        """
        kept = [(self._store / key).is_dir() for key, sources in self._installed if sources]
        return sum(kept) / len(kept) if kept else 1.0


def _installed(packages: Path) -> Iterator[tuple[str, dict[PurePosixPath, set[str]]]]:
    """Yield for each package a name for exactly its sources, and their modules by folder."""
    for record in packages.glob("*.dist-info/RECORD"):
        try:
            with record.open(encoding="utf-8", newline="") as file:
                rows = [row for row in csv.reader(file) if row and row[0].endswith(".py")]
        except (OSError, UnicodeError, csv.Error):
            continue
        sources: dict[PurePosixPath, set[str]] = {}
        for path in (PurePosixPath(row[0]) for row in rows):
            if not path.is_absolute() and ".." not in path.parts:
                sources.setdefault(path.parent, set()).add(path.stem)
        if all(len(row) > 1 and row[1] for row in rows):
            yield hashlib.sha256(repr(sorted(rows)).encode()).hexdigest(), sources


def _link(source: Path, target: Path, modules: Set[str]) -> int:
    """Make `target` have the bytecode of `modules` that `source` has; return for how many."""
    linked = 0
    with suppress(OSError):
        given = [it for it in source.iterdir() if it.name.partition(".")[0] in modules]
        target.mkdir(parents=True, exist_ok=True)
        there = {it.name: it for it in target.iterdir()}
        for compiled in given:
            if compiled.name in there:
                if compiled.samefile(there[compiled.name]):
                    continue
                there[compiled.name].unlink()
            _link_or_copy(compiled, target / compiled.name)
            linked += 1
    return linked


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # The cache is on another disk, say.
        shutil.copy2(source, target)
