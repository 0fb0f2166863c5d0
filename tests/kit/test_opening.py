"""Opening kits that are damaged, meant badly, or for something else."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import shutil
import sys
import tarfile
import threading
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import Definition
from jupyter_monai_workshop.errors import Cancelled
from jupyter_monai_workshop.kit.failures import (
    KitDamaged,
    KitFailure,
    KitForOther,
    KitMissing,
    KitNeedsRoom,
    KitRefused,
    KitTooNew,
    KitUnfit,
    NotAKit,
)
from jupyter_monai_workshop.kit.manifest import Manifest
from tests.kernels.workbench import Recorder

from .workbench import CONTENTS, Entry, Room, definition_of, entry, manifest_of, whole, write_kit

HERE = ".".join(map(str, sys.version_info[:2]))
DEFINITION = definition_of("https://a.test/x.git", "a" * 40, "https://a.test/MedNIST.tar.gz")


@pytest.fixture
def venue(tmp_path: Path) -> Room:
    return Room(tmp_path / "venue", DEFINITION, Path(sys.executable))


@pytest.fixture
def manifest() -> Manifest:
    return manifest_of(DEFINITION, CONTENTS, HERE)


@pytest.fixture
def file(tmp_path: Path, manifest: Manifest) -> Path:
    return write_kit(tmp_path / "stick" / "kit.tar", manifest, CONTENTS)


def outside(venue: Room) -> set[Path]:
    inside = {venue.folder, *venue.folder.rglob("*")}
    return {*venue.folder.parent.rglob("*")} - inside


def refused(venue: Room, file: Path, failure: type[KitFailure]) -> KitFailure:
    """Return how the kit is refused; nothing may be written but below the venue's folder."""
    before = sorted(
        path for path in venue.folder.parent.rglob("*") if venue.folder not in path.parents
    )
    with pytest.raises(failure) as caught:
        venue.open(file)
    after = sorted(
        path for path in venue.folder.parent.rglob("*") if venue.folder not in path.parents
    )
    assert {*after} - {venue.folder} == {*before} - {venue.folder}
    assert venue.kept() == []
    assert caught.value.hint
    return caught.value


def test_a_kit_is_unpacked_once(venue: Room, file: Path) -> None:
    progress = Recorder()
    kit = venue.open(file, progress)
    [name] = venue.kept()
    tree = venue.kits / name
    assert name.startswith("small-")
    assert whole(tree)
    assert kit.bundle == tree / "materials.bundle"
    assert kit.data == {"mednist": tree / "data/mednist", "images": tree / "data/images.bundle"}
    assert kit.wheels == kit.wheels_for_environment() == tree / "wheels"
    assert progress.fractions == sorted(progress.fractions)
    assert progress.fractions[-1] == 1.0

    again = Recorder()
    assert venue.open(file, again) == kit
    assert "writing" not in again.phases
    assert venue.kept() == [name]


def test_two_kits_lie_side_by_side(venue: Room, file: Path, tmp_path: Path) -> None:
    first = venue.open(file)
    fewer = {"materials.bundle": CONTENTS["materials.bundle"]}
    told = manifest_of(DEFINITION.model_copy(update={"data": ()}), fewer)
    second = venue.open(write_kit(tmp_path / "other.tar", told, fewer))
    assert len(venue.kept()) == 2
    assert first.bundle != second.bundle
    assert second.data == {}


def test_what_was_deleted_from_an_unpacked_kit_comes_back(venue: Room, file: Path) -> None:
    bundle = venue.open(file).bundle
    assert bundle is not None
    bundle.unlink()
    venue.open(file)
    assert whole(bundle.parent)


def test_several_callers_at_once_take_turns(venue: Room, file: Path) -> None:
    reports = [Recorder() for _ in range(3)]
    kits: list[object] = []
    threads = [
        threading.Thread(target=lambda it=it: kits.append(venue.open(file, it))) for it in reports
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kits) == 3
    assert kits[0] == kits[1] == kits[2]
    assert sum("writing" in it.phases for it in reports) == 1


@pytest.mark.parametrize("phase", ["writing", "verifying"])
def test_a_stop_leaves_nothing(venue: Room, file: Path, phase: str) -> None:
    with pytest.raises(Cancelled):
        venue.open(file, Recorder(stop_when=lambda it, _: it == phase))
    assert venue.kept() == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a letter",
        bytes(10240),
        random.Random(1).randbytes(5000),
    ],
    ids=["empty", "text", "zeros", "noise"],
)
def test_another_file_is_no_kit(venue: Room, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "kit.tar").write_bytes(content)
    refused(venue, tmp_path / "kit.tar", NotAKit)


def test_another_archive_is_no_kit(venue: Room, file: Path, tmp_path: Path) -> None:
    packed = tmp_path / "kit.tar.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    refused(venue, packed, NotAKit)
    refused(venue, write_kit(tmp_path / "a.tar", b"[]", {}), NotAKit)
    refused(venue, write_kit(tmp_path / "b.tar", b"{", {}), NotAKit)
    refused(venue, write_kit(tmp_path / "c.tar", b'{"kind": "another"}', {}), NotAKit)
    with tarfile.open(tmp_path / "d.tar", "w") as tar:
        for info, content in (entry("a.txt", b"a"), entry("kit.json", b"{}")):
            tar.addfile(info, io.BytesIO(content))
    refused(venue, tmp_path / "d.tar", NotAKit)


def test_no_file_or_a_folder_is_said_to_be_missing(venue: Room, tmp_path: Path) -> None:
    refused(venue, tmp_path / "nowhere.tar", KitMissing)
    refused(venue, tmp_path, KitMissing)


def test_a_later_format_is_not_guessed_at(venue: Room, manifest: Manifest, tmp_path: Path) -> None:
    told = {**json.loads(manifest.text()), "format": 2, "new": "field"}
    refused(venue, write_kit(tmp_path / "kit.tar", json.dumps(told).encode(), {}), KitTooNew)


def test_a_kit_that_was_cut_short_is_damaged(venue: Room, file: Path) -> None:
    content = file.read_bytes()
    end = 512 * (len(content) // 512 - 20)
    for cut in (600, 5000, 40_000, 700_000, end):
        file.write_bytes(content[:cut])
        refused(venue, file, KitDamaged)


def test_a_single_wrong_byte_is_damage(venue: Room, file: Path) -> None:
    content = file.read_bytes()
    with tarfile.open(file) as tar:
        places = [
            member.offset_data + at
            for member in tar
            if member.name != "kit.json" and member.size
            for at in (0, member.size // 2, member.size - 1)
        ]
    assert len(places) == 12
    for place in places:
        wrong = bytearray(content)
        wrong[place] ^= 1
        file.write_bytes(wrong)
        refused(venue, file, KitDamaged)


@pytest.mark.parametrize("name", CONTENTS)
def test_a_missing_member_is_damage(
    venue: Room, manifest: Manifest, tmp_path: Path, name: str
) -> None:
    others = {it: content for it, content in CONTENTS.items() if it != name}
    kit = write_kit(tmp_path / "kit.tar", manifest, others, [entry("x" * 90, bytes(800_000))])
    refused(venue, kit, KitRefused)
    kit = write_kit(tmp_path / "kit.tar", manifest, others)
    with kit.open("ab") as longer:
        longer.write(bytes(800_000))
    refused(venue, kit, KitDamaged)


HOSTILE: dict[str, list[Entry]] = {
    "a name above": [entry("../outside", b"x")],
    "a name far above": [entry("wheels/../../../outside", b"x")],
    "an absolute name": [entry("/tmp/monai-workshop-outside", b"x")],
    "a backslash": [entry("..\\outside", b"x")],
    "a drive": [entry("C:/outside", b"x")],
    "a link out": [entry("wheels/link", kind=tarfile.SYMTYPE, link="../../..")],
    "a link within": [entry("wheels/link", kind=tarfile.SYMTYPE, link="kit.json")],
    "a link, then through it": [
        entry("away", kind=tarfile.SYMTYPE, link=".."),
        entry("away/outside", b"x"),
    ],
    "a hard link out": [entry("wheels/hard", kind=tarfile.LNKTYPE, link="../../../stick/kit.tar")],
    "a hard link within": [entry("wheels/hard", kind=tarfile.LNKTYPE, link="kit.json")],
    "a device": [entry("wheels/zero", kind=tarfile.CHRTYPE)],
    "a pipe": [entry("wheels/pipe", kind=tarfile.FIFOTYPE)],
    "a member that is not named": [entry("wheels/more.whl", b"x")],
    "a member twice": [entry("data/mednist", CONTENTS["data/mednist"])],
    "kit.json twice": [entry("kit.json", b"{}")],
    "a file where a folder is": [entry("wheels", b"x")],
    "much more than is said": [entry("wheels/bomb", bytes(20 << 20))],
    "very many folders": [entry(f"f/{n}", kind=tarfile.DIRTYPE) for n in range(100)],
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_no_kit_holds_is_refused(
    venue: Room, manifest: Manifest, tmp_path: Path, kind: str
) -> None:
    kit = write_kit(tmp_path / "stick" / "kit.tar", manifest, CONTENTS, HOSTILE[kind])
    refused(venue, kit, KitRefused)
    assert not Path("/tmp/monai-workshop-outside").exists()


@pytest.mark.parametrize(
    "name",
    [
        *("../outside", "/outside", "wheels/../../outside.whl", "wheels/.hidden.whl", "data/../x"),
        *("wheels/a/b.whl", "wheels\\a.whl", "data/UPPER", "setup.py", "kit.json", ""),
    ],
)
def test_names_that_no_kit_has_are_refused_before_anything_is_written(
    venue: Room, manifest: Manifest, tmp_path: Path, name: str
) -> None:
    told = json.loads(manifest.text())
    told["members"][name] = {"size": 1, "sha256": "0" * 64}
    kit = write_kit(tmp_path / "kit.tar", json.dumps(told).encode(), CONTENTS, [entry(name, b"x")])
    refused(venue, kit, KitRefused)
    assert not venue.folder.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"members": {}},
        {"packages": None},
        {"materials": ""},
        {"data": {}},
        {"members": {"data/mednist": {"size": -1, "sha256": "0" * 64}}},
        {"members": {"data/mednist": {"size": 1, "sha256": "none"}}},
        {"workshop": "../.."},
        {"format": "1"},
        {"extra": 1},
    ],
)
def test_a_head_that_contradicts_itself_is_refused(
    venue: Room, manifest: Manifest, tmp_path: Path, change: dict[str, object]
) -> None:
    told = {**json.loads(manifest.text()), **change}
    kit = write_kit(tmp_path / "kit.tar", json.dumps(told).encode(), CONTENTS)
    refused(venue, kit, KitRefused)
    assert not venue.folder.exists()


def test_an_endless_head_is_not_read(venue: Room, tmp_path: Path) -> None:
    kit = tmp_path / "kit.tar"
    info = tarfile.TarInfo("kit.json")
    info.size = 1 << 40
    kit.write_bytes(info.tobuf(tarfile.GNU_FORMAT))
    os.truncate(kit, 1 << 40)
    refused(venue, kit, NotAKit)


@pytest.mark.parametrize(
    ("definition", "what"),
    [
        (DEFINITION.model_copy(update={"id": "other"}), "workshop “small”"),
        (definition_of("https://a.test/x.git", "b" * 40, "https://a.test/x"), "materials"),
        (
            DEFINITION.model_copy(
                update={
                    "data": (
                        DEFINITION.data[0].model_copy(update={"checksum": "md5:" + "0" * 32}),
                        DEFINITION.data[1],
                    )
                }
            ),
            "data set “mednist”",
        ),
        (DEFINITION.model_copy(update={"data": DEFINITION.data[:1]}), "data set “images”"),
    ],
    ids=["workshop", "commit", "checksum", "data"],
)
def test_a_kit_for_something_else_is_refused(
    venue: Room, file: Path, definition: Definition, what: str
) -> None:
    other = Room(venue.folder, definition, venue.python)
    assert what in refused(other, file, KitForOther).message


def test_addresses_and_texts_may_change(venue: Room, file: Path) -> None:
    moved = definition_of("https://b.test/y.git", "a" * 40, "https://b.test/MedNIST.tar.gz")
    later = moved.model_copy(update={"title": "Another title"})
    assert Room(venue.folder, later, venue.python).open(file).bundle is not None


@pytest.mark.parametrize("kind", ["python", "platform", "packages"])
def test_packages_for_another_machine_are_a_failure_only_where_they_are_wanted(
    venue: Room, tmp_path: Path, kind: str
) -> None:
    contents, definition, python = dict(CONTENTS), DEFINITION, HERE
    if kind == "python":
        python = "3.8"
    elif kind == "platform":
        contents["wheels/numpy-2.0-cp38-cp38-win_amd64.whl"] = b"x"
    else:
        definition = definition_of(
            "https://a.test/x.git", "a" * 40, "https://a.test/x", packages=["fire", "einops"]
        )
    file = write_kit(tmp_path / "kit.tar", manifest_of(DEFINITION, contents, python), contents)
    kit = Room(venue.folder, definition, venue.python).open(file)
    assert kit.bundle is not None
    assert len(kit.data) == 2
    assert kit.wheels is None
    assert HERE in kit.wheels_problem or kind == "packages"
    with pytest.raises(KitUnfit) as caught:
        kit.wheels_for_environment()
    assert caught.value.message == kit.wheels_problem


def test_room_on_the_disk_is_looked_for_first(venue: Room, tmp_path: Path) -> None:
    needed = shutil.disk_usage(tmp_path).free + (1 << 30)
    told = json.loads(manifest_of(DEFINITION, CONTENTS, HERE).text())
    told["members"]["data/mednist"]["size"] = needed
    kit = write_kit(tmp_path / "kit.tar", json.dumps(told).encode(), {})
    os.truncate(kit, needed + (1 << 20))
    with pytest.raises(KitNeedsRoom) as caught:
        venue.open(kit)
    assert caught.value.code == "disk_full"
    assert venue.kept() == []
