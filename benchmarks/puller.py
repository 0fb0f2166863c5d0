"""An interpreter that can import nbgitpuller, on which this package does not depend."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from uv import find_uv_bin

from jupyter_monai_workshop.kernels.pip_settings import read_pip_settings


def python_with_nbgitpuller(folder: Path) -> Path | None:
    """Return this interpreter, or one that is made below `folder`; ``None`` if neither can."""
    if importlib.util.find_spec("nbgitpuller") is not None:
        return Path(sys.executable)
    uv, place = find_uv_bin(), folder / "puller"
    python = place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    given = dict(os.environ)
    settings = read_pip_settings(Path(sys.executable), given).environ(given)
    for command in (
        ["venv", "--quiet", "--python", sys.executable, str(place)],
        ["pip", "install", "--quiet", "--python", str(python), "nbgitpuller"],
    ):
        done = subprocess.run(
            [uv, *command], env={**given, **settings}, check=False, stdout=subprocess.DEVNULL
        )
        if done.returncode:
            return None
    return python
