"""Which versions are chosen, row by row of what was measured, on every Python that is here.

Real environments from real resolutions. The wheels are stubs with the real names, versions
and dependencies that matter.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.catalogue import discover
from jupyter_monai_workshop.kernels.failures import WouldReplace

from .conftest import new_base
from .pythons import pythons
from .workbench import BasePython, Room, write_wheel

WORKSHOPS = {name: it.definition for name, it in discover([]).definitions.items()}
BOOTCAMP = WORKSHOPS["rsna-2023"].environment
OTHERS = {
    "scikit-learn": "sklearn", "matplotlib": "", "pillow": "PIL", "tqdm": "", "fire": "",
    "einops": "", "pyyaml": "yaml", "psutil": "", "tensorboard": "", "mlflow-skinny": "mlflow",
    "pytorch-ignite": "ignite", "pandas": "",
}  # fmt: skip
VERSIONS = {"pytorch-ignite": "0.4.11", "tqdm": "4.67.1", "mlflow-skinny": "3.1.0"}
OLD_TORCH = "2.0.1"

ROWS = {
    # Each row of the table by its torch and numpy: what must be chosen before Python 3.12,
    # and from there on, where MONAI 1.2.0 does not import.
    "as in 2023": ("2.0.1", "1.26.4", "1.2.0", "1.4.0", "5.3.2"),
    "as in 2023, an older numpy": ("2.0.1", "1.24.4", "1.2.0", "1.4.0", "5.3.2"),
    "SMD 2.14": ("2.6.0", "1.26.4", "1.5.2", "1.5.2", "5.4.2"),
    "SMD 4": ("2.8.0", "1.26.4", "1.5.2", "1.5.2", "5.4.2"),
    "new, numpy 1": ("2.13.0+cpu", "1.26.4", "1.5.2", "1.5.2", "5.4.2"),
    "new": ("2.13.0+cpu", "2.4.6", "1.5.2", "1.5.2", "5.4.2"),
}


def fill(links: Path) -> None:
    """Write an index's worth of wheels, each version with what it really asks for."""
    for version, torch, numpy in (
        ("1.2.0", "torch>=1.8", "numpy>=1.20"),
        ("1.3.0", "torch>=1.9", "numpy>=1.20"),
        ("1.4.0", "torch>=1.9", "numpy<2,>=1.24"),
        ("1.5.0", "torch<2.7,>=2.4.1", "numpy<3,>=1.24"),
        ("1.5.2", "torch>=2.4.1", "numpy<3,>=1.24"),
        ("1.6.1", "torch>=2.8", "numpy<3,>=1.24"),
    ):
        write_wheel(links, "monai", version, [torch, numpy])
    for version in ("1.24.4", "1.26.4", "2.2.6", "2.4.6"):
        write_wheel(links, "numpy", version)
    for version in ("1.13.1", "2.0.1", "2.6.0", "2.8.0", "2.13.0+cpu", "2.15.0"):
        write_wheel(links, "torch", version)
    write_wheel(links, "nibabel", "5.3.2", ["numpy>=1.22"])
    write_wheel(links, "nibabel", "5.4.2", ["numpy>=1.25"])
    for name, module in OTHERS.items():
        version = VERSIONS.get(name, "1.0")
        write_wheel(links, name, version, module=module)


@pytest.fixture(params=list(pythons()))
def room(request: pytest.FixtureRequest, room: Room, tmp_path: Path) -> Room:
    """With a base of each Python, and the index."""
    room.base = new_base(tmp_path / "base", pythons()[request.param])
    fill(room.links)
    return room


def version_of(base: BasePython) -> tuple[int, int]:
    said = subprocess.run(
        [str(base.python), "-c", "import sys; print(*sys.version_info[:2])"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    major, minor = said.stdout.split()
    return int(major), int(minor)


@pytest.mark.parametrize("row", ROWS)
def test_the_choice(room: Room, row: str) -> None:
    torch, numpy, before, after, nibabel = ROWS[row]
    room.base.add("torch", torch)
    room.base.add("numpy", numpy)
    monai = before if version_of(room.base) < (3, 12) else after
    state = room.build(BOOTCAMP)
    assert state.ready, state.message
    names = ("torch", "numpy", "monai", "nibabel", "ignite")
    code = "".join(f"import {it}; print({it}.__version__, {it}.__file__);" for it in names)
    said = dict(
        zip(names, (line.split(maxsplit=1) for line in room.ask(code).splitlines()), strict=True)
    )
    chosen = {name: version for name, (version, _) in said.items()}
    assert chosen == {
        "torch": torch, "numpy": numpy, "monai": monai, "nibabel": nibabel, "ignite": "0.4.11",
    }  # fmt: skip
    base = str(room.base.packages)
    inherited = {name for name, (_, file) in said.items() if file.startswith(base)}
    assert inherited == {"torch", "numpy"}


def test_what_would_move_numpy_of_the_image_is_refused(room: Room) -> None:
    room.base.add("torch", OLD_TORCH)
    room.base.add("numpy", "2.2.6")
    with pytest.raises(WouldReplace) as caught:
        room.build(BOOTCAMP)
    assert caught.value.packages == ("numpy",)
    assert "2.2.6" in caught.value.message
    assert room.generations() == []
