"""uv's failures are told apart, by what the real uv says, and nothing of it outlives a stop."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from jupyter_monai_workshop.errors import Cancelled
from jupyter_monai_workshop.kernels.failures import (
    DiskFull,
    EnvironmentFailure,
    FolderNotWritable,
    IndexUnreachable,
    InstallerMissing,
    InstallFailed,
    InterpreterBroken,
    PackageNotFound,
    ResolutionConflict,
)
from jupyter_monai_workshop.kernels.installer import (
    Uv,
    failure_from,
    find_uv,
)
from jupyter_monai_workshop.kernels.pip_settings import PipSettings
from jupyter_monai_workshop.kernels.process_group import redacted, run_in_group

from .workbench import Recorder, processes, write_wheel


def failure_of(
    folder: Path, wanted: list[str], *, settings: PipSettings, python: str = sys.executable
) -> EnvironmentFailure:
    """Return how the real uv fails to resolve `wanted`."""
    given = {"PATH": os.environ["PATH"], "UV_CACHE_DIR": str(folder / "cache")}
    uv = Uv.with_settings(find_uv(), settings, given)
    (folder / "wanted.in").write_text("\n".join(wanted) + "\n")
    with pytest.raises(EnvironmentFailure) as caught:
        uv.run(
            ["pip", "compile", "wanted.in", "--python", python],
            folder=folder,
            progress=Recorder(),
            patient=False,
        )
    return caught.value


def local(folder: Path) -> PipSettings:
    write_wheel(folder / "wheels", "monai", "1.5.2", ["numpy>=1.24"])
    write_wheel(folder / "wheels", "numpy", "1.20.0")
    return PipSettings(no_index=True, find_links=(str(folder / "wheels"),))


@pytest.mark.parametrize("wanted", ["no-such-thing", "no-such-thing==3", "numpy==99", "numpy>99"])
def test_a_package_that_does_not_exist_is_named(tmp_path: Path, wanted: str) -> None:
    failure = failure_of(tmp_path, [wanted], settings=local(tmp_path))
    assert isinstance(failure, PackageNotFound)
    assert wanted.startswith(failure.package)
    assert failure.package in failure.message
    assert failure.details


def test_packages_that_contradict_each_other(tmp_path: Path) -> None:
    failure = failure_of(tmp_path, ["monai", "numpy<1.24"], settings=local(tmp_path))
    assert isinstance(failure, ResolutionConflict)
    assert "numpy" in failure.details


def test_an_index_that_does_not_answer(tmp_path: Path) -> None:
    secret = PipSettings(index_url="http://somebody:secret@127.0.0.1:9/simple")
    failure = failure_of(tmp_path, ["six"], settings=secret)
    assert isinstance(failure, IndexUnreachable)
    assert "127.0.0.1:9" in failure.details
    assert "secret" not in failure.details + failure.message + failure.hint


def test_a_python_that_does_not_work(tmp_path: Path) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    failure = failure_of(tmp_path, ["numpy"], settings=local(tmp_path), python=str(broken))
    assert isinstance(failure, InterpreterBroken)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("error: Failed to install\n  cause: No space left on device (os error 28)", DiskFull),
        ("cause: failed to write\n  cause: Disk quota exceeded (os error 122)", DiskFull),
        ("cause: failed to create directory `/x`: Read-only file system", FolderNotWritable),
        ("error: Failed to initialize cache\n  cause: Permission denied", FolderNotWritable),
        ("error: something new", InstallFailed),
    ],
)
def test_what_the_system_answered_to_uv(said: str, kind: type[EnvironmentFailure]) -> None:
    failure = failure_from(said)
    assert type(failure) is kind
    assert failure.details == said


def test_no_installer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_uv().is_file()
    monkeypatch.setitem(sys.modules, "uv", None)
    with pytest.raises(InstallerMissing):
        find_uv({"PATH": "/nowhere"})


def test_passwords_in_addresses_are_not_repeated() -> None:
    assert redacted("see https://me:pw@host/x and file:///a@b") == (
        "see https://***@host/x and file:///a@b"
    )


STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(os.getpid(), child.pid, flush=True)
time.sleep(60)
"""


def test_a_stop_ends_a_stubborn_process_and_its_children(tmp_path: Path) -> None:
    progress = Recorder()
    heard: list[str] = []
    asked = 0.0

    def stop_soon(line: str) -> None:
        nonlocal asked
        heard.append(line)
        asked = time.monotonic()
        threading.Thread(target=progress.cancel).start()

    with pytest.raises(Cancelled):
        run_in_group(
            [sys.executable, "-c", STUBBORN],
            environ=os.environ,
            folder=tmp_path,
            progress=progress,
            on_line=stop_soon,
        )
    assert time.monotonic() - asked < 2
    assert {int(number) for number in heard[0].split()}.isdisjoint(processes())


def test_a_stop_before_the_start_starts_nothing(tmp_path: Path) -> None:
    progress = Recorder()
    progress.cancel()
    with pytest.raises(Cancelled):
        run_in_group(
            ["touch", str(tmp_path / "made")],
            environ=os.environ,
            folder=tmp_path,
            progress=progress,
        )
    assert not (tmp_path / "made").exists()
