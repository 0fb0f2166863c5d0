"""What a build installs, inherits and refuses; real environments with small wheels."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import Environment, PackageRule
from jupyter_monai_workshop.kernels.failures import (
    EnvironmentFailure,
    FolderNotWritable,
    IndexUnreachable,
    InterpreterBroken,
    InterpreterGone,
    NoSuitableTorch,
    PackageNotFound,
    UnsuitableBaseTorch,
    UnsupportedCombination,
    VerificationFailed,
    WouldReplace,
)
from jupyter_monai_workshop.kernels.place import place_of

from .workbench import TITLE, Recorder, Room, said_by, write_wheel

MONAI = PackageRule(require="monai==1.5.2", torch=">=2.4.1")
OLD_MONAI = PackageRule(require="monai==1.2.0", torch="<2.4")
WORKSHOP = Environment(torch=">=2.0", packages=(OLD_MONAI, MONAI, PackageRule(require="fire")))


@pytest.fixture
def room(room: Room) -> Room:
    """With all that the workshop asks for but torch."""
    write_wheel(room.links, "monai", "1.2.0", ["torch>=1.8", "numpy<2"])
    write_wheel(room.links, "monai", "1.5.2", ["torch>=2.4.1", "numpy<3"])
    write_wheel(room.links, "fire", "0.7.0", ["termcolor"])
    write_wheel(room.links, "termcolor", "3.0")
    write_wheel(room.links, "numpy", "1.26.4")
    write_wheel(room.links, "numpy", "2.4.0")
    return room


def versions(room: Room, *modules: str) -> list[str]:
    code = "".join(f"import {name}; print({name}.__version__);" for name in modules)
    return room.ask(code).split()


def installed_in_base(room: Room) -> set[str]:
    return {path.name for path in room.base.packages.iterdir()} - {"__pycache__"}


def test_a_torch_that_serves_is_inherited_and_not_installed_again(room: Room) -> None:
    # Its metadata asks for what no wheel here offers, as a conda build's may.
    room.base.add("torch", "2.8.0+conda", ["nvidia-cublas==13"])
    write_wheel(room.links, "torch", "2.15.0")
    before = installed_in_base(room)
    progress = Recorder()

    state = room.build(WORKSHOP, progress)

    assert state.ready, state.message
    assert state.message.endswith("torch 2.8.0+conda.")
    assert versions(room, "torch", "monai", "fire") == ["2.8.0+conda", "1.5.2", "0.7.0"]
    base = str(room.base.packages)
    assert room.ask("import torch; print(torch.__file__)").startswith(base)
    assert room.ask("import ipykernel; print(ipykernel.__name__)") == "ipykernel"
    assert not room.ask("import monai; print(monai.__file__)").startswith(base)
    assert installed_in_base(room) == before
    assert progress.fractions == sorted(progress.fractions)
    assert progress.fractions[-1] == 1.0
    order = ["looking", "resolving", "downloading", "installing", "verifying", "writing"]
    assert progress.phases == order


@pytest.mark.parametrize(
    ("torch", "numpy", "chosen"),
    [
        ("2.0.1", "1.26.4", ["2.0.1", "1.2.0", "1.26.4"]),
        ("2.6.0", "1.26.4", ["2.6.0", "1.5.2", "1.26.4"]),
        ("2.13.0+cpu", "2.4.4", ["2.13.0+cpu", "1.5.2", "2.4.4"]),
    ],
)
def test_the_version_of_monai_follows_the_torch_that_is_there(
    room: Room, torch: str, numpy: str, chosen: list[str]
) -> None:
    room.base.add("torch", torch)
    room.base.add("numpy", numpy)
    room.build(WORKSHOP)
    assert versions(room, "torch", "monai", "numpy") == chosen


def test_what_the_base_has_is_not_installed(room: Room) -> None:
    for name, version in {"torch": "2.8.0", "monai": "1.5.2", "fire": "0.6"}.items():
        room.base.add(name, version)
    for wheel in room.links.iterdir():
        wheel.unlink()
    progress = Recorder()
    assert room.build(WORKSHOP, progress).ready
    assert versions(room, "monai", "fire") == ["1.5.2", "0.6"]
    assert "downloading" not in progress.phases


def test_an_extra_of_an_inherited_package_is_installed(room: Room) -> None:
    room.base.add("tool", "1.0", ["plugin>=2; extra == 'more'", "unheard-of"], ["more"])
    write_wheel(room.links, "plugin", "2.1")
    environment = Environment(packages=(PackageRule(require="tool[more]"),))
    assert room.build(environment).ready
    assert versions(room, "tool", "plugin") == ["1.0", "2.1"]


def test_without_gpu_a_cpu_build_from_disk_is_taken(room: Room) -> None:
    for version in ("2.4.0+cpu", "2.12.0+cpu", "2.13.0+cpu", "2.15.0"):
        write_wheel(room.links, "torch", version)
    write_wheel(room.links, "torch", "2.14.0+cpu", tag="cp27-cp27m-win32")
    assert room.build(WORKSHOP).ready
    assert versions(room, "torch", "monai") == ["2.13.0+cpu", "1.5.2"]


def test_a_cpu_build_that_the_packages_refuse_gives_way_to_the_next(room: Room) -> None:
    write_wheel(room.links, "monai", "1.6.0", ["torch<2.13"])
    for version in ("2.12.0+cpu", "2.13.0+cpu"):
        write_wheel(room.links, "torch", version)
    environment = Environment(torch=">=2", packages=(PackageRule(require="monai==1.6.0"),))
    assert room.build(environment).ready
    assert versions(room, "torch", "monai") == ["2.12.0+cpu", "1.6.0"]


def test_with_a_gpu_the_newest_torch_is_taken_that_a_rule_serves(room: Room) -> None:
    for version in ("2.3.0", "2.14.0+cpu", "2.14.1", "3.0.0"):
        write_wheel(room.links, "torch", version)
    environment = Environment(
        torch=">=2.0", packages=(OLD_MONAI, PackageRule(require="monai==1.5.2", torch=">=2.4.1,<3"))
    )
    assert room.build(environment, gpu=True).ready
    assert versions(room, "torch", "monai") == ["2.14.1", "1.5.2"]


def test_a_workshop_without_torch_brings_none(room: Room) -> None:
    write_wheel(room.links, "torch", "2.13.0+cpu")
    assert room.build(Environment(packages=(PackageRule(require="fire"),))).ready
    assert room.ask("import importlib.util as u; print(u.find_spec('torch'))") == "None"


def test_what_the_base_reaches_by_pth_files_is_inherited(room: Room, tmp_path: Path) -> None:
    beside = tmp_path / "editable"
    beside.mkdir()
    (beside / "editable_one.py").touch()
    (beside / "editable_two.py").touch()
    (room.base.packages / "one.pth").write_text(f"{beside}\n")
    hook = f"import sys; sys.modules.setdefault('hooked', sys); sys.path.append({str(beside)!r})\n"
    (room.base.packages / "two.pth").write_text(hook)
    assert room.build(Environment(packages=(PackageRule(require="fire"),))).ready
    assert room.ask("import editable_one, editable_two, hooked; print('found')") == "found"


def test_pip_in_a_notebook_installs_into_the_environment(room: Room, real_pip: Path) -> None:
    room.base.replace("pip", real_pip)
    room.build(Environment(packages=(PackageRule(require="fire"),)))
    kernel = json.loads(room.place.kernel_file.read_text())
    own = Path(kernel["argv"][0]).parent
    environ = {**os.environ, "PATH": f"{own}:{os.environ['PATH']}", "PIP_USER": "0"}
    said = said_by(
        ["/bin/sh", "-c", "pip install monai==1.2.0 --no-deps && command -v pip"], **environ
    )
    assert said.splitlines()[-1] == str(own / "pip")
    assert room.ask("import monai; print(monai.__file__)").startswith(str(own.parent))
    assert not (room.base.packages / "monai").exists()
    assert room.observe().ready


def test_a_second_build_changes_nothing(room: Room) -> None:
    room.base.add("torch", "2.8.0")
    room.build(WORKSHOP)
    before = everything_in(room.place.environment)
    kernel = room.place.kernel_file.stat().st_mtime_ns
    progress = Recorder()
    assert room.build(WORKSHOP, progress).ready
    assert everything_in(room.place.environment) == before
    assert room.place.kernel_file.stat().st_mtime_ns == kernel
    assert progress.phases == ["looking", "writing"]


def everything_in(folder: Path) -> dict[str, int]:
    # A Python that runs there writes caches; they are no change.
    return {
        str(path): path.lstat().st_mtime_ns
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_a_variable_of_the_kernel_changes_without_a_build(room: Room) -> None:
    room.build(Environment(variables={"STYLE": "old"}))
    before = room.generations()
    environment = Environment(variables={"STYLE": "new"})
    assert room.observe(environment).problem == "outdated"
    progress = Recorder()
    assert room.build(environment, progress).ready
    assert json.loads(room.place.kernel_file.read_text())["env"]["STYLE"] == "new"
    assert room.generations() == before
    assert "installing" not in progress.phases


# Each of these fails before anything of the environment is changed.
def check_refused(
    room: Room, environment: Environment, kind: type[EnvironmentFailure]
) -> EnvironmentFailure:
    good = Environment(packages=(PackageRule(require="termcolor"),))
    room.build(good)
    generations, kernel = room.generations(), room.place.kernel_file.read_text()
    with pytest.raises(EnvironmentFailure) as caught:
        room.build(environment)
    assert type(caught.value) is kind, caught.value.details
    assert caught.value.hint
    assert room.generations() == generations
    assert room.place.kernel_file.read_text() == kernel
    assert room.observe(good).ready
    return caught.value


def test_a_package_that_does_not_exist(room: Room) -> None:
    environment = Environment(packages=(PackageRule(require="no-such-thing==1"),))
    failure = check_refused(room, environment, PackageNotFound)
    assert "no-such-thing" in failure.message
    assert "no-such-thing==1" in failure.details


def test_a_package_of_the_base_is_never_replaced_by_a_rule(room: Room) -> None:
    room.base.add("fire", "0.1")
    environment = Environment(packages=(PackageRule(require="fire>=0.5"),))
    failure = check_refused(room, environment, WouldReplace)
    assert "fire" in failure.message
    assert "0.1" in failure.message


def test_a_package_of_the_base_is_never_replaced_by_what_a_rule_brings(room: Room) -> None:
    room.base.add("torch", "2.0.1")
    room.base.add("numpy", "2.4.0")
    failure = check_refused(room, WORKSHOP, WouldReplace)
    assert isinstance(failure, WouldReplace)
    assert failure.packages == ("numpy",)
    assert "monai" in failure.details


def test_build_tools_alone_may_differ_from_the_base(room: Room) -> None:
    room.base.add("setuptools", "65.5.0")
    write_wheel(room.links, "setuptools", "80.0")
    write_wheel(room.links, "modern", "1.0", ["setuptools>=77"])
    environment = Environment(packages=(PackageRule(require="modern"),))
    assert room.build(environment).ready
    assert versions(room, "setuptools") == ["80.0"]
    assert said_by(
        [str(room.base.python), "-c", "import setuptools as s; print(s.__version__)"]
    ) == ("65.5.0")


def test_a_torch_of_the_base_that_does_not_serve_is_left_alone(room: Room) -> None:
    room.base.add("torch", "1.13.1")
    write_wheel(room.links, "torch", "2.13.0+cpu")
    failure = check_refused(room, WORKSHOP, UnsuitableBaseTorch)
    assert "1.13.1" in failure.message
    assert ">=2.0" in failure.message


def test_a_torch_between_the_rules(room: Room) -> None:
    room.base.add("torch", "2.4.0")
    failure = check_refused(room, WORKSHOP, UnsupportedCombination)
    assert "monai" in failure.message


def test_no_torch_at_all(room: Room) -> None:
    check_refused(room, WORKSHOP, NoSuitableTorch)


def test_a_module_that_no_package_has(room: Room) -> None:
    environment = Environment(packages=(PackageRule(require="fire", provides="blaze"),))
    failure = check_refused(room, environment, VerificationFailed)
    assert "blaze" in failure.message


def test_an_index_that_does_not_answer(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    room.base.add("torch", "2.8.0")
    room.build(Environment())
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with pytest.raises(IndexUnreachable) as caught:
        room.build(WORKSHOP)
    assert "127.0.0.1:9" in caught.value.details
    assert room.observe(Environment()).ready


def test_a_base_that_is_gone(room: Room) -> None:
    room.base.python.unlink()
    with pytest.raises(InterpreterGone) as caught:
        room.build(WORKSHOP)
    assert str(room.base.python) in caught.value.message
    assert room.generations() == []
    assert not room.place.kernelspec.exists()


def test_a_base_that_does_not_work(room: Room) -> None:
    room.base.python.unlink()
    room.base.python.write_text("#!/bin/sh\necho no >&2\nexit 1\n")
    room.base.python.chmod(0o755)
    with pytest.raises(InterpreterBroken) as caught:
        room.build(WORKSHOP)
    assert "no" in caught.value.details
    assert room.generations() == []


def test_a_folder_that_cannot_be_written(room: Room, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    room.place = place_of("a-workshop", tmp_path / "file")
    with pytest.raises(FolderNotWritable):
        room.build(WORKSHOP)


def test_the_kernel_says_the_title(room: Room) -> None:
    room.build(Environment())
    assert json.loads(room.place.kernel_file.read_text())["display_name"] == TITLE
    assert room.observe().message == f"Ready: Python {sys.version.split()[0]}."
