"""Taking compiled bytecode along from the environment before.

Compiling is most of the time of a first import. uv gives every environment the same files
out of its cache, with the same times, so what Python compiled for the last one holds.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_CACHE = "__pycache__"


def carry_bytecode(old: Path, new: Path) -> int:
    """Link the bytecode of the packages in `old` into `new`, and return for how many files.

    Only that of sources which are the same in both. Python itself looks again before it
    uses any, and replaces what does not fit without touching `old`.
    """
    carried = 0
    for folder in _caches(new, old):
        source, target = old / folder / _CACHE, new / folder / _CACHE
        with suppress(OSError):
            target.mkdir(exist_ok=True)
            for compiled in source.iterdir():
                module = folder / f"{compiled.name.partition('.')[0]}.py"
                if _same(old / module, new / module) and not (target / compiled.name).exists():
                    os.link(compiled, target / compiled.name)
                    carried += 1
    return carried


def _caches(new: Path, old: Path) -> Iterator[Path]:
    """Yield the folders, relative to both, for which `old` has bytecode."""
    for name, folders, _ in os.walk(new):
        here = Path(name).relative_to(new)
        folders[:] = [folder for folder in folders if folder != _CACHE]
        if (old / here / _CACHE).is_dir():
            yield here


def _same(one: Path, other: Path) -> bool:
    try:
        first, second = one.stat(), other.stat()
    except OSError:
        return False
    # Bytecode names its source by whole seconds and size.
    return (int(first.st_mtime), first.st_size) == (int(second.st_mtime), second.st_size)
