"""Killed anywhere: a kit that is half packed or half unpacked does not count."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypedDict, cast

import pytest

from jupyter_monai_workshop.kit.manifest import data_member
from tests.materials.data_workbench import noise

from .workbench import CONTENTS, Room, definition_of, manifest_of, whole, write_kit

POINTS = 12
HERE = ".".join(map(str, sys.version_info[:2]))
DEFINITION = definition_of("https://a.test/x.git", "a" * 40, "https://a.test/MedNIST.tar.gz")


class Answer(TypedDict, total=False):
    killed: bool
    steps: int
    grown_kib: int


class Children:
    """A process that packs and opens kits in its children."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.kit.kit_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def open(self, file: Path, venue: Room, kill_at: int = 0) -> Answer:
        definition = json.loads(venue.definition.model_dump_json())
        order = {"what": "open", "folder": str(venue.kits), "definition": definition}
        return self._do({**order, "file": str(file), "kill_at": kill_at})

    def pack(self, files: Mapping[str, Path], file: Path, kill_at: int = 0) -> Answer:
        order = {"what": "pack", "files": {name: str(path) for name, path in files.items()}}
        told = json.loads(manifest_of(DEFINITION, CONTENTS, HERE).text())
        return self._do({**order, "manifest": told, "file": str(file), "kill_at": kill_at})

    def _do(self, order: Mapping[str, object]) -> Answer:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return cast(Answer, json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    children = Children()
    yield children
    children.close()


def points(steps: int) -> set[int]:
    """Return where to kill: at the start, where things are renamed, and anywhere."""
    chance = random.Random(steps)
    assert steps > 30
    return {1, *range(steps - 8, steps), *chance.sample(range(1, steps - 8), POINTS)}


def test_a_kit_that_is_half_unpacked_does_not_count(children: Children, tmp_path: Path) -> None:
    file = write_kit(tmp_path / "kit.tar", manifest_of(DEFINITION, CONTENTS, HERE), CONTENTS)
    python = Path(sys.executable)
    steps = children.open(file, Room(tmp_path / "undisturbed", DEFINITION, python))["steps"]
    kills = 0
    for point in points(steps):
        venue = Room(tmp_path / f"killed at {point} of {steps}", DEFINITION, python)
        kills += children.open(file, venue, point)["killed"]
        trees = [name for name in venue.kept() if not name.startswith(".")]
        assert all(whole(venue.kits / name) for name in trees)
        kit = venue.open(file)
        assert kit.bundle is not None
        assert venue.kept() == [kit.bundle.parent.name]
        assert whole(kit.bundle.parent)
    assert kills >= POINTS


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    (tmp_path / "brought").mkdir()
    paths = {}
    for number, (name, content) in enumerate(CONTENTS.items()):
        paths[name] = tmp_path / "brought" / str(number)
        paths[name].write_bytes(content)
    return paths


def test_a_kit_that_is_half_packed_does_not_take_the_place_of_another(
    children: Children, files: dict[str, Path], tmp_path: Path
) -> None:
    kit = tmp_path / "undisturbed" / "kit.tar"
    steps = children.pack(files, kit)["steps"]
    kills = 0
    for point in points(steps):
        folder = tmp_path / f"killed at {point} of {steps}"
        folder.mkdir()
        (folder / "kit.tar").write_bytes(b"an older kit")
        kills += children.pack(files, folder / "kit.tar", point)["killed"]
        assert (folder / "kit.tar").read_bytes() in (b"an older kit", kit.read_bytes())
        assert not children.pack(files, folder / "kit.tar")["killed"]
        assert (folder / "kit.tar").read_bytes() == kit.read_bytes()
        assert [path.name for path in folder.iterdir()] == ["kit.tar"]
    assert kills >= POINTS


def test_memory_does_not_grow_with_the_kit(children: Children, tmp_path: Path) -> None:
    contents = {**CONTENTS, data_member(DEFINITION.data[0]): noise(1 << 20) * 60}
    brought = tmp_path / "brought"
    brought.mkdir()
    files = {}
    for number, (name, content) in enumerate(contents.items()):
        files[name] = brought / str(number)
        files[name].write_bytes(content)
    kit = tmp_path / "kit.tar"
    assert children.pack(files, kit)["grown_kib"] < 20 * 1024
    venue = Room(tmp_path / "venue", DEFINITION, Path(sys.executable))
    assert children.open(kit, venue)["grown_kib"] < 20 * 1024
    assert whole(venue.kits / venue.kept()[0], contents)
