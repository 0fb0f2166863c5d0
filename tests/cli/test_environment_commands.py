"""``plan``, ``pip`` and ``remove``, run as a person runs them."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from tests.kernels.conftest import link_with_needs, new_base
from tests.kernels.workbench import BasePython, write_wheel
from tests.server.conftest import DEFINITION, write_workshop

from .test_cli import answer, run

PACKAGES = "environment: {packages: [{require: glacier}, {require: iceberg==1.5.2}]}\n"


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Definitions of a workshop that asks for packages, which lie in a folder."""
    folder = tmp_path / "definitions"
    write_workshop(folder / "tiny")
    text = DEFINITION.replace("modules:\n", f"{PACKAGES}modules:\n")
    (folder / "tiny" / "workshop.yaml").write_text(text)
    write_wheel(tmp_path / "wheels", "glacier", "0.7.0")
    write_wheel(tmp_path / "wheels", "iceberg", "1.5.2")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    return folder


def test_plan_tells_what_would_come_and_brings_nothing(tmp_path: Path, places: Path) -> None:
    command = ("plan", "tiny", "--definitions", places)
    found = answer(run(*command, "--json", data=tmp_path / "data"))["plan"]
    wheels = tmp_path / "wheels"
    assert [(it["name"], it["version"], it["source"]) for it in found["packages"]] == [
        ("glacier", "0.7.0", str(wheels)),
        ("iceberg", "1.5.2", str(wheels)),
    ]
    said = run(*command, data=tmp_path / "data").stdout.splitlines()
    assert "2 packages, " in said[0]
    assert [line.split()[0] for line in said[1:3]] == ["glacier", "iceberg"]
    assert "ipykernel" in said[-1]
    assert [it for it in (tmp_path / "data").rglob("*") if it.is_file()] == []


def test_prepare_tells_the_plan_before_it_installs(tmp_path: Path, places: Path) -> None:
    done = run(
        "prepare", "tiny", "--definitions", places, "--folder", tmp_path,
        "--only", "environment", data=tmp_path / "data",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = done.stderr.splitlines()
    told = next(it for it, line in enumerate(lines) if "2 packages, " in line)
    assert told < next(it for it, line in enumerate(lines) if "installing" in line)
    assert "Packages: 2 packages, " in done.stdout


def test_a_plan_that_fails_says_why(tmp_path: Path, places: Path) -> None:
    (tmp_path / "wheels" / "iceberg-1.5.2-py3-none-any.whl").unlink()
    done = run("plan", "tiny", "--definitions", places, "--json", data=tmp_path / "data")
    assert answer(done, 1)["failure"]["code"] == "package_not_found"
    assert "iceberg" in done.stderr


def test_remove_is_one_command_and_leaves_the_notebooks(tmp_path: Path, places: Path) -> None:
    home, data = tmp_path / "home", tmp_path / "data"
    home.mkdir()
    options = ("--definitions", places)
    answer(run("prepare", "tiny", *options, "--folder", home, "--json", data=data))
    notebook = home / "tiny" / "a notebook.ipynb"
    before = notebook.read_bytes()
    assert (data / "kernels" / "monai-workshop-tiny").exists()
    assert answer(run("remove", "tiny", *options, "--json", data=data))["removed"] is True
    assert not (data / "kernels").exists()
    left = {str(it.relative_to(data)) for it in data.rglob("*") if it.is_file()}
    assert not any("environments" in it or "kernel" in it for it in left), left
    assert notebook.read_bytes() == before
    assert answer(run("remove", "tiny", *options, "--json", data=data))["removed"] is False
    refused = answer(run("remove", "../home", *options, "--json", data=data), 1)
    assert refused["failure"]["code"] == "unknown_workshop"


@pytest.fixture
def image(tmp_path: Path) -> BasePython:
    base = new_base(tmp_path / "image", Path(sys.executable))
    for name in ("ipykernel", "pip"):
        (tmp_path / name).mkdir()
        base.replace(name, link_with_needs(name, tmp_path / name))
    return base


@contextmanager
def kernel_of(image: BasePython, folder: Path) -> Iterator[KernelManager]:
    (folder / "specs" / "image").mkdir(parents=True)
    argv = [str(image.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Image", "language": "python"}
    (folder / "specs" / "image" / "kernel.json").write_text(json.dumps(spec))
    specs = KernelSpecManager(kernel_dirs=[str(folder / "specs")])
    manager = KernelManager(
        kernel_name="image", kernel_spec_manager=specs, connection_file=str(folder / "kernel.json")
    )
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        yield manager
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_pip_shows_the_line_and_runs_it_only_when_told(
    tmp_path: Path, places: Path, image: BasePython
) -> None:
    data = tmp_path / "data"
    command = ("pip", "tiny", "--definitions", places, "--json")
    with kernel_of(image, tmp_path) as manager:
        kernel = ("--existing", manager.connection_file)
        line = "%pip install glacier iceberg==1.5.2"
        assert answer(run(*command, *kernel, data=data))["line"] == line
        assert not (image.packages / "iceberg").exists()
        done = answer(run(*command, *kernel, "--install", data=data))
        assert done["installed"] == ["glacier==0.7.0", "iceberg==1.5.2"]
        assert done["restart"] is True
        assert (image.packages / "iceberg").exists()
        assert answer(run(*command, *kernel, data=data))["line"] == ""
        assert manager.is_alive()
    status = answer(run("status", "tiny", "--definitions", places, "--json", data=data))
    parts = {it["name"]: it for it in status["snapshot"]["preparation"]}
    assert parts["environment"]["state"] == "done"
    assert status["snapshot"]["kernel"]["name"] == "image"


def test_pip_without_a_kernel(tmp_path: Path, places: Path) -> None:
    data = tmp_path / "data"
    command = ("pip", "tiny", "--definitions", places, "--json")
    assert answer(run(*command, data=data))["line"].startswith("%pip install glacier")
    assert answer(run(*command, "--install", data=data), 1)["failure"]["code"] == "kernel_missing"
    (tmp_path / "none.json").write_text("[]")
    for file in ("none.json", "absent.json"):
        failed = run(*command, "--existing", tmp_path / file, data=data)
        assert answer(failed, 1)["failure"]["code"] == "no_connection"
