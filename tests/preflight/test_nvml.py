"""The driver's half, asked through the real pynvml from a stand-in library in C."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import pynvml
import pytest

from jupyter_monai_workshop.definition.models import Need
from jupyter_monai_workshop.preflight import Gpu, Holder, NvmlReport, Preflight, Slice, read_nvml
from jupyter_monai_workshop.preflight.driver import driver_check
from jupyter_monai_workshop.preflight.gpu import gpu_check
from jupyter_monai_workshop.preflight.nvml import process_name

SOURCE = Path(__file__).with_name("fake_nvml.c")
TARGET = "libnvidia-ml.so.1"
ROOT = Path(__file__).parents[2]
GIB = 1024**3

EVERY_CODE = sorted(value for name, value in vars(pynvml).items() if name.startswith("NVML_ERROR_"))
"""All errors that NVML's header knows."""

ASK = """
import ctypes, json, os, sys
from dataclasses import asdict
from jupyter_monai_workshop.preflight import read_nvml
for line in sys.stdin:
    os.environ["FAKE_NVML"], patience = line.split()
    answer = asdict(read_nvml(float(patience)))
    try:
        open_count = ctypes.CDLL("libnvidia-ml.so.1").fake_open_count()
    except OSError:
        open_count = 0
    print(json.dumps([answer, open_count]), flush=True)
"""


class Read(Protocol):
    """Reads a scenario."""

    def __call__(self, scenario: str, patience: float = 10.0) -> NvmlReport: ...


def build(folder: Path, *options: str) -> Path:
    """Compile the stand-in into `folder`."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.fail("no C compiler: these tests compile fake_nvml.c; install gcc (apt: gcc)")
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-Wall", "-Werror", *options, "-o", TARGET, str(SOURCE)],
        cwd=folder,
        check=True,
    )
    return folder


def environment(library: Path) -> dict[str, str]:
    return os.environ | {
        "LD_LIBRARY_PATH": str(library),
        "PYTHONPATH": str(ROOT),
        "FAKE_NVML_HOLDER": "4242424",  # above the kernel's largest process id
    }


def reader(library: Path) -> Iterator[Read]:
    """Yield a function that has one and the same process read one scenario after another."""
    with subprocess.Popen(
        [sys.executable, "-c", ASK],
        env=environment(library),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        ask, answers = process.stdin, process.stdout

        def read(scenario: str, patience: float = 10.0) -> NvmlReport:
            ask.write(f"{scenario} {patience}\n")
            ask.flush()
            answer, open_count = json.loads(answers.readline())
            report = report_of(answer)
            still_asking = report.state == "silent"
            assert open_count == 0 or still_asking, (
                "NVML was not shut down as often as it was initialised"
            )
            return report

        yield read
        ask.close()


def report_of(answer: dict[str, Any]) -> NvmlReport:
    gpus = []
    for gpu in answer.pop("gpus"):
        held, slices = gpu.pop("holders"), tuple(Slice(**each) for each in gpu.pop("slices"))
        holders = None if held is None else tuple(Holder(**each) for each in held)
        gpus.append(Gpu(**gpu, holders=holders, slices=slices))
    return NvmlReport(**answer, gpus=tuple(gpus))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("nvml"))


@pytest.fixture(scope="module")
def read(library: Path) -> Iterator[Read]:
    yield from reader(library)


T4 = Gpu(
    index=0,
    name="Tesla T4",
    memory_total=15 * GIB,
    memory_free=15 * GIB - GIB // 4,
    driver="570.86.15",
    mig=False,
    holders=(),
)


def test_a_t4_is_described(read: Read) -> None:
    assert read("t4") == NvmlReport("ok", (T4,), "570.86.15", "12.8", "")


def test_a_driver_without_a_gpu_is_no_error(read: Read) -> None:
    assert read("none") == NvmlReport("ok", (), "570.86.15", "12.8", "")


def test_two_gpus_and_who_holds_the_second(read: Read) -> None:
    report = read("two")
    assert [gpu.index for gpu in report.gpus] == [0, 1]
    assert [gpu.memory_free for gpu in report.gpus] == [15 * GIB - GIB // 4, 3 * GIB]
    assert report.gpus[0].holders == ()
    assert report.gpus[1].holders == (Holder(4242424, "", 12 * GIB),)


def test_mig_is_seen(read: Read) -> None:
    (gpu,) = read("mig").gpus
    assert gpu.mig
    assert gpu.name == "NVIDIA A100-SXM4-40GB"
    name = "NVIDIA A100-SXM4-40GB MIG 1g.5gb"
    free = 5 * GIB - GIB // 4
    assert gpu.slices == (Slice(name, 5 * GIB, free), Slice(name, 5 * GIB, 2 * GIB))


@pytest.mark.parametrize("code", [3, 4, 13, 999])
@pytest.mark.parametrize(
    "call", ["nvmlDeviceGetMaxMigDeviceCount", "nvmlDeviceGetMigDeviceHandleByIndex"]
)
def test_slices_that_cannot_be_listed_are_none(read: Read, call: str, code: int) -> None:
    report = read(f"mig;{call}={code}")
    assert report.state == "ok"
    assert [(gpu.mig, gpu.slices) for gpu in report.gpus] == [(True, ())]


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (12, "no_library"),
        (9, "no_driver"),
        (4, "no_permission"),
        (18, "version_mismatch"),
        (15, "lost"),
        (13, "failed"),
        (3, "failed"),
        (999, "failed"),
    ],
)
def test_errors_that_leave_nothing_to_tell_are_told_apart(
    read: Read, code: int, state: str
) -> None:
    for call in ("nvmlInitWithFlags", "nvmlDeviceGetCount_v2", "nvmlDeviceGetHandleByIndex_v2"):
        report = read(f"t4;{call}={code}")
        assert (report.state, report.gpus) == (state, ()), call
        assert f"({code})" in report.error
    assert read("t4").state == "ok", "an error must not outlive the question"


@pytest.mark.parametrize("code", [12, 9, 4, 18, 13, 3, 999])
@pytest.mark.parametrize(
    ("call", "lost"),
    [
        ("nvmlSystemGetDriverVersion", {"driver": ""}),
        ("nvmlDeviceGetName", {"name": "NVIDIA GPU"}),
        ("nvmlDeviceGetMemoryInfo", {"memory_total": 0, "memory_free": 0}),
        ("nvmlDeviceGetMigMode", {}),
        ("nvmlDeviceGetComputeRunningProcesses_v3", {"holders": None}),
    ],
)
def test_an_error_of_one_call_costs_only_its_own_answer(
    read: Read, call: str, code: int, lost: dict[str, object]
) -> None:
    report = read(f"t4;{call}={code}")
    assert report.state == "ok"
    assert [asdict(gpu) for gpu in report.gpus] == [asdict(T4) | lost]
    # "Not supported" and "not found" are how a GPU or driver says that it has no such thing.
    noted = f"{call.removesuffix('_v3')}: " in report.error and f"({code})" in report.error
    assert noted == (code not in (3, 13))


@pytest.mark.parametrize(
    "call", ["nvmlDeviceGetName", "nvmlDeviceGetMemoryInfo", "nvmlDeviceGetMigMode"]
)
def test_a_gpu_that_is_lost_half_way_is_lost(read: Read, call: str) -> None:
    assert read(f"t4;{call}=15").state == "lost"
    left = read(f"two;{call}@0=15")
    assert (left.state, [gpu.index for gpu in left.gpus]) == ("ok", [1])
    assert "GPU 0" in left.error


def test_a_failing_shutdown_hurts_nobody(read: Read) -> None:
    assert read("t4;nvmlShutdown=999").gpus == (T4,)


def test_a_driver_that_hangs_is_silent_and_answers_when_it_comes_back(library: Path) -> None:
    for read in reader(library):
        assert read("t4").gpus == (T4,)
        slow = read("t4;nvmlDeviceGetCount_v2=9004", 0.3)
        assert (slow.state, slow.gpus) == ("silent", ())
        assert "0.3 seconds" in slow.error
        # The next question does not start a second call that would hang, too.
        assert "earlier question" in read("t4", 0.3).error
        assert read("t4", 30).gpus == (T4,)


def test_a_library_that_comes_while_we_run_is_seen(library: Path, tmp_path: Path) -> None:
    for read in reader(tmp_path):
        assert read("t4").state == "no_library"
        shutil.copy(library / TARGET, tmp_path)
        assert read("t4").gpus == (T4,)


def test_a_driver_too_old_to_know_mig(tmp_path: Path) -> None:
    for read in reader(build(tmp_path, "-DOLD_DRIVER")):
        assert read("t4").gpus == (T4,)


def test_a_library_that_cannot_be_loaded_is_no_library(tmp_path: Path) -> None:
    (tmp_path / TARGET).write_bytes(b"")
    for read in reader(tmp_path):
        assert read("t4").state == "no_library"


PREFLIGHT = """
import sys
from pathlib import Path
from jupyter_monai_workshop.definition.models import Need, Needs
from jupyter_monai_workshop.jobs.progress import Silent
from jupyter_monai_workshop.preflight import run_preflight
folder, python = map(Path, sys.argv[1:])
needs = Needs(gpu_memory=Need(gib=8, level="recommended"))
print(run_preflight(needs, folder=folder, python=python, progress=Silent()).model_dump_json())
"""


def test_both_halves_make_one_verdict(library: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=False, symlinks=True)
    words = [sys.executable, "-c", PREFLIGHT, str(tmp_path), str(tmp_path / "env/bin/python")]
    variables = environment(library) | {"FAKE_NVML": "t4"}
    output = subprocess.run(words, env=variables, check=True, capture_output=True).stdout
    preflight = Preflight.model_validate_json(output)
    gpu = preflight.checks[0]
    assert (gpu.level, gpu.found, gpu.wanted) == ("warn", "Tesla T4, 15.0 GiB", "8 GiB")
    assert "has no PyTorch" in gpu.message
    assert gpu.remedy == "Prepare the environment again."
    assert not preflight.gpu


@pytest.mark.parametrize("code", EVERY_CODE)
def test_every_error_code_has_a_verdict_and_a_remedy(read: Read, code: int) -> None:
    report = read(f"t4;nvmlInitWithFlags={code}")
    check, trains = gpu_check(report, None, Need(gib=8, level="recommended"))
    assert check.level in ("warn", "unknown")
    assert check.message
    assert check.remedy
    assert f"({code})" in check.details
    assert not trains
    assert driver_check(report, None, None) is None


def test_this_machine_agrees_with_itself() -> None:
    """With a GPU and without one, what the driver says fits what the system shows."""
    report = read_nvml()
    nodes = [path for path in Path("/dev").glob("nvidia*") if path.name[6:].isdigit()]
    windows = Path("/dev/dxg").exists()  # Linux under Windows has the GPU behind this
    assert not report.gpus or nodes or windows
    assert not (nodes and report.state == "no_library")
    for gpu in report.gpus:
        assert gpu.name
        assert 0 <= gpu.memory_free <= gpu.memory_total
        assert gpu.memory_total > 0
        assert all(0 < part.memory_total <= gpu.memory_total for part in gpu.slices)
    if report.gpus:
        assert report.driver
        assert report.cuda
        told = Path("/proc/driver/nvidia/version")
        assert report.driver in (told.read_text() if told.exists() else report.driver)
    again = read_nvml()
    assert (again.state, len(again.gpus)) == (report.state, len(report.gpus))


def test_importing_preflight_loads_neither_nvml_nor_torch() -> None:
    code = "import sys, jupyter_monai_workshop.preflight as p; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    assert "jupyter_monai_workshop.preflight.nvml" in loaded
    assert not {"pynvml", "torch"} & set(loaded)


def process_folder(proc: Path, pid: int, opened: str, *words: str) -> None:
    (proc / str(pid) / "fd").mkdir(parents=True)
    (proc / str(pid) / "fd" / "7").symlink_to(opened)
    (proc / str(pid) / "cmdline").write_bytes("\0".join((*words, "")).encode())


def test_a_holder_is_named_only_if_it_has_the_gpu_open(tmp_path: Path) -> None:
    kernel = ("/opt/conda/bin/python", "-m", "ipykernel_launcher", "-f", "kernel.json")
    process_folder(tmp_path, 7, "/dev/nvidia0", *kernel)
    process_folder(tmp_path, 8, "/dev/nvidiactl", "/usr/bin/ollama", "serve")
    process_folder(tmp_path, 9, "/dev/null", "/usr/bin/someone-else")
    assert process_name(7, tmp_path) == "notebook kernel"
    assert process_name(8, tmp_path) == "ollama"
    assert process_name(9, tmp_path) == ""
    assert process_name(10, tmp_path) == ""
