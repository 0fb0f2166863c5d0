"""How many processors the notebooks may use, and whether that is enough."""

from __future__ import annotations

import os
from pathlib import Path

from ..definition.models import Processors
from .amounts import shortage, with_consequence
from .control_groups import ROOT, processor_limit
from .verdict import PreflightCheck


def processors_allowed(root: Path = ROOT) -> float | None:
    """Return how many processors this process may keep busy; ``None`` when unknown.

    The machine's, less what its affinity or its container's quota takes away; a quota
    may be a fraction.
    """
    count = processors_visible()
    limit = processor_limit(root)
    if count is None:
        return limit[0] if limit else None
    return min(float(count), limit[0]) if limit else float(count)


def processors_visible() -> int | None:
    """Return how many processors this process may be put on, whatever its quota."""
    try:
        return len(os.sched_getaffinity(0))
    except (AttributeError, OSError):  # not Linux
        return os.cpu_count()


def processors_text(count: float) -> str:
    """Return the number for people: ``1 processor``, ``1.5 processors``."""
    number = f"{count:.1f}".removesuffix(".0")
    return "1 processor" if number == "1" else f"{number} processors"


def processors_check(count: float | None, need: Processors | None) -> PreflightCheck:
    """Judge the number of processors; ``None`` when it could not be found out."""
    wanted = processors_text(need.count) if need else ""
    if count is None:
        return PreflightCheck(
            name="processors",
            level="unknown",
            wanted=wanted,
            message="How many processors there are could not be found out.",
            remedy="Go on; if training is slow, choose a machine with more processors.",
        )
    found = processors_text(count)
    if need is None or round(count, 1) >= need.count:
        enough = f"{found} are enough." if found.endswith("s") else f"{found} is enough."
        message = enough if need else f"{found}."
        return PreflightCheck(
            name="processors", level="pass", found=found, wanted=wanted, message=message
        )
    return PreflightCheck(
        name="processors",
        level=shortage(need),
        found=found,
        wanted=wanted,
        message=with_consequence(f"{found}, not {need.count}.", need),
        remedy="Choose a machine with more processors.",
    )
