"""What the base brings is imported while the rest is resolved and installed."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import Environment, PackageRule
from jupyter_monai_workshop.errors import Cancelled
from jupyter_monai_workshop.kernels.failures import PackageNotFound

from .test_verifying import write_module
from .workbench import Recorder, Room, processes, write_wheel

NOTE = """
import os
with open({path!r}, "a") as file:
    file.write(f"{name} {{os.getpid()}}\\n")
"""


@pytest.fixture
def note(room: Room, tmp_path: Path) -> Path:
    """A file in which torch of the base, and what it brings, say which process imports them."""
    path = tmp_path / "imported"
    room.base.add("torch", "2.8.0")
    room.base.add("numpy", "1.26.4")
    parts = {"torch": "torch", "torch.distributed": "torch/distributed"}
    parts["torch.distributed.optim"] = "torch/distributed/optim"
    for name, folder in parts.items():
        where = room.base.packages / folder
        where.mkdir(exist_ok=True)
        (where / "__init__.py").write_text(NOTE.format(path=str(path), name=name))
    return path


def noted(path: Path) -> dict[str, set[str]]:
    """Return the processes that imported each module."""
    found: dict[str, set[str]] = {}
    for line in path.read_text().splitlines():
        name, process = line.split()
        found.setdefault(name, set()).add(process)
    return found


def wanting(*names: str) -> Environment:
    return Environment(torch=">=2", packages=tuple(PackageRule(require=it) for it in names))


def test_one_process_imports_the_base_and_then_the_rest(room: Room, note: Path) -> None:
    write_module(room.links, "fire", NOTE.format(path=str(note), name="fire") + "import torch")
    assert room.build(wanting("fire")).ready
    found = noted(note)
    assert len(found["torch.distributed.optim"]) == 1
    assert found["fire"] <= found["torch.distributed.optim"]


def test_what_comes_with_a_pth_file_meanwhile_is_found(room: Room, note: Path) -> None:
    path = write_wheel(room.links, "editable", "1.0", module="elsewhere/editable")
    with zipfile.ZipFile(path, "a") as wheel:
        wheel.writestr("editable.pth", "elsewhere\n")
    with zipfile.ZipFile(path) as wheel:
        record = wheel.read("editable-1.0.dist-info/RECORD").decode()
        files = {it: wheel.read(it) for it in wheel.namelist()}
    with zipfile.ZipFile(path, "w") as wheel:
        for name, content in files.items():
            text = f"editable.pth,,\n{record}".encode()
            wheel.writestr(name, text if name.endswith("RECORD") else content)
    assert room.build(wanting("editable")).ready


def test_what_only_the_begun_process_cannot_import_is_no_failure(room: Room, note: Path) -> None:
    # As if torch had looked for the package before it was there, and remembered that.
    with (room.base.packages / "torch" / "__init__.py").open("a") as file:
        file.write(
            "try:\n    import fire\n    found = True\nexcept ImportError:\n    found = False\n"
        )
    write_wheel(room.links, "fire", "0.7.0")
    write_module(room.links, "picky", "import torch\nassert torch.found")
    assert room.build(wanting("fire", "picky")).ready


def test_what_prints_much_or_fails_meanwhile_holds_nothing_up(room: Room, note: Path) -> None:
    with (room.base.packages / "torch" / "distributed" / "optim" / "__init__.py").open("a") as file:
        file.write("print('x' * 300_000)\nraise RuntimeError('none here')\n")
    write_wheel(room.links, "fire", "0.7.0")
    assert room.build(wanting("fire")).ready


def test_nothing_of_it_is_left_when_there_is_nothing_to_install(room: Room, note: Path) -> None:
    with (room.base.packages / "torch" / "__init__.py").open("a") as file:
        file.write("import time\ntime.sleep(600)\n")
    with pytest.raises(PackageNotFound):
        room.build(wanting("no-such-thing"))
    progress = Recorder(stop_when=lambda phase, message: phase == "resolving" and note.exists())
    write_wheel(room.links, "fire", "0.7.0")
    with pytest.raises(Cancelled):
        room.build(wanting("fire"), progress=progress)
    mark = str(room.place.environment)
    left = {it: line for it, line in processes().items() if mark in line and it != os.getpid()}
    assert left == {}
    assert room.generations() == []
