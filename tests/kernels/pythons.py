"""The Pythons of this machine that the package supports, wherever they come from."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from jupyter_monai_workshop.kernels.installer import find_uv

SUPPORTED = ("3.10", "3.11", "3.12", "3.13")


@cache
def pythons() -> dict[str, Path]:
    """Return an interpreter of each supported version that is here, by its version.

    A version that is not here is not in the answer; the running one always is.
    """
    running = f"{sys.version_info[0]}.{sys.version_info[1]}"
    found = {running: Path(sys.executable)}
    for version in SUPPORTED:
        for path in (*_by_uv(version), *_by_pyenv(version), *_on_path(version)):
            if version not in found and _is(path, version):
                found[version] = path
    return dict(sorted(found.items()))


def _by_uv(version: str) -> list[Path]:
    return _said([str(find_uv()), "python", "find", "--no-project", "--system", version])


def _by_pyenv(version: str) -> list[Path]:
    pyenv = shutil.which("pyenv")
    roots = _said([pyenv, "root"]) if pyenv else []
    return [path for root in roots for path in root.glob(f"versions/{version}.*/bin/python")]


def _on_path(version: str) -> list[Path]:
    path = shutil.which(f"python{version}")
    return [Path(path)] if path else []


def _said(command: list[str]) -> list[Path]:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return []
    return [Path(line) for line in done.stdout.split("\n") if line]


def _is(python: Path, version: str) -> bool:
    """Return whether `python` starts, is that version, and can make environments."""
    question = "import sys, venv; print(*sys.version_info[:2], sep='.')"
    try:
        done = subprocess.run(
            [str(python), "-c", question], capture_output=True, text=True, timeout=60, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.stdout.strip() == version
