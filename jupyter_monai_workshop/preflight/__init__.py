"""Whether this machine suits the workshop.

The GPU is looked at from two sides: the driver's library in this process
(:mod:`.nvml`) and PyTorch in the workshop's own Python (:mod:`.torch_probe`).
:mod:`.gpu` turns both into one verdict, :mod:`.machine` judges memory, shared memory
and disk, and :func:`run_preflight` does it all.
"""

from .gpu import gpu_check
from .machine import machine_checks
from .nvml import Gpu, Holder, NvmlReport, NvmlState, read_nvml
from .preflight import run_preflight
from .torch_probe import TorchReport, TorchState, read_torch
from .verdict import CheckName, Level, Preflight, PreflightCheck

__all__ = [
    "CheckName",
    "Gpu",
    "Holder",
    "Level",
    "NvmlReport",
    "NvmlState",
    "Preflight",
    "PreflightCheck",
    "TorchReport",
    "TorchState",
    "gpu_check",
    "machine_checks",
    "read_nvml",
    "read_torch",
    "run_preflight",
]
