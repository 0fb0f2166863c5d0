"""Asking real kernels about the GPU: idle, in mid-training, old, dead; and leaving no trace."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import Need, Needs
from jupyter_monai_workshop.errors import Cancelled
from jupyter_monai_workshop.jobs.progress import Silent
from jupyter_monai_workshop.preflight import TorchReport, read_kernel_torch, run_preflight
from jupyter_monai_workshop.preflight.gpu import gpu_check
from jupyter_monai_workshop.preflight.kernel_half import ask_kernel
from jupyter_monai_workshop.preflight.nvml import Gpu, NvmlReport

from ..live_kernel import LiveKernel, live_kernel

GIB = 1024**3

TORCH = """
import os, time, types
__version__ = "2.6.0+cu126"
version = types.SimpleNamespace(cuda="12.6", hip=None)
float32 = "float32"
initialized = False
slow = 0.0
asked = []

class Tensor:
    def __init__(self, value): self.value = value
    def __matmul__(self, other): return Tensor(self.value ** 3)
    def sum(self): return self
    def item(self): return self.value

def ones(shape, device, dtype):
    time.sleep(slow)
    return Tensor(shape[0])

def is_available():
    asked.append("is_available")
    return os.environ.get("CUDA_VISIBLE_DEVICES") != ""

cuda = types.SimpleNamespace(
    is_available=is_available,
    is_initialized=lambda: initialized,
    memory_reserved=lambda index: 9 * 1024**3,
    get_device_name=lambda index: "Tesla T4",
    mem_get_info=lambda index: (2 * 1024**3, 15 * 1024**3),
)
deterministic = False
def are_deterministic_algorithms_enabled(): return deterministic
backends = types.SimpleNamespace(mps=types.SimpleNamespace(is_available=lambda: False))
"""
"""A PyTorch whose GPU works, and which notes when it is asked to look for one."""

LIVE = TorchReport(
    "ok",
    python=sys.executable,
    torch="2.6.0+cu126",
    cuda="12.6",
    available=True,
    device="Tesla T4",
    memory_free=2 * GIB,
    memory_total=15 * GIB,
    memory_reserved=9 * GIB,
    product_ok=True,
)

TRAIN = """
import os, time
print("begun", flush=True)
while not os.path.exists(os.environ["END"]):
    time.sleep(0.05)
print("trained")
"""
"""A training that goes on until it is told to end, see `trained`."""

STATE = """
import json, threading
print(json.dumps({
    "names": sorted(name for name in globals() if not name.startswith("_i")),
    "count": get_ipython().execution_count,
    "history": len(In),
    "last": _,
    "threads": sum(thread.name.startswith("subshell") for thread in threading.enumerate()),
    "calls": [repr(call) for call in get_ipython().events.callbacks["post_execute"]],
}))
"""


def trained(kernel: LiveKernel, training: str, folder: Path) -> bool:
    """Let a training end and return whether it went well."""
    (folder / "end").touch()
    return kernel.printed(training) == "trained"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "torch.py").write_text(TORCH)
    monkeypatch.setenv("END", str(tmp_path / "end"))
    return tmp_path


@pytest.fixture
def kernel(folder: Path) -> Iterator[LiveKernel]:
    with live_kernel(folder) as kernel:
        yield kernel


@pytest.fixture
def old_kernel(folder: Path) -> Iterator[LiveKernel]:
    with live_kernel(folder, subshells=False) as kernel:
        yield kernel


def test_the_stand_in_for_an_old_kernel_has_no_subshells(
    kernel: LiveKernel, old_kernel: LiveKernel
) -> None:
    told = []
    for each in (kernel, old_kernel):
        request = each.attendee.kernel_info()
        reply = each.attendee.get_shell_msg(timeout=30)
        while reply["parent_header"].get("msg_id") != request:
            reply = each.attendee.get_shell_msg(timeout=30)
        told.append("kernel subshells" in reply["content"].get("supported_features", []))
    assert told == [True, False]


@pytest.mark.parametrize("which", ["kernel", "old_kernel"])
def test_an_idle_kernel_that_uses_the_gpu_answers_itself(
    which: str, request: pytest.FixtureRequest
) -> None:
    kernel: LiveKernel = request.getfixturevalue(which)
    kernel.run("import torch; torch.initialized = True")
    assert read_kernel_torch(kernel.connection, timeout=30) == LIVE


def test_a_kernel_answers_while_a_cell_trains(kernel: LiveKernel, folder: Path) -> None:
    kernel.run("import torch; torch.initialized = True")
    training = kernel.start(TRAIN)
    assert read_kernel_torch(kernel.connection, timeout=30) == LIVE
    assert trained(kernel, training, folder)


def test_a_busy_kernel_without_subshells_is_unknown_and_never_a_hang(
    old_kernel: LiveKernel, folder: Path
) -> None:
    old_kernel.run("import torch; torch.initialized = True")
    training = old_kernel.start(TRAIN)
    report = read_kernel_torch(old_kernel.connection, timeout=1)
    assert report is not None
    assert report.state == "busy"
    assert trained(old_kernel, training, folder)
    assert read_kernel_torch(old_kernel.connection, timeout=30) == LIVE
    gpu = Gpu(0, "Tesla T4", 15 * GIB, 14 * GIB, "570.86.15", mig=False)
    check, _ = gpu_check(NvmlReport("ok", (gpu,), cuda="12.8"), report, Need(gib=8))
    assert check.level == "unknown"
    assert check.message == "The GPU is there, but the kernel is busy and cannot be asked now."
    assert check.remedy


def test_nothing_is_left_in_the_kernel(kernel: LiveKernel, folder: Path) -> None:
    kernel.run("import torch; torch.initialized = True")
    kernel.run("6 * 7")
    before = json.loads(kernel.run(STATE))
    training = kernel.start(TRAIN)
    assert read_kernel_torch(kernel.connection, timeout=30) == LIVE
    assert trained(kernel, training, folder)
    assert read_kernel_torch(kernel.connection, timeout=30) == LIVE
    after = json.loads(kernel.run(STATE))
    assert set(after["names"]) - set(before["names"]) == {"os", "time"}
    # Two cells more were run: the training and the look itself.
    assert (after["count"], after["history"]) == (before["count"] + 2, before["history"] + 2)
    assert after["last"] == before["last"] == 42
    assert (after["threads"], before["threads"]) == (0, 0)
    assert after["calls"] == before["calls"]


def test_a_cell_that_draws_keeps_its_figure(kernel: LiveKernel, folder: Path) -> None:
    """What IPython does after each request, such as showing figures, is left to the cell."""
    kernel.run(
        "import threading\n"
        "shown = []\n"
        "def show(): shown.append(threading.current_thread().name)\n"
        "get_ipython().events.register('post_execute', show)"
    )
    kernel.run("shown.clear()")
    training = kernel.start(TRAIN)
    assert ask_kernel(kernel.connection, timeout=30).state == "ok"
    assert trained(kernel, training, folder)
    # Once after the cell that cleared the list, and once after the training.
    assert kernel.run("print(shown)") == "['MainThread', 'MainThread']"


def test_a_kernel_that_has_not_chosen_a_gpu_is_not_made_to(kernel: LiveKernel) -> None:
    kernel.run("import os, torch; os.environ['CUDA_VISIBLE_DEVICES'] = '0'")
    report = read_kernel_torch(kernel.connection, timeout=30)
    assert report is not None
    # A child process answered, which has the variables of the kernel and holds nothing.
    assert (report.product_ok, report.memory_reserved) == (True, 0)
    assert report.visible_devices == "0"
    assert kernel.run("print(torch.asked)") == "[]"
    kernel.run("os.environ['CUDA_VISIBLE_DEVICES'] = ''")
    hidden = read_kernel_torch(kernel.connection, timeout=30)
    assert hidden is not None
    assert (hidden.available, hidden.visible_devices) == (False, "")


def test_a_kernel_without_pytorch_stays_without(kernel: LiveKernel) -> None:
    assert read_kernel_torch(kernel.connection, timeout=30) == TorchReport(
        **{**vars(LIVE), "memory_reserved": 0}
    )
    assert kernel.run("import sys; print('torch' in sys.modules)") == "False"


def test_variables_with_dollar_signs_arrive_as_they_are(kernel: LiveKernel) -> None:
    kernel.run("import os; os.environ['CUDA_VISIBLE_DEVICES'] = '$HOME,${PATH}$$'")
    report = read_kernel_torch(kernel.connection, timeout=30)
    assert report is not None
    assert report.visible_devices == "$HOME,${PATH}$$"


@pytest.mark.parametrize(
    "mischief",
    [
        "import sys, types; sys.modules['torch'] = types.ModuleType('torch')",
        "import torch; torch.initialized = torch.deterministic = True",
        "import torch; torch.cuda.memory_reserved = None; torch.initialized = True",
        "exec = eval = print = json = sys = None",
        "import os; del os.environ['PATH']",
    ],
    ids=["an empty torch", "deterministic", "broken torch", "shadowed names", "no PATH"],
)
def test_strange_kernels_get_an_answer_from_a_child(kernel: LiveKernel, mischief: str) -> None:
    kernel.run(mischief)
    report = read_kernel_torch(kernel.connection, timeout=30)
    assert report is not None
    assert (report.state, report.available, report.memory_reserved) == ("ok", True, 0)


def test_strings_that_the_kernel_shows_otherwise_are_no_answer(kernel: LiveKernel) -> None:
    kernel.run(
        "get_ipython().display_formatter.formatters['text/plain']"
        ".for_type(str, lambda text, printer, cycle: printer.text('<text>'))"
    )
    assert read_kernel_torch(kernel.connection, timeout=30) is None


def test_a_calculation_that_takes_too_long_does_not_stop_the_kernel(kernel: LiveKernel) -> None:
    kernel.run("import torch; torch.initialized = True; torch.slow = 8")
    report = read_kernel_torch(kernel.connection, timeout=1.5)
    assert report is not None
    assert report.state == "busy"
    # A kernel that deletes a subshell at work stands still: cells and control channel alike.
    time.sleep(0.5)
    begun = time.monotonic()
    assert kernel.run("print('quick')") == "quick"
    assert time.monotonic() - begun < 4
    count = (
        "import threading\n"
        "print(sum(thread.name.startswith('subshell') for thread in threading.enumerate()))"
    )
    end = time.monotonic() + 30
    while kernel.run(count) != "0" and time.monotonic() < end:
        time.sleep(0.2)
    assert kernel.run(count) == "0", "the subshell is deleted once it has ended"


def test_a_kernel_that_died_is_no_hang(folder: Path) -> None:
    with live_kernel(folder) as kernel:
        connection = kernel.connection
    report = read_kernel_torch(connection, timeout=1)
    assert report is not None
    assert report.state == "busy"


def test_a_kernel_that_dies_while_it_is_asked_is_no_hang(kernel: LiveKernel) -> None:
    kernel.run("import torch; torch.initialized = True; torch.slow = 60")
    ender = threading.Timer(1.0, kernel.manager.shutdown_kernel, kwargs={"now": True})
    ender.start()
    report = read_kernel_torch(kernel.connection, timeout=3)
    ender.join()
    assert report is not None
    assert report.state == "busy"


def test_a_kernel_that_died_while_it_was_asked_can_be_asked_when_it_is_started_anew(
    kernel: LiveKernel,
) -> None:
    kernel.run("import torch; torch.initialized = True; torch.slow = 60")
    report = read_kernel_torch(kernel.connection, timeout=2)
    assert report is not None
    assert report.state == "busy"
    kernel.manager.restart_kernel(now=True)
    kernel.attendee.wait_for_ready(timeout=60)
    begun = time.monotonic()
    again = read_kernel_torch(kernel.connection, timeout=60)
    assert again is not None
    assert again.state == "ok"
    assert time.monotonic() - begun < 40, "what the dead process owed holds up nobody"


def test_a_stop_ends_the_waiting(old_kernel: LiveKernel, folder: Path) -> None:
    class Stopped(Silent):
        def __init__(self) -> None:
            self.looks = 0

        def raise_if_cancelled(self) -> None:
            self.looks += 1
            if self.looks > 5:
                raise Cancelled

    training = old_kernel.start(TRAIN)
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        read_kernel_torch(old_kernel.connection, timeout=60, progress=Stopped())
    assert time.monotonic() - begun < 2
    assert trained(old_kernel, training, folder)


def test_the_whole_preflight_asks_the_live_kernel(kernel: LiveKernel, folder: Path) -> None:
    kernel.run("import torch; torch.initialized = True")
    training = kernel.start(TRAIN)
    preflight = run_preflight(
        Needs(gpu_memory=Need(gib=8)),
        folder=folder,
        python=folder / "not" / "used",
        kernel=kernel.connection,
        kernel_timeout=30,
        progress=Silent(),
    )
    # 2 GiB are free, and 9 more are what this workshop's own training holds.
    assert preflight.gpu
    assert preflight.checks[0].level == "pass"
    assert trained(kernel, training, folder)
