"""What the rules promise is imported as the kernel would, and compiled only once."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import Environment, PackageRule
from jupyter_monai_workshop.kernels import remove_environment
from jupyter_monai_workshop.kernels.bytecode import Bytecode
from jupyter_monai_workshop.kernels.failures import InterpreterBroken, VerificationFailed
from jupyter_monai_workshop.kernels.verify import kernel_environ

from .workbench import Room, write_wheel


def write_module(folder: Path, name: str, text: str) -> None:
    """Write a wheel whose module holds `text`."""
    path = write_wheel(folder, name, "1.0")
    with zipfile.ZipFile(path) as old:
        files = {it: old.read(it) for it in old.namelist()}
    with zipfile.ZipFile(path, "w") as new:
        for it, content in files.items():
            new.writestr(it, text if it.endswith("__init__.py") else content)


def rules(*names: str, **variables: str) -> Environment:
    packages = tuple(PackageRule(require=name) for name in names)
    return Environment(packages=packages, variables=variables)


def test_a_module_that_is_there_but_does_not_import(room: Room) -> None:
    write_wheel(room.links, "fire", "0.7.0")
    write_module(room.links, "distant", "import a_thing_that_nobody_has")
    good = rules("fire")
    room.build(good)
    kernel = room.place.kernel_file.read_text()
    with pytest.raises(VerificationFailed) as caught:
        room.build(rules("fire", "distant"))
    assert caught.value.modules == ("distant",)
    assert "a_thing_that_nobody_has" in caught.value.details
    assert room.place.kernel_file.read_text() == kernel
    assert room.observe(good).ready
    assert len(room.generations()) == 1


def test_a_module_that_does_not_import_although_all_is_compiled(room: Room) -> None:
    write_module(room.links, "moody", "import os\nif 'MOODY' in os.environ: raise SystemExit(1)")
    write_wheel(room.links, "fire", "0.7.0")
    room.build(rules("moody", "fire"))
    remove_environment(room.place)
    with pytest.raises(VerificationFailed) as caught:
        room.build(rules("moody", "fire", MOODY="1"))
    assert caught.value.modules == ("moody",)
    assert room.generations() == []


def test_a_module_that_ends_the_interpreter(room: Room) -> None:
    write_module(room.links, "grim", "import os; print('so grim', flush=True); os.abort()")
    with pytest.raises(InterpreterBroken) as caught:
        room.build(rules("grim"))
    assert "so grim" in caught.value.details
    assert room.generations() == []


def test_imports_see_the_variables_of_the_kernel(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLAVOUR", "mint")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    text = "import os\nassert os.environ['STYLE'] == 'plain mint', os.environ\n"
    text += "assert not os.environ['PYTHONPATH']"
    write_module(room.links, "picky", text)
    assert room.build(rules("picky", STYLE="plain ${FLAVOUR}")).ready


def test_what_a_module_prints_or_leaves_running_does_not_matter(room: Room) -> None:
    text = "import sys, threading, time\nprint('{', end='')\nprint('x' * 100_000)\n"
    text += "threading.Thread(target=time.sleep, args=(600,)).start()"
    write_module(room.links, "chatty", text)
    assert room.build(rules("chatty")).ready


def test_the_environment_of_a_kernel_is_as_jupyter_makes_it() -> None:
    found = kernel_environ({"PATH": "/own:${PATH}", "A": "$$B"}, {"PATH": "/bin", "C": "1"})
    assert found == {"PATH": "/own:/bin", "A": "$B", "C": "1"}


def test_the_first_import_in_the_kernel_finds_everything_compiled(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    write_wheel(room.links, "fire", "0.7.0")
    room.build(rules("fire"))
    assert list(room.place.environment.rglob("fire/__pycache__/*.pyc"))


def test_a_rebuild_takes_compiled_bytecode_along(room: Room, tmp_path: Path) -> None:
    write_wheel(room.links, "fire", "0.7.0")
    write_wheel(room.links, "termcolor", "3.0")
    room.build(rules("fire"))
    (first,) = room.place.environment.rglob("fire/__pycache__/*.pyc")
    there = first.stat().st_ino
    room.build(rules("fire", "termcolor"))
    (second,) = room.place.environment.rglob("fire/__pycache__/*.pyc")
    assert second != first
    assert second.stat().st_ino == there


def test_an_environment_that_is_made_again_after_its_removal_need_not_compile(room: Room) -> None:
    write_wheel(room.links, "fire", "0.7.0")
    room.build(rules("fire"))
    (first,) = room.place.environment.rglob("fire/__pycache__/*.pyc")
    there = first.stat().st_ino
    remove_environment(room.place)
    room.build(rules("fire"))
    (again,) = room.place.environment.rglob("fire/__pycache__/*.pyc")
    assert again.stat().st_ino == there


def test_bytecode_of_another_release_stays_behind(room: Room) -> None:
    # Both releases have sources of the same size and time, which is all that Python looks at.
    write_wheel(room.links, "fire", "0.7.0")
    write_wheel(room.links, "fire", "0.7.1")
    for version in ("0.7.1", "0.7.0", "0.7.1"):
        room.build(rules(f"fire=={version}"))
        assert room.ask("import fire; print(fire.__version__)").strip() == version


def test_modules_beside_one_another_keep_their_own_bytecode(tmp_path: Path) -> None:
    def install(packages: Path, **digests: str) -> None:
        """Two packages of one module each, in the same folder."""
        for name, digest in digests.items():
            info = packages / f"{name}-1.dist-info"
            info.mkdir(parents=True)
            (info / "RECORD").write_text(f"{name}.py,sha256={digest},5\n{info.name}/RECORD,,\n")
            (packages / f"{name}.py").write_text("x = 1")

    first, second, store = tmp_path / "first", tmp_path / "second", tmp_path / "store"
    install(first, one="aaa", two="bbb")
    (first / "__pycache__").mkdir()
    for name in ("one", "two"):
        (first / "__pycache__" / f"{name}.cpython-311.pyc").touch()
    assert Bytecode(first, store).keep() == 2
    assert Bytecode(first, store).keep() == 0
    install(second, one="aaa", two="another")
    assert Bytecode(second, store).take() == 1
    assert [it.name for it in (second / "__pycache__").iterdir()] == ["one.cpython-311.pyc"]
    assert Bytecode(first, store).share_kept() == 1.0
    assert Bytecode(second, store).share_kept() == 0.5
    assert Bytecode(tmp_path / "nothing", store).share_kept() == 1.0


def test_a_record_that_leads_elsewhere_is_not_followed(tmp_path: Path) -> None:
    packages, outside = tmp_path / "packages", tmp_path / "outside" / "__pycache__"
    outside.mkdir(parents=True)
    (outside / "it.cpython-311.pyc").touch()
    info = packages / "it-1.dist-info"
    info.mkdir(parents=True)
    (info / "RECORD").write_text(f"../outside/it.py,a,1\n{tmp_path}/outside/it.py,a,1\n")
    assert Bytecode(packages, tmp_path / "store").keep() == 0
