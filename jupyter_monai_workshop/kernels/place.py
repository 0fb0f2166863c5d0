"""Where a workshop's kernel environment lies."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class EnvironmentPlace:
    """Where things are; nothing here looks at the disk.

    Attributes
    ----------
    environment
        Folder of the workshop's environments. Each build is a *generation*: a virtual
        environment in a folder of its own below this one. The kernelspec names the
        generation in use, so replacing that one file swaps the whole environment.
    kernelspec
        Folder of the kernelspec.
    name
        Name of the kernelspec, as notebooks and the sessions API write it.
    """

    environment: Path
    kernelspec: Path
    name: str

    @property
    def kernel_file(self) -> Path:
        """The kernelspec's only file."""
        return self.kernelspec / "kernel.json"

    @property
    def lock_file(self) -> Path:
        """Held, across processes, by whoever builds or removes the environment."""
        return self.environment.with_name(f"{self.environment.name}.lock")


def place_of(workshop_id: str, data_dir: Path) -> EnvironmentPlace:
    """Return the place of a workshop's environment.

    Parameters
    ----------
    workshop_id
        The definition's id.
    data_dir
        Jupyter's data folder of this user (``jupyter_core.paths.jupyter_data_dir()``).
    """
    name = f"monai-workshop-{workshop_id}"
    return EnvironmentPlace(
        environment=data_dir / "monai-workshop" / "environments" / workshop_id,
        kernelspec=data_dir / "kernels" / name,
        name=name,
    )


def scripts_folder(generation: Path) -> Path:
    """Return the folder of a generation that belongs first on PATH."""
    return generation / ("Scripts" if os.name == "nt" else "bin")


def python_of(generation: Path) -> Path:
    """Return the interpreter of a generation."""
    return scripts_folder(generation) / ("python.exe" if os.name == "nt" else "python")


def generation_of(python: Path, place: EnvironmentPlace) -> Path | None:
    """Return the generation that `python` belongs to, ``None`` if it is not one of `place`."""
    generation = python.parent.parent
    return generation if generation.parent == place.environment else None
