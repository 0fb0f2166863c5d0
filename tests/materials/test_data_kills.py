"""Killed anywhere: never half a data set that counts, and one more call finishes."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TypedDict, cast

import pytest

from jupyter_monai_workshop.definition.models import DataSet, GitDataSet
from jupyter_monai_workshop.materials.data_sets import data_folder, observe_data
from jupyter_monai_workshop.materials.data_state import part_file
from tests.git_server import SPARSE, GitServer, git
from tests.http_server import Generated, HttpServer
from tests.materials.data_workbench import (
    bring,
    data_set,
    files_in,
    noise,
    pictures,
    tar_of,
    zip_of,
)
from tests.materials.watching import Recorder

POINTS = 10
FILES = {**pictures(each=4), "MedNIST/large": noise(800_000)}
PATH = "/MedNIST.bin"


class Answer(TypedDict, total=False):
    killed: bool
    steps: int
    present: bool
    grown_kib: int


class Children:
    """A process that brings data sets in its children."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.materials.data_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def bring(self, data: DataSet | GitDataSet, root: Path, kill_at: int = 0) -> Answer:
        order = {"data": data.model_dump(), "root": str(root), "kill_at": kill_at}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return cast(Answer, json.loads(self._process.stdout.readline()))

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert self._process.wait(10) == 0


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    children = Children()
    yield children
    children.end()


CONTENTS: dict[Literal["none", "tar", "zip"], bytes] = {
    "none": noise(1_500_000),
    "tar": tar_of(FILES),
    "zip": zip_of(FILES),
}


@pytest.mark.parametrize("unpack", ["none", "tar", "zip"])
@pytest.mark.parametrize("repair", [False, True], ids=["at first", "in a repair"])
def test_killed_at_random_points_and_finished_by_one_more_call(
    children: Children, tmp_path: Path, unpack: Literal["none", "tar", "zip"], repair: bool
) -> None:
    content = CONTENTS[unpack]
    whole = FILES if unpack != "none" else {PATH[1:]: content}
    mine = {"best_metric_model.pth": b"weights", "MedNIST/mine.txt": b"mine"} if repair else {}
    chance = random.Random(f"{unpack} {repair}")
    with HttpServer({PATH: content}) as server:
        data = data_set(content, server.url(PATH), unpack=unpack)

        def prepared(root: Path) -> Path:
            if repair:
                folder = bring(data, root, Recorder()).folder
                assert folder is not None
                (folder / "MedNIST").mkdir(exist_ok=True)
                for name, written in mine.items():
                    (folder / name).write_bytes(written)
                (folder / next(iter(whole))).unlink()
            return root

        steps = children.bring(data, prepared(tmp_path / "undisturbed"))["steps"]
        assert steps > 40
        kills = 0
        # A kill at the start, at the end (where things are renamed), and anywhere.
        points = [1, *range(steps - 7, steps), *(chance.randrange(1, steps) for _ in range(POINTS))]
        for point in points:
            root = prepared(tmp_path / f"killed at {point} of {steps}")
            answer = children.bring(data, root, point)
            if not answer["killed"]:
                continue  # the network's pieces differ from run to run, so it took fewer steps
            kills += 1
            folder = data_folder(data, root)
            if observe_data(data, root).present:
                assert files_in(folder).items() >= whole.items()
            part = part_file(folder)
            places = [part, part.parent / "tree" / PATH[1:]]
            arrived = max((file.stat().st_size for file in places if file.is_file()), default=0)
            before = len(server.requests)
            assert bring(data, root, Recorder()).present
            for asked in server.requests[before:]:  # what had arrived was not fetched again
                assert asked.range == (f"bytes={arrived}-" if arrived else "")
            assert files_in(folder) == {**whole, **mine}
            assert [path.name for path in root.iterdir()] == [folder.name]
        assert kills >= POINTS


@pytest.mark.parametrize("repair", [False, True], ids=["at first", "in a repair"])
def test_a_folder_from_git_killed_at_random_points_and_finished_by_one_more_call(
    children: Children, tmp_path: Path, server: GitServer, bootcamp: Path, repair: bool
) -> None:
    whole = files_in(bootcamp / SPARSE)
    mine = {"mine.txt": b"mine"} if repair else {}
    data = GitDataSet(
        kind="git",
        id="templates",
        title="Templates",
        urls=(server.url,),
        commit=git(bootcamp, "rev-parse", "HEAD").strip(),
        path=SPARSE,
        size=500_000,
    )

    def finish(root: Path) -> Path:
        folder = bring(data, root, Recorder()).folder
        assert folder == data_folder(data, root)
        return folder

    def prepared(root: Path) -> Path:
        if repair:
            folder = finish(root)
            (folder / "mine.txt").write_bytes(mine["mine.txt"])
            (folder / next(iter(whole))).unlink()
        return root

    steps = children.bring(data, prepared(tmp_path / "undisturbed"))["steps"]
    assert steps > 40
    chance = random.Random(f"git {repair}")
    kills = 0
    points = [1, *range(steps - 7, steps), *(chance.randrange(1, steps) for _ in range(POINTS))]
    for point in points:
        root = prepared(tmp_path / f"killed at {point} of {steps}")
        if not children.bring(data, root, point)["killed"]:
            continue
        kills += 1
        if observe_data(data, root).present:
            assert files_in(data_folder(data, root)).items() >= whole.items()
        assert files_in(finish(root)) == {**whole, **mine}
        assert [path.name for path in root.iterdir()] == [data_folder(data, root).name]
    assert kills >= POINTS


def test_memory_does_not_grow_with_the_file(children: Children, tmp_path: Path) -> None:
    large = Generated(150 << 20)
    with HttpServer({PATH: large}) as server:
        data = data_set(b"x", server.url(PATH), unpack="none").model_copy(
            update={"size": large.size, "checksum": large.digest("md5")}
        )
        answer = children.bring(data, tmp_path)
    assert answer["present"]
    assert answer["grown_kib"] < 20 * 1024


def test_memory_does_not_grow_with_the_archive(children: Children, tmp_path: Path) -> None:
    archive = tar_of({"zeros": bytes(40 << 20), **{f"f/{n}": b"" for n in range(1500)}})
    with HttpServer({PATH: archive}) as server:
        data = data_set(archive, server.url(PATH), unpacked_size=40 << 20)
        answer = children.bring(data, tmp_path)
    assert answer["present"]
    assert answer["grown_kib"] < 20 * 1024
