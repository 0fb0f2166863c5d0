"""What is found when something is missing, broken or changed; a build mends each of it."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import Environment, PackageRule
from jupyter_monai_workshop.kernels import remove_environment
from jupyter_monai_workshop.kernels.observe import Problem

from .workbench import BasePython, Room, write_wheel

WORKSHOP = Environment(
    torch=">=2.0", packages=(PackageRule(require="fire"), PackageRule(require="psutil-stub>=1"))
)


@pytest.fixture
def room(room: Room) -> Room:
    """With an environment that is built."""
    room.base.add("torch", "2.8.0")
    room.base.add("psutil-stub", "1.0")
    write_wheel(room.links, "fire", "0.7.0", ["termcolor"])
    write_wheel(room.links, "termcolor", "3.0")
    assert room.observe(WORKSHOP).problem == "missing"
    assert room.build(WORKSHOP).ready
    return room


def own_packages(room: Room) -> Path:
    (found,) = room.place.environment.glob("*/lib/python3*/site-packages")
    return found


def check(room: Room, problem: Problem, missing: tuple[str, ...] = ()) -> str:
    """Check what is found, and that a build mends it."""
    state = room.observe()
    assert (state.ready, state.problem, state.missing) == (False, problem, missing)
    assert room.build(WORKSHOP).ready
    assert room.observe().ready
    assert len(room.generations()) == 1
    return state.message


def test_a_package_that_was_uninstalled(room: Room) -> None:
    for path in own_packages(room).glob("fire*"):
        shutil.rmtree(path)
    assert "fire" in check(room, "incomplete", ("fire",))


def test_a_package_that_another_needs(room: Room) -> None:
    for path in own_packages(room).glob("termcolor*"):
        shutil.rmtree(path)
    check(room, "incomplete", ("termcolor",))


def test_a_package_that_the_base_lost(room: Room) -> None:
    room.base.remove("psutil_stub")
    write_wheel(room.links, "psutil-stub", "1.2")
    check(room, "incomplete", ("psutil-stub>=1",))


def test_a_torch_that_the_base_exchanged(room: Room) -> None:
    room.base.remove("torch")
    room.base.add("torch", "2.9.0")
    assert "torch" in check(room, "outdated")


def test_a_definition_that_asks_for_something_else(room: Room) -> None:
    assert room.observe(Environment(torch=">=2.0")).problem == "outdated"


def test_another_base(room: Room, tmp_path: Path) -> None:
    other = tmp_path / "new image"
    shutil.copytree(room.base.folder, other, symlinks=True)
    room.base = BasePython(other)
    assert sys.version.split()[0] in check(room, "outdated")


def test_another_name_of_the_same_base_is_no_change(room: Room) -> None:
    # What python3 says of itself differs from python in its path alone.
    (room.base.folder / "bin" / "snake").symlink_to("python")

    class Renamed(BasePython):
        @property
        def python(self) -> Path:
            return self.folder / "bin" / "snake"

    room.base = Renamed(room.base.folder)
    assert room.observe().ready


def test_a_base_that_is_gone(room: Room) -> None:
    python = room.base.python
    python.rename(python.with_name("away"))
    state = room.observe()
    assert (state.ready, state.problem) == (False, "broken")
    assert str(python) in state.message


def test_a_kernelspec_that_is_not_one(room: Room) -> None:
    for text in ("", "{", "[]", '{"argv": []}', '{"argv": ["/usr/bin/python"]}'):
        room.place.kernel_file.write_text(text)
        assert room.observe().problem == "broken", text
    check(room, "broken")


def test_a_kernelspec_whose_environment_is_gone(room: Room) -> None:
    shutil.rmtree(room.place.environment)
    check(room, "broken")


def test_a_receipt_that_is_gone(room: Room) -> None:
    (receipt,) = room.place.environment.glob("*/monai-workshop.json")
    receipt.unlink()
    check(room, "broken")


def test_what_an_attendee_adds_is_no_problem(room: Room) -> None:
    wheel = write_wheel(room.links, "torch", "2.9.9")
    shutil.unpack_archive(wheel, own_packages(room), "zip")
    assert room.observe().ready


def test_a_look_starts_no_process_and_takes_milliseconds(room: Room) -> None:
    room.observe()
    started: list[str] = []
    watching = True

    def watch(event: str, _: object) -> None:
        if watching and event in ("subprocess.Popen", "os.posix_spawn", "os.fork", "os.system"):
            started.append(event)

    sys.addaudithook(watch)
    took = []
    for _ in range(20):
        begin = time.perf_counter()
        assert room.observe().ready
        took.append(time.perf_counter() - begin)
    watching = False
    assert started == []
    assert min(took) < 0.01


def test_removing_leaves_nothing(room: Room) -> None:
    remove_environment(room.place)
    assert room.observe().problem == "missing"
    data_dir = room.place.environment.parents[2]
    assert [path for path in data_dir.rglob("*") if not path.is_dir()] == []
    assert not room.place.environment.exists()
    assert not room.place.kernelspec.exists()
    remove_environment(room.place)
