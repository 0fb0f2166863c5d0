from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from jupyter_monai_workshop.kernels import place_of

from .workbench import BasePython, Room

PIP_CONFIG_LIST = """\
import os, sys
assert sys.argv[-2:] == ["config", "list"], sys.argv
for name, value in os.environ.items():
    if name.startswith("PIP_") and name != "PIP_CONFIG_FILE":
        print(f":env:.{name[4:].lower().replace('_', '-')}={value!r}")
"""


@pytest.fixture(scope="session")
def real_pip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that has pip, and nothing else."""
    return link_with_needs("pip", tmp_path_factory.mktemp("pip"))


@pytest.fixture(scope="session")
def real_ipykernel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that has ipykernel with all it needs, and nothing else."""
    return link_with_needs("ipykernel", tmp_path_factory.mktemp("ipykernel"))


def link_with_needs(wanted: str, folder: Path) -> Path:
    seen: set[str] = set()
    waiting = [wanted]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            package = distribution(name)
        except PackageNotFoundError:
            if name == "pip":
                unpack_bundled_pip(folder)
            continue
        link_top_level(package, folder)
        for line in package.requires or ():
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)
    return folder


def link_top_level(package: Distribution, folder: Path) -> None:
    for file in package.files or ():
        top = file.parts[0]
        link = folder / top
        if top not in ("..", "__pycache__") and not link.exists():
            link.symlink_to(Path(str(package.locate_file(top))))


def unpack_bundled_pip(folder: Path) -> None:
    bundled = Path(sysconfig.get_path("stdlib")) / "ensurepip" / "_bundled"
    (wheel,) = bundled.glob("pip-*.whl")
    with zipfile.ZipFile(wheel) as content:
        content.extractall(folder)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """uv's cache of the whole test run."""
    return tmp_path_factory.mktemp("uv-cache")


def new_base(folder: Path, python: Path) -> BasePython:
    """Make a Python without torch, whose pip and ipykernel are stand-ins that start at once.

    Tests that need the real ones put them in their place.
    """
    subprocess.run([str(python), "-m", "venv", "--without-pip", str(folder)], check=True)
    base = BasePython(folder)
    base.add("ipykernel", "7.0")
    base.add("pip", "26.0")
    (base.packages / "pip" / "__main__.py").write_text(PIP_CONFIG_LIST)
    return base


@pytest.fixture
def base(tmp_path: Path) -> BasePython:
    """The running Python, as a base."""
    return new_base(tmp_path / "image", Path(sys.executable))


@pytest.fixture
def room(base: BasePython, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    """A machine whose pip installs from a folder of wheels and knows no index."""
    for name in list(os.environ):
        if name.startswith(("PIP_", "UV_")) or name in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"):
            monkeypatch.delenv(name)
    links = tmp_path / "wheels"
    links.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(links))
    monkeypatch.setenv("UV_CACHE_DIR", str(cache))
    return Room(base, links, place_of("a-workshop", tmp_path / "home of $USER" / "jupyter"))
