"""The whole preflight: look at everything once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from types import MappingProxyType

from ..definition.models import Needs
from ..jobs.progress import Progress
from .gpu import gpu_check
from .machine import machine_checks
from .nvml import read_nvml
from .torch_probe import read_torch
from .verdict import Preflight

_NO_VARIABLES: Mapping[str, str] = MappingProxyType({})


def run_preflight(
    needs: Needs,
    *,
    folder: Path,
    python: Path | None,
    progress: Progress,
    variables: Mapping[str, str] = _NO_VARIABLES,
    timeout: float = 60.0,
) -> Preflight:
    """Look at this machine and judge whether it suits a workshop.

    Blocks for some seconds where PyTorch is asked: call it from a thread.

    Parameters
    ----------
    folder
        Where the materials are or will be.
    python
        The interpreter of the workshop's kernel; ``None`` while there is none.
    variables
        Environment variables of that kernel.
    timeout
        Seconds that PyTorch gets.

    Raises
    ------
    Cancelled
        If a stop was asked for.
    """
    progress.report("looking", 0.0)
    nvml = read_nvml()
    progress.raise_if_cancelled()
    progress.report("looking", 0.1)
    torch = None
    if python is not None:
        torch = read_torch(python, variables=variables, timeout=timeout, progress=progress)
    progress.raise_if_cancelled()
    progress.report("looking", 0.9)
    check, trains = gpu_check(nvml, torch, needs.gpu_memory)
    return Preflight(
        checks=(check, *machine_checks(needs, folder=folder)),
        gpu=trains,
        checked=datetime.now(timezone.utc),
    )
