"""What PyTorch in the workshop's own Python says about the GPU.

PyTorch is imported in a child process only: the import is slow, may crash, and must be
done by the interpreter that the notebooks use.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from string import Template
from types import MappingProxyType
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from ..jobs.progress import Progress, Silent
from .torch_script import MARK

TorchState = Literal["ok", "no_interpreter", "no_torch", "failed", "timeout"]

_NO_VARIABLES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class TorchReport:
    """All that PyTorch said, or why it said nothing.

    Attributes
    ----------
    state
        ``ok`` when PyTorch answered, even if it has no GPU; ``failed`` when importing it
        raised an error or ended the interpreter.
    python
        The interpreter, as it names itself.
    cuda, hip
        Versions that this PyTorch was built for; both empty in a CPU build.
    available
        Whether CUDA (or ROCm, which PyTorch calls by the same name) can be used.
    device
        Name of the GPU that notebooks get.
    memory_free, memory_total
        Bytes of that GPU, or of the slice of it that is ours; 0 when unknown.
    product_ok
        Whether a small matrix product on the GPU gave the right result.
    mps
        Whether a Mac's GPU can be used.
    visible_devices
        Value of ``CUDA_VISIBLE_DEVICES``; ``None`` where it is not set.
    error
        PyTorch's own words, for copying.
    """

    state: TorchState
    python: str = ""
    torch: str = ""
    cuda: str = ""
    hip: str = ""
    available: bool = False
    device: str = ""
    memory_free: int = 0
    memory_total: int = 0
    product_ok: bool = False
    mps: bool = False
    visible_devices: str | None = None
    error: str = ""


def read_torch(
    python: Path,
    *,
    variables: Mapping[str, str] = _NO_VARIABLES,
    timeout: float = 60.0,
    progress: Progress | None = None,
) -> TorchReport:
    """Ask the PyTorch of `python` about the GPU. Never raises.

    The interpreter runs in a process group of its own, of which nothing is left behind.

    Parameters
    ----------
    python
        The interpreter of the workshop's kernel.
    variables
        Environment variables of the kernel, on top of this process's. A value may name
        others as a kernelspec does: ``${PATH}``.
    timeout
        Seconds until the interpreter is ended.
    progress
        Ends the interpreter when a stop is asked for; the report is then ``failed``.
    """
    environment = dict(os.environ)
    for name, value in variables.items():
        environment[name] = Template(value).safe_substitute(os.environ)
    script = Path(__file__).with_name("torch_script.py").read_text("utf-8")
    try:
        process = subprocess.Popen(
            [os.fspath(python), "-c", script],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        return TorchReport("no_interpreter", python=os.fspath(python), error=str(error))
    with process, (progress or Silent()).on_cancel(lambda: _end(process)):
        try:
            output, errors = process.communicate(timeout=timeout)
            silent = TorchReport("failed", error=_how_it_ended(process.returncode, errors))
        except subprocess.TimeoutExpired:
            _end(process)
            output = _rest(process)
            silent = TorchReport("timeout", error=f"no answer within {timeout:g} seconds")
        finally:
            _end(process)
    return _answer(output) or replace(silent, python=os.fspath(python))


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the interpreter and all that it started, also when itself it has ended."""
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _rest(process: subprocess.Popen[bytes]) -> bytes:
    """Return what an ended process has printed.

    A grandchild that left the process group may hold the pipe open: it is not waited for.
    """
    try:
        return process.communicate(timeout=1)[0]
    except subprocess.TimeoutExpired as expired:
        return expired.output or b""


def _answer(output: bytes) -> TorchReport | None:
    for line in reversed(output.decode(errors="replace").splitlines()):
        if line.startswith(MARK):
            with suppress(ValidationError):
                return TypeAdapter(TorchReport).validate_json(line[len(MARK) :])
    return None


def _how_it_ended(status: int, errors: bytes) -> str:
    lines = errors.decode(errors="replace").strip().splitlines()
    how = f"it was ended by signal {-status}" if status < 0 else f"it ended with status {status}"
    return f"{how}: {lines[-1].strip()}" if lines else how
