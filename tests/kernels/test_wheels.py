"""Wheels for a place without network: keeping them, and building from them alone."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import sysconfig
import tarfile
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import Environment, PackageRule
from jupyter_monai_workshop.errors import Cancelled
from jupyter_monai_workshop.kernels.failures import (
    EnvironmentFailure,
    IndexUnreachable,
    NoSuitableTorch,
    PackageNotFound,
    PipMissing,
    WheelMissing,
    WouldReplace,
)
from jupyter_monai_workshop.kernels.interpreter import ask_interpreter
from jupyter_monai_workshop.kernels.wheels import (
    Wheelhouse,
    download_wheels,
    index_urls,
    pip_failure,
    unfit_wheels,
)
from tests.http_server import HttpServer, Mood

from .workbench import Recorder, Room, StillIndex, metadata, processes, write_wheel

WORKSHOP = Environment(
    torch=">=2.0", packages=(PackageRule(require="monai==1.5.2"), PackageRule(require="fire"))
)

BACKEND = """
import zipfile

def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "fire-0.7.0-py3-none-any.whl"
    info = "fire-0.7.0.dist-info/"
    with zipfile.ZipFile(folder + "/" + name, "w") as wheel:
        wheel.writestr("fire/__init__.py", "__version__ = 'built'")
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: fire\\nVersion: 0.7.0\\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        wheel.writestr(info + "RECORD", "")
    return name
"""


@pytest.fixture
def room(room: Room) -> Room:
    """With all that the workshop asks for, and more than one version of it."""
    write_wheel(room.links, "monai", "1.5.2", ["torch>=2", "numpy<3"])
    write_wheel(room.links, "fire", "0.6.0")
    write_wheel(room.links, "fire", "0.7.0", ["termcolor"])
    write_wheel(room.links, "termcolor", "3.0")
    write_wheel(room.links, "numpy", "2.4.0")
    write_wheel(room.links, "torch", "2.13.0+cpu")
    return room


def download(
    room: Room, folder: Path, environment: Environment = WORKSHOP, progress: Recorder | None = None
) -> Wheelhouse:
    return download_wheels(
        environment,
        folder,
        base_python=room.base.python,
        gpu=False,
        progress=progress or Recorder(),
    )


def names(house: Wheelhouse) -> list[str]:
    return ["-".join(path.name.split("-")[:2]) for path in house.files]


def versions(room: Room, *modules: str) -> list[str]:
    code = "".join(f"import {name}; print({name}.__version__);" for name in modules)
    return room.ask(code).split()


def without_packages(room: Room, monkeypatch: pytest.MonkeyPatch, index: str = "") -> None:
    """Take every source of packages from the room, or leave it one `index`."""
    for wheel in room.links.iterdir():
        wheel.unlink()
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.delenv("PIP_NO_INDEX")
    if index:
        monkeypatch.setenv("PIP_INDEX_URL", index)
        monkeypatch.setenv("UV_DEFAULT_INDEX", index)
    monkeypatch.setenv("UV_CACHE_DIR", str(room.links.parent / "an empty cache"))


def test_what_is_kept_is_what_a_build_needs(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress = Recorder()
    house = download(room, tmp_path / "kept, here", progress=progress)
    assert names(house) == [
        *("fire-0.7.0", "monai-1.5.2", "numpy-2.4.0", "termcolor-3.0", "torch-2.13.0+cpu"),
    ]
    assert house.torch == "2.13.0+cpu"
    assert house.python == ".".join(map(str, sys.version_info[:2]))
    assert progress.phases == ["resolving", "downloading"]
    assert progress.fractions == sorted(progress.fractions)
    told = {message for phase, _, message in progress.reports if phase == "downloading"}
    assert "monai-1.5.2-py3-none-any.whl" in " ".join(told)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []

    with HttpServer({}) as index:
        without_packages(room, monkeypatch, index.url("/simple"))
        assert room.build(WORKSHOP, wheels=tmp_path / "kept, here").ready
        assert index.requests == []
    assert versions(room, "torch", "monai", "fire") == ["2.13.0+cpu", "1.5.2", "0.7.0"]


@pytest.mark.parametrize("gpu", [False, True])
def test_no_source_of_torch_is_asked_when_wheels_are_there(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gpu: bool
) -> None:
    write_wheel(tmp_path / "kept", "torch", "2.14.0+cu128")
    environment = Environment(torch=">=2.0")
    without_packages(room, monkeypatch)
    progress = Recorder()
    assert room.build(environment, progress, gpu=gpu, wheels=tmp_path / "kept").ready
    assert versions(room, "torch") == ["2.14.0+cu128"]
    told = [message for _, _, message in progress.reports]
    assert not any("for this GPU" in message or "for CPU" in message for message in told)


def test_what_the_base_has_is_neither_kept_nor_needed(room: Room, tmp_path: Path) -> None:
    room.base.add("torch", "2.8.0+conda", ["nvidia-cublas==13"])
    room.base.add("numpy", "2.3.0")
    house = download(room, tmp_path / "kept")
    assert names(house) == ["fire-0.7.0", "monai-1.5.2", "termcolor-3.0"]
    assert house.torch == "2.8.0+conda"
    assert room.build(WORKSHOP, wheels=tmp_path / "kept").ready
    assert versions(room, "torch", "numpy") == ["2.8.0+conda", "2.3.0"]


def test_nothing_is_kept_where_the_base_has_everything(room: Room, tmp_path: Path) -> None:
    for name, version in {"torch": "2.8.0", "monai": "1.5.2", "fire": "0.6"}.items():
        room.base.add(name, version)
    assert download(room, tmp_path / "kept").files == ()
    assert room.build(WORKSHOP, wheels=tmp_path / "kept").ready


def test_what_an_earlier_download_left_is_removed(room: Room, tmp_path: Path) -> None:
    write_wheel(tmp_path / "kept", "other", "1.0")
    assert "other-1.0" not in names(download(room, tmp_path / "kept"))


def test_a_package_that_comes_as_source_is_built(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for wheel in room.links.glob("fire-*"):
        wheel.unlink()
    table = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    files = {
        "backend.py": BACKEND,
        "pyproject.toml": table + '[project]\nname = "fire"\nversion = "0.7.0"\n',
        "PKG-INFO": "Metadata-Version: 2.2\nName: fire\nVersion: 0.7.0\n",
    }
    write_source(room.links / "fire-0.7.0.tar.gz", files)
    house = download(room, tmp_path / "kept")
    assert "fire-0.7.0-py3-none-any.whl" in [path.name for path in house.files]
    without_packages(room, monkeypatch)
    room.build(WORKSHOP, wheels=tmp_path / "kept")
    assert versions(room, "fire") == ["built"]


def write_source(file: Path, files: Mapping[str, str]) -> None:
    with tarfile.open(file, "w:gz") as tar:
        for name, text in files.items():
            info = tarfile.TarInfo(f"fire-0.7.0/{name}")
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))


def test_pip_goes_where_only_uv_was_told_to_go(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = write_wheel(tmp_path / "served", "einops", "0.8")
    link = f'<a href="/files/{wheel.name}" data-core-metadata="true">{wheel.name}</a>'
    files = {
        "/simple/einops/": link.encode(),
        f"/files/{wheel.name}": wheel.read_bytes(),
        f"/files/{wheel.name}.metadata": metadata("einops", "0.8").encode(),
    }
    einops = Environment(packages=(PackageRule(require="einops"),))
    with HttpServer(files, always=Mood(content_type="text/html")) as index:
        monkeypatch.delenv("PIP_NO_INDEX")
        monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
        monkeypatch.setenv("PIP_RETRIES", "0")
        monkeypatch.setenv("UV_DEFAULT_INDEX", index.url("/simple"))
        assert names(download(room, tmp_path / "kept", einops)) == ["einops-0.8"]


@pytest.fixture
def no_pip(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which neither the base nor the server's Python has a pip.

    The environment asks for one, as always, so there must be one for it.
    """
    room.base.remove("pip")
    monkeypatch.setattr(sys, "executable", str(room.base.python))


@pytest.mark.usefixtures("no_pip")
def test_where_there_is_no_pip_uv_gets_one(room: Room, tmp_path: Path) -> None:
    bundled = Path(sysconfig.get_path("stdlib")) / "ensurepip" / "_bundled"
    (pip,) = bundled.glob("pip-*.whl")
    (room.links / pip.name).symlink_to(pip)
    assert pip.name in [path.name for path in download(room, tmp_path / "kept").files]


@pytest.mark.usefixtures("no_pip")
def test_where_no_pip_can_be_had_it_is_said(room: Room, tmp_path: Path) -> None:
    # It resolves, but is not one that runs.
    write_wheel(room.links, "pip", "26.0")
    with pytest.raises(PipMissing) as caught:
        download(room, tmp_path / "kept")
    assert "ensurepip" in caught.value.hint


@pytest.mark.parametrize(
    ("gone", "package"), [("termcolor", "termcolor"), ("monai", "monai"), ("torch", "torch")]
)
def test_a_missing_wheel_is_named_and_no_index_is_asked(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gone: str, package: str
) -> None:
    download(room, tmp_path / "kept")
    (wheel,) = (tmp_path / "kept").glob(f"{gone}-*")
    wheel.unlink()
    # What the room's own folder has does not count either.
    monkeypatch.setenv("UV_FIND_LINKS", str(room.links))
    with HttpServer({}) as index:
        monkeypatch.setenv("UV_DEFAULT_INDEX", index.url("/simple"))
        monkeypatch.setenv("PIP_INDEX_URL", index.url("/simple"))
        with pytest.raises(WheelMissing) as caught:
            room.build(WORKSHOP, wheels=tmp_path / "kept")
        assert index.requests == []
    assert caught.value.package == package
    assert package in caught.value.message
    assert "Pack them anew" in caught.value.hint
    assert room.generations() == []


def test_wheels_of_another_version_than_asked_are_missing(room: Room, tmp_path: Path) -> None:
    download(room, tmp_path / "kept")
    other = Environment(packages=(PackageRule(require="monai==1.6"),))
    with pytest.raises(WheelMissing) as caught:
        room.build(other, wheels=tmp_path / "kept")
    assert caught.value.package == "monai"


def test_the_base_is_not_replaced_by_what_was_brought_along(room: Room, tmp_path: Path) -> None:
    download(room, tmp_path / "kept")
    room.base.add("monai", "1.4.0")
    with pytest.raises(WouldReplace):
        room.build(WORKSHOP, wheels=tmp_path / "kept")


def test_a_torch_of_the_base_that_does_not_serve_is_no_missing_wheel(
    room: Room, tmp_path: Path
) -> None:
    download(room, tmp_path / "kept")
    room.base.add("torch", "1.13.0")
    with pytest.raises(NoSuitableTorch) as caught:
        room.build(WORKSHOP, wheels=tmp_path / "kept")
    assert "1.13.0" in caught.value.message


def test_a_stop_ends_pip_and_leaves_no_scratch(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = Environment(packages=(PackageRule(require="einops"),))
    with StillIndex([("einops", "0.8")]) as index:
        monkeypatch.delenv("PIP_NO_INDEX")
        monkeypatch.setenv("PIP_INDEX_URL", index.url)
        progress = Recorder()

        def stop_in_the_middle() -> None:
            index.asked.wait(60)
            progress.cancel()

        threading.Thread(target=stop_in_the_middle).start()
        with pytest.raises(Cancelled):
            download(room, tmp_path / "kept", environment, progress)
        assert index.asked.is_set()
    assert not (tmp_path / ".kept.work").exists()
    mark = str(tmp_path / "kept")
    assert not [command for command in processes().values() if mark in command]


def test_an_index_that_is_away_is_told(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_packages(room, monkeypatch, "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    environment = Environment(packages=(PackageRule(require="fire"),))
    with pytest.raises(IndexUnreachable):
        download(room, tmp_path / "kept", environment)


def test_wheels_fit_the_interpreter_that_they_name(room: Room) -> None:
    base = ask_interpreter(room.base.python)
    here = base.tags()[0]
    fitting = ["a-1-py3-none-any.whl", f"b-1-{here}.whl"]
    others = ["c-1-cp27-cp27m-win32.whl", "d.whl"]
    assert unfit_wheels([*fitting, *others], base) == tuple(others)


def test_indexes_are_read_without_their_logins() -> None:
    text = (
        "torch==2.8.0+cpu\n    # from https://one.test/whl/cpu\n"
        "fire==0.7\n    # from https://user:secret@two.test/simple\n"
        "numpy==2.0\n    # from https://one.test/whl/cpu\n"
    )
    assert index_urls(text) == ("https://one.test/whl/cpu",)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("ERROR: No matching distribution found for fire==9", PackageNotFound),
        ("ERROR: Could not install: [Errno 28] No space left on device", EnvironmentFailure),
        (
            "NewConnectionError: Connection error\nNo matching distribution found for fire",
            IndexUnreachable,
        ),
    ],
)
def test_what_pip_says_is_understood(said: str, kind: type[EnvironmentFailure]) -> None:
    assert isinstance(pip_failure(said), kind)


def test_pip_itself_says_what_is_understood(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--no-index", "--no-deps", "nowhere==1"),
            *("--wheel-dir", str(tmp_path)),
        ],
        env={**os.environ, "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    failure = pip_failure(done.stdout + done.stderr)
    assert isinstance(failure, PackageNotFound)
    assert failure.package == "nowhere"
