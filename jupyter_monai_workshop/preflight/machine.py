"""Memory and disk: what is there, and whether it is enough."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from ..definition.models import Need
from .amounts import GIB, found_text, is_enough, shortage, wanted_text, with_consequence
from .control_groups import ROOT, memory_limit
from .verdict import Level, PreflightCheck

NOTHING: Mapping[Path, int] = MappingProxyType({})

_FREE_SOME = "Delete what you no longer need, or choose a larger disk."


def memory_total(root: Path = ROOT) -> int | None:
    """Return the memory that this process may use, in bytes: the machine's or its container's."""
    try:
        machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # Windows
        return None
    limit = memory_limit(root)
    return min(machine, limit[0]) if limit else machine


def memory_check(size: int | None, need: Need | None) -> PreflightCheck:
    """Judge `size` bytes of memory; ``None`` when it could not be measured."""
    wanted = wanted_text(need)
    if size is None:
        return PreflightCheck(
            name="memory",
            level="unknown",
            wanted=wanted,
            message="How much memory there is could not be measured.",
            remedy="Close what you do not need before you train.",
        )
    found = found_text(size)
    if need is None or is_enough(size, need):
        message = f"{found} of memory is enough." if need else f"{found} of memory."
        return PreflightCheck(
            name="memory", level="pass", found=found, wanted=wanted, message=message
        )
    return PreflightCheck(
        name="memory",
        level=shortage(need),
        found=found,
        wanted=wanted,
        message=with_consequence(f"{found} of memory, not {wanted}.", need),
        remedy="Choose a machine with more memory.",
    )


@dataclass(frozen=True)
class Disk:
    """The disk that a folder is on, or will be on.

    Attributes
    ----------
    device
        Tells disks apart.
    free
        Bytes.
    writable
        Whether the folder, or the nearest one above it that exists, may be written.
    """

    device: int
    free: int
    writable: bool


def read_disk(folder: Path) -> Disk | None:
    """Measure the disk of `folder`, which need not exist; ``None`` when it cannot be."""
    absolute = folder.absolute()
    for place in (absolute, *absolute.parents):
        try:
            if place.is_dir():
                free = shutil.disk_usage(place).free
                return Disk(place.stat().st_dev, free, os.access(place, os.W_OK | os.X_OK))
        except OSError:
            continue
    return None


def disk_check(
    folder: Path, need: Need | None, to_come: Mapping[Path, int] = NOTHING
) -> PreflightCheck:
    """Judge the free disk space.

    Parameters
    ----------
    folder
        Where the materials are or will be.
    need
        What the definition asks for.
    to_come
        Bytes that are still to be brought, by the folder that they go to. Folders on one
        disk count together; of several disks the one that is worst off is told.
    """
    here = read_disk(folder)
    sums: dict[int, int] = {}
    disks: dict[int, Disk] = {}
    for place, size in to_come.items():
        disk = read_disk(place)
        if disk is not None and size > 0:
            before = disks.get(disk.device, disk)
            disks[disk.device] = Disk(
                disk.device, min(disk.free, before.free), disk.writable and before.writable
            )
            sums[disk.device] = sums.get(disk.device, 0) + size
    verdicts = []
    if here is None:
        verdicts.append(disk_verdict(None, need, 0))
    else:
        both = disks.pop(here.device, here)
        here = Disk(here.device, here.free, here.writable and both.writable)
        verdicts.append(disk_verdict(here, need, sums.get(here.device, 0)))
    verdicts += [disk_verdict(disk, None, sums[number]) for number, disk in disks.items()]
    order: tuple[Level, ...] = ("fail", "warn", "unknown", "pass")
    return min(verdicts, key=lambda verdict: order.index(verdict.level))


def disk_verdict(disk: Disk | None, need: Need | None, to_come: int) -> PreflightCheck:
    """Judge one disk; `to_come` are the bytes that are still to be brought to it."""
    whole = need is not None and need.gib * GIB >= to_come
    wanted = wanted_text(need) if whole else found_text(to_come) if to_come else ""
    if disk is None:
        return PreflightCheck(
            name="disk",
            level="unknown",
            wanted=wanted,
            message="How much free disk space there is could not be measured.",
            remedy="Look whether the folder of the workshop can be opened.",
        )
    found = found_text(disk.free)
    level: Level = "pass"
    message = f"{found} of free disk space is enough." if wanted else f"{found} of free disk space."
    remedy = ""
    if not disk.writable:
        level = "fail" if to_come else "warn"
        message = "Nothing can be written to the folder of the workshop."
        remedy = "Choose another folder, or ask your administrator to let you write there."
    elif disk.free < to_come:
        level = "fail"
        message = f"{found} of free disk space, but {found_text(to_come)} are still to come."
        remedy = _FREE_SOME
    elif need is not None and not is_enough(disk.free, need):
        level = shortage(need)
        message = with_consequence(f"{found} of free disk space, not {wanted_text(need)}.", need)
        remedy = _FREE_SOME
    return PreflightCheck(
        name="disk", level=level, found=found, wanted=wanted, message=message, remedy=remedy
    )
