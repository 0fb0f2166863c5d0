"""Materials from a file made by ``git bundle``, and such a file from materials."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import GitSource
from jupyter_monai_workshop.errors import Cancelled, WorkshopError
from jupyter_monai_workshop.materials.git_bundle import write_bundle
from tests.git_server import commit_all, git
from tests.materials.git_workbench import (
    COURSE,
    EACH,
    OTHERS,
    PICTURES,
    assert_whole,
    bring,
)
from tests.materials.watching import Recorder, everything_in, files_at_most
from tests.network import Network

OFFLINE = ("file",)


@pytest.fixture
def packed(course: GitSource, tmp_path: Path) -> Path:
    """A file with the materials, made from a folder to which they were brought."""
    bring(course, tmp_path / "packing" / "course")
    file = tmp_path / "a stick" / "course.bundle"
    file.parent.mkdir()
    write_bundle(tmp_path / "packing" / "course", course, file, Recorder())
    return file


def without_network(course: GitSource, *urls: str | Path) -> GitSource:
    return course.model_copy(update={"urls": tuple(map(str, urls))})


def refused(course: GitSource, target: Path, *, protocols: tuple[str, ...] = OFFLINE) -> str:
    with pytest.raises(WorkshopError) as caught:
        bring(course, target, protocols=protocols)
    assert caught.value.hint
    assert everything_in(target.parent) == {}
    return caught.value.code


@pytest.mark.parametrize("form", ["{}", "file://{}"])
def test_what_was_packed_arrives_without_a_network(
    course: GitSource,
    repository: Path,
    network: Network,
    packed: Path,
    target: Path,
    form: str,
) -> None:
    moved = network.moved
    state = bring(without_network(course, form.format(packed)), target, protocols=OFFLINE)
    assert state.present
    assert network.moved == moved
    assert_whole(course, repository, target)


def test_a_packed_file_holds_the_wanted_files_and_no_others(
    course: GitSource, packed: Path
) -> None:
    assert PICTURES * EACH < packed.stat().st_size < PICTURES * EACH + OTHERS // 10
    heads = git(packed.parent, "bundle", "list-heads", str(packed))
    assert heads == f"{course.commit} refs/heads/workshop\n"
    assert [path.name for path in packed.parent.iterdir()] == [packed.name]


def test_what_came_from_a_packed_file_can_be_packed_again(
    course: GitSource, repository: Path, packed: Path, home: Path, target: Path
) -> None:
    bring(without_network(course, packed), home / "first", protocols=OFFLINE)
    again = home / "again.bundle"
    write_bundle(home / "first", course, again, Recorder())
    bring(without_network(course, again), target, protocols=OFFLINE)
    assert_whole(course, repository, target)


def test_edits_and_commits_of_the_attendee_are_not_packed(
    course: GitSource, repository: Path, home: Path, target: Path
) -> None:
    bring(course, home / "mine")
    (home / "mine" / COURSE / "notes" / "1.md").write_text("mine")
    (home / "mine" / COURSE / "part 0" / "0.png").unlink()
    git(home / "mine", "commit", "--quiet", "--all", "--message", "My work")
    write_bundle(home / "mine", course, home / "course.bundle", Recorder())
    bring(without_network(course, home / "course.bundle"), target, protocols=OFFLINE)
    assert_whole(course, repository, target)


def test_everything_can_be_packed(
    course: GitSource, repository: Path, home: Path, target: Path
) -> None:
    everything = course.model_copy(update={"sparse": ()})
    bring(everything, home / "all")
    write_bundle(home / "all", everything, home / "all.bundle", Recorder())
    bring(without_network(everything, home / "all.bundle"), target, protocols=OFFLINE)
    assert_whole(everything, repository, target)


def test_a_packed_file_takes_the_place_of_an_older_one_in_one_step(
    course: GitSource, packed: Path, tmp_path: Path
) -> None:
    brought = tmp_path / "packing" / "course"
    before = everything_in(packed.parent)
    with pytest.raises(Cancelled):
        write_bundle(brought, course, packed, Recorder(stop_at="packing"))
    with pytest.raises(WorkshopError) as caught:
        write_bundle(brought, course.model_copy(update={"commit": "1" * 40}), packed, Recorder())
    assert caught.value.code == "commit_missing"
    for limit in (100, 10_000, 500_000):
        with pytest.raises(WorkshopError) as caught, files_at_most(limit):
            write_bundle(brought, course, packed, Recorder())
        assert caught.value.code == "disk_full"
    assert everything_in(packed.parent) == before
    write_bundle(brought, course, packed, Recorder())
    assert [path.name for path in packed.parent.iterdir()] == [packed.name]


def test_a_bundle_of_the_whole_history(
    course: GitSource, repository: Path, home: Path, target: Path
) -> None:
    file = home.parent / "whole.bundle"
    git(repository, "bundle", "create", "--quiet", str(file), "main")
    bring(without_network(course, file), target, protocols=OFFLINE)
    assert git(target, "rev-list", "--count", "HEAD") == "2\n"
    assert git(target, "status", "--porcelain") == ""
    assert git(target, "fsck", "--no-dangling") == ""


def test_a_bundle_of_a_commit_without_its_history(
    course: GitSource, repository: Path, tmp_path: Path, target: Path
) -> None:
    shallow, file = tmp_path / "shallow", tmp_path / "shallow.bundle"
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repository}", str(shallow))
    git(shallow, "bundle", "create", "--quiet", str(file), "HEAD")
    bring(without_network(course, file), target, protocols=OFFLINE)
    assert_whole(course, repository, target)


def test_a_bundle_of_another_version(
    course: GitSource, repository: Path, tmp_path: Path, target: Path
) -> None:
    file = tmp_path / "old.bundle"
    git(repository, "bundle", "create", "--quiet", str(file), "main")
    newer = course.model_copy(update={"commit": _newer(repository)})
    assert refused(without_network(newer, file), target) == "commit_missing"


def test_a_bundle_that_lacks_a_wanted_file(course: GitSource, packed: Path, target: Path) -> None:
    more = course.model_copy(update={"sparse": (COURSE, "other")})
    assert refused(without_network(more, packed), target) == "commit_missing"


def test_a_bundle_that_counts_on_other_commits(
    course: GitSource, repository: Path, tmp_path: Path, target: Path
) -> None:
    newer = course.model_copy(update={"commit": _newer(repository)})
    file = tmp_path / "new.bundle"
    git(repository, "bundle", "create", "--quiet", str(file), "main~1..main")
    assert refused(without_network(newer, file), target) == "bundle_damaged"


@pytest.mark.parametrize("damage", ["cut in the head", "cut", "spoiled", "only the head"])
def test_a_damaged_bundle(course: GitSource, packed: Path, target: Path, damage: str) -> None:
    content = bytearray(packed.read_bytes())
    match damage:
        case "cut in the head":
            content = content[:40]
        case "only the head":
            content = content[: content.index(b"PACK")]
        case "cut":
            content = content[: len(content) // 2]
        case "spoiled":
            content[len(content) // 2] ^= 1
    packed.write_bytes(content)
    assert refused(without_network(course, packed), target) == "bundle_damaged"


def test_a_file_that_is_no_bundle(course: GitSource, tmp_path: Path, target: Path) -> None:
    file = tmp_path / "some.bundle"
    file.write_text("# a text\n")
    assert refused(without_network(course, file), target) == "repository_missing"


def test_a_bundle_is_used_only_where_files_are_allowed(
    course: GitSource, packed: Path, target: Path
) -> None:
    offline = without_network(course, packed)
    assert refused(offline, target, protocols=("https",)) == "protocol_refused"


def test_a_server_gives_only_what_a_bundle_lacks(
    course: GitSource, repository: Path, network: Network, packed: Path, target: Path
) -> None:
    before = network.moved
    more = course.model_copy(update={"sparse": (COURSE, "other")})
    bring(more, target, mirrors=[str(packed)], protocols=("file", "http"))
    assert OTHERS <= network.moved - before < 1.1 * OTHERS
    assert_whole(more, repository, target)


def test_a_damaged_bundle_is_passed_over(
    course: GitSource, repository: Path, packed: Path, target: Path
) -> None:
    packed.write_bytes(packed.read_bytes()[:-100_000])
    bring(course, target, mirrors=[str(packed)], protocols=("file", "http"))
    assert_whole(course, repository, target)


def test_a_folder_that_is_a_repository(
    course: GitSource, repository: Path, network: Network, target: Path
) -> None:
    bring(without_network(course, repository), target, protocols=OFFLINE)
    assert network.moved == 0
    assert_whole(course, repository, target)


def _newer(repository: Path) -> str:
    (repository / COURSE / "notes" / "1.md").write_text("newer\n")
    return commit_all(repository, "Newer")
