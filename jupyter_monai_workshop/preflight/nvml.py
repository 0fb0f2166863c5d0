"""What the NVIDIA driver says about the GPUs of this machine.

The driver's library (NVML) answers at once and needs no PyTorch, but it ignores
``CUDA_VISIBLE_DEVICES`` and cannot say whether a notebook may use what it sees; for
that see :mod:`.torch_probe`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Literal, Protocol, TypeVar

from .gate import Gate

T = TypeVar("T")

NvmlState = Literal[
    "ok",
    "no_library",
    "no_driver",
    "no_permission",
    "version_mismatch",
    "lost",
    "silent",
    "failed",
]

NVML = Gate()
"""Every question to NVML in this process goes through here."""

_STATES: dict[int, NvmlState] = {
    4: "no_permission",
    9: "no_driver",
    12: "no_library",
    15: "lost",
    18: "version_mismatch",
}
"""NVML's error codes that have a remedy of their own; every other code is ``failed``."""

_NOT_OFFERED = (3, 13)
"""Codes by which a GPU (3) or a driver (13) says that it does not know this question."""


@dataclass(frozen=True)
class Holder:
    """A process that holds memory of a GPU.

    Attributes
    ----------
    name
        ``notebook kernel`` or the program's name; empty when it cannot be told, as for
        processes outside this container.
    memory
        Bytes; 0 when the driver does not say.
    """

    pid: int
    name: str
    memory: int


@dataclass(frozen=True)
class Slice:
    """A part of a GPU that is split (MIG); sizes in bytes, 0 when the driver does not say."""

    name: str
    memory_total: int
    memory_free: int


@dataclass(frozen=True)
class Gpu:
    """One GPU as the driver sees it.

    Attributes
    ----------
    memory_total, memory_free
        Bytes of the whole GPU, also under MIG; 0 when the driver does not say.
    mig
        Whether the GPU is split into slices (MIG); a notebook then gets one slice.
    slices
        Those that can be seen from here.
    holders
        Who holds its memory; ``None`` when the driver does not say.
    """

    index: int
    name: str
    memory_total: int
    memory_free: int
    driver: str
    mig: bool
    holders: tuple[Holder, ...] | None = None
    slices: tuple[Slice, ...] = ()


@dataclass(frozen=True)
class NvmlReport:
    """All that NVML said, or why it said nothing.

    Attributes
    ----------
    state
        ``ok`` when the driver answered, even if it has no GPU.
        ``version_mismatch`` means that the driver was updated without a restart,
        ``lost`` that a GPU stopped answering, ``silent`` that the driver itself does not
        answer in time.
    cuda
        Newest CUDA version that the driver serves, such as ``12.4``.
    error
        Which calls were refused and how, for copying; may be set with ``ok`` too.
    """

    state: NvmlState
    gpus: tuple[Gpu, ...] = ()
    driver: str = ""
    cuda: str = ""
    error: str = ""


def read_nvml(timeout: float = 10.0) -> NvmlReport:
    """Ask the driver about the GPUs. Never raises, and leaves NVML shut down.

    Takes milliseconds, but up to seconds where the driver sleeps while nobody uses the
    GPU: call it from a thread. Every call starts anew, so a driver that comes back is
    seen.

    Parameters
    ----------
    timeout
        Seconds until a driver that does not answer is reported as ``silent``.
    """
    try:
        return NVML.ask(_read, timeout=timeout)
    except TimeoutError as error:
        return NvmlReport("silent", error=str(error))
    except Exception as error:  # not even a thread could be started
        return NvmlReport("failed", error=repr(error))


def _read() -> NvmlReport:
    try:
        import pynvml
    except ImportError as error:
        return NvmlReport("failed", error=str(error))
    # NVML is foreign code of many versions: whatever it throws becomes part of the report.
    try:
        pynvml.nvmlInit()
    except Exception as error:
        return NvmlReport(_state(error), error=_refusal("nvmlInit", error))
    try:
        return _Reading(pynvml).report()
    except Exception as error:
        return NvmlReport("failed", error=_refusal("NVML", error))
    finally:
        with suppress(Exception):
            pynvml.nvmlShutdown()


class _Memory(Protocol):
    total: int
    free: int


class _Process(Protocol):
    pid: int
    usedGpuMemory: int | None  # noqa: N815 - NVML's own name


class _Reading:
    """One round of questions to an initialised NVML; remembers what was refused."""

    def __init__(self, nvml: ModuleType) -> None:
        self._nvml = nvml
        self._refusals: list[str] = []

    def report(self) -> NvmlReport:
        driver = self._ask("nvmlSystemGetDriverVersion", "")
        version = self._ask("nvmlSystemGetCudaDriverVersion", 0)
        cuda = f"{version // 1000}.{version % 1000 // 10}" if version else ""
        troubles: list[NvmlState] = []
        gpus: list[Gpu] = []
        try:
            count = int(self._nvml.nvmlDeviceGetCount())
        except Exception as error:
            count = 0
            troubles.append(self._refused("nvmlDeviceGetCount", error))
        for index in range(count):
            try:
                gpus.append(self._gpu(index, driver))
            except Exception as error:
                troubles.append(self._refused(f"GPU {index}", error))
        # One GPU that answers is enough to work with.
        state = troubles[0] if troubles and not gpus else "ok"
        return NvmlReport(state, tuple(gpus), driver, cuda, "; ".join(self._refusals))

    def _gpu(self, index: int, driver: str) -> Gpu:
        handle = self._nvml.nvmlDeviceGetHandleByIndex(index)
        memory: _Memory | None = self._ask("nvmlDeviceGetMemoryInfo", None, handle)
        current_mig, _pending = self._ask("nvmlDeviceGetMigMode", [0, 0], handle)
        return Gpu(
            index=index,
            name=self._ask("nvmlDeviceGetName", "NVIDIA GPU", handle),
            memory_total=memory.total if memory else 0,
            memory_free=memory.free if memory else 0,
            driver=driver,
            mig=current_mig == 1,
            holders=self._holders(handle),
            slices=tuple(self._slices(handle)) if current_mig == 1 else (),
        )

    def _slices(self, handle: object) -> Iterator[Slice]:
        for piece in slice_handles(self._nvml, handle):
            memory: _Memory | None = self._ask("nvmlDeviceGetMemoryInfo", None, piece)
            yield Slice(
                name=self._ask("nvmlDeviceGetName", "MIG slice", piece),
                memory_total=memory.total if memory else 0,
                memory_free=memory.free if memory else 0,
            )

    def _holders(self, handle: object) -> tuple[Holder, ...] | None:
        processes: list[_Process] | None = self._ask(
            "nvmlDeviceGetComputeRunningProcesses", None, handle
        )
        if processes is None:
            return None
        return tuple(
            Holder(process.pid, process_name(process.pid), process.usedGpuMemory or 0)
            for process in processes
        )

    def _ask(self, call: str, otherwise: T, *arguments: object) -> T:
        """Return the answer, or `otherwise` if it is refused; a lost GPU is passed on."""
        try:
            answer: T = getattr(self._nvml, call)(*arguments)
        except Exception as error:
            if _state(error) == "lost":
                raise
            if _code(error) not in _NOT_OFFERED:
                self._refused(call, error)
            return otherwise
        return answer

    def _refused(self, what: str, error: Exception) -> NvmlState:
        """Note the refusal and return the state that it means."""
        self._refusals.append(_refusal(what, error))
        return _state(error)


def slice_handles(nvml: ModuleType, handle: object) -> Iterator[object]:
    """Yield the slices of a GPU that is split; none where they cannot be listed."""
    try:
        most = int(nvml.nvmlDeviceGetMaxMigDeviceCount(handle))
    except Exception:
        return
    for index in range(most):
        # Places of the list stay empty where the GPU is split into fewer slices.
        with suppress(Exception):
            yield nvml.nvmlDeviceGetMigDeviceHandleByIndex(handle, index)


def process_name(pid: int, proc: Path = Path("/proc")) -> str:
    """Return what the process `pid` is called, if it is certain to be the GPU's holder.

    In a container the driver may give process ids of the host, which here belong to
    somebody else. So a name is returned only for a process that has the GPU open.
    """
    try:
        opened = [entry.readlink().as_posix() for entry in (proc / str(pid) / "fd").iterdir()]
        if not any(path.startswith("/dev/nvidia") for path in opened):
            return ""
        words = (proc / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return ""
    if any("ipykernel" in word for word in words):
        return "notebook kernel"
    return Path(words[0]).name


def _code(error: Exception) -> int:
    """Return NVML's error code, 0 for an error that is not NVML's."""
    value = getattr(error, "value", 0)
    return value if isinstance(value, int) else 0


def _state(error: Exception) -> NvmlState:
    return _STATES.get(_code(error), "failed")


def _refusal(what: str, error: Exception) -> str:
    return f"{what}: {error} ({_code(error)})" if _code(error) else f"{what}: {error!r}"
