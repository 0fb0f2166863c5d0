"""What counts as being there already."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from jupyter_monai_workshop.kernels.packages import (
    Installed,
    installed_in,
    satisfied,
    versions_in,
)
from jupyter_monai_workshop.kernels.torch_sources import cpu_torch_wheels, torch_sources

PYTHON = "3.11.7"
HAVE = {
    package.name: package
    for package in (
        Installed("torch", Version("2.13.0+cpu")),
        Installed("nvidia-build", Version("2.1.0a0+32f93b1")),
        Installed(
            "monai",
            Version("1.5.2"),
            (
                Requirement("numpy"),
                Requirement("fire; extra == 'all'"),
                Requirement("pytorch-ignite==0.4; extra == 'ignite'"),
                Requirement("monai[ignite]; extra == 'ring'"),
                Requirement("monai[ring]; extra == 'ring'"),
            ),
            ("all", "ignite", "ring"),
        ),
        Installed("pytorch-ignite", Version("0.4")),
    )
}


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        ("torch>=2.4.1", True),
        ("torch==2.13.0", True),
        ("torch<2", False),
        ("nvidia_build>=2.0", True),
        ("monai", True),  # that it lacks numpy is the base's own affair
        ("monai[ignite]", True),
        ("monai[all]", False),
        ("monai[ring]", True),
        ("fire", False),
        ("fire; python_version < '3'", True),
        ("fire; python_full_version >= '3.11.7'", False),
    ],
)
def test_what_is_satisfied(wanted: str, there: bool) -> None:
    assert satisfied(Requirement(wanted), HAVE, PYTHON) is there


def test_reading_folders(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for name, text in {
        "first/Two_Words-1.0.dist-info": "Name: Two.Words\nVersion: 1.0\n",
        "first/legacy-2.0-py3.11.egg-info": "Name: legacy\nVersion: 2.0\n",
        "first/~left-over.dist-info": "",
        "second/two_words-9.dist-info": "Name: two-words\nVersion: 9\n",
        "second/plain.egg-info": "Name: plain\nVersion: 3\n",
    }.items():
        folder = tmp_path / name
        folder.mkdir(parents=True)
        kind = "PKG-INFO" if name.endswith("egg-info") else "METADATA"
        (folder / kind).write_text(f"Metadata-Version: 2.1\n{text}")
    expected = {"two-words": "1.0", "legacy": "2.0", "plain": "3"}
    assert versions_in((first, second, tmp_path / "none")) == expected
    read = installed_in((first, second))
    assert {name: str(package.version) for name, package in read.items()} == expected


def test_cpu_builds_of_torch_for_an_interpreter(tmp_path: Path) -> None:
    from packaging.tags import parse_tag

    for name in (
        "torch-2.9.0+cpu-cp311-cp311-manylinux_2_28_x86_64",
        "torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_x86_64",
        "torch-2.14.0+cpu-cp312-cp312-manylinux_2_28_x86_64",
        "torch-2.14.0+cu126-cp311-cp311-manylinux_2_28_x86_64",
        "torch-2.14.0-cp311-cp311-manylinux_2_28_x86_64",
        "torch-no-version",
        "torchvision-0.20+cpu-cp311-cp311-manylinux_2_28_x86_64",
    ):
        (tmp_path / f"{name}.whl").touch()
    tags = parse_tag("cp311-cp311-manylinux_2_28_x86_64")
    assert cpu_torch_wheels([tmp_path], tags) == ("2.13.0+cpu", "2.9.0+cpu")


def test_where_a_torch_is_looked_for() -> None:
    def places(*, gpu: bool, index: bool) -> list[str]:
        sources = torch_sources(gpu=gpu, index=index, wheels=["2.13.0+cpu"])
        return [source.pin or source.backend or "plain" for source in sources]

    assert places(gpu=False, index=True) == ["2.13.0+cpu", "cpu", "plain"]
    assert places(gpu=False, index=False) == ["2.13.0+cpu", "plain"]
    assert places(gpu=True, index=True) == ["auto", "plain"]
    assert places(gpu=True, index=False) == ["plain"]
