"""Failures that can happen in any workshop, in the order in which they are looked for."""

from __future__ import annotations

from ..definition.models import KnownFailure

GENERAL_FAILURES: tuple[KnownFailure, ...] = (
    KnownFailure(
        id="gpu-memory",
        pattern=r"CUDA out of memory|torch\.(?:cuda\.)?OutOfMemoryError|CUBLAS_STATUS_ALLOC_FAILED",
        cause="The memory of the GPU is full.",
        remedy="Choose a smaller batch, and shut down other notebooks that use the GPU. Then "
        "start the kernel again: what it holds in the GPU is only freed then.",
        action="restart",
    ),
    KnownFailure(
        id="shared-memory",
        pattern=r"unable to allocate shared memory|Unexpected bus error encountered in worker"
        r"|DataLoader worker \(pid\(?s?\)? [^)]*\) is killed by signal: Bus error"
        r"|out of shared memory",
        cause="The processes that load the batches ran out of shared memory (/dev/shm).",
        remedy="Set num_workers to 0 where the batches are loaded, run that step again and then "
        "this one. It is slower, but it works. A machine with more shared memory helps, too.",
    ),
    KnownFailure(
        id="module-missing",
        pattern=r"No module named '(?P<package>[A-Za-z_]\w*)",
        cause="The package {package} is missing.",
        remedy="Get everything ready again, which brings what the workshop needs, and make sure "
        "that the notebook uses the workshop's own kernel. Then run the step again.",
        action="prepare",
    ),
    KnownFailure(
        id="disk-full",
        pattern=r"No space left on device|Errno 28\b|Disk quota exceeded",
        cause="The disk is full.",
        remedy="Delete what you do not need, also in the trash, and run the step again.",
    ),
    KnownFailure(
        id="memory",
        pattern=r"\AThe kernel died while this ran|^MemoryError\b|Cannot allocate memory"
        r"|DefaultCPUAllocator: (?:can't|not enough memory)",
        cause="The kernel ended in the middle of the cell, most often because memory ran out.",
        remedy="Close other notebooks and shut down their kernels, or choose a smaller batch. "
        "Then run the steps of this module again from the first one.",
        action="restart",
    ),
    KnownFailure(
        id="name-missing",
        pattern=r"^NameError: name '(?P<name>\w+)' is not defined",
        cause="The kernel does not know “{name}”: an earlier cell has not run in it.",
        remedy="Run the steps above this one, in their order. They can be run again safely.",
    ),
)

VAGUE_FAILURES: tuple[KnownFailure, ...] = (
    KnownFailure(
        id="worker-killed",
        pattern=r"DataLoader worker \(pid\(?s?\)? [^)]*\) (?:is killed by signal: Killed"
        r"|exited unexpectedly)",
        cause="A process that loads the batches was stopped, most often because memory ran out.",
        remedy="Lower num_workers where the batches are loaded, and close other notebooks. Then "
        "run that step and this one again.",
    ),
)
"""What is told only if nothing says it better, be it on the error stream."""
