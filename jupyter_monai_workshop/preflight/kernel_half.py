"""What PyTorch says about the GPU in the workshop's live kernel, also while a cell runs.

How a kernel is asked without a trace: :mod:`jupyter_monai_workshop.kernels.asking`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from jupyter_client.connect import KernelConnectionInfo
from pydantic import BaseModel

from ..jobs.progress import Progress
from ..kernels.asking import ask
from .torch_probe import TorchReport, read_torch


@dataclass(frozen=True)
class KernelAnswer:
    """What a live kernel said.

    Attributes
    ----------
    state
        ``busy`` when it did not answer in time, ``failed`` when it cannot be asked this
        way, as one that is not IPython's.
    torch
        ``None`` where the kernel has not used PyTorch yet: a child process can tell.
    python
        The kernel's interpreter; ``None`` when it did not say.
    variables
        Those environment variables of the kernel that matter for the GPU; ``None`` for
        one that is not set.
    """

    state: Literal["ok", "busy", "failed"]
    torch: TorchReport | None = None
    python: Path | None = None
    variables: Mapping[str, str | None] | None = None


def read_kernel_torch(
    connection: KernelConnectionInfo,
    *,
    timeout: float = 5.0,
    child_timeout: float = 60.0,
    progress: Progress | None = None,
) -> TorchReport | None:
    """Ask the PyTorch of a live kernel about the GPU.

    Where the kernel has not used PyTorch yet, it is not made to: a child process of the
    same interpreter with the same variables is asked. Blocks: call it from a thread.

    Parameters
    ----------
    timeout
        Seconds that the kernel gets.
    child_timeout
        Seconds that the child process gets.

    Returns
    -------
    TorchReport or None
        ``busy`` when the kernel did not answer in time; ``None`` when this kernel cannot
        be asked.

    Raises
    ------
    Cancelled
        If a stop was asked for.
    """
    answer = ask_kernel(connection, timeout=timeout, progress=progress)
    if answer.state == "busy":
        return TorchReport("busy", error=f"the kernel did not answer within {timeout:g} seconds")
    if answer.torch is not None or answer.python is None:
        return answer.torch
    return read_torch(
        answer.python,
        # Their values are meant as they are.
        variables={
            name: None if value is None else value.replace("$", "$$")
            for name, value in (answer.variables or {}).items()
        },
        timeout=child_timeout,
        progress=progress,
    )


def ask_kernel(
    connection: KernelConnectionInfo, *, timeout: float = 5.0, progress: Progress | None = None
) -> KernelAnswer:
    """Ask a live kernel what it knows about the GPU, without a trace; see the module."""
    answer = ask(connection, _scripts(), "look()", timeout=timeout, progress=progress)
    if answer.state != "ok":
        return KernelAnswer(answer.state)
    try:
        look = _Look.model_validate_json(answer.text)
    except ValueError:
        return KernelAnswer("failed")
    python = Path(look.python) if look.python else None
    return KernelAnswer("ok", look.torch, python, look.variables)


@cache
def _scripts() -> tuple[str, ...]:
    folder = Path(__file__).parent
    return tuple((folder / name).read_text("utf-8") for name in _SCRIPTS)


_SCRIPTS = ("torch_script.py", "kernel_script.py")


class _Look(BaseModel):
    """What ``kernel_script.look`` returns."""

    python: str
    variables: dict[str, str | None]
    torch: TorchReport | None
