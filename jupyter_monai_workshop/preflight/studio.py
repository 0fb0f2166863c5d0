"""Whether this is SageMaker Studio, and on which instance, as far as can be seen.

Studio does not tell a space which instance it runs on. GPU, processors and memory do,
mostly; what they say is an estimate and is called one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..definition.models import Need
from .amounts import GIB, found_text, shortage
from .processors import processors_text
from .verdict import PreflightCheck

METADATA = Path("/opt/ml/metadata/resource-metadata.json")

WANTED = "ml.g4dn.xlarge"

_VARIABLES = ("SAGEMAKER_APP_TYPE", "SAGEMAKER_SPACE_NAME", "SAGEMAKER_APP_TYPE_LOWERCASE")


@dataclass(frozen=True)
class Studio:
    """What is known of the Studio that this is.

    Attributes
    ----------
    app
        Kind of application, such as ``JupyterLab``; empty when it cannot be read.
    """

    app: str = ""


def read_studio(
    environ: Mapping[str, str] = os.environ, metadata: Path = METADATA
) -> Studio | None:
    """Return what Studio this is, ``None`` elsewhere. Never raises.

    A metadata file that cannot be read still shows that this is SageMaker.
    """
    try:
        there = metadata.is_file()
    except OSError:
        there = True
    if not there and not any(environ.get(name) for name in _VARIABLES):
        return None
    return Studio(environ.get("SAGEMAKER_APP_TYPE", "") or _app(metadata))


def _app(metadata: Path) -> str:
    try:
        said = json.loads(metadata.read_bytes()[:100_000])
    except (OSError, ValueError, RecursionError):
        return ""
    app = said.get("AppType") if isinstance(said, dict) else None
    return app if isinstance(app, str) else ""


@dataclass(frozen=True)
class Machine:
    """What can be seen of an instance.

    Attributes
    ----------
    gpus
        The names of its GPUs, as the driver gives them.
    processors, memory
        Their number, and bytes; ``None`` when unknown.
    """

    gpus: Sequence[str]
    processors: float | None
    memory: int | None


def estimate(machine: Machine) -> tuple[str, ...]:
    """Return the instances that look like `machine`, the likeliest first; may be empty.

    Memory may be a fifth less than the instance has: the system keeps some for itself.
    """
    if machine.processors is None or machine.memory is None:
        return ()
    alike = []
    for name, gpu, gpus, processors, gib in _INSTANCES:
        share = machine.memory / (gib * GIB)
        fits = len(machine.gpus) == gpus and all(gpu in seen for seen in machine.gpus)
        if fits and round(machine.processors) == processors and 0.8 <= share <= 1.02:
            alike.append((abs(1 - share), name))
    return tuple(name for _distance, name in sorted(alike, key=lambda each: each[0]))


def studio_check(
    studio: Studio | None, machine: Machine, need: Need | None, *, trains_on_gpu: bool
) -> PreflightCheck | None:
    """Judge the instance; ``None`` outside of Studio.

    Parameters
    ----------
    need
        GPU memory that the workshop asks for.
    trains_on_gpu
        Whether notebooks will train on a GPU here.
    """
    if studio is None:
        return None
    names = estimate(machine)
    seen = _seen(machine)
    if names:
        found = f"{names[0]} (estimate)"
        message = f"This is SageMaker Studio, probably on {names[0]}: {seen}."
        if len(names) > 1:
            found = f"{names[0]} or {names[1]} (estimate)"
            message = f"This is SageMaker Studio, probably on {names[0]} or {names[1]}: {seen}."
    else:
        found = f"unknown instance (estimate): {seen}"
        message = f"This is SageMaker Studio on an unknown instance: {seen}."
    if need is None or trains_on_gpu:
        wanted = f"{WANTED} or larger" if need else ""
        return PreflightCheck(
            name="studio", level="pass", found=found, wanted=wanted, message=message
        )
    if machine.gpus:
        remedy = f"See what is said of the GPU; if that does not help, choose {WANTED} or larger."
    else:
        remedy = f"Stop the space, choose {WANTED} or larger as its instance, and run it again."
    return PreflightCheck(
        name="studio",
        level=shortage(need),
        found=found,
        wanted=f"{WANTED} or larger",
        message=message,
        remedy=remedy,
    )


def _seen(machine: Machine) -> str:
    parts = []
    if machine.gpus:
        parts.append(machine.gpus[0] + f" ({len(machine.gpus)} of them)" * (len(machine.gpus) > 1))
    else:
        parts.append("no GPU")
    if machine.processors is not None:
        parts.append(processors_text(machine.processors))
    if machine.memory is not None:
        parts.append(found_text(machine.memory))
    return ", ".join(parts)


_INSTANCES: tuple[tuple[str, str, int, int, int], ...] = (
    # name, part of the GPU's name, how many, processors, GiB of memory
    ("ml.t3.medium", "", 0, 2, 4),
    ("ml.t3.large", "", 0, 2, 8),
    ("ml.t3.xlarge", "", 0, 4, 16),
    ("ml.t3.2xlarge", "", 0, 8, 32),
    ("ml.c5.large", "", 0, 2, 4),
    ("ml.c5.xlarge", "", 0, 4, 8),
    ("ml.c5.2xlarge", "", 0, 8, 16),
    ("ml.c5.4xlarge", "", 0, 16, 32),
    ("ml.m5.large", "", 0, 2, 8),
    ("ml.m5.xlarge", "", 0, 4, 16),
    ("ml.m5.2xlarge", "", 0, 8, 32),
    ("ml.m5.4xlarge", "", 0, 16, 64),
    ("ml.m5.8xlarge", "", 0, 32, 128),
    ("ml.r5.large", "", 0, 2, 16),
    ("ml.r5.xlarge", "", 0, 4, 32),
    ("ml.r5.2xlarge", "", 0, 8, 64),
    ("ml.g4dn.xlarge", "T4", 1, 4, 16),
    ("ml.g4dn.2xlarge", "T4", 1, 8, 32),
    ("ml.g4dn.4xlarge", "T4", 1, 16, 64),
    ("ml.g4dn.8xlarge", "T4", 1, 32, 128),
    ("ml.g4dn.12xlarge", "T4", 4, 48, 192),
    ("ml.g4dn.16xlarge", "T4", 1, 64, 256),
    ("ml.g5.xlarge", "A10G", 1, 4, 16),
    ("ml.g5.2xlarge", "A10G", 1, 8, 32),
    ("ml.g5.4xlarge", "A10G", 1, 16, 64),
    ("ml.g5.8xlarge", "A10G", 1, 32, 128),
    ("ml.g5.12xlarge", "A10G", 4, 48, 192),
    ("ml.g5.16xlarge", "A10G", 1, 64, 256),
    ("ml.g5.24xlarge", "A10G", 4, 96, 384),
    ("ml.g5.48xlarge", "A10G", 8, 192, 768),
    ("ml.g6.xlarge", " L4", 1, 4, 16),
    ("ml.g6.2xlarge", " L4", 1, 8, 32),
    ("ml.g6.4xlarge", " L4", 1, 16, 64),
    ("ml.g6.8xlarge", " L4", 1, 32, 128),
    ("ml.g6.12xlarge", " L4", 4, 48, 192),
    ("ml.g6e.xlarge", "L40S", 1, 4, 32),
    ("ml.g6e.2xlarge", "L40S", 1, 8, 64),
    ("ml.p3.2xlarge", "V100", 1, 8, 61),
    ("ml.p3.8xlarge", "V100", 4, 32, 244),
    ("ml.p4d.24xlarge", "A100", 8, 96, 1152),
    ("ml.p5.48xlarge", "H100", 8, 192, 2048),
)
