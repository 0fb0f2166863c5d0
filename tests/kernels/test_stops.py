"""Stopped, killed, or built twice at once: the environment before stays in use."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import Environment, PackageRule
from jupyter_monai_workshop.errors import Cancelled
from jupyter_monai_workshop.jobs.progress import Phase
from jupyter_monai_workshop.kernels.uv_cache import unfinished

from .workbench import Recorder, Room, StillIndex, processes, write_wheel

GOOD = Environment(packages=(PackageRule(require="fire"),))
SLOW = Environment(
    packages=(
        PackageRule(require="fire"),
        PackageRule(require="glacier"),
    )
)


@pytest.fixture
def room(room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    """With an environment in use."""
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    write_wheel(room.links, "fire", "0.7.0")
    assert room.build(GOOD).ready
    return room


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[StillIndex]:
    """An index that never finishes sending the package ``glacier``."""
    monkeypatch.delenv("PIP_NO_INDEX", raising=False)
    with StillIndex([("glacier", "1.0")]) as index:
        monkeypatch.setenv("PIP_INDEX_URL", index.url)
        yield index


def check_untouched(room: Room, generations: list[str], kernel: str) -> None:
    assert room.generations() == generations
    assert room.place.kernel_file.read_text() == kernel
    assert [path.name for path in room.place.kernelspec.iterdir()] == ["kernel.json"]
    assert room.observe(GOOD).ready


def processes_in(folder: Path) -> list[int]:
    return [number for number, command in processes().items() if str(folder) in command]


def test_a_stop_in_the_middle_of_a_download(room: Room, index: StillIndex, tmp_path: Path) -> None:
    generations, kernel = room.generations(), room.place.kernel_file.read_text()
    progress = Recorder()
    ends: list[str] = []

    def build() -> None:
        with pytest.raises(Cancelled) as caught:
            room.build(SLOW, progress)
        ends.append(caught.value.code)

    work = threading.Thread(target=build)
    work.start()
    assert index.asked.wait(60)
    assert len(room.generations()) > len(generations)
    began = time.monotonic()
    progress.cancel()
    work.join(10)
    assert time.monotonic() - began < 2
    assert ends == ["cancelled"]
    check_untouched(room, generations, kernel)
    assert unfinished(tmp_path / "cache") == frozenset()
    assert processes_in(room.place.environment) == []


def test_a_stop_at_any_phase(room: Room) -> None:
    generations, kernel = room.generations(), room.place.kernel_file.read_text()
    write_wheel(room.links, "glacier", "1.0")
    stop_at: Phase
    for stop_at in ("looking", "resolving", "installing", "verifying"):
        with pytest.raises(Cancelled):
            room.build(SLOW, Recorder(stopping_at(stop_at)))
        check_untouched(room, generations, kernel)
    assert room.build(SLOW).ready


def stopping_at(stop_at: Phase) -> Callable[[Phase, str], bool]:
    return lambda phase, _: phase == stop_at


KILLED = """
import sys
from pathlib import Path
from jupyter_monai_workshop.definition.models import Environment
from jupyter_monai_workshop.jobs.progress import Silent
from jupyter_monai_workshop.kernels import build_environment, place_of
build_environment(
    Environment.model_validate_json(sys.argv[1]),
    place_of("a-workshop", Path(sys.argv[2])),
    title="A workshop", base_python=Path(sys.argv[3]), gpu=False, progress=Silent(),
)
"""


def test_a_kill_leaves_the_last_one_in_use_and_the_next_build_tidies(
    room: Room, index: StillIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    generations, kernel = room.generations(), room.place.kernel_file.read_text()
    data_dir = room.place.environment.parents[2]
    arguments = [SLOW.model_dump_json(), str(data_dir), str(room.base.python)]
    here = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", KILLED, *arguments], cwd=here) as server:
        assert index.asked.wait(60)
        server.send_signal(signal.SIGKILL)
    assert room.place.kernel_file.read_text() == kernel
    assert room.observe(GOOD).ready
    assert set(room.generations()) > set(generations)
    for orphan in processes_in(room.place.environment):
        os.kill(orphan, signal.SIGKILL)
    gone_at = time.monotonic() + 10
    while processes_in(room.place.environment):
        assert time.monotonic() < gone_at
        time.sleep(0.05)

    monkeypatch.setenv("PIP_NO_INDEX", "1")
    write_wheel(room.links, "glacier", "1.0")
    assert room.build(SLOW).ready
    assert len(room.generations()) == 1
    assert room.generations() != generations


def test_a_generation_stays_as_long_as_a_process_uses_it(room: Room) -> None:
    write_wheel(room.links, "glacier", "1.0")
    (old,) = room.generations()
    python = str(room.observe().python)
    # Deaf to the environment variables of a kernel: its interpreter alone tells.
    with subprocess.Popen([python, "-c", "import time; time.sleep(60)"]) as kernel:
        try:
            assert room.build(SLOW).ready
            assert old in room.generations()
            assert len(room.generations()) == 2
            assert str(room.observe().python) != python
        finally:
            kernel.kill()
    assert room.build(SLOW).ready
    assert old not in room.generations()


def test_two_builds_at_once_build_once(room: Room) -> None:
    write_wheel(room.links, "glacier", "1.0")
    waits = threading.Event()

    def once_the_other_waits(phase: Phase, _: str) -> bool:
        if phase == "waiting":
            waits.set()
        elif phase == "resolving":
            assert waits.wait(30)
        return False

    recorders = [Recorder(once_the_other_waits), Recorder(once_the_other_waits)]
    states: list[bool] = []

    def build(progress: Recorder) -> None:
        states.append(room.build(SLOW, progress).ready)

    threads = [threading.Thread(target=build, args=(progress,)) for progress in recorders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert states == [True, True]
    assert sorted("installing" in progress.phases for progress in recorders) == [False, True]
    assert sorted("waiting" in progress.phases for progress in recorders) == [False, True]
    assert len(room.generations()) == 1


def test_who_waits_for_another_build_can_be_stopped(room: Room, index: StillIndex) -> None:
    first, second = Recorder(), Recorder(stopping_at("waiting"))

    def build() -> None:
        with pytest.raises(Cancelled):
            room.build(SLOW, first)

    builder = threading.Thread(target=build)
    builder.start()
    assert index.asked.wait(60)
    began = time.monotonic()
    with pytest.raises(Cancelled):
        room.build(SLOW, second)
    assert time.monotonic() - began < 2
    first.cancel()
    builder.join(10)
    assert not builder.is_alive()
    assert room.observe(GOOD).ready
