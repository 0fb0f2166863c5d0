"""Importing what the rules promise, as the workshop's kernel would import it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from string import Template

from ..jobs.progress import Progress
from .failures import InterpreterBroken, VerificationFailed
from .kernelspec import kernel_variables
from .place import python_of
from .process_group import in_group, told_by

_IMPORT = """
import importlib, json, os, site, sys, traceback
sys.path[:] = [folder for folder in sys.path if folder]
packages, known = sys.argv[1], json.loads(sys.argv[2])
for name in sys.argv[3:]:
    try:
        importlib.import_module(name)
    except BaseException:
        pass  # it is tried again below, or not wanted
wanted = sys.stdin.readline()
if not wanted:
    os._exit(0)
importlib.invalidate_caches()
if {name for name in os.listdir(packages) if name.endswith(".pth")} - set(known):
    site.addsitedir(packages)
failed = {}
for name in json.loads(wanted):
    try:
        importlib.import_module(name)
    except BaseException:
        failed[name] = traceback.format_exc()
print("\\n" + json.dumps(failed), flush=True)
os._exit(0)
"""
"""Imports the modules of its arguments, then those that a line of its input names, which may
be installed in the meantime, and with them ``.pth`` files that were not known before.

The end is abrupt, for threads and exit handlers of what was imported do not matter."""

_KERNEL = ("ipykernel",)
"""What makes a Python a kernel."""


@dataclass(frozen=True)
class Imports:
    """Imports in the kernel's own interpreter and environment.

    Attributes
    ----------
    generation
        The environment.
    packages
        The folder of its packages, which may still be on their way.
    variables
        Those of the workshop's kernel, besides the ones that every kernel gets.
    folder
        A folder to be in meanwhile.
    """

    generation: Path
    packages: Path
    variables: Mapping[str, str]
    folder: Path
    progress: Progress

    @contextmanager
    def begun(self, modules: Sequence[str] = ()) -> Iterator[subprocess.Popen[str]]:
        """Begin to import `modules`, which the base brings, while the others are installed.

        The interpreter, which :meth:`finish` wants, does not outlive the block.
        """
        environ = kernel_environ(kernel_variables(self.generation, self.variables), os.environ)
        # Where a server is told not to write bytecode, every kernel would compile anew.
        environ.pop("PYTHONDONTWRITEBYTECODE", None)
        known = json.dumps([path.name for path in self.packages.glob("*.pth")])
        python = str(python_of(self.generation))
        with in_group(
            [python, "-c", _IMPORT, str(self.packages), known, *modules],
            environ=environ,
            folder=self.folder,
            progress=self.progress,
            stdin=subprocess.PIPE,
        ) as process:
            yield process

    def finish(
        self, begun: subprocess.Popen[str], modules: Sequence[str], *, compiled: bool
    ) -> None:
        """Import every one of `modules`.

        The first imports compile, which takes most of their time: two processes share them,
        and the kernel's first import finds everything compiled. Where that is done, one
        process alone is faster, for MONAI itself imports most of the others.

        Parameters
        ----------
        begun
            The interpreter that was begun before.
        compiled
            Whether the bytecode of what was installed is there already.

        Raises
        ------
        VerificationFailed
            If one cannot be imported.
        InterpreterBroken
            If the interpreter did not come that far.
        Cancelled
            If a stop was asked for.
        """
        wanted = (*modules, *_KERNEL)
        middle = len(wanted) if compiled else (len(wanted) + 1) // 2
        with ThreadPoolExecutor(1) as pool:
            others = pool.submit(self._afresh, wanted[middle:])
            try:
                failed = _answer(self._told(begun, wanted[:middle]))
            except ValueError:
                failed = dict.fromkeys(wanted[:middle], "")
            # The fault may lie in what was imported before the rest was there.
            failed = self._afresh(tuple(failed)) | others.result()
        if failed:
            details = "\n".join(failed.values())
            raise VerificationFailed(tuple(failed), details[-4000:])

    def _afresh(self, modules: Sequence[str]) -> dict[str, str]:
        if not modules:
            return {}
        with self.begun() as process:
            lines = self._told(process, modules)
        try:
            return _answer(lines)
        except ValueError:
            python = str(python_of(self.generation))
            raise InterpreterBroken(python, "\n".join(lines[-30:])) from None

    def _told(self, process: subprocess.Popen[str], modules: Sequence[str]) -> list[str]:
        assert process.stdin is not None
        # It may have ended already.
        with suppress(OSError), process.stdin:
            process.stdin.write(json.dumps(list(modules)) + "\n")
        _, lines = told_by(process, self.progress, kept=2000)
        return lines


def kernel_environ(variables: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """Return what a kernel with the kernelspec's `variables` finds in its environment.

    As jupyter_client does it: a ``${NAME}`` in them is taken from `given`.
    """
    kept = {name: value for name, value in given.items() if name != "PYTHONEXECUTABLE"}
    return kept | {name: Template(text).safe_substitute(kept) for name, text in variables.items()}


def _answer(lines: Sequence[str]) -> dict[str, str]:
    """Return the failures that the interpreter's last line tells.

    Raises
    ------
    ValueError
        If it did not come that far.
    """
    answer: dict[str, str] = json.loads(lines[-1] if lines else "")
    return answer
