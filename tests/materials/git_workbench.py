"""A course of many pictures in a repository, and a look at a clone of it."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import GitSource
from jupyter_monai_workshop.errors import WorkshopError
from jupyter_monai_workshop.jobs.progress import Progress
from jupyter_monai_workshop.materials import (
    GitPatience,
    Login,
    MaterialsState,
    bring_materials,
)
from tests.git_server import commit_all, git
from tests.materials.watching import Recorder, everything_in

COURSE = "course"
PICTURES = 60
EACH = 30_000
OTHERS = 700_000
QUICK = GitPatience(pauses=(0.05, 0.05), silence=5)
AT_ONCE = GitPatience(pauses=(), silence=5)


def build_course(path: Path) -> str:
    """Build a repository of 60 pictures and 60 notes that are wanted, and as much that is not."""
    path.mkdir(parents=True)
    git(path, "init", "--quiet", "--initial-branch=main")
    for number in range(PICTURES):
        noise = random.Random(f"picture {number}").randbytes(EACH)
        _write(path / COURSE / f"part {number % 3}" / f"{number}.png", noise)
        _write(path / COURSE / "notes" / f"{number}.md", f"# Note {number}\n".encode() * number)
    for version in ("first", "pinned"):
        for number in range(10):
            noise = random.Random(f"{version} {number}").randbytes(OTHERS // 10)
            _write(path / "other" / f"{number}.bin", noise)
        if version == "first":
            commit_all(path, "A first version")
    return commit_all(path, "The pinned version")


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def course_from(repository: Path, *urls: str, sparse: tuple[str, ...] = (COURSE,)) -> GitSource:
    """Return the source of the newest commit of `repository`."""
    commit = (repository / ".git/refs/heads/main").read_text().strip()
    return GitSource(kind="git", urls=urls, commit=commit, sparse=sparse, folder="course")


def bring(
    source: GitSource,
    target: Path,
    arriving: Path | None = None,
    *,
    mirrors: Sequence[str] = (),
    protocols: Collection[str] = ("http",),
    login: Login | None = None,
    patience: GitPatience = AT_ONCE,
    progress: Progress | None = None,
) -> MaterialsState:
    """Bring the materials with the tests' habits: plain HTTP, and no new try unless asked."""
    return bring_materials(
        source,
        target,
        definition_folder=target.parent,
        arriving=arriving,
        mirrors=mirrors,
        protocols=protocols,
        login=login,
        patience=patience,
        progress=progress or Recorder(),
    )


def cut_short(source: GitSource, target: Path, arriving: Path | None) -> WorkshopError:
    """Try once, see that it breaks and that nothing counts as done; return the failure."""
    with pytest.raises(WorkshopError) as caught:
        bring(source, target, arriving)
    assert not target.exists()
    assert everything_in(target.parent) == {}
    return caught.value


def files_below(folder: Path) -> Mapping[str, bytes]:
    """Return the content of every file in `folder` by its path, the repository's left out."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


def assert_whole(source: GitSource, repository: Path, target: Path) -> None:
    """See that `target` has the wanted files byte for byte, and a repository that is content."""
    originals = files_below(repository)
    if source.sparse:
        originals = {p: c for p, c in originals.items() if p.split("/")[0] in source.sparse}
    assert files_below(target) == originals
    assert git(target, "rev-parse", "HEAD").strip() == source.commit
    assert git(target, "status", "--porcelain") == ""
    assert git(target, "fsck", "--no-dangling") == ""
    assert git(target, "rev-list", "--count", "HEAD").strip() == "1"
    assert not [path for path in (target / ".git").rglob("*") if _is_debris(path)]


def _is_debris(path: Path) -> bool:
    return path.suffix in {".lock", ".keep"} or path.name.startswith("tmp_")
