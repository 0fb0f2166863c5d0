"""The fingerprint of this machine, and a GPU of it for one task alone."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ..preflight import read_nvml
from ..preflight.machine import memory_total
from ..preflight.processors import processors_allowed
from .results import Machine

_CHOSEN = "CUDA_VISIBLE_DEVICES"


def this_machine() -> Machine:
    """Return the fingerprint of this machine. Asks the GPU driver, so it may take seconds."""
    report = read_nvml()
    return Machine(
        name=platform.node(),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        processor=_processor(Path("/proc/cpuinfo")),
        processors=int(processors_allowed() or os.cpu_count() or 1),
        memory_gib=round((memory_total() or 0) / 2**30, 1),
        gpus=tuple(gpu.name for gpu in report.gpus) if report.state == "ok" else (),
        driver=report.driver,
    )


def _processor(file: Path) -> str:
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor())


@contextmanager
def own_gpu(
    count: int, locks: Path, *, stopped: Callable[[], bool]
) -> Iterator[dict[str, str] | None]:
    """Wait for a GPU that no other task of this machine uses, and keep it.

    Gives the variables by which the kernel sees that GPU alone, ``None`` when it was
    asked to stop first. Whoever starts the worker may have chosen a GPU for it already,
    as Slurm does; then it is left at that.

    Parameters
    ----------
    count
        How many GPUs the machine has; without one there is nothing to wait for.
    locks
        A folder that all tasks of the machine share.
    """
    if count == 0 or _CHOSEN in os.environ:
        yield {}
        return
    locks.mkdir(parents=True, exist_ok=True)
    while not stopped():
        for number in range(count):
            lock = FileLock(locks / f"gpu-{number}.lock")
            try:
                lock.acquire(timeout=0)
            except Timeout:
                continue
            try:
                yield {_CHOSEN: str(number)}
            finally:
                lock.release()
            return
        time.sleep(0.5)
    yield None
