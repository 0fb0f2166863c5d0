"""A real kernel of the environment, started as Jupyter starts it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import Environment, PackageRule

from .live_kernel import printed_by, started
from .workbench import Room, write_wheel

QUESTION = """
import json, os, shutil, subprocess, sys, fire, torch
def sh(command):
    return subprocess.run(command, shell=True, capture_output=True, text=True).stdout.strip()
print(json.dumps({
    "prefix": sys.prefix,
    "which": shutil.which("python"),
    "python": sh("python -c 'import sys; print(sys.prefix)'"),
    "pip": sh("command -v pip"),
    "fire": fire.__version__,
    "torch": torch.__version__,
    "style": os.environ["STYLE"],
}))
"""


def test_python_and_pip_of_a_notebook_are_the_kernels_own(
    room: Room,
    real_ipykernel: Path,
    real_pip: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    room.base.replace("ipykernel", real_ipykernel)
    room.base.replace("pip", real_pip)
    write_wheel(room.links, "fire", "0.7.0")
    room.base.add("torch", "2.8.0")
    # The shell that JupyterLab was started from would lead a Python elsewhere.
    trap = tmp_path / "trap"
    (trap / "fire").mkdir(parents=True)
    (trap / "fire" / "__init__.py").write_text("__version__ = 'of the trap'\n")
    (trap / "only_here.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(trap))
    monkeypatch.setenv("PIP_USER", "1")
    environment = Environment(
        torch=">=2", packages=(PackageRule(require="fire"),), variables={"STYLE": "plain"}
    )
    room.build(environment)

    with started(room.place, tmp_path) as kernel:
        answer = json.loads(printed_by(kernel, QUESTION))
        generation = str(room.place.environment / room.generations()[0])
        assert answer == {
            "prefix": generation,
            "which": os.path.join(generation, "bin", "python"),  # noqa: PTH118
            "python": generation,
            "pip": os.path.join(generation, "bin", "pip"),  # noqa: PTH118
            "fire": "0.7.0",
            "torch": "2.8.0",
            "style": "plain",
        }
        # What PYTHONPATH named is still found, after the environment's own packages.
        assert printed_by(kernel, "import only_here; print('found')").strip() == "found"
        write_wheel(room.links, "extra-thing", "1.0")
        printed_by(kernel, "get_ipython().system('pip install --quiet extra-thing')")
        where = printed_by(kernel, "import extra_thing; print(extra_thing.__file__)")
        assert where.startswith(generation)
