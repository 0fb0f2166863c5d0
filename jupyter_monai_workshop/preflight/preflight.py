"""The whole preflight: look at everything once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path

from jupyter_client.connect import KernelConnectionInfo

from ..definition.models import Needs
from ..jobs.progress import Progress
from .driver import driver_check
from .gpu import gpu_check
from .kernel_half import read_kernel_torch
from .machine import NOTHING, disk_check, memory_check, memory_total
from .network import Origin, network_check, read_network
from .nvml import read_nvml
from .processors import processors_allowed, processors_check
from .shared_memory import read_shared_memory, shared_memory_check
from .studio import Machine, read_studio, studio_check
from .torch_probe import NO_VARIABLES, TorchReport, read_torch
from .verdict import Preflight


def brought_up_to_date(
    preflight: Preflight, needs: Needs, *, workers: int | None, recount: bool, complete: bool
) -> Preflight:
    """Return verdicts that agree with what has changed since; takes no time.

    Parameters
    ----------
    workers
        Number of workers that the notebook asks for now.
    recount
        Whether that is another number than before.
    complete
        Whether nothing is to be brought any more; no network is needed then.
    """
    checks = [
        shared_memory_check(read_shared_memory(), needs.shared_memory, needs.workers, workers)
        if recount and check.name == "shared_memory"
        else check
        for check in preflight.checks
        if not (complete and check.name == "network")
    ]
    return preflight.model_copy(update={"checks": tuple(checks)})


def run_preflight(
    needs: Needs,
    *,
    folder: Path,
    python: Path | None,
    progress: Progress,
    variables: Mapping[str, str | None] = NO_VARIABLES,
    kernel: KernelConnectionInfo | None = None,
    workers: int | None = None,
    to_come: Mapping[Path, int] = NOTHING,
    origins: Sequence[Origin] = (),
    timeout: float = 60.0,
    kernel_timeout: float = 5.0,
    driver_timeout: float = 10.0,
    network_timeout: float = 5.0,
) -> Preflight:
    """Look at this machine and judge whether it suits a workshop.

    Call it from a thread. Without `python`, `kernel` and `origins` it takes milliseconds,
    but for a driver that sleeps or hangs (`driver_timeout`); with them, some seconds.

    Parameters
    ----------
    folder
        Where the materials are or will be.
    python
        The interpreter of the workshop's kernel; ``None`` while there is none.
    variables
        Environment variables of that kernel.
    kernel
        Connection of a live kernel of the workshop, which is then asked in place of
        `python`; ``None`` where none runs.
    workers
        Number of workers that the notebook asks for now; see
        :func:`~.workers.workers_asked`.
    to_come
        Bytes that are still to be brought, by the folder that they go to.
    origins
        What is still to be brought over a network.
    timeout
        Seconds that PyTorch gets in a child process.
    kernel_timeout
        Seconds that the live kernel gets; if it is busy then, its part is ``unknown``.
    driver_timeout, network_timeout
        Seconds that the driver of the GPU, and all origins together, get.

    Raises
    ------
    Cancelled
        If a stop was asked for.
    """
    progress.report("looking", 0.0)
    nvml = read_nvml(driver_timeout)
    progress.raise_if_cancelled()
    progress.report("looking", 0.1)
    torch: TorchReport | None = None
    if kernel is not None:
        torch = read_kernel_torch(
            kernel, timeout=kernel_timeout, child_timeout=timeout, progress=progress
        )
    if torch is None and python is not None:
        torch = read_torch(python, variables=variables, timeout=timeout, progress=progress)
    progress.raise_if_cancelled()
    progress.report("looking", 0.7)
    asked = read_network(origins, timeout=network_timeout)
    progress.raise_if_cancelled()
    progress.report("looking", 0.9)
    gpu, trains = gpu_check(nvml, torch, needs.gpu_memory)
    memory, processors = memory_total(), processors_allowed()
    machine = Machine([each.name for each in nvml.gpus], processors, memory)
    checks = (
        gpu,
        driver_check(nvml, torch, needs.gpu_memory),
        memory_check(memory, needs.memory),
        shared_memory_check(read_shared_memory(), needs.shared_memory, needs.workers, workers),
        processors_check(processors, needs.processors),
        disk_check(folder, needs.disk, to_come),
        network_check(asked, timeout=network_timeout),
        studio_check(read_studio(), machine, needs.gpu_memory, trains_on_gpu=trains),
    )
    return Preflight(
        checks=tuple(check for check in checks if check is not None),
        gpu=trains,
        checked=datetime.now(timezone.utc),
    )
