"""What a rehearsal costs above nbclient alone, and what a second worker saves.

Prints its figures in words and, as its last line, one JSON object of them.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat
from nbclient import NotebookClient

sys.path.insert(0, str(Path(__file__).parents[1]))

from jupyter_monai_workshop.definition.loading import load_definition
from jupyter_monai_workshop.jobs.runner import JobRunner
from jupyter_monai_workshop.rehearsal.module_run import Limits, ModuleRunner
from jupyter_monai_workshop.rehearsal.pool import local_pool
from jupyter_monai_workshop.rehearsal.rehearse import rehearse
from jupyter_monai_workshop.rehearsal.task import Choices, plan_tasks
from jupyter_monai_workshop.site import Site
from jupyter_monai_workshop.workshop import Workshop
from tests.rehearsal.workbench import KERNEL, write_workshop

TRIVIAL_CELLS = 200
LONG_CELL_SECONDS = 20
ROUNDS = 3
MODULES = 4
SLEEP_SECONDS = 20


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["JUPYTER_DATA_DIR"] = str(Path(folder) / "jupyter")
        figures = {**_overhead(Path(folder) / "overhead"), **_speedup(Path(folder) / "speedup")}
    figures["load"] = round(os.getloadavg()[0], 1)
    print(
        f"{TRIVIAL_CELLS} trivial cells and one of {LONG_CELL_SECONDS} s: nbclient alone takes "
        f"{figures['bare_seconds']:.2f} s, a rehearsal {figures['rehearsal_seconds']:.2f} s, "
        f"{figures['overhead_percent']:+.1f} %."
    )
    print(
        f"{MODULES} modules that sleep {SLEEP_SECONDS} s: one worker takes "
        f"{figures['one_worker_seconds']:.1f} s, two take {figures['two_workers_seconds']:.1f} s, "
        f"{figures['speedup']:.2f} times faster."
    )
    print(json.dumps(figures))


def _overhead(folder: Path) -> Mapping[str, float]:
    steps = [(f"cell-{number}", f"x = {number}", "") for number in range(TRIVIAL_CELLS)]
    steps.append(("long", f"import time\ntime.sleep({LONG_CELL_SECONDS})", ""))
    bare, ours = [], []
    definition = write_workshop(folder / "made", {"only": steps})
    for number in range(ROUNDS):
        bare.append(_bare(definition / "files" / "only.ipynb"))
        ours.append(_ours(definition, folder / str(number)))
    # What else the machine does only adds, so the fastest round says most.
    (one, one_cpu), (other, other_cpu) = min(bare), min(ours)
    return {
        "bare_seconds": round(one, 3),
        "rehearsal_seconds": round(other, 3),
        "overhead_percent": round(100 * (other / one - 1), 2),
        "bare_processor_seconds": round(one_cpu, 3),
        "rehearsal_processor_seconds": round(other_cpu, 3),
    }


def _bare(path: Path) -> tuple[float, float]:
    """Return the seconds of a run, and those in which this process computed."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, kernel_name=KERNEL, resources={"metadata": {"path": str(path.parent)}}
    )
    since, before = time.monotonic(), time.process_time()
    client.execute()
    return time.monotonic() - since, time.process_time() - before


def _ours(definition: Path, root: Path) -> tuple[float, float]:
    root.mkdir(parents=True)
    site = Site(root=root, jupyter_data=Path(os.environ["JUPYTER_DATA_DIR"]))
    workshop = Workshop(load_definition(definition / "workshop.yaml"), site, JobRunner())
    workshop.start("materials").wait()
    ended: list[str] = []
    runner = ModuleRunner(
        workshop,
        workshop.definition.modules[0],
        kernel=KERNEL,
        variables={},
        limits=Limits(lambda step: 600, 10),
        words=root / "kernel.log",
        began=lambda step: None,
        ended=lambda step, seconds: ended.append(step.id),
        stopped=(root / "stop").exists,
    )
    since, before = time.monotonic(), time.process_time()
    run = runner.run()
    took = time.monotonic() - since, time.process_time() - before
    assert run.interruption is None
    assert len(ended) == TRIVIAL_CELLS + 1
    return took


def _speedup(folder: Path) -> Mapping[str, float]:
    cell = [("sleeps", f"import time\ntime.sleep({SLEEP_SECONDS})", "")]
    modules: dict[str, Sequence[tuple[str, str, str]]] = {
        f"module-{number}": cell for number in range(MODULES)
    }
    definition = write_workshop(folder / "made", modules)
    one, two = (_spread(definition, folder / str(jobs), jobs) for jobs in (1, 2))
    return {
        "one_worker_seconds": round(one, 2),
        "two_workers_seconds": round(two, 2),
        "speedup": round(one / two, 3),
    }


def _spread(definition: Path, folder: Path, jobs: int) -> float:
    folder.mkdir()
    loaded = load_definition(definition / "workshop.yaml")
    choices = Choices(folder=folder / "tasks")
    tasks = plan_tasks(loaded, choices, modules=[], kernels=[KERNEL])
    with local_pool(jobs, folder) as pool:
        found = rehearse(loaded, choices, tasks, pool)
    assert found.passed, found
    return found.seconds


if __name__ == "__main__":
    main()
