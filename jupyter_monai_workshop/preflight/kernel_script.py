"""Asks PyTorch about the GPU, inside a live kernel, and changes nothing there.

:mod:`.kernel_half` hands this file's text, behind that of :mod:`.torch_script`, to the
kernel, where it runs in a namespace of its own. Another thread may be training meanwhile,
and the attendee's cells may not have chosen a GPU yet. So it imports nothing that is not
there, prepares no GPU for use, and touches no setting that threads share. What it must
not find out is left to a child process, which `variables` tells how to be alike.
"""

from __future__ import annotations

import json
import os
import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # in the kernel it stands in the same namespace
    from .torch_script import calculate

MATTER = (
    "CUDA_DEVICE_ORDER",
    "CUDA_VISIBLE_DEVICES",
    "HIP_VISIBLE_DEVICES",
    "ROCR_VISIBLE_DEVICES",
    "LD_LIBRARY_PATH",
    "PATH",
    "PYTHONPATH",
)
"""Environment variables that decide what a child process sees of the GPU."""


def look() -> str:
    """Return a report as JSON: ``torch`` is null where a child process has to be asked."""
    report: dict[str, object] = {
        "python": sys.executable or "",
        "variables": {name: os.environ.get(name) for name in MATTER},
        "torch": None,
    }
    try:
        torch = sys.modules.get("torch")
        report["torch"] = _ask(torch) if torch is not None else None
    except Exception:  # half imported, or not PyTorch at all
        report["torch"] = None
    return json.dumps(report)


def _ask(torch: ModuleType) -> dict[str, object] | None:
    report: dict[str, object] = {
        "state": "ok",
        "python": sys.executable or "",
        "visible_devices": os.environ.get("CUDA_VISIBLE_DEVICES"),
        "torch": str(torch.__version__),
        "cuda": str(getattr(torch.version, "cuda", None) or ""),
        "hip": str(getattr(torch.version, "hip", None) or ""),
        "available": False,
    }
    if not report["cuda"] and not report["hip"]:
        return None if torch.backends.mps.is_available() else report
    if not torch.cuda.is_initialized() or torch.are_deterministic_algorithms_enabled():
        return None
    report["available"] = True
    report["memory_reserved"] = int(torch.cuda.memory_reserved(0))
    calculate(torch, report)
    return report
