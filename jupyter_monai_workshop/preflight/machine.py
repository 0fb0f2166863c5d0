"""Memory, shared memory and disk: what is there, and whether it is enough."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from ..definition.models import Need, Needs
from .amounts import found_text, is_enough, shortage, wanted_text
from .verdict import CheckName, PreflightCheck

CGROUPS = "sys/fs/cgroup"


def machine_checks(needs: Needs, *, folder: Path) -> tuple[PreflightCheck, ...]:
    """Judge memory, shared memory and disk, in this order.

    Parameters
    ----------
    folder
        Where the materials are or will be; it need not exist.
    """
    return (
        amount_check("memory", memory_total(), needs.memory),
        shared_memory_check(shared_memory_free(), needs.shared_memory),
        amount_check("disk", disk_free(folder), needs.disk),
    )


_NAMES: dict[CheckName, str] = {
    "memory": "memory",
    "shared_memory": "shared memory",
    "disk": "free disk space",
}

_REMEDIES: dict[CheckName, str] = {
    "memory": "Choose a machine with more memory.",
    "shared_memory": "Set num_workers to 0 in the notebook, or ask for a larger /dev/shm.",
    "disk": "Delete what you no longer need, or choose a larger disk.",
}


def amount_check(name: CheckName, size: int | None, need: Need | None) -> PreflightCheck:
    """Judge `size` bytes of something; ``None`` when it could not be measured."""
    thing, wanted = _NAMES[name], wanted_text(need)
    if size is None:
        message = f"How much {thing} there is could not be measured."
        return PreflightCheck(name=name, level="unknown", wanted=wanted, message=message)
    found = found_text(size)
    if need is None or is_enough(size, need):
        message = f"{found} of {thing}" + (" is enough." if need else ".")
        return PreflightCheck(name=name, level="pass", found=found, wanted=wanted, message=message)
    message = f"{found} of {thing}, not {wanted}. {need.without}".strip()
    return PreflightCheck(
        name=name,
        level=shortage(need),
        found=found,
        wanted=wanted,
        message=message,
        remedy=_REMEDIES[name],
    )


def shared_memory_check(
    size: int | None, need: Need | None, platform: str = sys.platform
) -> PreflightCheck:
    """Judge the shared memory. Only Linux keeps it in a place of limited size."""
    if size is None and not platform.startswith("linux"):
        message = "This system sets no limit to shared memory."
        wanted = wanted_text(need)
        return PreflightCheck(name="shared_memory", level="pass", wanted=wanted, message=message)
    return amount_check("shared_memory", size, need)


def memory_total(root: Path = Path("/")) -> int | None:
    """Return the memory that this process may use, in bytes: the machine's or its container's."""
    try:
        machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # Windows
        return None
    return min([machine, *_limits(root)])


def _limits(root: Path) -> list[int]:
    """Return the limits of the control groups that this process is in, in bytes.

    Every group above counts too. In a container the path may be that of the host, which
    does not exist here; the walk upwards then ends at the container's own group.
    """
    try:
        lines = (root / "proc/self/cgroup").read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return []
    limits = []
    for line in lines:
        _number, controllers, group = line.split(":", 2)
        if controllers == "":
            places, name = [CGROUPS, f"{CGROUPS}/unified"], "memory.max"
        elif "memory" in controllers.split(","):
            places, name = [f"{CGROUPS}/memory"], "memory.limit_in_bytes"
        else:
            continue
        for place in places:
            top = root / place
            here = top / group.strip("/")
            for level in (here, *(above for above in here.parents if above.is_relative_to(top))):
                limits.append(_limit(level / name))
    return [limit for limit in limits if limit is not None]


def _limit(file: Path) -> int | None:
    try:
        return int(file.read_text("ascii"))
    except (OSError, ValueError):  # "max", or no such group
        return None


def shared_memory_free(place: Path = Path("/dev/shm")) -> int | None:  # noqa: S108 - not a file
    """Return the free shared memory in bytes; ``None`` where there is no `place` for it."""
    try:
        status = os.statvfs(place)
    except (AttributeError, OSError):
        return None
    return status.f_bavail * status.f_frsize


def disk_free(folder: Path) -> int | None:
    """Return the free bytes of the disk that `folder` is on, or will be on."""
    absolute = folder.absolute()
    for place in (absolute, *absolute.parents):
        try:
            return shutil.disk_usage(place).free
        except OSError:
            continue
    return None
