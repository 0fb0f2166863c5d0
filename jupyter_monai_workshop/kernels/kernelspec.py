"""The kernelspec: what Jupyter starts, and which generation of the environment is in use."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from .place import EnvironmentPlace, python_of, scripts_folder


class KernelFile(BaseModel):
    """What matters of a ``kernel.json``."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    argv: tuple[str, ...]
    display_name: str = ""
    env: dict[str, str] = {}


@dataclass(frozen=True)
class KernelspecProblem:
    """Why a kernelspec cannot be used."""

    absent: bool


def read_kernelspec(place: EnvironmentPlace) -> KernelFile | KernelspecProblem:
    """Return the kernelspec of `place`, or what is wrong with it."""
    try:
        found = KernelFile.model_validate_json(place.kernel_file.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return KernelspecProblem(absent=True)
    except (OSError, ValidationError):
        return KernelspecProblem(absent=False)
    return found if found.argv else KernelspecProblem(absent=False)


def read_variables(place: EnvironmentPlace) -> Mapping[str, str]:
    """Return the environment variables that the kernelspec of `place` sets; may be none."""
    found = read_kernelspec(place)
    return {} if isinstance(found, KernelspecProblem) else found.env


def kernel_variables(generation: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables of a kernel in `generation`.

    The environment comes first on PATH, so that ``!python`` and ``!pip`` in a notebook
    reach the kernel's own Python. The variables that would lead it elsewhere are
    emptied: Python takes an empty PYTHONHOME or PYTHONPATH for none at all (what
    PYTHONPATH held at build time is inherited, after the environment's own packages),
    and pip's ``--user`` cannot work in a virtual environment.
    """

    def literal(path: Path) -> str:
        # Jupyter substitutes $NAME in these values.
        return str(path).replace("$", "$$")

    return {
        **variables,
        "PATH": f"{literal(scripts_folder(generation))}{os.pathsep}${{PATH}}",
        "VIRTUAL_ENV": literal(generation),
        "PYTHONHOME": "",
        "PYTHONPATH": "",
        "PIP_USER": "0",
    }


def write_kernelspec(
    place: EnvironmentPlace, generation: Path, *, title: str, variables: Mapping[str, str]
) -> None:
    """Make `generation` the one that the kernelspec starts, in one step.

    Until the last moment the kernelspec before it stays in use. Nothing is written when
    it says the same already.
    """
    content = {
        "argv": [
            str(python_of(generation)),
            *("-m", "ipykernel_launcher", "-f", "{connection_file}"),
        ],
        "display_name": title,
        "language": "python",
        "env": kernel_variables(generation, variables),
        "metadata": {"debugger": True},
    }
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    try:
        if place.kernel_file.read_text("utf-8") == text:
            return
    except (OSError, UnicodeDecodeError):
        pass
    place.kernelspec.mkdir(parents=True, exist_ok=True)
    draft = place.kernelspec / ".kernel.json.new"
    try:
        draft.write_text(text, "utf-8")
        draft.replace(place.kernel_file)
    except OSError:
        draft.unlink(missing_ok=True)
        if not place.kernel_file.exists():
            shutil.rmtree(place.kernelspec, ignore_errors=True)
        raise
