"""From *Prepare* to a kernel that imports MONAI, beside the notebooks' own ``pip install``.

``python benchmarks/environment.py`` makes a Python with PyTorch, lets all ways take turns
with cold and with warm caches, prints the figures in words and, as its last line, as one
JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TypeAlias

# Beside the package these scripts need each other.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.base_python import Base, copied, with_torch
from benchmarks.importing import by_cells, by_pip, by_us, import_again
from jupyter_monai_workshop.definition.catalogue import discover
from jupyter_monai_workshop.kernels import place_of, remove_environment
from jupyter_monai_workshop.kernels.kernel_python import PipWishes

Figures: TypeAlias = dict[str, float | str | None]

FIRST_CELL = """
!python -c "import monai" || pip install -qU "monai[ignite, nibabel, torchvision, tqdm]==1.2.0"
!python -c "import sklearn" || pip install -qU "scikit-learn"
"""
SECOND_CELL = """
!python -c "import monai" || pip install -U "monai[fire, nibabel, yaml, tqdm, einops]==1.2"
!python -c "import yaml" || pip install -U "pyyaml"
!python -c "import psutil" || pip install -U "psutil"
!python -c "import tensorboard" || pip install -U "tensorboard"
!python -c "import fire" || pip install -U "fire"
"""
"""The workshop's own cells, the last line as its page of prose asked for it. Where the base
has no torchvision, as here, the first one replaces PyTorch by the newest one for CUDA."""

FEW = ("monai[ignite, nibabel, tqdm]=={monai}", "scikit-learn")
"""What the first cell installs on a base that has torchvision."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="rounds in which all take part")
    parser.add_argument("--workshop", default="rsna-2023", help="whose packages are brought")
    options = parser.parse_args()
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, _end)
    # Set, every import would compile anew, as on few machines.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    figures: Figures = {"processors": os.cpu_count(), "load_before": _load()}
    with tempfile.TemporaryDirectory(prefix="benchmark-", ignore_cleanup_errors=True) as name:
        figures |= _Race(Path(name).resolve(), options.workshop).run(options.rounds)
    figures["load_after"] = _load()
    print(
        f"Load {figures['load_before']} before and {figures['load_after']} after, "
        f"on {figures['processors']} processors."
    )
    print(json.dumps(figures))


class _Race:
    """All ways in turn, in one folder."""

    def __init__(self, folder: Path, workshop: str) -> None:
        self._folder = folder
        self._environment = discover([]).get(workshop).definition.environment
        self._base = with_torch(folder / "base", folder / "base-cache")
        self._wishes: PipWishes = self._base.wishes(self._environment)
        self._times: dict[str, list[float]] = {}

    def run(self, rounds: int) -> Figures:
        """Let all take turns, and return medians and ratios."""
        print(
            f"A Python {self._base.version} with torch {self._base.torch}, without MONAI. "
            f"Asked for: {' '.join(self._wishes.missing)}."
        )
        for _ in range(rounds):
            for caches in ("cold", "warm"):
                self._pip(caches)
                self._notebooks(caches)
                self._few(caches)
                self._ours(caches)
        return self._figures()

    def _pip(self, caches: str) -> None:
        """All that the workshop needs, by the cell's own guard and pip."""
        run = by_pip(self._fresh_base(), self._wishes.arguments, self._cache("pip", caches))
        self._note(f"{caches}_pip", run.ready)
        self._note(f"{caches}_pip_install", run.installed)

    def _notebooks(self, caches: str) -> None:
        """Run the cells of both notebooks as they stand."""
        cache = self._cache("notebooks", caches)
        first, both = by_cells(self._fresh_base(), (FIRST_CELL, SECOND_CELL), cache)
        self._note(f"{caches}_first_cell", first)
        self._note(f"{caches}_both_cells", both)

    def _few(self, caches: str) -> None:
        """Install what the first cell would if it left PyTorch alone."""
        monai = next(it for it in self._wishes.missing if it.startswith("monai=="))
        wanted = [it.format(monai=monai.partition("==")[2]) for it in FEW]
        run = by_pip(self._fresh_base(), wanted, self._cache("few", caches))
        self._note(f"{caches}_few", run.ready)

    def _ours(self, caches: str) -> None:
        cache = self._cache("uv", caches)
        data = self._folder / "data"
        place = place_of("benchmark", data)
        run = by_us(self._base, self._environment, place, cache)
        self._note(f"{caches}_ours", run.ready)
        self._note(f"{caches}_ours_install", run.installed)
        self._note(f"{caches}_ours_new_kernel", run.in_new_kernel)
        self._note("import", import_again(place))
        if caches == "warm":
            changed = by_us(self._fresh_base(), self._environment, place, cache)
            self._note("rebuild_ours", changed.ready)
            self._note("rebuild_ours_new_kernel", changed.in_new_kernel)
        remove_environment(place)

    def _fresh_base(self) -> Base:
        return copied(self._base, self._folder / "another-base")

    def _cache(self, name: str, caches: str) -> Path:
        """Return the folder of a cache: an empty one where it should be cold."""
        folder = self._folder / f"cache-{name}"
        if caches == "cold":
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(exist_ok=True)
        return folder

    def _note(self, key: str, seconds: float) -> None:
        self._times.setdefault(key, []).append(seconds)

    def _figures(self) -> Figures:
        medians = {key: statistics.median(times) for key, times in self._times.items()}

        def told(key: str) -> str:
            times = self._times[key]
            return f"{medians[key]:.1f} s ({min(times):.1f} to {max(times):.1f})"

        figures: Figures = {f"{key}_seconds": round(it, 2) for key, it in medians.items()}
        share: Callable[[str, str], float] = lambda one, other: round(  # noqa: E731
            medians[one] / medians[other], 2
        )
        for caches in ("cold", "warm"):
            print(
                f"With {caches} caches, until MONAI is imported: the notebooks' own cells "
                f"{told(f'{caches}_both_cells')}, the first one alone "
                f"{told(f'{caches}_first_cell')}; pip with the same packages as Prepare "
                f"{told(f'{caches}_pip')}, with the few of the first cell and PyTorch left "
                f"alone {told(f'{caches}_few')}.\n"
                f"  Prepare, whose last act is to import everything as the kernel does, "
                f"{told(f'{caches}_ours')}; of that until all is installed "
                f"{told(f'{caches}_ours_install')}. "
                f"A kernel started after it has imported MONAI after "
                f"{told(f'{caches}_ours_new_kernel')} in all."
            )
            for name, other in (
                ("ratio", "both_cells"),
                ("ratio_first_cell", "first_cell"),
                ("ratio_same_packages", "pip"),
                ("ratio_few_packages", "few"),
            ):
                figures[f"{caches}_{name}"] = share(f"{caches}_{other}", f"{caches}_ours")
            figures[f"{caches}_ratio_install"] = share(
                f"{caches}_pip_install", f"{caches}_ours_install"
            )
            print(
                f"  Prepare is {figures[f'{caches}_ratio']} × faster than the notebooks' cells, "
                f"{figures[f'{caches}_ratio_first_cell']} × than the first one, "
                f"{figures[f'{caches}_ratio_same_packages']} × than pip with the same packages "
                f"({figures[f'{caches}_ratio_install']} × for installing alone), "
                f"{figures[f'{caches}_ratio_few_packages']} × than pip with few."
            )
        figures["rebuild_ratio"] = share("warm_pip", "rebuild_ours")
        print(
            f"On another base, over the environment before: {told('rebuild_ours')}, "
            f"{figures['rebuild_ratio']} × faster than pip. "
            f"Importing MONAI alone, compiled, takes {told('import')} in a kernel."
        )
        return figures


def _load() -> float:
    return round(os.getloadavg()[0], 2)


def _end(signal_: int, frame: object) -> NoReturn:
    """End in good order, so that folders and processes go too."""
    sys.exit(128 + signal_)


if __name__ == "__main__":
    main()
