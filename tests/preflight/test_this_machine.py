"""The real thing: the verdicts on this machine's own GPU, or that it has none.

One test for both kinds of machine, so that none is left out in silence: what
``nvidia-smi`` lists is what must be told, and a machine on which it lists nothing must be
told to have no GPU.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import Need, Needs
from jupyter_monai_workshop.jobs.progress import Silent
from jupyter_monai_workshop.preflight import (
    Preflight,
    UsageMeter,
    read_nvml,
    read_torch,
    run_preflight,
)

QUERY = "--query-gpu=name,memory.total,driver_version"
MIB = 1024**2


def listed() -> list[tuple[str, int, str]]:
    """Return name, bytes and driver of each GPU that ``nvidia-smi`` lists; none without it."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    done = subprocess.run(
        [tool, QUERY, "--format=csv,noheader,nounits"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode:
        return []
    rows = (line.split(", ") for line in done.stdout.splitlines())
    return [(name, int(size) * MIB, driver) for name, size, driver in rows]


@pytest.fixture(scope="module")
def gpus() -> list[tuple[str, int, str]]:
    return listed()


def preflight(folder: Path, gib: float) -> Preflight:
    needs = Needs(gpu_memory=Need(gib=gib, level="recommended"))
    return run_preflight(needs, folder=folder, python=None, progress=Silent())


def test_the_verdicts_are_those_of_the_gpu_that_is_there_or_that_there_is_none(
    gpus: list[tuple[str, int, str]], tmp_path: Path
) -> None:
    found = preflight(tmp_path, gib=0.001)
    checks = {check.name: check for check in found.checks}
    report = read_nvml()
    assert [gpu.name for gpu in report.gpus] == [name for name, _, _ in gpus]
    if not gpus:
        assert not found.gpu
        assert "driver" not in checks
        assert checks["gpu"].level in ("warn", "unknown")
        assert checks["gpu"].remedy
        return
    name, size, driver = gpus[0]
    assert found.gpu
    assert name in checks["gpu"].found
    assert abs(report.gpus[0].memory_total - size) < 1024 * MIB
    assert checks["driver"].found.startswith(driver)
    assert preflight(tmp_path, gib=10_000).checks[0].level == "warn"


def test_what_is_used_is_measured_where_a_training_would_run(
    gpus: list[tuple[str, int, str]],
) -> None:
    with UsageMeter() as meter:
        meter.sample()
        time.sleep(0.2)
        usage = meter.sample()
    assert usage.processor == ("gpu" if gpus else "cpu")
    assert usage.memory_used is not None
    assert usage.memory_total is not None
    assert 0 < usage.memory_used <= usage.memory_total
    if gpus:
        assert usage.name in [name for name, _, _ in gpus] or "MIG" in usage.name
    else:
        assert usage.busy is not None


def test_torch_calculates_on_the_gpu_if_torch_and_gpu_are_there(
    gpus: list[tuple[str, int, str]],
) -> None:
    report = read_torch(Path(sys.executable), timeout=120)
    assert report.state in ("ok", "no_torch")
    if not gpus or not report.cuda:
        assert not report.available
    if report.available:
        assert report.product_ok
        assert report.memory_total > 0
