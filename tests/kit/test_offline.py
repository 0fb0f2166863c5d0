"""A kit is packed with a network, and a room without one has everything from it."""

from __future__ import annotations

import hashlib
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_monai_workshop.errors import Cancelled
from jupyter_monai_workshop.kernels import place_of
from jupyter_monai_workshop.kernels.failures import PackageNotFound
from jupyter_monai_workshop.kit import Kit, KitPart
from jupyter_monai_workshop.kit.failures import CopyIsFolder, NotAFile, NothingToPack
from jupyter_monai_workshop.kit.head import read_manifest
from jupyter_monai_workshop.materials import bring_data, bring_materials
from jupyter_monai_workshop.materials.data_failures import ReplacementMissing, WrongChecksum
from tests.git_server import SPARSE, GitServer
from tests.http_server import HttpServer
from tests.kernels.workbench import Recorder, write_wheel
from tests.kernels.workbench import Room as KernelRoom
from tests.materials.data_workbench import files_in, noise, pictures

from .workbench import PICTURES, PICTURES_PATH, Organiser, Room, definition_of


@pytest.fixture
def git_server(bootcamp: Path) -> Iterator[GitServer]:
    with GitServer(bootcamp) as running:
        yield running


@pytest.fixture
def data_server() -> Iterator[HttpServer]:
    with HttpServer({PICTURES_PATH: PICTURES}) as running:
        yield running


@pytest.fixture
def organiser(
    room: KernelRoom,
    bootcamp: Path,
    git_server: GitServer,
    data_server: HttpServer,
    tmp_path: Path,
) -> Organiser:
    write_wheel(room.links, "fire", "0.7.0", ["termcolor"])
    write_wheel(room.links, "termcolor", "3.0")
    commit = (bootcamp / ".git/refs/heads/main").read_text().strip()
    definition = definition_of(git_server.url, commit, data_server.url(PICTURES_PATH))
    return Organiser(definition, tmp_path / "organiser", room.base.python)


@pytest.fixture
def venue(organiser: Organiser, tmp_path: Path) -> Room:
    return Room(tmp_path / "venue of $USER, 2", organiser.definition, organiser.python)


def bring_all(kit: Kit, venue: Room, kernels: KernelRoom) -> None:
    """Do what getting ready does with a kit."""
    definition, home = venue.definition, venue.folder
    bring_materials(
        definition.source,
        home / "bootcamp",
        definition_folder=home,
        mirrors=() if kit.bundle is None else (str(kit.bundle),),
        protocols=("file",),
        progress=Recorder(),
    )
    for data in definition.data:
        bring_data(
            data,
            home / "data",
            replacement=str(kit.data[data.id]),
            protocols=(),
            progress=Recorder(),
        )
    there = KernelRoom(kernels.base, kernels.links, place_of("small", home / "jupyter"))
    there.build(definition.environment, wheels=kit.wheels_for_environment())
    told = there.ask("import fire, termcolor; print(fire.__version__, termcolor.__version__)")
    assert told == "0.7.0 3.0"


def test_materials_data_and_packages_all_come_from_the_kit(
    organiser: Organiser,
    venue: Room,
    room: KernelRoom,
    bootcamp: Path,
    git_server: GitServer,
    data_server: HttpServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    progress = Recorder()
    packed = organiser.pack(progress=progress)
    assert packed.size == organiser.file.stat().st_size
    assert packed.files == (
        "materials.bundle",
        "data/mednist",
        "data/images.bundle",
        "wheels/fire-0.7.0-py3-none-any.whl",
        "wheels/termcolor-3.0-py3-none-any.whl",
    )
    assert progress.fractions == sorted(progress.fractions)
    assert progress.fractions[-1] == 1.0
    assert progress.reports[-1][0] == "packing"

    # What there is to ask, hears every question.
    asked = (len(git_server.requests), len(data_server.requests))
    with HttpServer({}) as index:
        for wheel in room.links.iterdir():
            wheel.unlink()
        monkeypatch.delenv("PIP_FIND_LINKS")
        monkeypatch.delenv("PIP_NO_INDEX")
        monkeypatch.setenv("PIP_INDEX_URL", index.url("/simple"))
        monkeypatch.setenv("UV_CACHE_DIR", str(venue.folder / "an empty cache"))
        monkeypatch.setenv("http_proxy", index.url(""))
        monkeypatch.setenv("no_proxy", "")
        bring_all(venue.open(organiser.file), venue, room)
        assert index.requests == []
    assert asked == (len(git_server.requests), len(data_server.requests))

    [pictures_folder] = (venue.folder / "data").glob("mednist-*")
    assert files_in(pictures_folder) == pictures(each=5)
    [images_folder] = (venue.folder / "data").glob("images-*")
    workflow = (bootcamp / "MONAIDeploy/images/workflow.png").read_bytes()
    assert files_in(images_folder) == {"workflow.png": workflow}
    brought = files_in(venue.folder / "bootcamp" / SPARSE)
    assert brought == files_in(bootcamp / SPARSE)
    assert len(brought) >= 3


def test_the_first_member_says_what_is_in_it(organiser: Organiser) -> None:
    organiser.pack(["materials", "data"])
    with tarfile.open(organiser.file) as tar:
        members = {member.name: tar.extractfile(member) for member in tar}
        assert next(iter(members)) == "kit.json"
        manifest, digest = read_manifest(organiser.file)
        head = members.pop("kit.json")
        assert head is not None
        assert hashlib.sha256(head.read()).hexdigest() == digest
        assert list(members) == list(manifest.members)
        for name, content in members.items():
            assert content is not None
            assert hashlib.sha256(content.read()).hexdigest() == manifest.members[name].sha256


def test_the_same_workshop_gives_the_same_kit(organiser: Organiser) -> None:
    organiser.pack(["data", "materials"])
    first = organiser.file.read_bytes()
    organiser.pack(["materials", "data"])
    assert organiser.file.read_bytes() == first


def test_nothing_but_the_kit_stays(organiser: Organiser) -> None:
    organiser.pack(["materials", "data"])
    assert [path.name for path in organiser.file.parent.iterdir()] == ["kit.tar"]
    assert not [path for path in organiser.work.iterdir() if not path.name.endswith(".lock")]


@pytest.mark.parametrize(
    ("parts", "first"),
    [
        (["materials"], "materials.bundle"),
        (["data"], "data/mednist"),
        (["wheels"], "wheels/fire-0.7.0-py3-none-any.whl"),
    ],
)
def test_parts_are_left_out(
    organiser: Organiser, venue: Room, parts: list[KitPart], first: str
) -> None:
    assert organiser.pack(parts).files[0] == first
    kit = venue.open(organiser.file)
    assert (kit.bundle is not None) == (parts == ["materials"])
    assert set(kit.data) == ({"mednist", "images"} if parts == ["data"] else set())
    assert (kit.wheels_for_environment() is not None) == (parts == ["wheels"])


def test_an_empty_kit_is_not_written(organiser: Organiser, room: KernelRoom) -> None:
    for name in ("fire", "termcolor"):
        room.base.add(name, "9.0")
    with pytest.raises(NothingToPack):
        organiser.pack(["wheels"])
    assert not organiser.file.exists()


def test_packages_that_the_base_has_need_no_wheels(
    organiser: Organiser, venue: Room, room: KernelRoom
) -> None:
    for name in ("fire", "termcolor"):
        room.base.add(name, "9.0")
    organiser.pack(["data", "wheels"])
    wheels = venue.open(organiser.file).wheels_for_environment()
    assert wheels is not None
    assert list(wheels.iterdir()) == []


def test_a_workshop_that_brings_its_own_files_needs_no_bundle(organiser: Organiser) -> None:
    bundled = {"kind": "bundled", "path": "files", "folder": "small"}
    organiser.definition = definition_of(
        "https://nowhere.invalid/x.git", "0" * 40, "x", change={"source": bundled, "data": []}
    )
    assert organiser.pack().files == (
        "wheels/fire-0.7.0-py3-none-any.whl",
        "wheels/termcolor-3.0-py3-none-any.whl",
    )


def test_copies_stand_in_for_data_sets(
    organiser: Organiser, data_server: HttpServer, bootcamp: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "a copy"
    copy.write_bytes(PICTURES)
    files = organiser.pack(["data"], copies={"mednist": str(copy), "images": str(bootcamp)}).files
    assert files == ("data/mednist", "data/images.bundle")
    assert data_server.requests == []
    assert copy.read_bytes() == PICTURES


def test_copies_that_cannot_be_packed_are_refused_at_once(
    organiser: Organiser, git_server: GitServer, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_bytes(noise(len(PICTURES)))
    for copy, failure in (
        (tmp_path, CopyIsFolder),
        (tmp_path / "nowhere", ReplacementMissing),
    ):
        with pytest.raises(failure):
            organiser.pack(copies={"mednist": str(copy)})
    assert git_server.requests == []
    with pytest.raises(WrongChecksum):
        organiser.pack(["data"], copies={"mednist": str(wrong)})
    assert not organiser.file.exists()


def test_a_folder_is_not_overwritten(organiser: Organiser) -> None:
    organiser.file.mkdir(parents=True)
    with pytest.raises(NotAFile):
        organiser.pack()


def test_a_failure_keeps_the_kit_that_was_there_and_what_has_arrived(
    organiser: Organiser, room: KernelRoom, data_server: HttpServer
) -> None:
    organiser.file.parent.mkdir(parents=True)
    organiser.file.write_bytes(b"an older kit")
    shutil.move(room.links / "termcolor-3.0-py3-none-any.whl", room.links.parent)
    with pytest.raises(PackageNotFound):
        organiser.pack()
    assert organiser.file.read_bytes() == b"an older kit"
    asked = len(data_server.requests)

    shutil.move(room.links.parent / "termcolor-3.0-py3-none-any.whl", room.links)
    organiser.pack()
    assert len(data_server.requests) == asked
    assert organiser.file.read_bytes() != b"an older kit"


@pytest.mark.parametrize("nth", [1, 2, 4])
def test_a_stop_keeps_the_kit_that_was_there(
    organiser: Organiser, room: KernelRoom, nth: int
) -> None:
    organiser.file.parent.mkdir(parents=True)
    organiser.file.write_bytes(b"an older kit")
    heard: list[str] = []

    def now(phase: str, message: str) -> bool:
        heard.append(phase)
        return heard.count("packing") == nth

    # A copy, so that nothing reports "packing" but the writing of the kit itself.
    copy = room.links.parent / "copy"
    copy.write_bytes(PICTURES)
    data = [data for data in organiser.definition.data if data.id == "mednist"]
    organiser.definition = organiser.definition.model_copy(update={"data": tuple(data)})
    with pytest.raises(Cancelled):
        organiser.pack(["data"], Recorder(stop_when=now), copies={"mednist": str(copy)})
    assert [path.name for path in organiser.file.parent.iterdir()] == ["kit.tar"]
    assert organiser.file.read_bytes() == b"an older kit"
