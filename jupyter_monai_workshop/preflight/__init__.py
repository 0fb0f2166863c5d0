"""Whether this machine suits the workshop.

The GPU is looked at from two sides: the driver's library in this process
(:mod:`.nvml`) and PyTorch in the workshop's own Python, live (:mod:`.kernel_half`) or
in a child process (:mod:`.torch_probe`). :mod:`.gpu` and :mod:`.driver` turn both into
verdicts; memory, shared memory, processors, disk, network and SageMaker Studio have a
file each. :func:`run_preflight` does it all, and :class:`UsageMeter` says how busy the
machine is while a training runs. Everything here blocks: call it from a thread.
"""

from .driver import driver_check
from .gpu import gpu_check
from .kernel_half import read_kernel_torch
from .machine import disk_check, memory_check
from .network import Answer, Origin, network_check, read_network
from .nvml import Gpu, Holder, NvmlReport, NvmlState, Slice, read_nvml
from .preflight import brought_up_to_date, run_preflight
from .processors import processors_allowed, processors_check
from .shared_memory import SharedMemory, read_shared_memory, shared_memory_check
from .studio import Machine, Studio, read_studio, studio_check
from .torch_probe import TorchReport, TorchState, read_torch
from .usage import Usage, UsageMeter
from .verdict import CheckName, Level, Preflight, PreflightCheck
from .workers import workers_asked

__all__ = [
    "Answer",
    "CheckName",
    "Gpu",
    "Holder",
    "Level",
    "Machine",
    "NvmlReport",
    "NvmlState",
    "Origin",
    "Preflight",
    "PreflightCheck",
    "SharedMemory",
    "Slice",
    "Studio",
    "TorchReport",
    "TorchState",
    "Usage",
    "UsageMeter",
    "brought_up_to_date",
    "disk_check",
    "driver_check",
    "gpu_check",
    "memory_check",
    "network_check",
    "processors_allowed",
    "processors_check",
    "read_kernel_torch",
    "read_network",
    "read_nvml",
    "read_shared_memory",
    "read_studio",
    "read_torch",
    "run_preflight",
    "shared_memory_check",
    "studio_check",
    "workers_asked",
]
