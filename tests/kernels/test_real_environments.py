"""Real packages from the index in use here: on every Python, and once with torch and MONAI."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_client.blocking.client import BlockingKernelClient

from jupyter_monai_workshop.definition.catalogue import discover
from jupyter_monai_workshop.definition.models import Environment, PackageRule
from jupyter_monai_workshop.kernels import place_of
from jupyter_monai_workshop.kernels.receipt import read_receipt
from jupyter_monai_workshop.kernels.rules import Target, module_of, rules_for

from .live_kernel import printed_by, started
from .pythons import pythons
from .workbench import BasePython, Room

SMALL = Environment(
    packages=(
        PackageRule(require="fire"),
        PackageRule(require="einops"),
        PackageRule(require="pyyaml", provides="yaml"),
        PackageRule(require="psutil"),
        PackageRule(require="tqdm>=4.47", provides="tqdm"),
    )
)
BOOTCAMP = discover([]).get("rsna-2023").definition.environment

GUARDS = {
    "monai": "monai[ignite, nibabel, torchvision, tqdm]==1.2.0",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
    "psutil": "psutil",
    "tensorboard": "tensorboard",
    "fire": "fire",
}
"""What the install cells of both notebooks look for, and would install."""


@pytest.fixture
def anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    """A machine as it is, with whatever index its pip is told of."""
    for name in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"):
        monkeypatch.delenv(name, raising=False)
    base = BasePython(tmp_path / "image")
    place = place_of("a-workshop", tmp_path / "home")
    return Room(base, tmp_path / "no links", place)


def make_base(room: Room, python: Path) -> None:
    command = [str(python), "-m", "venv", "--without-pip", str(room.base.folder)]
    subprocess.run(command, check=True)


def imported(kernel: BlockingKernelClient, modules: list[str]) -> list[str]:
    """Import `modules` in the kernel and return where the first folder of each lies."""
    code = f"import {', '.join(modules)}\nfor it in ({', '.join(modules)},): print(it.__file__)"
    return printed_by(kernel, code).splitlines()


@pytest.mark.parametrize("version", pythons())
def test_a_kernel_of_every_python_imports_what_was_promised(
    anywhere: Room, version: str, tmp_path: Path
) -> None:
    make_base(anywhere, pythons()[version])
    state = anywhere.build(SMALL)
    assert state.ready, state.message
    assert state.message.startswith(f"Ready: Python {version}.")
    modules = [module_of(rule) for rule in SMALL.packages]
    with started(anywhere.place, tmp_path) as kernel:
        own = str(anywhere.place.environment)
        assert [it.startswith(own) for it in imported(kernel, modules)] == [True] * len(modules)
    (plan,) = anywhere.plans
    assert {it.name for it in plan.packages} >= {"fire", "ipykernel", "pip"}
    assert all(it.size and it.source for it in plan.packages)


@pytest.fixture
def bootcamp(anywhere: Room, tmp_path: Path) -> Iterator[BlockingKernelClient]:
    """The kernel of the bootcamp's environment, with a real torch and a real MONAI."""
    make_base(anywhere, Path(sys.executable))
    state = anywhere.build(BOOTCAMP)
    assert state.ready, state.message
    with started(anywhere.place, tmp_path) as kernel:
        yield kernel


def test_the_install_cells_find_everything_and_install_nothing(
    bootcamp: BlockingKernelClient, anywhere: Room
) -> None:
    (generation,) = anywhere.place.environment.iterdir()
    receipt = read_receipt(generation)
    assert receipt is not None
    before = sorted(it.name for it in receipt.packages_folder.iterdir())
    for module, requirement in GUARDS.items():
        line = f'python -c "import {module}" || pip install -qU "{requirement}"'
        assert printed_by(bootcamp, f"get_ipython().system({line!r})") == ""
    assert sorted(it.name for it in receipt.packages_folder.iterdir()) == before
    # And every module that the definition promises, in the kernel itself.
    target = Target(receipt.base_version, receipt.torch)
    modules = [module_of(rule) for rule in rules_for(BOOTCAMP.packages, target)]
    assert {"monai", "fire", "einops", "nibabel", "tqdm", "yaml", "psutil"} <= set(modules)
    assert {"tensorboard", "ignite", "sklearn", "matplotlib"} <= set(modules)
    imported(bootcamp, modules)
    code = "import monai, torch; print(float(monai.networks.nets.DenseNet121(2, 1, 2)"
    code += "(torch.zeros(1, 1, 64, 64)).isfinite().all()), monai.__version__)"
    assert printed_by(bootcamp, code).split()[0] == "1.0"
