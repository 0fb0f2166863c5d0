"""How busy the machine is while a training runs, in a few figures for the strip."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Literal

from pydantic import BaseModel, ConfigDict

from .control_groups import ROOT, ControlGroup, memory_limit, processor_limit
from .nvml import NVML, slice_handles
from .processors import processors_allowed, processors_text

_TIMEOUT = 1.0
"""Seconds that the driver gets for one look."""

_TRY_AGAIN = 30.0
"""Seconds until a driver that gave no figures is asked again."""


_PATIENCE = 600.0
"""Seconds that a driver that hangs gets to come back before it is left for good."""


class Usage(BaseModel):
    """What a training uses now.

    Attributes
    ----------
    processor
        Whether the figures are those of a GPU or of the processors.
    name
        Which one, such as ``Tesla T4`` or ``4 processors``.
    busy
        Share of its power in use, 0 to 1; ``None`` when unknown, as for a slice of a GPU.
    memory_used, memory_total
        Bytes: the GPU's with a GPU, else those of the machine or container.
    """

    model_config = ConfigDict(frozen=True)

    processor: Literal["gpu", "cpu"]
    name: str
    busy: float | None = None
    memory_used: int | None = None
    memory_total: int | None = None


class UsageMeter:
    """Looks at the GPU, or at processors and memory, again and again.

    Make one when a training begins and close it when it ends: NVML stays open meanwhile,
    which keeps a look cheap but a laptop's GPU awake. A look takes well below 5 ms, and
    at most a second where the driver hangs; call it from a thread, never on the event
    loop. Nothing here raises an error.

    Parameters
    ----------
    root
        Where the system's files are.
    """

    def __init__(self, root: Path = ROOT) -> None:
        self._root = root
        self._nvml: ModuleType | None = None
        self._not_before = 0.0
        self._before: _Work | None = None

    def __enter__(self) -> UsageMeter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def sample(self, *, gpu: bool = True) -> Usage:
        """Return what is used now.

        Parameters
        ----------
        gpu
            Whether the training uses a GPU. Where none gives figures, or with ``False``,
            they are those of the processors; how busy these are is known from the second
            look on.
        """
        now = time.monotonic()
        if gpu and now >= self._not_before:
            found = None
            try:
                found = NVML.ask(self._gpu, timeout=_TIMEOUT)
            except TimeoutError:
                self._close_later()
            except Exception:
                self.close()
            if found is not None:
                return found
            self._not_before = now + _TRY_AGAIN
        return self._processors()

    def close(self) -> None:
        """Let go of the driver; a later look opens it again."""
        try:
            if self._nvml is not None:
                NVML.ask(self._shut, timeout=_TIMEOUT)
        except TimeoutError:
            self._close_later()
        except Exception:
            return  # an error of the driver's while it goes

    def _close_later(self) -> None:
        """Let go of a driver that hangs, once it answers again."""

        def work() -> None:
            with suppress(Exception):
                NVML.ask(self._shut, timeout=_PATIENCE)

        threading.Thread(target=work, name="preflight-usage", daemon=True).start()

    def _shut(self) -> None:
        nvml, self._nvml = self._nvml, None
        if nvml is not None:
            nvml.nvmlShutdown()

    def _gpu(self) -> Usage | None:
        """Return the figures of the GPU that holds the most memory; ``None`` without a GPU."""
        if self._nvml is None:
            import pynvml

            pynvml.nvmlInit()
            self._nvml = pynvml
        nvml = self._nvml
        best: Usage | None = None
        for index in range(nvml.nvmlDeviceGetCount()):
            # One GPU that is lost must not hide the other.
            with suppress(nvml.NVMLError):
                usage = _usage(nvml, nvml.nvmlDeviceGetHandleByIndex(index))
                # A training keeps its memory, so the strip does not jump between GPUs.
                if best is None or (usage.memory_used or 0) > (best.memory_used or 0):
                    best = usage
        if best is None:
            self._shut()
        return best

    def _processors(self) -> Usage:
        allowed = processors_allowed(self._root)
        work = _work(self._root, allowed)
        before, self._before = self._before, work
        used, total = _memory(self._root)
        return Usage(
            processor="cpu",
            name=processors_text(allowed) if allowed is not None else "processors",
            busy=_share(before, work),
            memory_used=used,
            memory_total=total,
        )


def _usage(nvml: ModuleType, handle: object) -> Usage:
    busy: float | None = None
    with suppress(nvml.NVMLError):  # a GPU that is split does not say
        busy = nvml.nvmlDeviceGetUtilizationRates(handle).gpu / 100
    parts = list(slice_handles(nvml, handle))
    if not parts:
        memory = nvml.nvmlDeviceGetMemoryInfo(handle)
        name = nvml.nvmlDeviceGetName(handle)
    else:
        each = [(nvml.nvmlDeviceGetMemoryInfo(part), part) for part in parts]
        memory, part = max(each, key=lambda pair: pair[0].used)
        busy, name = None, nvml.nvmlDeviceGetName(part)
    return Usage(
        processor="gpu",
        name=name,
        busy=busy,
        memory_used=memory.used,
        memory_total=memory.total,
    )


@dataclass(frozen=True)
class _Work:
    """How much was done, and could have been, since some beginning.

    Attributes
    ----------
    source
        What was read: only figures of one source can be compared.
    """

    source: str
    done: float
    possible: float


def _share(before: _Work | None, now: _Work | None) -> float | None:
    if before is None or now is None or before.source != now.source:
        return None
    possible = now.possible - before.possible
    if possible <= 0:
        return None
    return min(1.0, max(0.0, (now.done - before.done) / possible))


def _work(root: Path, allowed: float | None) -> _Work | None:
    """Return the work of our container where it has a quota, else the machine's."""
    limit = processor_limit(root)
    if limit is not None and allowed:
        seconds = _group_seconds(limit[1])
        if seconds is not None:
            return _Work(str(limit[1].folder), seconds, time.monotonic() * allowed)
    return _machine_work(root)


def _group_seconds(group: ControlGroup) -> float | None:
    if group.unified:
        used = group.named_number("cpu.stat", "usage_usec")
        return None if used is None else used / 1e6
    # Version 1 counts in a controller of its own, which mostly lies in the same place.
    for folder in (group.folder, _beside(group.folder)):
        used = ControlGroup(folder, unified=False).number("cpuacct.usage")
        if used is not None:
            return used / 1e9
    return None


def _beside(folder: Path) -> Path:
    return Path(*("cpuacct" if part == "cpu" else part for part in folder.parts))


def _machine_work(root: Path) -> _Work | None:
    """Return the work of the processors that we may use; ``None`` where none is counted."""
    try:
        text = (root / "proc/stat").read_text("ascii")
        ours = {f"cpu{number}" for number in os.sched_getaffinity(0)}
    except (OSError, ValueError, AttributeError):
        return None
    done = possible = 0
    for line in text.splitlines():
        name, *words = line.split()[:9]
        if name in ours and len(words) == 8 and all(word.isdigit() for word in words):
            user, nice, system, idle, waiting, *others = map(int, words)
            possible += user + nice + system + idle + waiting + sum(others)
            done += user + nice + system + sum(others[:2])
    return _Work("machine", done, possible) if possible else None


def _memory(root: Path) -> tuple[int | None, int | None]:
    """Return the bytes of memory in use and there, of our container or of the machine."""
    machine = _machine_memory(root)
    limit = memory_limit(root)
    if limit is not None and (machine is None or limit[0] < machine[1]):
        used = _group_memory(limit[1])
        if used is not None:
            return min(used, limit[0]), limit[0]
    return machine or (None, None)


def _group_memory(group: ControlGroup) -> int | None:
    """Return what a group uses, without the files that it only keeps at hand."""
    if group.unified:
        used = group.number("memory.current")
        spare = group.named_number("memory.stat", "inactive_file")
    else:
        used = group.number("memory.usage_in_bytes")
        spare = group.named_number("memory.stat", "total_inactive_file")
    return None if used is None else max(0, used - (spare or 0))


def _machine_memory(root: Path) -> tuple[int, int] | None:
    figures: dict[str, int] = {}
    with suppress(OSError, ValueError):
        for line in (root / "proc/meminfo").read_text("ascii").splitlines():
            name, _, rest = line.partition(":")
            words = rest.split()
            if words and words[0].isdigit():
                figures[name] = int(words[0]) * 1024
    total, free = figures.get("MemTotal"), figures.get("MemAvailable")
    return None if total is None or free is None else (max(0, total - free), total)
