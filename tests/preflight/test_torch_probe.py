"""PyTorch's half, asked in real interpreters; a small package plays PyTorch."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import threading
import time
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import Needs
from jupyter_monai_workshop.errors import Cancelled
from jupyter_monai_workshop.jobs.progress import Phase, Silent
from jupyter_monai_workshop.preflight import TorchReport, read_nvml, read_torch, run_preflight

PYTHON = Path(sys.executable)
GIB = 1024**3

PLAYS = """
import sys, types, warnings
print("a package that prints when it is imported")
__version__ = "2.6.0+cu126"
version = types.SimpleNamespace(cuda="12.6", hip=None)
float32 = "float32"

class Tensor:
    def __init__(self, side): self.value = side
    def __matmul__(self, other): return Tensor(self.value ** 3)
    def sum(self): return self
    def item(self): return self.value

def ones(shape, device, dtype):
    return Tensor(shape[0])

cuda = types.SimpleNamespace(
    is_available=lambda: True,
    get_device_name=lambda index: "Tesla T4",
    mem_get_info=lambda index: (14 * 1024**3, 15 * 1024**3),
)
backends = types.SimpleNamespace(mps=types.SimpleNamespace(is_available=lambda: False))
"""
"""A PyTorch whose GPU works."""

HANGS = """
import os, pathlib, subprocess, sys, time
child = subprocess.Popen(["sleep", "600"])
pathlib.Path(os.environ["PIDS"]).write_text(f"{os.getpid()} {child.pid}")
time.sleep(600)
"""


class Asker:
    """Asks a PyTorch that consists of the given source."""

    def __init__(self, folder: Path) -> None:
        self.pids = folder / "pids"
        self.package = folder / "torch"
        self.package.mkdir()
        self.variables = {"PYTHONPATH": str(folder), "PIDS": str(self.pids)}

    def __call__(self, source: str, timeout: float = 60.0, **more: str) -> TorchReport:
        (self.package / "__init__.py").write_text(source)
        return read_torch(PYTHON, variables=self.variables | more, timeout=timeout)


@pytest.fixture
def ask(tmp_path: Path) -> Asker:
    return Asker(tmp_path)


def is_alive(pid: int) -> bool:
    """Return whether a process runs; one that only waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def eventually(holds: Callable[[], bool], seconds: float = 30.0) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


def test_a_gpu_that_works(ask: Asker) -> None:
    assert ask(PLAYS) == TorchReport(
        state="ok",
        python=sys.executable,
        torch="2.6.0+cu126",
        cuda="12.6",
        available=True,
        device="Tesla T4",
        memory_free=14 * GIB,
        memory_total=15 * GIB,
        product_ok=True,
    )


def test_a_cpu_build(ask: Asker) -> None:
    report = ask(PLAYS + "version.cuda = None; cuda.is_available = lambda: False")
    assert (report.state, report.cuda, report.available) == ("ok", "", False)
    assert not report.product_ok


def test_a_build_for_amd(ask: Asker) -> None:
    report = ask(PLAYS + "version.cuda = None; version.hip = '6.2'")
    assert (report.cuda, report.hip, report.available, report.product_ok) == ("", "6.2", True, True)


def test_a_mac(ask: Asker) -> None:
    report = ask(
        PLAYS + "cuda.is_available = lambda: False; backends.mps.is_available = lambda: True"
    )
    assert (report.available, report.mps, report.product_ok) == (False, True, True)
    assert report.device == "Apple GPU"


def test_a_wrong_product_is_noticed(ask: Asker) -> None:
    report = ask(PLAYS + "Tensor.sum = lambda self: Tensor(7)")
    assert (report.state, report.available, report.product_ok) == ("ok", True, False)
    assert "7" in report.error


def test_a_calculation_that_fails_keeps_what_was_learned(ask: Asker) -> None:
    report = ask(
        PLAYS
        + "def ones(*shape, **more):\n"
        + "    raise RuntimeError('CUDA error: no kernel image is available')"
    )
    assert (report.state, report.available, report.product_ok) == ("ok", True, False)
    assert report.memory_total == 15 * GIB
    assert "no kernel image" in report.error


def test_what_pytorch_warns_of_is_kept(ask: Asker) -> None:
    report = ask(
        PLAYS
        + """
def is_available():
    warnings.warn("The NVIDIA driver on your system is too old")
    return False
cuda.is_available = is_available
"""
    )
    assert (report.state, report.available) == ("ok", False)
    assert "too old" in report.error


def test_variables_reach_the_interpreter_as_a_kernelspec_means_them(
    ask: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask(PLAYS, CUDA_VISIBLE_DEVICES="").visible_devices == ""
    monkeypatch.setenv("OUTER", "GPU-1")
    assert ask(PLAYS, CUDA_VISIBLE_DEVICES="${OUTER},2").visible_devices == "GPU-1,2"


def test_an_interpreter_without_torch(tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=False, symlinks=True)
    python = tmp_path / "env" / "bin" / "python"
    report = read_torch(python)
    assert (report.state, report.python) == ("no_torch", str(python))


def test_a_file_called_torch_in_the_current_folder_is_not_pytorch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    venv.create(tmp_path / "env", with_pip=False, symlinks=True)
    (tmp_path / "torch.py").write_text("raise SystemExit('the wrong torch')")
    monkeypatch.chdir(tmp_path)
    assert read_torch(tmp_path / "env" / "bin" / "python").state == "no_torch"


def test_interpreters_that_cannot_be_started(tmp_path: Path) -> None:
    broken = tmp_path / "python"
    broken.write_text("not a program")
    broken.chmod(0o755)
    for python in (tmp_path / "gone" / "python", tmp_path, broken):
        report = read_torch(python)
        assert (report.state, report.python) == ("no_interpreter", str(python))
        assert report.error


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("raise ImportError('libcudart.so.12: cannot open shared object file')", "libcudart"),
        ("import numpy_that_is_not_there", "numpy_that_is_not_there"),
        ("import os; os.abort()", "signal 6"),
        ("import sys; sys.exit('no licence')", "status 1: no licence"),
        ("import os; os._exit(0)", "status 0"),
        ("import os; os.kill(os.getpid(), 9)", "signal 9"),
        ("import ctypes; ctypes.string_at(0)", "signal 11"),
        ("raise ImportError('x' * 10_000)", "xxx"),
        (PLAYS + "del version", "AttributeError"),
    ],
    ids=[
        "library missing",
        "dependency missing",
        "abort",
        "exit",
        "silence",
        "killed",
        "segmentation fault",
        "long",
        "half a torch",
    ],
)
def test_a_torch_that_breaks_is_a_failure_with_its_reason(
    ask: Asker, source: str, words: str
) -> None:
    report = ask(source)
    assert report.state == "failed"
    assert words in report.error


GARBAGE = [
    "print('monai-workshop-torch {')",
    'print(\'monai-workshop-torch []\\nmonai-workshop-torch {"state": "fine"}\')',
    "sys.stdout.buffer.write(bytes(range(256)) * 1000)",
]


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_before_the_answer_is_passed_over(ask: Asker, garbage: str) -> None:
    assert ask(f"import sys\n{garbage}\n" + PLAYS).product_ok


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_in_place_of_an_answer_is_a_failure(ask: Asker, garbage: str) -> None:
    report = ask(f"import os, sys\n{garbage}\nsys.stdout.flush(); os._exit(3)")
    assert (report.state, report.error) == ("failed", "it ended with status 3")


FLOOD = """
import sys
for stream in (sys.stdout, sys.stderr):
    for _ in range(100):
        stream.write("x" * 1024**2)
    stream.flush()
"""


def test_a_hundred_megabytes_of_output_neither_stop_it_nor_fill_the_memory(ask: Asker) -> None:
    (ask.package / "__init__.py").write_text(FLOOD + PLAYS)
    code = (
        "import json, resource, sys\n"
        "from pathlib import Path\n"
        "from jupyter_monai_workshop.preflight import read_torch\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "report = read_torch(Path(sys.executable))\n"
        "after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(json.dumps([report.state, report.product_ok, after - before]))"
    )
    path = os.pathsep.join((ask.variables["PYTHONPATH"], str(Path(__file__).parents[2])))
    answer = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        check=True,
    ).stdout
    state, product, kilobytes = json.loads(answer)
    assert (state, product) == ("ok", True)
    assert kilobytes < 30_000


def test_an_endless_flood_is_ended(ask: Asker) -> None:
    report = ask("while True: print('x' * 10**6)", timeout=3.0)
    assert report.state == "timeout"


def test_a_variable_can_be_taken_away(ask: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5")
    assert ask(PLAYS).visible_devices == "5"
    report = read_torch(PYTHON, variables={**ask.variables, "CUDA_VISIBLE_DEVICES": None})
    assert (report.state, report.visible_devices) == ("ok", None)


def test_the_real_torch_where_there_is_one_agrees_with_the_driver() -> None:
    """With PyTorch and without, with a GPU and without."""
    report = read_torch(PYTHON)
    if importlib.util.find_spec("torch") is None:
        assert report.state == "no_torch"
        return
    assert report.state == "ok"
    assert report.torch
    assert not (report.available and report.cuda) or read_nvml().gpus
    assert report.product_ok == (report.available or report.mps)
    assert report.memory_free <= report.memory_total


def test_a_torch_that_hangs_is_ended_with_all_that_it_started(ask: Asker) -> None:
    started = time.monotonic()
    report = ask(HANGS, timeout=3.0)
    assert report.state == "timeout"
    assert time.monotonic() - started < 20
    pids = [int(pid) for pid in ask.pids.read_text().split()]
    assert len(pids) == 2
    assert eventually(lambda: not any(is_alive(pid) for pid in pids), 5)


def test_an_answer_counts_although_a_daemon_keeps_the_output_open(ask: Asker) -> None:
    daemon = "import subprocess; subprocess.Popen(['sleep', '8'], start_new_session=True)\n"
    started = time.monotonic()
    assert ask(daemon + PLAYS, timeout=3.0).product_ok
    assert time.monotonic() - started < 7


class Stoppable(Silent):
    """A job that can be told to stop."""

    def __init__(self) -> None:
        self.phases: list[Phase] = []
        self._stopped = False
        self._stop: Callable[[], None] | None = None

    def report(self, phase: Phase, fraction: float | None = None, message: str = "") -> None:
        self.phases.append(phase)

    def raise_if_cancelled(self) -> None:
        if self._stopped:
            raise Cancelled

    @contextmanager
    def on_cancel(self, stop: Callable[[], None]) -> Iterator[None]:
        self._stop = stop
        yield
        self._stop = None

    def stop(self) -> None:
        self._stopped = True
        if self._stop is not None:
            self._stop()


def test_a_preflight_stops_within_two_seconds(ask: Asker, tmp_path: Path) -> None:
    (ask.package / "__init__.py").write_text(HANGS)
    job, ended = Stoppable(), threading.Event()

    def work() -> None:
        with pytest.raises(Cancelled):
            run_preflight(
                Needs(), folder=tmp_path, python=PYTHON, progress=job, variables=ask.variables
            )
        ended.set()

    thread = threading.Thread(target=work)
    thread.start()
    assert eventually(lambda: ask.pids.is_file() and len(ask.pids.read_text().split()) == 2)
    job.stop()
    assert ended.wait(2)
    thread.join()
    pids = [int(pid) for pid in ask.pids.read_text().split()]
    assert eventually(lambda: not any(is_alive(pid) for pid in pids), 5)
