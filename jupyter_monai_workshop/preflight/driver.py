"""The driver of the GPU against the CUDA that the workshop's PyTorch was built for."""

from __future__ import annotations

from ..definition.models import Need
from .amounts import shortage
from .nvml import NvmlReport
from .torch_probe import TorchReport
from .verdict import PreflightCheck


def too_old(nvml: NvmlReport, torch: TorchReport) -> bool:
    """Return whether the driver cannot serve this PyTorch.

    Within one major version of CUDA every driver serves every PyTorch. A PyTorch that
    can use the GPU is proof, whatever the numbers say: some images bring libraries that
    help an older driver.
    """
    if torch.available or not torch.cuda:
        return False
    return "too old" in torch.error or _major(nvml.cuda) < _major(torch.cuda)


def driver_check(
    nvml: NvmlReport, torch: TorchReport | None, need: Need | None
) -> PreflightCheck | None:
    """Judge the driver; ``None`` where there is no GPU of NVIDIA's that answers.

    Parameters
    ----------
    torch
        ``None`` while the workshop has no Python of its own yet.
    need
        GPU memory that the workshop asks for: it says how bad a useless driver is.
    """
    if nvml.state != "ok" or not nvml.gpus:
        return None
    found = ", ".join(filter(None, (nvml.driver, nvml.cuda and f"CUDA {nvml.cuda}")))
    cuda = torch.cuda if torch is not None else ""
    wanted = f"CUDA {cuda}" if cuda else ""
    if torch is not None and too_old(nvml, torch):
        return PreflightCheck(
            name="driver",
            level=shortage(need) if need else "warn",
            found=found,
            wanted=wanted,
            message=f"The driver is too old for this PyTorch, which wants CUDA {cuda}.",
            remedy="Choose a machine with a newer driver, or an image with an older PyTorch.",
            details="; ".join(filter(None, (nvml.error, torch.error))),
        )
    if not nvml.cuda and not (torch is not None and torch.available):
        return PreflightCheck(
            name="driver",
            level="unknown",
            found=found,
            wanted=wanted,
            message="The driver did not say which CUDA it serves.",
            remedy="Check again when the environment is ready: PyTorch then tries the GPU.",
            details=nvml.error,
        )
    serves = f"The driver serves CUDA {nvml.cuda}" if nvml.cuda else "The driver serves PyTorch"
    message = f"{serves}, PyTorch wants {cuda}." if cuda and nvml.cuda else f"{serves}."
    return PreflightCheck(name="driver", level="pass", found=found, wanted=wanted, message=message)


def _major(version: str) -> int:
    """Return the major number; a large one where the version is not known."""
    first = version.split(".")[0]
    return int(first) if first.isdigit() else 999
