"""A folder that plays the root of a JupyterLab space's container in SageMaker Studio.

Its Python and its pip are real; what pip finds lies in a folder. What restarts the server
only notes that it was asked to.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import os
import shlex
import subprocess
import sys
import venv
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

FAKE_PIP = """\
import json, os, sys, time
with open({record!r}, "a") as file:
    print(json.dumps({{"arguments": sys.argv[1:], "variables": dict(os.environ)}}), file=file)
if sys.argv[1] == "list":
    print("numpy==1.26.4")
    sys.exit()
{does}
"""


class Container:
    """A container in `folder`, and what a start of the space leaves there."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "it's a root"
        self.home = self.root / "home" / "sagemaker-user"
        self.wheels = folder / "wheels"
        self.log = self.home / ".local/share/jupyter/monai-workshop/studio-start.log"
        self.restarts = folder / "restarts"
        self.pip_record = folder / "pip.jsonl"
        for path in (self.home, self.wheels, self.root / "usr/local/bin", self.root / "tmp"):
            path.mkdir(parents=True)
        self.conda = self.root / "opt/conda"
        venv.create(self.conda, symlinks=True)
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        self.packages = self.conda / "lib" / version / "site-packages"
        pip = importlib.util.find_spec("pip")
        assert pip is not None
        assert pip.origin is not None
        (self.packages / "pip").symlink_to(Path(pip.origin).parent)
        self.command("restart-jupyter-server", f"echo restarted >> {quoted(self.restarts)}")
        with zipfile.ZipFile(write_wheel(folder, "numpy", "1.26.4")) as shipped:
            shipped.extractall(self.packages)
        self.publish("numpy", "2.4.0")
        self.publish("nvidia-ml-py", "13.0.0")

    def publish(self, name: str, version: str, requires: Sequence[str] = ()) -> Path:
        """Put a wheel where pip finds it."""
        return write_wheel(self.wheels, name, version, requires)

    def command(self, name: str, does: str) -> None:
        """Put a shell script on the PATH."""
        path = self.root / "usr/local/bin" / name
        path.write_text(f"#!/bin/sh\n{does}\n")
        path.chmod(0o755)

    def fake_pip(self, does: str) -> None:
        """Put a pip in the place of the real one that notes what it is told, and does this."""
        (self.packages / "pip").unlink()
        (self.packages / "pip").mkdir()
        text = FAKE_PIP.format(record=str(self.pip_record), does=does)
        (self.packages / "pip" / "__main__.py").write_text(text)

    def start(
        self, script: str, variables: Mapping[str, str] | None = None, *, shell: str = "sh"
    ) -> str:
        """Run `script` as the space does when it starts, and return the log."""
        script = script.replace("\nROOT=\n", f"\nROOT={quoted(self.root)}\n")
        assert quoted(self.root) in script
        done = subprocess.run(
            [shell, "-c", script],
            env={
                "PATH": os.defpath,
                "HOME": str(self.home),
                "TMPDIR": str(self.root / "tmp"),
                "PIP_CONFIG_FILE": os.devnull,
                "PIP_NO_INDEX": "1",
                "PIP_FIND_LINKS": str(self.wheels),
                **(variables or {}),
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stderr == ""
        assert list((self.root / "tmp").iterdir()) == []
        said = [line.partition(" ")[2] for line in self.log.read_text().splitlines()]
        assert [line for line in said if line] == [it for it in done.stdout.splitlines() if it]
        return "\n".join(said)

    def restarted(self) -> int:
        """Return how often the server was restarted."""
        return len(self.restarts.read_text().splitlines()) if self.restarts.exists() else 0

    def versions(self) -> dict[str, str]:
        """Return what the image's Python has."""
        found = (path.stem.partition("-") for path in self.packages.glob("*.dist-info"))
        return {name: version for name, _, version in found}


def write_wheel(folder: Path, name: str, version: str, requires: Sequence[str] = ()) -> Path:
    """Write a wheel with an empty package into `folder` and return its path."""
    package = name.replace("-", "_")
    info = f"{package}-{version}.dist-info"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"]
    metadata += [f"Requires-Dist: {it}" for it in requires]
    files = {
        f"{package}/__init__.py": "",
        f"{package}/server/app.py": "",
        f"{info}/METADATA": "\n".join(metadata) + "\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{path},sha256={digest(text)},{len(text)}" for path, text in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,"]) + "\n"
    path = folder / f"{package}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
    return path


def digest(text: str) -> str:
    raw = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def quoted(path: Path) -> str:
    return shlex.quote(str(path))
