"""How busy the machine is: a stand-in driver, made-up machines and this one."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from jupyter_monai_workshop.preflight import Usage, UsageMeter

from .test_nvml import EVERY_CODE, build, environment

GIB = 1024**3
MIB = 1024**2

ASK = """
import ctypes, json, os, sys, time
from jupyter_monai_workshop.preflight import UsageMeter, usage
usage._TRY_AGAIN = 0.0
meter = UsageMeter()
for line in sys.stdin:
    os.environ["FAKE_NVML"] = line.strip()
    begun = time.perf_counter()
    found = meter.sample(gpu=line.strip() != "cpu")
    took = time.perf_counter() - begun
    opened = ctypes.CDLL("libnvidia-ml.so.1").fake_open_count()
    print(json.dumps([found.model_dump(), opened, took]), flush=True)
meter.close()
end = time.monotonic() + 10
while ctypes.CDLL("libnvidia-ml.so.1").fake_open_count() and time.monotonic() < end:
    time.sleep(0.1)
print(json.dumps(ctypes.CDLL("libnvidia-ml.so.1").fake_open_count()), flush=True)
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("usage"))


def sample(library: Path, *scenarios: str) -> list[tuple[Usage, int, float]]:
    """Return what one meter says of one scenario after another; it must close at the end."""
    answers = subprocess.run(
        [sys.executable, "-c", ASK],
        env=environment(library),
        input="\n".join(scenarios),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.splitlines()
    *lines, opened = (json.loads(answer) for answer in answers)
    assert opened == 0, "the driver is let go of in the end"
    return [(Usage(**found), opened, took) for found, opened, took in lines]


def test_a_t4(library: Path) -> None:
    looks = sample(library, "t4", "t4", "t4")
    expected = Usage(
        processor="gpu",
        name="Tesla T4",
        busy=0.07,
        memory_used=GIB // 4,
        memory_total=15 * GIB,
    )
    assert [usage for usage, _, _ in looks] == [expected] * 3
    assert [opened for _, opened, _ in looks] == [1, 1, 1], "opened once, not at every look"


def test_of_two_gpus_the_one_that_holds_more_is_told(library: Path) -> None:
    ((usage, _, _),) = sample(library, "two")
    assert (usage.busy, usage.memory_used) == (0.93, 12 * GIB)
    ((usage, _, _),) = sample(library, "two;nvmlDeviceGetMemoryInfo@1=15")
    assert (usage.busy, usage.memory_used) == (0.07, GIB // 4), "the other one is lost"


def test_a_slice_does_not_say_how_busy_it_is(library: Path) -> None:
    ((usage, _, _),) = sample(library, "mig")
    assert usage == Usage(
        processor="gpu",
        name="NVIDIA A100-SXM4-40GB MIG 1g.5gb",
        busy=None,
        memory_used=3 * GIB,
        memory_total=5 * GIB,
    )


@pytest.mark.parametrize("code", EVERY_CODE)
@pytest.mark.parametrize("call", ["nvmlInitWithFlags", "nvmlDeviceGetCount_v2"])
def test_a_driver_that_fails_gives_way_to_the_processors_and_may_come_back(
    library: Path, call: str, code: int
) -> None:
    looks = sample(library, f"t4;{call}={code}", "t4", f"t4;{call}={code}", "none", "t4")
    kinds = [usage.processor for usage, _, _ in looks]
    # Once it is open, an error of the opening does not come up again.
    third = "gpu" if call == "nvmlInitWithFlags" else "cpu"
    assert kinds == ["cpu", "gpu", third, "cpu", "gpu"]


def test_a_driver_that_does_not_tell_how_busy_it_is(library: Path) -> None:
    ((usage, _, _),) = sample(library, "t4;nvmlDeviceGetUtilizationRates=3")
    assert (usage.processor, usage.busy, usage.memory_used) == ("gpu", None, GIB // 4)


def test_a_driver_that_hangs_costs_a_second_once(library: Path) -> None:
    ((first, _, took), (second, _, _)) = sample(
        library, "t4;nvmlDeviceGetMemoryInfo=9003", "t4;nvmlDeviceGetMemoryInfo=9003"
    )
    assert (first.processor, second.processor) == ("cpu", "cpu")
    assert 0.9 < took < 3


def test_a_training_on_the_processors_is_told_so_beside_a_gpu(library: Path) -> None:
    looks = sample(library, "cpu", "cpu")
    assert [usage.processor for usage, _, _ in looks] == ["cpu", "cpu"]
    assert [opened for _, opened, _ in looks] == [0, 0]


def test_a_look_is_cheap(library: Path) -> None:
    looks = sample(library, *["t4"] * 41)
    assert sorted(took for _, _, took in looks[1:])[20] < 0.005
    meter = UsageMeter()
    times = []
    for _look in range(41):
        begun = time.perf_counter()
        meter.sample(gpu=False)
        times.append(time.perf_counter() - begun)
    assert sorted(times)[20] < 0.005


def test_this_machine_at_work() -> None:
    with UsageMeter() as meter:
        first = meter.sample(gpu=False)
        assert first.busy is None
        end = time.monotonic() + 1.0
        while time.monotonic() < end:
            pass
        second = meter.sample(gpu=False)
    assert second.busy is not None
    # One processor of ours was kept busy, whatever else went on.
    assert 0.5 / (os.cpu_count() or 1) < second.busy <= 1
    assert second.memory_used is not None
    assert second.memory_total is not None
    assert 0 < second.memory_used < second.memory_total


def test_sampling_in_a_thread_leaves_the_event_loop_alone() -> None:
    async def work() -> list[float]:
        meter, gaps = UsageMeter(), []
        sampling = asyncio.create_task(repeat(meter))
        while not sampling.done():
            begun = time.perf_counter()
            await asyncio.sleep(0.01)
            gaps.append(time.perf_counter() - begun - 0.01)
        await sampling
        return gaps

    async def repeat(meter: UsageMeter) -> None:
        for _look in range(20):
            await asyncio.to_thread(meter.sample)

    gaps = asyncio.run(work())
    assert sorted(gaps)[len(gaps) // 2] < 0.05


def test_two_threads_at_one_meter_do_no_harm() -> None:
    meter = UsageMeter()
    found: list[Usage] = []

    def work() -> None:
        found.extend(meter.sample() for _look in range(50))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    meter.close()
    assert len(found) == 200


class Machine:
    """A made-up machine whose files can be changed."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def stat(self, busy: int, idle: int) -> None:
        rows = [f"cpu{number} {busy} 0 0 {idle} 0 0 0 0 0 0" for number in range(512)]
        self.put("proc/stat", "\n".join(["cpu 1 2 3 4 5 6 7 8 9 10", *rows, "intr 5 6"]))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    machine.put("proc/meminfo", "MemTotal: 2048 kB\nMemFree: 1 kB\nMemAvailable: 512 kB\n")
    machine.put("proc/self/cgroup", "0::/\n")
    return machine


def test_the_share_is_what_happened_between_two_looks(machine: Machine) -> None:
    meter = UsageMeter(machine.root)
    machine.stat(busy=1000, idle=9000)
    assert meter.sample(gpu=False).busy is None
    machine.stat(busy=1075, idle=9025)
    usage = meter.sample(gpu=False)
    assert usage.busy == pytest.approx(0.75)
    assert (usage.memory_used, usage.memory_total) == (1536 * 1024, 2 * MIB)
    machine.stat(busy=10, idle=10)  # a counter that goes back, as after a snapshot
    assert meter.sample(gpu=False).busy is None


@pytest.mark.parametrize("version", [1, 2])
def test_a_container_is_told_its_own_share_of_its_own_limit(machine: Machine, version: int) -> None:
    group = "sys/fs/cgroup"
    machine.stat(busy=0, idle=0)

    def seconds(used: float) -> None:
        if version == 2:
            machine.put(f"{group}/cpu.stat", f"usage_usec {used * 1e6:.0f}\nuser_usec 1\n")
        else:
            machine.put(f"{group}/cpuacct/cpuacct.usage", f"{used * 1e9:.0f}\n")

    if version == 2:
        machine.put(f"{group}/cpu.max", "50000 100000\n")
        machine.put(f"{group}/memory.max", f"{MIB}\n")
        machine.put(f"{group}/memory.current", f"{MIB // 2}\n")
        machine.put(f"{group}/memory.stat", f"anon 1\ninactive_file {MIB // 4}\n")
    else:
        machine.put("proc/self/cgroup", "3:memory:/\n2:cpu:/\n1:name=systemd:/\n")
        machine.put(f"{group}/cpu/cpu.cfs_quota_us", "50000\n")
        machine.put(f"{group}/cpu/cpu.cfs_period_us", "100000\n")
        machine.put(f"{group}/memory/memory.limit_in_bytes", f"{MIB}\n")
        machine.put(f"{group}/memory/memory.usage_in_bytes", f"{MIB // 2}\n")
        machine.put(f"{group}/memory/memory.stat", f"total_inactive_file {MIB // 4}\n")
    seconds(10.0)
    meter = UsageMeter(machine.root)
    begun = time.monotonic()
    first = meter.sample(gpu=False)
    assert (first.name, first.busy) == ("0.5 processors", None)
    time.sleep(0.4)
    seconds(10.1)
    second = meter.sample(gpu=False)
    took = time.monotonic() - begun
    assert second.busy is not None
    assert 0.1 / (0.5 * took) - 0.01 <= second.busy <= 0.1 / (0.5 * 0.4)
    assert (second.memory_used, second.memory_total) == (MIB // 4, MIB)


@pytest.mark.parametrize(
    "stat",
    ["", "cpu0 x y z\n", "cpu0 1 2\n", "cpu0 0 0 0 0 0 0 0 0 0 0\n", "cpu0 -1 0 0 0 0 0 0 0"],
)
def test_strange_figures_are_none(machine: Machine, stat: str) -> None:
    machine.put("proc/stat", stat)
    machine.put("proc/meminfo", "MemTotal: lots\nMemAvailable\n\n")
    meter = UsageMeter(machine.root)
    meter.sample(gpu=False)
    usage = meter.sample(gpu=False)
    assert (usage.busy, usage.memory_used, usage.memory_total) == (None, None, None)


def test_a_system_without_these_files_says_nothing(tmp_path: Path) -> None:
    meter = UsageMeter(tmp_path / "mac")
    meter.sample(gpu=False)
    usage = meter.sample(gpu=False)
    assert (usage.processor, usage.busy, usage.memory_total) == ("cpu", None, None)
