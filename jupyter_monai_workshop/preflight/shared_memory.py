"""Shared memory, against the workers that load the batches of a training.

PyTorch hands batches from its workers to the training through ``/dev/shm``. Where that
is too small, the training stops with "unable to allocate shared memory" or "bus error".
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..definition.models import Need, Workers
from .amounts import (
    MIB,
    Wish,
    found_text,
    is_enough,
    shortage,
    wanted_text,
    with_consequence,
)
from .verdict import Level, PreflightCheck

PLACE = Path("/dev/shm")  # noqa: S108 - a folder that is looked at, not written


@dataclass(frozen=True)
class SharedMemory:
    """What there is of shared memory.

    Attributes
    ----------
    state
        ``unlimited`` on systems that keep it in no place of limited size, ``closed``
        where it may not be written.
    free
        Bytes; only with ``ok``.
    """

    state: Literal["ok", "unlimited", "missing", "closed", "unreadable"]
    free: int = 0


def read_shared_memory(place: Path = PLACE, platform: str = sys.platform) -> SharedMemory:
    """Measure the free shared memory of this machine or container. Never raises."""
    if not platform.startswith("linux"):
        return SharedMemory("unlimited")
    try:
        status = os.statvfs(place)
    except (FileNotFoundError, NotADirectoryError):
        return SharedMemory("missing")
    except OSError:
        return SharedMemory("unreadable")
    if not os.access(place, os.W_OK | os.X_OK):
        return SharedMemory("closed")
    if status.f_blocks == 0:  # a tmpfs that was mounted without a limit
        return SharedMemory("unlimited")
    return SharedMemory("ok", status.f_bavail * status.f_frsize)


def shared_memory_check(
    found: SharedMemory, need: Need | None, workers: Workers | None, asked: int | None = None
) -> PreflightCheck:
    """Judge the shared memory.

    Parameters
    ----------
    workers
        What each worker takes; counts in place of `need`.
    asked
        Number of workers that the notebook asks for now; ``None`` takes the definition's.
    """
    if found.state != "ok":
        return _without_figure(found, need, workers, asked)
    if workers is None:
        return _amount(found.free, need)
    return _workers(found.free, workers, workers.count if asked is None else asked)


def workers_that_fit(free: int, batch_mib: float) -> int:
    """Return the largest number of workers for which `free` bytes are enough."""
    fit = max(0, int((free / MIB / batch_mib - 1) / 2) - 1)
    while _is_room(free, fit + 1, batch_mib):
        fit += 1
    return fit


def _is_room(free: int, count: int, batch_mib: float) -> bool:
    # To the digit that people are shown, as everywhere.
    return round(free / MIB) >= round(_mib(count, batch_mib))


def _mib(count: int, batch_mib: float) -> float:
    """Return the MiB that `count` workers take: two batches each, and one in use."""
    return (2 * count + 1) * batch_mib if count else 0.0


def _workers(free: int, workers: Workers, count: int) -> PreflightCheck:
    size = found_text(free)
    many = _workers_text(count)
    wanted = f"{found_text(round(_mib(count, workers.batch_mib) * MIB))} for {many}"
    if count == 0:
        message = f"{size} of shared memory; the notebook uses none."
        return PreflightCheck(name="shared_memory", level="pass", found=size, message=message)
    if _is_room(free, count, workers.batch_mib):
        message = f"{size} of shared memory is enough for {many}."
        return PreflightCheck(
            name="shared_memory", level="pass", found=size, wanted=wanted, message=message
        )
    fit = workers_that_fit(free, workers.batch_mib)
    fitting = _workers_text(fit)
    message = f"{size} of shared memory is enough for {fitting}, the notebook asks for {count}."
    return PreflightCheck(
        name="shared_memory",
        level=shortage(workers),
        found=size,
        wanted=wanted,
        message=with_consequence(message, workers),
        remedy=f"Set {workers.variable} to {fit} in the notebook, or ask for a larger /dev/shm.",
    )


def _workers_text(count: int) -> str:
    if count == 0:
        return "no workers"
    return "1 worker" if count == 1 else f"{count} workers"


def _amount(free: int, need: Need | None) -> PreflightCheck:
    found, wanted = found_text(free), wanted_text(need)
    enough = need is None or is_enough(free, need)
    message = f"{found} of shared memory is enough." if need else f"{found} of shared memory."
    if need is not None and not enough:
        message = with_consequence(f"{found} of shared memory, not {wanted}.", need)
    return PreflightCheck(
        name="shared_memory",
        level="pass" if need is None or enough else shortage(need),
        found=found,
        wanted=wanted,
        message=message,
        remedy="" if enough else _NO_WORKERS,
    )


_NO_WORKERS = "Set num_workers to 0 in the notebook, or ask for a larger /dev/shm."

_SENTENCES = {
    "unlimited": "This system sets no limit to shared memory",
    "missing": "There is no shared memory (/dev/shm) here",
    "closed": "The shared memory (/dev/shm) may not be written here",
    "unreadable": "How much shared memory there is could not be measured",
}


def _without_figure(
    found: SharedMemory, need: Need | None, workers: Workers | None, asked: int | None
) -> PreflightCheck:
    sentence = _SENTENCES[found.state]
    wish: Wish | None = workers or need
    if workers is not None and not (workers.count if asked is None else asked):
        wish = None
    level: Level
    if found.state == "unlimited":
        level, message = "pass", f"{sentence}."
    elif wish is None:
        level, message = "pass", f"{sentence}; this workshop does not need it."
    elif found.state == "unreadable":
        level, message = "unknown", f"{sentence}."
    else:
        level, message = shortage(wish), with_consequence(f"{sentence}.", wish)
    return PreflightCheck(
        name="shared_memory",
        level=level,
        found="none" if found.state == "missing" else "",
        wanted=wanted_text(need) if workers is None else "",
        message=message,
        remedy="" if level == "pass" else _NO_WORKERS,
    )
