"""One verdict about the GPU, from what the driver and PyTorch said.

Two questions, one after the other: can notebooks use a GPU here (:func:`_look`), and
is that what the workshop needs (:func:`gpu_check`). Only the second knows the need.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ..definition.models import Need
from .amounts import found_text, is_enough, shortage, wanted_text, with_consequence
from .driver import too_old
from .nvml import Gpu, Holder, NvmlReport, NvmlState
from .torch_probe import TorchReport
from .verdict import Level, PreflightCheck

RESTART = "Restart the machine or space, then check again."
PREPARE = "Prepare the environment again."
CHOOSE_GPU = "Choose a machine with a GPU, such as ml.g4dn.xlarge in SageMaker Studio."
FREE_IT = "Shut down other notebooks under Running Terminals and Kernels, then check again."


@dataclass(frozen=True)
class _Finding:
    """What is the matter with the GPU, whatever the workshop needs.

    Attributes
    ----------
    kind
        ``works``; ``absent``: notebooks will use the CPU; ``harmful``: notebooks will try
        to use the GPU, or PyTorch, and fail; ``unknown``: it could not be asked.
    train
        Whether notebooks will train on the GPU, as far as is known.
    sentence
        Plain words without a full stop.
    """

    kind: Literal["works", "absent", "harmful", "unknown"]
    train: bool
    sentence: str
    remedy: str = ""


@dataclass(frozen=True)
class _Device:
    """The GPU that notebooks get; sizes in bytes, 0 when unknown."""

    name: str
    total: int
    free: int
    holders: tuple[Holder, ...] = ()

    @property
    def found(self) -> str:
        return f"{self.name}, {found_text(self.total)}" if self.total else self.name


def gpu_check(
    nvml: NvmlReport, torch: TorchReport | None, need: Need | None
) -> tuple[PreflightCheck, bool]:
    """Judge the GPU.

    Parameters
    ----------
    torch
        ``None`` while the workshop has no Python of its own yet.
    need
        GPU memory that the workshop asks for.

    Returns
    -------
    tuple
        The verdict, and whether notebooks will train on a GPU.
    """
    finding = _look(nvml, torch)
    device = _device(nvml, torch)
    if finding.kind == "works" and device is not None:
        return _weigh(finding, device, need), finding.train
    found = device.found if device else ""
    details = "; ".join(filter(None, (nvml.error, torch.error if torch else "")))
    return _without(finding, found, need, details), finding.train


def _without(finding: _Finding, found: str, need: Need | None, details: str) -> PreflightCheck:
    """Judge a GPU that cannot be used."""
    level: Level
    if finding.kind == "harmful":
        level, message = shortage(need) if need else "warn", f"{finding.sentence}."
    elif need is None:
        level, message = "pass", f"{finding.sentence}; this workshop does not need one."
        if found:
            message = f"{finding.sentence}; this workshop does not need it."
    elif finding.kind == "unknown":
        level, message = "unknown", f"{finding.sentence}."
    else:
        otherwise = {
            "required": "This workshop needs it." if found else "This workshop needs one.",
            "recommended": "Training will take much longer.",
        }
        level = shortage(need)
        message = f"{finding.sentence}. {need.without or otherwise[need.level]}"
    return PreflightCheck(
        name="gpu",
        level=level,
        found=found,
        wanted=wanted_text(need),
        message=message,
        remedy="" if level == "pass" else finding.remedy,
        details="" if level == "pass" else details,
    )


def _weigh(finding: _Finding, device: _Device, need: Need | None) -> PreflightCheck:
    """Judge the memory of a GPU that works."""
    level: Level = "pass"
    message, remedy, found = f"{finding.sentence}.", finding.remedy, device.found
    if need is not None:
        wanted = wanted_text(need)
        if not device.total:
            level = "unknown"
            unknown = "How much of its memory you get is not known yet."
            message = f"{message} {unknown}"
            remedy = "Check again when the environment is ready."
        elif not is_enough(device.total, need):
            level = shortage(need)
            message = f"The GPU has {found_text(device.total)} of memory, not {wanted}."
            message = with_consequence(message, need)
            remedy = "Choose a machine with a larger GPU."
        elif not is_enough(device.free, need):
            level = "warn"
            found = f"{device.name}, {found_text(device.free)} of {found_text(device.total)} free"
            message = f"Only {found_text(device.free)} of the GPU's memory is free, not {wanted}."
            message = f"{message} {_who(device.holders)}".strip()
            remedy = FREE_IT
    return PreflightCheck(
        name="gpu",
        level=level,
        found=found,
        wanted=wanted_text(need),
        message=message,
        remedy=remedy,
    )


def _who(holders: tuple[Holder, ...]) -> str:
    """Return one sentence about who holds most of the memory; empty when nobody knows."""
    if not holders:
        return ""
    first, *others = sorted(holders, key=lambda holder: -holder.memory)
    name = "A notebook kernel" if first.name == "notebook kernel" else first.name
    who = f"{name} (process {first.pid})" if name else f"Process {first.pid}"
    much = found_text(first.memory) if first.memory else "some of it"
    if others:
        return f"{who} holds {much}, {len(others)} more the rest."
    return f"{who} holds {much}."


def _device(nvml: NvmlReport, torch: TorchReport | None) -> _Device | None:
    """Return the GPU that notebooks get, or would get if it worked.

    One whole GPU is told by the driver, so that the words stay the same before and after
    PyTorch is there. Which of several, or how large a slice, only PyTorch can tell.
    """
    ours = torch.memory_reserved if torch is not None else 0
    if len(nvml.gpus) == 1 and not nvml.gpus[0].mig and nvml.gpus[0].memory_total:
        return _credited(_of_driver(nvml.gpus[0]), ours)
    if torch is not None and torch.available:
        alike = [gpu for gpu in nvml.gpus if gpu.name == torch.device]
        holders = alike[0].holders if len(alike) == 1 else None
        name = torch.device or (nvml.gpus[0].name if nvml.gpus else "GPU")
        device = _Device(name, torch.memory_total, torch.memory_free, holders or ())
        return _credited(device, ours)
    return _of_driver(nvml.gpus[0]) if nvml.gpus else None


def _credited(device: _Device, ours: int) -> _Device:
    """Count as free what this workshop's own kernel holds."""
    return replace(device, free=min(device.total, device.free + ours))


def _of_driver(gpu: Gpu) -> _Device:
    if gpu.mig and len({part.memory_total for part in gpu.slices}) == 1:
        # All slices are alike, so it does not matter which one a notebook gets.
        part = max(gpu.slices, key=lambda part: part.memory_free)
        return _Device(part.name, part.memory_total, part.memory_free)
    if gpu.mig:  # the figures are those of all slices together
        return _Device(f"{gpu.name} (MIG)", 0, 0)
    return _Device(gpu.name, gpu.memory_total, gpu.memory_free, gpu.holders or ())


def _look(nvml: NvmlReport, torch: TorchReport | None) -> _Finding:
    """Say whether notebooks can use a GPU, and what is the matter if not."""
    if torch is not None and torch.available:
        return _tried(nvml, torch)
    if nvml.state not in ("ok", "no_library"):
        finding = _SILENT_DRIVER[nvml.state]
        # PyTorch built for GPUs looked by itself and found none: there is no doubt left.
        if finding.kind == "unknown" and torch is not None and torch.cuda:
            return replace(finding, kind="absent")
        return finding
    if not nvml.gpus and torch is not None and torch.state in ("failed", "no_interpreter"):
        what = "PyTorch" if torch.state == "failed" else "The Python of this workshop"
        return _Finding("harmful", False, f"{what} does not start", PREPARE)
    if torch is not None and torch.mps:
        sentence = "The notebooks train on the CPU, not on this Mac's GPU"
        return _Finding("absent", False, sentence, CHOOSE_GPU)
    if not nvml.gpus:
        return _SILENT_DRIVER["no_library"]
    if torch is None:
        sentence = f"{_count(nvml)}; PyTorch tries it once the environment is ready"
        return _Finding("works", True, sentence)
    if torch.state != "ok":
        return _silent_torch(torch)
    return _unusable(nvml, torch)


def _tried(nvml: NvmlReport, torch: TorchReport) -> _Finding:
    """Say how PyTorch's calculation on the GPU went."""
    if torch.product_ok:
        return _Finding("works", True, f"{_count(nvml)} and PyTorch can use it")
    if "out of memory" in torch.error and torch.memory_reserved * 2 > torch.memory_total:
        return _Finding("works", True, "The GPU is here, and your notebook has filled its memory")
    if "out of memory" in torch.error:
        return _Finding("harmful", True, "The memory of the GPU is full", FREE_IT)
    if "no kernel image" in torch.error:
        remedy = "Choose another image or another GPU: this PyTorch is not built for this one."
        return _Finding("harmful", False, "The GPU does not suit this PyTorch", remedy)
    return _Finding("harmful", False, "The GPU is there, but calculating on it fails", RESTART)


def _silent_torch(torch: TorchReport) -> _Finding:
    """Say why PyTorch gave no answer although the driver sees a GPU."""
    if torch.state == "no_torch":
        sentence = "The GPU is there, but the Python of this workshop has no PyTorch"
        return _Finding("absent", False, sentence, PREPARE)
    if torch.state == "no_interpreter":
        sentence = "The GPU is there, but the Python of this workshop does not start"
        return _Finding("unknown", True, sentence, PREPARE)
    if torch.state == "busy":
        sentence = "The GPU is there, but the kernel is busy and cannot be asked now"
        return _Finding("unknown", True, sentence, "Check again when the running cell has ended.")
    if torch.state == "timeout":
        sentence = "The GPU is there, but PyTorch took too long to answer"
        return _Finding("unknown", True, sentence, "Wait a minute, then check again.")
    return _Finding("harmful", False, "The GPU is there, but PyTorch does not start", PREPARE)


def _unusable(nvml: NvmlReport, torch: TorchReport) -> _Finding:
    """Say why PyTorch has no GPU although the driver sees one."""
    if not torch.cuda:
        sentence = "The GPU is there, but the Python of this workshop cannot use it"
        remedy = (
            "It has PyTorch for AMD GPUs: choose an image with GPU support, "
            "or prepare the environment again."
            if torch.hip
            else "It has a PyTorch for CPUs only: choose an image with GPU support, "
            "or prepare the environment again."
        )
        return _Finding("absent", False, sentence, remedy)
    if _hides_all(torch.visible_devices, len(nvml.gpus)):
        return _Finding(
            "absent",
            False,
            "The GPU is there, but CUDA_VISIBLE_DEVICES hides it",
            "Take CUDA_VISIBLE_DEVICES out of the environment, then restart JupyterLab.",
        )
    if too_old(nvml, torch):
        sentence = f"The driver of the GPU is too old for this PyTorch (CUDA {torch.cuda})"
        remedy = "Choose a machine or space with a newer driver, or an image with an older PyTorch."
        return _Finding("absent", False, sentence, remedy)
    if torch.visible_devices and not torch.visible_devices[0].isdigit():
        remedy = "CUDA_VISIBLE_DEVICES may name another GPU: remove it and restart JupyterLab."
    else:
        remedy = RESTART
    return _Finding("absent", False, "The GPU is there, but PyTorch cannot use it", remedy)


def _hides_all(visible: str | None, count: int) -> bool:
    """Return whether this value of ``CUDA_VISIBLE_DEVICES`` surely hides every GPU.

    CUDA reads the list up to the first entry that is no GPU. A GPU may also be named by
    its identity, which cannot be judged here.
    """
    if visible is None:
        return False
    first = visible.split(",")[0].strip()
    return not first or first.startswith("-") or (first.isdigit() and int(first) >= count)


def _count(nvml: NvmlReport) -> str:
    if len(nvml.gpus) > 1:
        return f"{len(nvml.gpus)} GPUs are here, notebooks use one"
    return "The GPU is here"


_SILENT_DRIVER: dict[NvmlState, _Finding] = {
    "ok": _Finding("absent", False, "No GPU on this machine", CHOOSE_GPU),
    "no_library": _Finding("absent", False, "No GPU on this machine", CHOOSE_GPU),
    "no_driver": _Finding(
        "absent",
        False,
        "No GPU driver is running on this machine",
        "If it has a GPU, restart it. If not, choose a machine with a GPU, such as "
        "ml.g4dn.xlarge in SageMaker Studio.",
    ),
    "no_permission": _Finding(
        "absent",
        False,
        "This account may not use the GPU",
        "Ask your administrator for access to the GPU.",
    ),
    "version_mismatch": _Finding(
        "absent", False, "The GPU driver was updated and the machine not restarted", RESTART
    ),
    "lost": _Finding("absent", False, "The GPU has stopped answering", RESTART),
    "silent": _Finding("unknown", False, "The GPU driver does not answer", RESTART),
    "failed": _Finding("unknown", False, "The GPU driver could not be asked", RESTART),
}
"""What it means when the driver has no GPU to tell about."""
