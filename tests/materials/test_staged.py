"""A whole new version beside the target, for whoever updates it."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import BundledSource, GitSource
from jupyter_monai_workshop.errors import Cancelled, WorkshopError
from jupyter_monai_workshop.materials import observe_materials, staged_materials
from tests.git_server import commit_all, git
from tests.materials.git_workbench import AT_ONCE, COURSE, EACH, assert_whole, bring
from tests.materials.watching import Recorder, everything_in
from tests.network import Network


@pytest.fixture
def newer(course: GitSource, repository: Path) -> GitSource:
    """A later commit in which one picture is new, one is gone, and a note has changed."""
    folder = repository / COURSE
    (folder / "part 0" / "new.png").write_bytes(bytes(range(256)) * (EACH // 256))
    (folder / "part 1" / "1.png").unlink()
    (folder / "notes" / "1.md").write_text("changed\n")
    return course.model_copy(update={"commit": commit_all(repository, "Newer")})


def test_a_new_version_grows_beside_the_old_one_and_goes_again(
    course: GitSource,
    newer: GitSource,
    repository: Path,
    network: Network,
    target: Path,
    arriving: Path,
) -> None:
    bring(course, target, arriving)
    (target / COURSE / "mine.txt").write_text("mine")
    before, moved = everything_in(target.parent), network.moved
    with staged_materials(
        newer,
        target,
        definition_folder=target,
        arriving=arriving,
        protocols=("http",),
        progress=Recorder(),
    ) as staged:
        assert staged.is_relative_to(target.parent)
        assert staged.relative_to(target.parent).parts[0].startswith(".")
        assert_whole(newer, repository, staged)
        assert observe_materials(newer, staged, definition_folder=target).present
        assert network.moved - moved < EACH  # the pictures of the old version did not come again
    assert everything_in(target.parent) == before
    assert everything_in(arriving) == {}
    assert git(target, "fsck", "--no-dangling") == ""


def test_a_damaged_old_version_does_not_spoil_the_new_one(
    course: GitSource, newer: GitSource, repository: Path, target: Path
) -> None:
    bring(course, target)
    for pack in (target / ".git/objects/pack").glob("*.pack"):
        content = bytearray(pack.read_bytes())
        for place in range(20, len(content) - 40, 100):
            content[place] ^= 0xFF
        pack.chmod(0o600)
        pack.write_bytes(content)
    with staged_materials(
        newer, target, definition_folder=target, protocols=("http",), progress=Recorder()
    ) as staged:
        assert_whole(newer, repository, staged)


def test_a_staged_folder_may_be_taken_away(
    course: GitSource, repository: Path, target: Path
) -> None:
    with staged_materials(
        course, target, definition_folder=target, protocols=("http",), progress=Recorder()
    ) as staged:
        staged.rename(target)
    assert_whole(course, repository, target)
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_what_arrived_is_kept_until_the_staged_folder_has_served(
    course: GitSource, network: Network, target: Path, arriving: Path
) -> None:
    with (
        pytest.raises(Cancelled),
        staged_materials(
            course,
            target,
            definition_folder=target,
            arriving=arriving,
            protocols=("http",),
            progress=Recorder(),
        ),
    ):
        raise Cancelled
    assert everything_in(target.parent) == {}
    moved = network.moved
    bring(course, target, arriving)
    assert network.moved == moved


def test_a_new_version_that_does_not_come_leaves_nothing(
    course: GitSource, newer: GitSource, network: Network, target: Path
) -> None:
    bring(course, target)
    before = everything_in(target.parent)
    network.answer(500, times=100)
    with (
        pytest.raises(WorkshopError),
        staged_materials(
            newer,
            target,
            definition_folder=target,
            protocols=("http",),
            patience=AT_ONCE,
            progress=Recorder(),
        ),
    ):
        raise AssertionError
    assert everything_in(target.parent) == before


def test_a_bundled_version_is_staged_too(home: Path, tmp_path: Path) -> None:
    definition, target = tmp_path / "definition", home / "course"
    (definition / "files" / "deep").mkdir(parents=True)
    (definition / "files" / "deep" / "a.md").write_text("one")
    source = BundledSource(kind="bundled", path="files", folder="course")
    target.mkdir()
    (target / "something else").write_text("mine")
    before = everything_in(home)
    with staged_materials(
        source, target, definition_folder=definition, progress=Recorder()
    ) as staged:
        assert (staged / "deep" / "a.md").read_text() == "one"
        assert observe_materials(source, staged, definition_folder=definition).present
    assert everything_in(home) == before
