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
from .tail import Tail
from .torch_script import MARK

TorchState = Literal["ok", "no_interpreter", "no_torch", "failed", "timeout", "busy"]

NO_VARIABLES: Mapping[str, str | None] = MappingProxyType({})


@dataclass(frozen=True)
class TorchReport:
    """All that PyTorch said, or why it said nothing.

    Attributes
    ----------
    state
        ``ok`` when PyTorch answered, even if it has no GPU; ``failed`` when importing it
        raised an error or ended the interpreter; ``busy`` when the live kernel runs a cell
        and cannot be asked meanwhile.
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
    memory_reserved
        Bytes of `memory_total` that the kernel which was asked holds itself.
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
    memory_reserved: int = 0
    product_ok: bool = False
    mps: bool = False
    visible_devices: str | None = None
    error: str = ""


def read_torch(
    python: Path,
    *,
    variables: Mapping[str, str | None] = NO_VARIABLES,
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
        others as a kernelspec does: ``${PATH}``. ``None`` takes one away.
    timeout
        Seconds until the interpreter is ended.
    progress
        Ends the interpreter when a stop is asked for; the report is then ``failed``.
    """
    environment = dict(os.environ)
    for name, value in variables.items():
        if value is None:
            environment.pop(name, None)
        else:
            environment[name] = Template(value).safe_substitute(os.environ)
    script = Path(__file__).with_name("torch_script.py").read_text("utf-8")
    try:
        process = subprocess.Popen(
            [os.fspath(python), "-c", script],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        return TorchReport("no_interpreter", python=os.fspath(python), error=str(error))
    assert process.stdout is not None
    assert process.stderr is not None
    output, errors = Tail(process.stdout), Tail(process.stderr)
    with (progress or Silent()).on_cancel(lambda: _end(process)):
        try:
            status = process.wait(timeout)
        except subprocess.TimeoutExpired:
            silent = TorchReport("timeout", error=f"no answer within {timeout:g} seconds")
        else:
            silent = TorchReport("failed", error=_how_it_ended(status, errors.text(wait=1)))
        finally:
            _end(process)
            # A process that waits inside a driver in trouble cannot even be killed.
            with suppress(subprocess.TimeoutExpired):
                process.wait(2)
    return _answer(output.text(wait=1)) or replace(silent, python=os.fspath(python))


_LONGEST = 500
"""Characters of an error that are kept."""


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the interpreter and all that it started, also when itself it has ended."""
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _answer(output: str) -> TorchReport | None:
    for line in reversed(output.splitlines()):
        if line.startswith(MARK):
            with suppress(ValidationError):
                return TypeAdapter(TorchReport).validate_json(line[len(MARK) :])
    return None


def _how_it_ended(status: int, errors: str) -> str:
    lines = errors.strip().splitlines()
    how = f"it was ended by signal {-status}" if status < 0 else f"it ended with status {status}"
    return f"{how}: {lines[-1].strip()[-_LONGEST:]}" if lines else how
