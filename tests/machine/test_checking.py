"""What a machine is held against: what is still to come, from where, and how many workers."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from jupyter_monai_workshop.checking import MachineCheck, Parts
from jupyter_monai_workshop.definition.loading import LoadedDefinition, load_definition
from jupyter_monai_workshop.jobs.progress import Silent
from jupyter_monai_workshop.jobs.runner import JobRunner
from jupyter_monai_workshop.kernels import EnvironmentState, place_of
from jupyter_monai_workshop.materials import DataState, MaterialsState
from jupyter_monai_workshop.observing import NotebookReader
from jupyter_monai_workshop.preflight import Preflight, PreflightCheck
from jupyter_monai_workshop.site import Site
from jupyter_monai_workshop.workshop import Workshop

DEFINITION = """\
format: 1
id: tiny
title: Tiny
summary: For tests.
text: Welcome.
source:
  kind: git
  urls: ["https://git.example/a.git", "me@git.example:b.git"]
  commit: "0123456789012345678901234567890123456789"
  folder: tiny
  size: 3000000
environment:
  packages: [{require: "Some_Package>=1"}]
  size: 500000
needs:
  workers: {count: 10, batch_mib: 8, module: only, without: Lower it.}
data:
  - id: pictures
    title: Pictures
    urls: ["https://data.example/pictures.bin"]
    size: 1000
    checksum: md5:0123456789abcdef0123456789abcdef
modules:
  - id: only
    title: Only
    text: The only one.
    notebook: a.ipynb
    steps: [{id: one, title: One, text: One., cells: [{contains: x}], duration: 1}]
"""
PARTS = {"materials": 6_000_000, "data": 1_000, "environment": 500_000}


def nothing() -> Parts:
    return parts(materials=False, data=False, environment=False)


def parts(*, materials: bool = True, data: bool = True, environment: bool = True) -> Parts:
    return Parts(
        MaterialsState(materials, ""),
        {"pictures": DataState(data, "", None)},
        EnvironmentState(environment, ""),
    )


@pytest.fixture
def loaded(tmp_path: Path) -> LoadedDefinition:
    path = tmp_path / "definition" / "workshop.yaml"
    path.parent.mkdir()
    path.write_text(DEFINITION)
    return load_definition(path)


def check_of(loaded: LoadedDefinition, tmp_path: Path, **site: Any) -> MachineCheck:
    where = Site(root=tmp_path, jupyter_data=tmp_path / "data", **site)
    return MachineCheck(
        loaded,
        where,
        tmp_path / "tiny",
        place_of("tiny", tmp_path / "data"),
        where.data / "data",
        reader=NotebookReader(),
        live_kernel=lambda: None,
    )


def write_notebook(tmp_path: Path, workers: str) -> None:
    (tmp_path / "tiny").mkdir(exist_ok=True)
    cells = [
        nbformat.v4.new_markdown_cell("num_workers = 99"),
        nbformat.v4.new_code_cell(f"loader(num_workers={workers})"),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "tiny" / "a.ipynb")


@pytest.mark.parametrize("missing", [(), ("materials",), ("data",), ("environment",), tuple(PARTS)])
def test_what_is_still_to_come_is_counted_where_it_goes(
    loaded: LoadedDefinition, tmp_path: Path, missing: tuple[str, ...]
) -> None:
    check = check_of(loaded, tmp_path)
    room = check.still_to_come(parts(**dict.fromkeys(missing, False)))
    folders = {
        "materials": tmp_path / "tiny",
        "data": tmp_path / "data" / "monai-workshop" / "data",
        "environment": place_of("tiny", tmp_path / "data").environment,
    }
    assert room == {folders[name]: PARTS[name] for name in missing}


def test_half_of_a_data_set_that_has_arrived_is_not_counted_again(
    loaded: LoadedDefinition, tmp_path: Path
) -> None:
    check = check_of(loaded, tmp_path)
    root = tmp_path / "data" / "monai-workshop" / "data"
    part = root / ".pictures-0123456789ab.arriving" / "file.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 400)
    assert check.still_to_come(parts(data=False)) == {root: 600}


def test_a_torch_that_is_not_there_counts(tmp_path: Path) -> None:
    path = tmp_path / "workshop.yaml"
    path.write_text(DEFINITION.replace("environment:\n", 'environment:\n  torch: ">=2"\n'))
    empty = tmp_path / "base"
    venv(empty)
    check = check_of(load_definition(path), tmp_path, base_python=empty / "bin" / "python")
    (size,) = check.still_to_come(parts(environment=False)).values()
    assert size >= PARTS["environment"] + 2**30
    (library,) = (empty / "lib").glob("python3.*")
    (library / "site-packages" / "torch-2.6.0.dist-info").mkdir()
    (size,) = check.still_to_come(parts(environment=False)).values()
    assert size == PARTS["environment"]


def venv(folder: Path) -> None:
    import venv as module

    module.EnvBuilder(with_pip=False, symlinks=True).create(folder)


def test_only_what_is_missing_is_asked_for_in_the_network(
    loaded: LoadedDefinition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://index.example/simple/")
    check = check_of(loaded, tmp_path, mirrors=("https://mirror.example/a.git",))
    assert check.origins(parts()) == ()
    materials, data, packages = check.origins(nothing())
    assert materials.git
    assert materials.addresses == (
        "https://mirror.example/a.git",
        "https://git.example/a.git",
        "ssh://me@git.example/b.git",
    )
    assert (data.title, data.addresses) == ("Pictures", ("https://data.example/pictures.bin",))
    assert packages.addresses[0] == "https://index.example/simple/some-package/"
    assert check.origins(parts(data=False)) == (data,)


def test_what_a_path_stands_in_for_needs_no_network(
    loaded: LoadedDefinition, tmp_path: Path
) -> None:
    copy = {"pictures": str(tmp_path / "copy.bin")}
    check = check_of(loaded, tmp_path, data_copies=copy, wheels=tmp_path)
    assert [origin.title for origin in check.origins(nothing())] == ["Materials"]
    check = check_of(
        loaded, tmp_path, data_copies={"pictures": "https://near.example/p"}, wheels=tmp_path
    )
    assert check.origins(parts(data=False))[0].addresses == ("https://near.example/p",)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"UV_INDEX_URL": "https://a.example/s"}, ("https://a.example/s/some-package/",)),
        (
            {"UV_DEFAULT_INDEX": "near=https://a.example/s", "UV_INDEX": "https://b.example/t/"},
            ("https://a.example/s/some-package/", "https://b.example/t/some-package/"),
        ),
        ({"PIP_NO_INDEX": "1"}, None),
        ({"UV_NO_INDEX": "1"}, None),
        ({"PIP_INDEX_URL": "https://c.example/s"}, ("https://c.example/s/some-package/",)),
    ],
)
def test_the_package_index_is_the_one_that_would_be_asked(
    loaded: LoadedDefinition,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    expected: tuple[str, ...] | None,
) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = check_of(loaded, tmp_path).origins(parts(environment=False))
    assert [origin.addresses for origin in found] == ([] if expected is None else [expected])


def shared_memory(preflight: Preflight) -> PreflightCheck:
    (check,) = (check for check in preflight.checks if check.name == "shared_memory")
    return check


def test_the_verdict_on_shared_memory_follows_the_notebook(
    loaded: LoadedDefinition, tmp_path: Path
) -> None:
    check = check_of(loaded, tmp_path)
    assert "for 10 workers" in shared_memory(check.latest(nothing())).wanted
    write_notebook(tmp_path, "3")
    assert "for 3 workers" in shared_memory(check.latest(parts())).wanted
    write_notebook(tmp_path, "10_000_000")
    short = shared_memory(check.latest(parts()))
    assert short.level == "warn"
    assert "Lower it." in short.message
    assert "num_workers" in short.remedy


def test_a_network_that_was_in_the_way_is_no_matter_once_all_is_there(
    loaded: LoadedDefinition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://127.0.0.1:9/simple")
    check = check_of(loaded, tmp_path)
    names = [it.name for it in check.look(parts(environment=False), Silent()).checks]
    assert "network" in names
    assert "network" in [it.name for it in check.latest(parts(environment=False)).checks]
    assert "network" not in [it.name for it in check.latest(parts()).checks]


def test_a_workshop_asks_the_kernel_that_it_is_told_of(
    loaded: LoadedDefinition, tmp_path: Path
) -> None:
    asked: list[str] = []
    site = Site(root=tmp_path, jupyter_data=tmp_path / "data", base_python=Path(sys.executable))

    def live_kernel() -> None:
        asked.append("asked")

    workshop = Workshop(loaded, site, JobRunner(), live_kernel=live_kernel)
    workshop.look()
    assert asked == [], "nobody waits for a kernel at the first look"
    workshop.check_machine(Silent())
    assert asked == ["asked"]


def test_the_built_in_workshops_say_what_they_bring(tmp_path: Path) -> None:
    import jupyter_monai_workshop

    for path in Path(jupyter_monai_workshop.__file__).parent.glob("workshops/*/workshop.yaml"):
        site = Site(root=tmp_path, jupyter_data=tmp_path / "data")
        preflight = Workshop(load_definition(path), site, JobRunner()).look().preflight
        assert preflight is not None
        assert json.loads(preflight.model_dump_json())["checks"]
        (disk,) = (check for check in preflight.checks if check.name == "disk")
        assert disk.wanted
