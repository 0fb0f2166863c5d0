"""Importing what the rules promise, as the workshop's kernel would import it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from string import Template

from ..jobs.progress import Progress
from .failures import InterpreterBroken, VerificationFailed
from .installer import run_in_group
from .kernelspec import kernel_variables
from .place import python_of

_IMPORT = """
import importlib, json, sys, traceback
sys.path[:] = [folder for folder in sys.path if folder]
failed = {}
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except BaseException:
        failed[name] = traceback.format_exc()
print("\\n" + json.dumps(failed), flush=True)
import os
os._exit(0)
"""
"""The end is abrupt, for threads and exit handlers of what was imported do not matter."""

_KERNEL = ("ipykernel",)
"""What makes a Python a kernel."""


def verify_imports(
    generation: Path,
    modules: Sequence[str],
    *,
    compiled: bool,
    variables: Mapping[str, str],
    folder: Path,
    progress: Progress,
) -> None:
    """Import every one of `modules` in the kernel's own interpreter and environment.

    The first imports compile, which takes most of their time: two processes share them,
    and the kernel's first import finds everything compiled. Where that is done, one process
    alone is faster, for MONAI itself imports most of the others.

    Parameters
    ----------
    compiled
        Whether the bytecode of what was installed is there already.
    variables
        Those of the workshop's kernel, besides the ones that every kernel gets.
    folder
        A folder to be in meanwhile.

    Raises
    ------
    VerificationFailed
        If one cannot be imported.
    InterpreterBroken
        If the interpreter did not come that far.
    Cancelled
        If a stop was asked for.
    """
    environ = kernel_environ(kernel_variables(generation, variables), os.environ)
    # Where a server is told not to write bytecode, every kernel would compile anew.
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [str(python_of(generation)), "-c", _IMPORT]
    wanted = (*modules, *_KERNEL)
    middle = len(wanted) if compiled else (len(wanted) + 1) // 2
    parts = [part for part in (wanted[:middle], wanted[middle:]) if part]

    def run(part: Sequence[str]) -> tuple[int, list[str]]:
        return run_in_group(
            [*command, *part], environ=environ, folder=folder, progress=progress, kept=2000
        )

    failed: dict[str, str] = {}
    with ThreadPoolExecutor(len(parts)) as pool:
        for _, lines in list(pool.map(run, parts)):
            failed |= _answer(str(python_of(generation)), lines)
    if failed:
        details = "\n".join(failed.values())
        raise VerificationFailed(tuple(failed), details[-4000:])


def kernel_environ(variables: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """Return what a kernel with the kernelspec's `variables` finds in its environment.

    As jupyter_client does it: a ``${NAME}`` in them is taken from `given`.
    """
    kept = {name: value for name, value in given.items() if name != "PYTHONEXECUTABLE"}
    return kept | {name: Template(text).safe_substitute(kept) for name, text in variables.items()}


def _answer(python: str, lines: Sequence[str]) -> dict[str, str]:
    try:
        answer: dict[str, str] = json.loads(lines[-1])
    except (LookupError, ValueError):
        raise InterpreterBroken(python, "\n".join(lines[-30:])) from None
    return answer
