"""Killed anywhere, two at once, and a full disk: never half a clone, and one more call finishes."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict, cast

import pytest

from jupyter_monai_workshop.definition.models import GitSource
from jupyter_monai_workshop.errors import WorkshopError
from jupyter_monai_workshop.materials import observe_materials
from tests.git_server import git
from tests.materials.git_workbench import (
    EACH,
    PICTURES,
    assert_whole,
    bring,
    files_below,
)
from tests.materials.mounting import mount
from tests.materials.watching import everything_in, files_at_most
from tests.network import Network

PAYLOAD = EACH * PICTURES
IN_TIME, IN_STEPS = 12, 13


class Answer(TypedDict, total=False):
    killed: bool
    state: str
    steps: int


class Children:
    """A process that brings materials in its children."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.materials.git_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def bring(
        self,
        source: GitSource,
        target: Path,
        arriving: Path,
        *,
        kill_at: int = 0,
        kill_after: float = 0,
        lock: Path | None = None,
    ) -> Answer:
        order = {
            "source": source.model_dump(),
            "target": str(target),
            "arriving": str(arriving),
            "kill_at": kill_at,
            "kill_after": kill_after,
            "lock": str(lock or ""),
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return cast(Answer, json.loads(self._process.stdout.readline()))

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert self._process.wait(10) == 0


@pytest.fixture
def children() -> Iterator[Children]:
    children = Children()
    yield children
    children.end()


def test_killed_at_25_points_and_finished_by_one_more_call(
    course: GitSource, repository: Path, network: Network, children: Children, tmp_path: Path
) -> None:
    originals = {p: c for p, c in files_below(repository).items() if p.startswith("course/")}

    def place(name: str) -> tuple[Path, Path]:
        target = tmp_path / name / "home" / "course"
        target.parent.mkdir(parents=True)
        return target, tmp_path / name / "arriving"

    undisturbed = children.bring(course, *place("undisturbed"))
    steps = undisturbed["steps"]
    assert steps > 150
    network.slow(PAYLOAD * 2)
    began = time.monotonic()
    assert children.bring(course, *place("slow"))["state"] == "succeeded"
    duration = time.monotonic() - began

    chance = random.Random("kills")
    moments = [duration * (n + chance.random()) / IN_TIME for n in range(IN_TIME)]
    # Some around the rename, which comes shortly before the end, the others anywhere.
    exact = [steps - back for back in (1, 4, 8, 12, 16, 20)]
    exact += [chance.randrange(1, steps) for _ in range(IN_STEPS - len(exact))]
    kills = done = 0
    for number in range(IN_TIME + IN_STEPS):
        target, arriving = place(f"killed {number}")
        if number < IN_TIME:
            network.slow(PAYLOAD * 2)
            answer = children.bring(course, target, arriving, kill_after=moments[number])
            network.slow(None)
        else:
            answer = children.bring(course, target, arriving, kill_at=exact[number - IN_TIME])
        kills += answer["killed"]
        if observe_materials(course, target, definition_folder=tmp_path).present:
            done += 1
            assert files_below(target) == originals
        else:
            assert not target.exists()
        bring(course, target, arriving)
        assert files_below(target) == originals
        assert git(target, "rev-parse", "HEAD").strip() == course.commit
        assert git(target, "status", "--porcelain") == ""
        assert not list(target.rglob("*.lock"))
        assert [path.name for path in target.parent.iterdir()] == [target.name]
        assert everything_in(arriving) == {}
    print(f"{kills} kills; after {done} of them the clone was whole and in its place")
    assert kills >= IN_STEPS + IN_TIME - 4  # a machine's pace differs, so some come too late
    assert 1 <= done < kills


def test_two_servers_on_one_home_take_turns(
    course: GitSource, repository: Path, network: Network, target: Path, arriving: Path
) -> None:
    network.slow(PAYLOAD * 2)
    servers = [Children(), Children()]
    answers: list[Answer] = []

    def press(server: Children) -> None:
        lock = arriving.parent / "course.lock"
        answers.append(server.bring(course, target, arriving, lock=lock))

    presses = [threading.Thread(target=press, args=(server,)) for server in servers]
    for thread in presses:
        thread.start()
    for thread in presses:
        thread.join(60)
    for server in servers:
        server.end()
    assert [answer["state"] for answer in answers] == ["succeeded", "succeeded"]
    assert network.to_client < 1.5 * PAYLOAD
    assert_whole(course, repository, target)
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    assert everything_in(arriving) == {}


def test_two_at_once_without_a_common_lock_do_no_harm(
    course: GitSource, repository: Path, network: Network, target: Path, arriving: Path
) -> None:
    network.slow(PAYLOAD * 2)
    failures: list[str] = []

    def press() -> None:
        try:
            bring(course, target, arriving)
        except WorkshopError as error:
            failures.append(error.code)

    presses = [threading.Thread(target=press) for _ in range(2)]
    for thread in presses:
        thread.start()
    for thread in presses:
        thread.join(60)
    assert failures in ([], ["target_occupied"])
    assert_whole(course, repository, target)
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    assert everything_in(arriving) == {}


@pytest.mark.parametrize("limit", [300, 10_000, 100_000, 400_000])
def test_a_limit_on_files(
    course: GitSource, repository: Path, target: Path, arriving: Path, limit: int
) -> None:
    with pytest.raises(WorkshopError) as caught, files_at_most(limit):
        bring(course, target, arriving)
    assert caught.value.code == "disk_full"
    assert everything_in(target.parent) == {}
    bring(course, target, arriving)
    assert_whole(course, repository, target)
    assert everything_in(arriving) == {}


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9, 1.5])
def test_a_full_disk(
    course: GitSource, repository: Path, network: Network, tmp_path: Path, share: float
) -> None:
    disk = tmp_path / "disk"
    target, arriving = disk / "home" / "course", disk / "arriving"
    disk.mkdir()
    size = f"size={int(PAYLOAD * share)}"
    with mount(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(disk)]) as mounted:
        (disk / "home").mkdir()
        limit = PAYLOAD * 10 if mounted else int(PAYLOAD * min(share, 0.9))
        with pytest.raises(WorkshopError) as caught, files_at_most(limit):
            bring(course, target, arriving)
        assert caught.value.code == "disk_full"
        assert everything_in(target.parent) == {}
        if mounted:
            subprocess.run(["mount", "-o", "remount,size=50m", str(disk)], check=True)
        before = network.moved
        bring(course, target, arriving)
        assert network.moved - before < PAYLOAD * (1.05 - min(share, 0.9) + 0.25)
        assert_whole(course, repository, target)
        assert everything_in(arriving) == {}
