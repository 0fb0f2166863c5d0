"""The driver against the CUDA that PyTorch was built for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jupyter_monai_workshop.definition.models import Need
from jupyter_monai_workshop.preflight import Gpu, NvmlReport, TorchReport, driver_check

GIB = 1024**3
GPU = Gpu(0, "Tesla T4", 15 * GIB, 14 * GIB, "570.86.15", mig=False, holders=())
DRIVER = NvmlReport("ok", (GPU,), "570.86.15", "12.8")
OLD = replace(DRIVER, driver="470.57.02", cuda="11.4")
MUTE = replace(DRIVER, driver="", cuda="", error="nvmlSystemGetDriverVersion: (999)")
BLIND = TorchReport("ok", torch="2.6.0", cuda="12.6")
WORKS = replace(BLIND, available=True, product_ok=True)
CPU = TorchReport("ok", torch="2.6.0+cpu")
MUST = Need(gib=8)
WISH = Need(gib=8, level="recommended")


@pytest.mark.parametrize(
    ("nvml", "torch", "need", "level", "found", "wanted", "message"),
    [
        (DRIVER, None, MUST, "pass", "570.86.15, CUDA 12.8", "", "The driver serves CUDA 12.8."),
        (DRIVER, CPU, MUST, "pass", "570.86.15, CUDA 12.8", "", "The driver serves CUDA 12.8."),
        (
            *(DRIVER, WORKS, MUST, "pass", "570.86.15, CUDA 12.8", "CUDA 12.6"),
            "The driver serves CUDA 12.8, PyTorch wants 12.6.",
        ),
        # Within a major version a newer PyTorch runs on an older driver.
        (
            *(DRIVER, replace(BLIND, cuda="12.9"), MUST, "pass"),
            *("570.86.15, CUDA 12.8", "CUDA 12.9"),
            "The driver serves CUDA 12.8, PyTorch wants 12.9.",
        ),
        (
            *(OLD, BLIND, MUST, "fail", "470.57.02, CUDA 11.4", "CUDA 12.6"),
            "The driver is too old for this PyTorch, which wants CUDA 12.6.",
        ),
        (
            *(OLD, BLIND, WISH, "warn", "470.57.02, CUDA 11.4", "CUDA 12.6"),
            "The driver is too old for this PyTorch, which wants CUDA 12.6.",
        ),
        (
            *(OLD, BLIND, None, "warn", "470.57.02, CUDA 11.4", "CUDA 12.6"),
            "The driver is too old for this PyTorch, which wants CUDA 12.6.",
        ),
        # Some images bring libraries that help an older driver: what works, works.
        (
            *(OLD, WORKS, MUST, "pass", "470.57.02, CUDA 11.4", "CUDA 12.6"),
            "The driver serves CUDA 11.4, PyTorch wants 12.6.",
        ),
        (
            *(MUTE, replace(BLIND, error="driver is too old"), MUST, "fail", "", "CUDA 12.6"),
            "The driver is too old for this PyTorch, which wants CUDA 12.6.",
        ),
        (
            *(MUTE, None, MUST, "unknown", "", ""),
            "The driver did not say which CUDA it serves.",
        ),
        (*(MUTE, WORKS, MUST, "pass", "", "CUDA 12.6"), "The driver serves PyTorch."),
    ],
)
def test_verdict(
    nvml: NvmlReport,
    torch: TorchReport | None,
    need: Need | None,
    level: str,
    found: str,
    wanted: str,
    message: str,
) -> None:
    check = driver_check(nvml, torch, need)
    assert check is not None
    assert (check.name, check.level) == ("driver", level)
    assert (check.found, check.wanted, check.message) == (found, wanted, message)
    assert bool(check.remedy) == (level != "pass")


@pytest.mark.parametrize(
    "nvml", [NvmlReport("no_library"), NvmlReport("ok"), NvmlReport("version_mismatch")]
)
def test_without_a_gpu_that_answers_the_driver_is_no_matter(nvml: NvmlReport) -> None:
    assert driver_check(nvml, BLIND, MUST) is None
