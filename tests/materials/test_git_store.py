"""What is kept of a fetch that was cut: useful whatever happened to it, gone when it has served."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import GitSource
from jupyter_monai_workshop.errors import WorkshopError
from jupyter_monai_workshop.materials.git_store import store_folder
from tests.git_server import commit_all
from tests.materials.git_workbench import COURSE, EACH, PICTURES, assert_whole, bring, cut_short
from tests.materials.mounting import mount
from tests.materials.watching import everything_in
from tests.network import Network

PAYLOAD = EACH * PICTURES


def kept_half(course: GitSource, network: Network, target: Path, arriving: Path) -> Path:
    """Fetch a half and return the folder of the packs that are kept."""
    network.cut(after=PAYLOAD // 2)
    cut_short(course, target, arriving)
    # A second cut, so that there is a finished pack and an unfinished one.
    network.cut(after=PAYLOAD // 4)
    cut_short(course, target, arriving)
    [packs] = arriving.glob("*/*/.git/objects/pack")
    return packs


@pytest.mark.parametrize("part", ["pack", "idx"])
@pytest.mark.parametrize("damage", ["truncated", "emptied", "spoiled", "missing"])
def test_a_damaged_store_is_no_obstacle(
    course: GitSource,
    repository: Path,
    network: Network,
    target: Path,
    arriving: Path,
    part: str,
    damage: str,
) -> None:
    packs = kept_half(course, network, target, arriving)
    spoiled = [*packs.glob(f"*.{part}")]
    assert spoiled
    for file in spoiled:
        content = bytearray(file.read_bytes())
        for place in range(1100, len(content) - 40, 500):
            content[place] ^= 0xFF
        file.chmod(0o600)
        match damage:
            case "truncated":
                os.truncate(file, file.stat().st_size // 2)
            case "emptied":
                os.truncate(file, 0)
            case "spoiled":
                file.write_bytes(content)
            case "missing":
                file.unlink()
    bring(course, target, arriving)
    assert_whole(course, repository, target)
    assert everything_in(arriving) == {}


def test_what_a_killed_git_left_in_the_store_is_no_obstacle(
    course: GitSource, repository: Path, network: Network, target: Path, arriving: Path
) -> None:
    packs = kept_half(course, network, target, arriving)
    repo = packs.parent.parent
    for lock in ("shallow.lock", "config.lock", "HEAD.lock", "index.lock", "packed-refs.lock"):
        (repo / lock).touch()
    (repo / "config").write_text("[broken")
    (repo / "HEAD").unlink()
    (packs / "tmp_pack_abcdef").write_bytes(b"PACK\0\0\0\x02\xff\xff\xff\xff" + b"\x9f" * 200)
    (packs / "tmp_idx_abcdef").write_bytes(b"junk")
    (packs / "pack-x.keep").write_text("fetch-pack 1 on here")
    (repo.parent.parent / "something").write_text("junk")
    bring(course, target, arriving)
    assert_whole(course, repository, target)
    assert everything_in(arriving) == {}


def test_a_newer_commit_uses_what_has_arrived_of_the_older(
    course: GitSource, repository: Path, network: Network, target: Path, arriving: Path
) -> None:
    network.cut(after=PAYLOAD // 2)
    cut_short(course, target, arriving)
    (repository / COURSE / "new.md").write_text("new")
    newer = course.model_copy(update={"commit": commit_all(repository, "Newer")})
    before = network.moved
    bring(newer, target, arriving)
    assert network.moved - before <= 0.6 * PAYLOAD
    assert_whole(newer, repository, target)


def test_stores_of_other_folders_are_left_alone(
    course: GitSource, repository: Path, network: Network, home: Path, arriving: Path
) -> None:
    one, two = home / "one", home / "two"
    network.cut(after=PAYLOAD // 2)
    with pytest.raises(WorkshopError):
        bring(course, one, arriving)
    kept = everything_in(arriving)
    assert kept
    bring(course, two, arriving)
    assert everything_in(arriving) == kept
    bring(course, one, arriving)
    assert everything_in(arriving) == {}


def test_what_is_kept_goes_when_the_materials_are_there(
    course: GitSource, repository: Path, network: Network, target: Path, arriving: Path
) -> None:
    network.cut(after=PAYLOAD // 2)
    cut_short(course, target, arriving)
    bring(course, target)  # without the store
    assert everything_in(arriving)
    bring(course, target, arriving)
    assert everything_in(arriving) == {}


@pytest.mark.parametrize("way", ["another disk", "another mount of the same disk"])
def test_a_store_from_which_no_rename_leads_to_the_target(
    course: GitSource, repository: Path, network: Network, target: Path, arriving: Path, way: str
) -> None:
    arriving.mkdir(parents=True)
    same = ["mount", "--bind", str(arriving), str(arriving)]
    other = ["mount", "-t", "tmpfs", "tmpfs", str(arriving)]
    with mount(other if way == "another disk" else same):  # where the machine allows that
        network.cut(after=PAYLOAD // 2)
        cut_short(course, target, arriving)
        before = network.moved
        bring(course, target, arriving)
        assert network.moved - before <= 0.6 * PAYLOAD
        assert_whole(course, repository, target)
        assert everything_in(arriving) == {}


def test_a_pack_of_the_attendee_in_the_store_is_never_changed(
    course: GitSource, repository: Path, home: Path, target: Path, arriving: Path
) -> None:
    bring(course, home / "mine")
    [*packs] = (home / "mine/.git/objects/pack").glob("*.pack")
    before = everything_in(home / "mine")
    kept = store_folder(arriving, target) / "killed while it borrowed" / ".git/objects/pack"
    kept.mkdir(parents=True)
    for pack in packs:
        os.link(pack, kept / pack.name)
    bring(course, target, arriving)
    assert_whole(course, repository, target)
    assert everything_in(home / "mine") == before
    assert {pack.stat().st_mode & 0o777 for pack in packs} == {0o444}
