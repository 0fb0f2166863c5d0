"""Asks PyTorch about the GPU, inside the workshop's own Python.

:mod:`.torch_probe` hands this file's text to that interpreter, which may be another
version of Python and need not have this package: only the standard library is used.
The answer is one line of JSON behind a mark, because imports may print as well.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import warnings
from types import ModuleType

MARK = "monai-workshop-torch "
SIDE = 64
"""Rows of the square matrices that are multiplied."""


def _describe(torch: ModuleType, report: dict[str, object]) -> None:
    report["torch"] = str(torch.__version__)
    report["cuda"] = str(getattr(torch.version, "cuda", None) or "")
    report["hip"] = str(getattr(torch.version, "hip", None) or "")
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        report["available"] = bool(torch.cuda.is_available())
    # A driver that is too old for this PyTorch is told by a warning only.
    report["error"] = " ".join(str(warning.message) for warning in warned)
    backends = getattr(torch, "backends", None)
    mps = getattr(backends, "mps", None)
    report["mps"] = bool(mps is not None and mps.is_available())


def calculate(torch: ModuleType, report: dict[str, object]) -> None:
    """Multiply two small matrices of ones: each of the results must be their side."""
    kind = "cuda" if report["available"] else "mps"
    try:
        if report["available"]:
            report["device"] = str(torch.cuda.get_device_name(0))
            free, total = torch.cuda.mem_get_info(0)
            report["memory_free"], report["memory_total"] = int(free), int(total)
        else:
            report["device"] = "Apple GPU"
        # The kind of number is named because a notebook may have chosen another.
        ones = torch.ones((SIDE, SIDE), device=kind, dtype=torch.float32)
        total = float((ones @ ones).sum().item())
        report["product_ok"] = total == SIDE**3
        if not report["product_ok"]:
            report["error"] = f"a product of matrices gave {total} in place of {SIDE**3}"
    except Exception as error:
        report["error"] = f"{type(error).__name__}: {error}"


def main() -> None:
    """Print the report."""
    report: dict[str, object] = {
        "state": "ok",
        "python": sys.executable,
        "visible_devices": os.environ.get("CUDA_VISIBLE_DEVICES"),
    }
    try:
        torch = importlib.import_module("torch")
        _describe(torch, report)
    except Exception as error:
        missing = isinstance(error, ModuleNotFoundError) and error.name == "torch"
        report["state"] = "no_torch" if missing else "failed"
        report["error"] = f"{type(error).__name__}: {error}"
    else:
        if report["available"] or report["mps"]:
            calculate(torch, report)
    print(f"\n{MARK}{json.dumps(report)}", flush=True)


if __name__ == "__main__":
    # With -c Python looks for modules in the current folder first: not wanted here.
    if sys.path and sys.path[0] == "":
        del sys.path[0]
    main()
