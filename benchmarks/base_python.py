"""A Python with PyTorch and nothing of MONAI, as an image brings it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from jupyter_monai_workshop.definition.models import Environment
from jupyter_monai_workshop.kernels.installer import find_uv
from jupyter_monai_workshop.kernels.interpreter import ask_interpreter
from jupyter_monai_workshop.kernels.kernel_python import KernelPython, PipWishes, pip_wishes
from jupyter_monai_workshop.kernels.pip_settings import read_pip_settings
from jupyter_monai_workshop.kernels.torch_sources import cpu_torch_wheels


@dataclass(frozen=True)
class Base:
    """A virtual environment that plays the image's Python."""

    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def version(self) -> str:
        """Its version."""
        return ask_interpreter(self.python).version

    @property
    def torch(self) -> str | None:
        """The version of its torch."""
        return self._what_it_has().torch

    def wishes(self, environment: Environment) -> PipWishes:
        """Return what pip must be asked for, for the same packages as ours."""
        return pip_wishes(environment, self._what_it_has())

    def _what_it_has(self) -> KernelPython:
        return KernelPython.of(ask_interpreter(self.python))


def with_torch(folder: Path, cache: Path) -> Base:
    """Make a Python with torch for CPU, numpy, ipykernel and pip in `folder`, anew.

    `cache` is uv's, and nobody else's.
    """
    shutil.rmtree(folder, ignore_errors=True)
    running = Path(sys.executable)
    settings = read_pip_settings(running, os.environ)
    given = {**os.environ, "UV_CACHE_DIR": str(cache)}
    environ = {**given, **settings.environ(given)}
    uv = str(find_uv())
    subprocess.run(
        [uv, "venv", "--quiet", "--no-project", "--python", str(running), str(folder)],
        env=environ,
        check=True,
    )
    base = Base(folder)
    tags = ask_interpreter(running).tags()
    local = cpu_torch_wheels(settings.local_links(), tags)
    torch = [f"torch=={local[0]}"] if local else ["torch>=2.4.1", "--torch-backend", "cpu"]
    subprocess.run(
        [
            *(uv, "pip", "install", "--quiet", "--compile-bytecode"),
            *("--python", str(base.python), "numpy", "ipykernel", "pip", *torch),
        ],
        env=environ,
        check=True,
    )
    return base


def copied(base: Base, folder: Path) -> Base:
    """Return a copy of `base` in `folder`, as untouched as it is."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(base.folder, folder, symlinks=True)
    for script in (folder / "bin").iterdir():
        if not script.is_symlink():
            text = script.read_bytes()
            script.write_bytes(text.replace(bytes(base.folder), bytes(folder)))
    return Base(folder)
