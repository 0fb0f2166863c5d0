"""A course's repository with a long history, of which an attendee needs one small folder."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SPARSE = "MONAICore"
NOTEBOOK = f"{SPARSE}/lesson-00.ipynb"
CELL = "lesson"

_COMMITS = 60
_BLOBS_A_COMMIT = 25
_PATHS = 1000
_BLOB_SIZES = (20_000, 246_000)
_NOTEBOOKS = 20
_PICTURES = 40
_PICTURE_SIZES = (20_000, 54_000)


@dataclass(frozen=True)
class History:
    """A repository that was built.

    Attributes
    ----------
    repository
        The bare repository, packed, with a bitmap as servers have one.
    commit
        Its newest commit.
    wanted
        SHA-256 of every file below :data:`SPARSE`, by path.
    size
        Bytes of the repository on the disk.
    files
        Number of distinct file contents over all commits.
    newest
        Number of files in the newest commit.
    """

    repository: Path
    commit: str
    wanted: Mapping[str, str]
    size: int
    files: int
    newest: int


def build_history(repository: Path) -> History:
    """Build the same repository every time: about 200 MB that do not compress."""
    chance = random.Random(3)
    wanted = _materials(chance)
    paths: set[str] = set()
    _git(repository.parent, "init", "--quiet", "--bare", "--initial-branch=main", repository.name)
    # Nothing here gets smaller by compressing, so nothing waits for it.
    for name, value in {"core.compression": "0", "pack.window": "0"}.items():
        _git(repository, "config", name, value)
    with subprocess.Popen(
        ["git", "fast-import", "--quiet"],
        cwd=repository,
        env=_environment(),
        stdin=subprocess.PIPE,
    ) as importing:
        assert importing.stdin is not None
        for number in range(_COMMITS):
            last = number == _COMMITS - 1
            files = {
                f"course-{path // 50:02}/figure-{path % 50:02}.png": chance.randbytes(
                    chance.randint(*_BLOB_SIZES)
                )
                for path in chance.sample(range(_PATHS), _BLOBS_A_COMMIT)
            }
            files |= wanted if last else {}
            paths |= files.keys()
            importing.stdin.write(_commit(number, files))
    if importing.returncode:
        raise RuntimeError("git fast-import failed")
    _git(repository, "repack", "-a", "-d", "-q", "--write-bitmap-index")
    return History(
        repository=repository,
        commit=_git(repository, "rev-parse", "main").strip(),
        wanted={path: hashlib.sha256(content).hexdigest() for path, content in wanted.items()},
        size=sum(file.stat().st_size for file in repository.rglob("*") if file.is_file()),
        files=_COMMITS * _BLOBS_A_COMMIT + len(wanted),
        newest=len(paths),
    )


def _materials(chance: random.Random) -> dict[str, bytes]:
    """Return the files that the attendee needs: notebooks and pictures, about 2 MB."""
    notebooks = {f"{SPARSE}/lesson-{n:02}.ipynb": _notebook(chance) for n in range(_NOTEBOOKS)}
    pictures = {
        f"{SPARSE}/images/picture-{n:02}.png": chance.randbytes(chance.randint(*_PICTURE_SIZES))
        for n in range(_PICTURES)
    }
    return notebooks | pictures


def _notebook(chance: random.Random) -> bytes:
    """Return a notebook with a picture among its outputs, as courses keep them."""
    cells: list[dict[str, object]] = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": CELL if number == 0 else f"cell-{number}",
            "metadata": {},
            "outputs": [
                {
                    "output_type": "display_data",
                    "metadata": {},
                    "data": {"image/png": chance.randbytes(1200).hex()},
                }
            ],
            "source": [f"x = {chance.random()}\n", "print(x)"],
        }
        for number in range(10)
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return (json.dumps(notebook, indent=1) + "\n").encode()


def _commit(number: int, files: Mapping[str, bytes]) -> bytes:
    """Return one commit in the language of ``git fast-import``."""
    when = f"Organiser <organiser@example.org> {1_700_000_000 + number * 86_400} +0000"
    head = f"commit refs/heads/main\ncommitter {when}\ndata 3\n{number:03}\n"
    parts = [head.encode()]
    for path, content in files.items():
        parts += [b"M 100644 inline %b\ndata %d\n" % (path.encode(), len(content)), content, b"\n"]
    return b"".join(parts)


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=_environment(),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout


def _environment() -> dict[str, str]:
    return {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
