"""Asking a Python about itself."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from packaging.tags import Tag, compatible_tags, cpython_tags

from .failures import InterpreterBroken, InterpreterGone

ANSWER_SECONDS = 60
"""A first start from a cold network disk may take long; a broken one must still end."""

QUESTION = """
import json, site, sys, sysconfig
paths = sysconfig.get_paths()
sites = list(site.getsitepackages()) if hasattr(site, "getsitepackages") else [paths["purelib"]]
if getattr(site, "ENABLE_USER_SITE", None):
    sites.append(site.getusersitepackages())
print("\\n" + json.dumps({
    "version": "%d.%d.%d" % sys.version_info[:3],
    "abi": "cp%d%d%s" % (sys.version_info[0], sys.version_info[1], getattr(sys, "abiflags", "")),
    "prefix": sys.prefix,
    "path": [p for p in sys.path if p],
    "sites": sites,
    "stdlib": [paths["stdlib"], paths["platstdlib"]],
}))
"""

Fingerprint = tuple[int, int, int]
"""Modification time (ns) and size of an interpreter, and modification time of its venv."""


@dataclass(frozen=True)
class Interpreter:
    """What a Python says about itself.

    Attributes
    ----------
    executable
        The path it was asked by. Links are kept: resolving one leaves its environment.
    version
        Such as ``3.11.7``.
    abi
        Such as ``cp311``.
    prefix
        Its ``sys.prefix``, which tells environments of one interpreter apart.
    site_folders
        Folders of installed packages, in the order in which it looks.
    other_folders
        What else it looks in besides the standard library (PYTHONPATH, ``.pth`` files).
    """

    executable: Path
    version: str
    abi: str
    prefix: str
    site_folders: tuple[Path, ...]
    other_folders: tuple[Path, ...]

    @property
    def folders(self) -> tuple[Path, ...]:
        """Everything it looks in besides the standard library."""
        return tuple(dict.fromkeys((*self.site_folders, *self.other_folders)))

    def tags(self) -> tuple[Tag, ...]:
        """Return the wheel tags that it accepts on this machine, best first."""
        major, minor, *_ = (int(part) for part in self.version.split("."))
        version = (major, minor)
        return (
            *cpython_tags(version, abis=[self.abi]),
            *compatible_tags(version, interpreter=f"cp{major}{minor}"),
        )


_answers: dict[tuple[str, Fingerprint], Interpreter] = {}


def fingerprint(python: Path) -> Fingerprint:
    """Return what changes when the interpreter at `python` is exchanged for another one.

    Raises
    ------
    InterpreterGone
        If there is none, which includes a link to one that was deleted.
    """
    try:
        program = python.stat()
    except OSError as error:
        raise InterpreterGone(str(python)) from error
    try:
        venv = (python.parent.parent / "pyvenv.cfg").stat().st_mtime_ns
    except OSError:
        venv = 0
    return program.st_mtime_ns, program.st_size, venv


def ask_interpreter(python: Path) -> Interpreter:
    """Return what the Python at `python` says about itself.

    It is started once; the answer holds until the file changes.

    Raises
    ------
    InterpreterGone
        If it does not exist.
    InterpreterBroken
        If it does not start, fails, or does not answer within a minute.
    """
    key = (str(python), fingerprint(python))
    if key not in _answers:
        _answers[key] = _ask(python)
    return _answers[key]


def _ask(python: Path) -> Interpreter:
    here = python.parent
    try:
        done = subprocess.run(
            [str(python), "-c", QUESTION],
            cwd=here,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=ANSWER_SECONDS,
            check=True,
        )
        answer = json.loads(done.stdout.splitlines()[-1])
        stdlib = {Path(folder) for folder in answer["stdlib"]}
        seen = [Path(folder) for folder in answer["path"] if os.path.isabs(folder)]  # noqa: PTH117
        sites = [Path(folder) for folder in answer["sites"] if Path(folder).is_dir()]
        return Interpreter(
            executable=python,
            version=answer["version"],
            abi=answer["abi"],
            prefix=answer["prefix"],
            site_folders=tuple(dict.fromkeys(sites)),
            other_folders=tuple(
                dict.fromkeys(
                    folder
                    for folder in seen
                    if folder.is_dir()
                    and folder not in sites
                    and folder != here
                    and folder not in stdlib
                    and folder.parent not in stdlib
                )
            ),
        )
    except subprocess.CalledProcessError as error:
        raise InterpreterBroken(str(python), str(error.stderr)[-2000:]) from error
    except (OSError, subprocess.TimeoutExpired, ValueError, LookupError, TypeError) as error:
        raise InterpreterBroken(str(python), str(error)[-2000:]) from error
