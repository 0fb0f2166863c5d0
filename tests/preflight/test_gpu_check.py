"""One verdict about the GPU from two halves: what is said, and how bad it is."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import get_args

import pytest

from jupyter_monai_workshop.definition.models import Need
from jupyter_monai_workshop.preflight import (
    Gpu,
    Holder,
    NvmlReport,
    NvmlState,
    Slice,
    TorchReport,
    TorchState,
    gpu_check,
)

GIB = 1024**3

GPU = Gpu(0, "Tesla T4", 15 * GIB, 14 * GIB, "570.86.15", False, ())
T4 = NvmlReport("ok", (GPU,), "570.86.15", "12.8")
TWO = replace(T4, gpus=(GPU, replace(GPU, index=1)))
MIG = replace(T4, gpus=(replace(GPU, name="NVIDIA A100", memory_total=40 * GIB, mig=True),))
SMALL = replace(T4, gpus=(replace(GPU, name="Quadro P600", memory_total=2 * GIB),))
FULL = replace(T4, gpus=(replace(GPU, memory_free=2 * GIB),))
NONE = NvmlReport("no_library")
PART = Slice("NVIDIA A100 MIG 1g.5gb", 5 * GIB, 5 * GIB)
LARGE_PART = Slice("NVIDIA A100 MIG 2g.10gb", 10 * GIB, 10 * GIB)


def held(*holders: Holder) -> NvmlReport:
    return replace(T4, gpus=(replace(FULL.gpus[0], holders=holders),))


WORKS = TorchReport(
    "ok",
    python="/opt/conda/bin/python",
    torch="2.6.0",
    cuda="12.6",
    available=True,
    device="Tesla T4",
    memory_free=14 * GIB,
    memory_total=15 * GIB,
    product_ok=True,
)
CPU_BUILD = TorchReport("ok", torch="2.6.0+cpu")
BLIND = TorchReport("ok", torch="2.6.0", cuda="12.6")
AMD = replace(WORKS, cuda="", hip="6.2", device="AMD Instinct MI300X")
MAC = TorchReport("ok", torch="2.6.0", mps=True, product_ok=True)
SLICE = replace(WORKS, device="NVIDIA A100 MIG 1g.5gb", memory_total=5 * GIB, memory_free=5 * GIB)


def fails(error: str) -> TorchReport:
    return replace(WORKS, product_ok=False, error=error)


WISH = Need(gib=8, level="recommended", without="On a CPU it takes 40 minutes.")
MUST = Need(gib=8, without="Nothing works on a CPU.")
BARE = Need(gib=8, level="recommended")

Case = tuple[NvmlReport, TorchReport | None, Need | None, str, bool, str, str]

CASES: dict[str, Case] = {
    # driver, torch, need: level, notebooks train on a GPU, message, part of the remedy
    "no GPU and none needed": (
        *(NONE, CPU_BUILD, None, "pass", False),
        *("No GPU on this machine; this workshop does not need one.", ""),
    ),
    "no GPU, recommended": (
        *(NONE, CPU_BUILD, WISH, "warn", False),
        *("No GPU on this machine. On a CPU it takes 40 minutes.", "ml.g4dn.xlarge"),
    ),
    "no GPU, recommended, cost not told": (
        *(NONE, None, BARE, "warn", False),
        *("No GPU on this machine. Training will take much longer.", "ml.g4dn.xlarge"),
    ),
    "no GPU, required": (
        *(NONE, None, MUST, "fail", False),
        *("No GPU on this machine. Nothing works on a CPU.", "ml.g4dn.xlarge"),
    ),
    "a driver without a GPU": (
        *(NvmlReport("ok"), BLIND, None, "pass", False),
        *("No GPU on this machine; this workshop does not need one.", ""),
    ),
    "all is well": (
        *(T4, WORKS, WISH, "pass", True),
        *("The GPU is here and PyTorch can use it.", ""),
    ),
    "no Python yet": (
        *(T4, None, WISH, "pass", True),
        *("The GPU is here; PyTorch tries it once the environment is ready.", ""),
    ),
    "two GPUs": (
        *(TWO, WORKS, WISH, "pass", True),
        *("2 GPUs are here, notebooks use one and PyTorch can use it.", ""),
    ),
    "the driver's library is not there, but PyTorch has a GPU": (
        *(NONE, WORKS, WISH, "pass", True),
        *("The GPU is here and PyTorch can use it.", ""),
    ),
    "an AMD GPU": (
        *(NONE, AMD, WISH, "pass", True),
        *("The GPU is here and PyTorch can use it.", ""),
    ),
    "driver updated without a restart": (
        *(NvmlReport("version_mismatch"), BLIND, WISH, "warn", False),
        "The GPU driver was updated and the machine not restarted. On a CPU it takes 40 minutes.",
        "Restart the machine or space",
    ),
    "driver updated without a restart, required": (
        *(NvmlReport("version_mismatch"), None, MUST, "fail", False),
        "The GPU driver was updated and the machine not restarted. Nothing works on a CPU.",
        "Restart the machine or space",
    ),
    "driver updated without a restart, but no need": (
        *(NvmlReport("version_mismatch"), None, None, "pass", False),
        "The GPU driver was updated and the machine not restarted; "
        "this workshop does not need one.",
        "",
    ),
    "driver not running": (
        *(NvmlReport("no_driver"), None, WISH, "warn", False),
        *("No GPU driver is running on this machine. On a CPU it takes 40 minutes.", "restart"),
    ),
    "not permitted": (
        *(NvmlReport("no_permission"), None, MUST, "fail", False),
        *("This account may not use the GPU. Nothing works on a CPU.", "administrator"),
    ),
    "lost": (
        *(NvmlReport("lost"), BLIND, WISH, "warn", False),
        *("The GPU has stopped answering. On a CPU it takes 40 minutes.", "Restart"),
    ),
    "the driver could not be asked": (
        *(NvmlReport("failed"), None, MUST, "unknown", False),
        *("The GPU driver could not be asked.", "Restart"),
    ),
    "the driver could not be asked, PyTorch found none": (
        *(NvmlReport("failed"), BLIND, WISH, "warn", False),
        *("The GPU driver could not be asked. On a CPU it takes 40 minutes.", "Restart"),
    ),
    "the driver could not be asked, PyTorch works": (
        *(NvmlReport("failed"), WORKS, MUST, "pass", True),
        *("The GPU is here and PyTorch can use it.", ""),
    ),
    "a CPU build beside a GPU": (
        *(T4, CPU_BUILD, WISH, "warn", False),
        "The GPU is there, but the Python of this workshop cannot use it. "
        "On a CPU it takes 40 minutes.",
        "prepare the environment again",
    ),
    "a CPU build beside a GPU that is not needed": (
        *(T4, CPU_BUILD, None, "pass", False),
        "The GPU is there, but the Python of this workshop cannot use it; "
        "this workshop does not need it.",
        "",
    ),
    "a build for AMD beside an NVIDIA GPU": (
        *(T4, replace(CPU_BUILD, hip="6.2"), BARE, "warn", False),
        "The GPU is there, but the Python of this workshop cannot use it. "
        "Training will take much longer.",
        "AMD",
    ),
    "no PyTorch beside a GPU": (
        *(T4, TorchReport("no_torch"), BARE, "warn", False),
        "The GPU is there, but the Python of this workshop has no PyTorch. "
        "Training will take much longer.",
        "Prepare the environment again.",
    ),
    "the interpreter is gone": (
        *(T4, TorchReport("no_interpreter"), MUST, "unknown", True),
        "The GPU is there, but the Python of this workshop does not start.",
        "Prepare the environment again.",
    ),
    "PyTorch is slow": (
        *(T4, TorchReport("timeout"), MUST, "unknown", True),
        *("The GPU is there, but PyTorch took too long to answer.", "check again"),
    ),
    "PyTorch crashes, though no GPU is needed": (
        *(T4, TorchReport("failed", error="signal 11"), None, "warn", False),
        *("The GPU is there, but PyTorch does not start.", "Prepare the environment again."),
    ),
    "hidden": (
        *(T4, replace(BLIND, visible_devices=""), BARE, "warn", False),
        "The GPU is there, but CUDA_VISIBLE_DEVICES hides it. Training will take much longer.",
        "CUDA_VISIBLE_DEVICES",
    ),
    "hidden by a number that is no GPU": (
        *(TWO, replace(BLIND, visible_devices="2,0"), MUST, "fail", False),
        "The GPU is there, but CUDA_VISIBLE_DEVICES hides it. Nothing works on a CPU.",
        "CUDA_VISIBLE_DEVICES",
    ),
    "another GPU is named": (
        *(T4, replace(BLIND, visible_devices="GPU-12ab"), BARE, "warn", False),
        "The GPU is there, but PyTorch cannot use it. Training will take much longer.",
        "CUDA_VISIBLE_DEVICES",
    ),
    "not hidden": (
        *(T4, replace(BLIND, visible_devices="0"), BARE, "warn", False),
        "The GPU is there, but PyTorch cannot use it. Training will take much longer.",
        "Restart",
    ),
    "driver too old, by its number": (
        *(replace(T4, cuda="11.4"), BLIND, BARE, "warn", False),
        "The driver of the GPU is too old for this PyTorch (CUDA 12.6). "
        "Training will take much longer.",
        "newer driver",
    ),
    "driver too old, by PyTorch's words": (
        *(replace(T4, cuda=""), replace(BLIND, error="driver is too old"), BARE, "warn", False),
        "The driver of the GPU is too old for this PyTorch (CUDA 12.6). "
        "Training will take much longer.",
        "newer driver",
    ),
    "the calculation fails, though no GPU is needed": (
        *(T4, fails("RuntimeError: CUDA error: unspecified launch failure"), None, "warn", False),
        *("The GPU is there, but calculating on it fails.", "Restart"),
    ),
    "the calculation fails, required": (
        *(T4, fails("wrong"), MUST, "fail", False),
        *("The GPU is there, but calculating on it fails.", "Restart"),
    ),
    "a GPU that this PyTorch was not built for": (
        *(T4, fails("CUDA error: no kernel image is available"), WISH, "warn", False),
        *("The GPU does not suit this PyTorch.", "another image"),
    ),
    "not even room for a small calculation": (
        *(T4, fails("OutOfMemoryError: CUDA out of memory"), WISH, "warn", True),
        *("The memory of the GPU is full.", "Shut down other notebooks"),
    ),
    "a GPU that is too small": (
        *(SMALL, WORKS, WISH, "warn", True),
        *("The GPU has 2.0 GiB of memory, not 8 GiB. On a CPU it takes 40 minutes.", "larger"),
    ),
    "a GPU that is too small, required": (
        *(SMALL, None, MUST, "fail", True),
        *("The GPU has 2.0 GiB of memory, not 8 GiB. Nothing works on a CPU.", "larger"),
    ),
    "memory in use by nobody knows whom": (
        *(FULL, WORKS, MUST, "warn", True),
        *("Only 2.0 GiB of the GPU's memory is free, not 8 GiB.", "Shut down other notebooks"),
    ),
    "memory in use by a notebook": (
        *(held(Holder(42, "notebook kernel", 12 * GIB)), WORKS, MUST, "warn", True),
        "Only 2.0 GiB of the GPU's memory is free, not 8 GiB. "
        "A notebook kernel (process 42) holds 12.0 GiB.",
        "Shut down other notebooks",
    ),
    "memory in use by several": (
        *(held(Holder(7, "", GIB), Holder(8, "", 9 * GIB), Holder(9, "ollama", 0)), WORKS),
        *(WISH, "warn", True),
        "Only 2.0 GiB of the GPU's memory is free, not 8 GiB. "
        "Process 8 holds 9.0 GiB, 2 more the rest.",
        "Shut down other notebooks",
    ),
    "memory in use, but none needed": (
        *(FULL, WORKS, None, "pass", True),
        *("The GPU is here and PyTorch can use it.", ""),
    ),
    "memory in use by this workshop's own training": (
        *(FULL, replace(WORKS, memory_reserved=9 * GIB), MUST, "pass", True),
        *("The GPU is here and PyTorch can use it.", ""),
    ),
    "memory in use by others and a little by ourselves": (
        *(FULL, replace(WORKS, memory_reserved=GIB), MUST, "warn", True),
        *("Only 3.0 GiB of the GPU's memory is free, not 8 GiB.", "Shut down other notebooks"),
    ),
    "no room for a small calculation beside our own training": (
        T4,
        replace(fails("OutOfMemoryError: CUDA out of memory"), memory_reserved=14 * GIB),
        *(WISH, "pass", True),
        *("The GPU is here, and your notebook has filled its memory.", ""),
    ),
    "the kernel is busy and has no subshells": (
        *(T4, TorchReport("busy"), WISH, "unknown", True),
        "The GPU is there, but the kernel is busy and cannot be asked now.",
        "when the running cell has ended",
    ),
    "the kernel is busy, and no GPU": (
        *(NONE, TorchReport("busy"), WISH, "warn", False),
        *("No GPU on this machine. On a CPU it takes 40 minutes.", "ml.g4dn.xlarge"),
    ),
    "the driver hangs": (
        *(NvmlReport("silent"), None, WISH, "unknown", False),
        *("The GPU driver does not answer.", "Restart"),
    ),
    "no GPU, and PyTorch crashes": (
        *(NONE, TorchReport("failed", error="signal 11"), MUST, "fail", False),
        *("PyTorch does not start.", "Prepare the environment again."),
    ),
    "no GPU, and the interpreter is broken": (
        *(NONE, TorchReport("no_interpreter"), WISH, "warn", False),
        *("The Python of this workshop does not start.", "Prepare the environment again."),
    ),
    "MIG with slices that are alike before PyTorch is there": (
        *(replace(T4, gpus=(replace(MIG.gpus[0], slices=(PART, PART)),)), None, BARE),
        *("warn", True, "The GPU has 5.0 GiB of memory, not 8 GiB.", "larger"),
    ),
    "MIG with slices that differ before PyTorch is there": (
        replace(T4, gpus=(replace(MIG.gpus[0], slices=(PART, LARGE_PART)),)),
        *(None, BARE, "unknown", True),
        "The GPU is here; PyTorch tries it once the environment is ready. "
        "How much of its memory you get is not known yet.",
        "Check again",
    ),
    "MIG before PyTorch is there": (
        *(MIG, None, WISH, "unknown", True),
        "The GPU is here; PyTorch tries it once the environment is ready. "
        "How much of its memory you get is not known yet.",
        "Check again",
    ),
    "MIG with a slice that is too small": (
        *(MIG, SLICE, BARE, "warn", True),
        *("The GPU has 5.0 GiB of memory, not 8 GiB.", "larger"),
    ),
    "a Mac, no GPU needed": (
        *(NONE, MAC, None, "pass", False),
        "The notebooks train on the CPU, not on this Mac's GPU; this workshop does not need one.",
        "",
    ),
    "a Mac, recommended": (
        *(NONE, MAC, WISH, "warn", False),
        "The notebooks train on the CPU, not on this Mac's GPU. On a CPU it takes 40 minutes.",
        "ml.g4dn.xlarge",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_verdict(case: Case) -> None:
    nvml, torch, need, level, trains, message, remedy = case
    check, gpu = gpu_check(nvml, torch, need)
    assert check.name == "gpu"
    assert check.message == message
    assert (check.level, gpu) == (level, trains)
    assert remedy in check.remedy
    assert bool(remedy) == bool(check.remedy)
    assert check.wanted == ("8 GiB" if need else "")


@pytest.mark.parametrize(
    ("nvml", "torch", "need", "found"),
    [
        (T4, None, WISH, "Tesla T4, 15.0 GiB"),
        (T4, WORKS, WISH, "Tesla T4, 15.0 GiB"),
        (T4, CPU_BUILD, WISH, "Tesla T4, 15.0 GiB"),
        (FULL, WORKS, WISH, "Tesla T4, 2.0 GiB of 15.0 GiB free"),
        (FULL, WORKS, None, "Tesla T4, 15.0 GiB"),
        (MIG, None, WISH, "NVIDIA A100 (MIG)"),
        (MIG, SLICE, WISH, "NVIDIA A100 MIG 1g.5gb, 5.0 GiB"),
        (NONE, AMD, WISH, "AMD Instinct MI300X, 15.0 GiB"),
        (NONE, None, WISH, ""),
        (NvmlReport("lost"), None, WISH, ""),
    ],
)
def test_what_was_found(
    nvml: NvmlReport, torch: TorchReport | None, need: Need | None, found: str
) -> None:
    assert gpu_check(nvml, torch, need)[0].found == found


def test_of_several_gpus_the_one_that_pytorch_gets_is_judged() -> None:
    other = replace(GPU, index=1, name="Quadro P600", memory_total=2 * GIB)
    mixed = replace(T4, gpus=(GPU, other))
    second = replace(WORKS, device="Quadro P600", memory_total=2 * GIB, visible_devices="1")
    check, _ = gpu_check(mixed, second, WISH)
    assert (check.level, check.found) == ("warn", "Quadro P600, 2.0 GiB")


def test_every_combination_gets_a_sentence_and_a_remedy() -> None:
    drivers = [T4, TWO, MIG, FULL, SMALL, *(NvmlReport(state) for state in get_args(NvmlState))]
    torches = [
        *(None, WORKS, CPU_BUILD, BLIND, AMD, MAC, SLICE, fails("wrong")),
        *(TorchReport(state) for state in get_args(TorchState)),
    ]
    for nvml, torch, need in itertools.product(drivers, torches, (None, WISH, MUST, BARE)):
        check, _trains = gpu_check(nvml, torch, need)
        assert check.message.endswith(".")
        assert ".." not in check.message
        assert len(check.message) <= 140, "longer messages are cut off"
        assert len(check.remedy) <= 140
        assert (check.remedy == "") == (check.level == "pass"), (nvml, torch, need)
        if need is None:
            assert check.level in ("pass", "warn")
        if check.level == "fail":
            assert need is MUST
