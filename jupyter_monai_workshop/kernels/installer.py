"""Running uv: finding it, telling it where packages come from, understanding its failures."""

from __future__ import annotations

import os
import re
import shutil
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ..jobs.progress import Progress
from .failures import (
    DiskFull,
    EnvironmentFailure,
    FolderNotWritable,
    IndexRefused,
    IndexUnreachable,
    InstallerMissing,
    InstallFailed,
    InterpreterBroken,
    PackageNotFound,
    ResolutionConflict,
)
from .pip_settings import PipSettings
from .process_group import run_in_group

_TOO_LARGE = -signal.SIGXFSZ if hasattr(signal, "SIGXFSZ") else None
"""Status of a program that wrote a larger file than it may."""

STEERING = (
    # Settings of the shell that the server was started from, which would send the
    # packages of a workshop into another Python.
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "PYTHONHOME",
    "PYTHONPATH",
    "UV_PYTHON",
    "UV_SYSTEM_PYTHON",
    "UV_BREAK_SYSTEM_PACKAGES",
    "UV_PROJECT",
    "UV_PROJECT_ENVIRONMENT",
    "UV_WORKING_DIR",
    "UV_TORCH_BACKEND",
    "UV_VENV_SEED",
    "FORCE_COLOR",
    "CLICOLOR_FORCE",
)

PLACES = (
    # Where uv is told to take packages from, besides what pip is told.
    "UV_INDEX",
    "UV_DEFAULT_INDEX",
    "UV_INDEX_URL",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
)


@dataclass(frozen=True)
class Uv:
    """uv on this machine, with pip's settings.

    Attributes
    ----------
    binary
        The program.
    settings
        What pip is told here.
    environ
        Environment variables of every run.
    """

    binary: Path
    settings: PipSettings
    environ: Mapping[str, str] = field(repr=False)

    @classmethod
    def with_settings(cls, binary: Path, settings: PipSettings, given: Mapping[str, str]) -> Uv:
        """Return uv with `settings` added to the environment variables `given`."""
        kept = {name: value for name, value in given.items() if name not in STEERING}
        return cls(
            binary,
            settings,
            {
                **kept,
                **settings.environ(kept),
                "UV_PYTHON_DOWNLOADS": "never",
                "NO_COLOR": "1",
            },
        )

    @classmethod
    def only_with(
        cls, binary: Path, wheels: Path, settings: PipSettings, given: Mapping[str, str]
    ) -> Uv:
        """Return uv that takes packages from the folder `wheels`, and never asks a network."""
        kept = {name: value for name, value in given.items() if name not in PLACES}
        return cls.with_settings(binary, settings.only_from(wheels), {**kept, "UV_OFFLINE": "1"})

    def run(
        self,
        arguments: Sequence[str],
        *,
        folder: Path,
        progress: Progress,
        on_line: Callable[[str], None] = lambda line: None,
        find_links: str = "",
        patient: bool = True,
    ) -> None:
        """Run uv with `arguments` in `folder` and wait for it.

        Parameters
        ----------
        on_line
            Hears every line that uv prints.
        find_links
            A folder of wheels, relative to `folder`, besides those that pip is told of.
        patient
            Whether uv tries again when the network fails.

        Raises
        ------
        Cancelled
            If the person asked for it; nothing of uv runs any more then.
        EnvironmentFailure
            The subclass that says why uv failed, with its last lines as details.
        """
        options = ["--no-index"] if self.settings.no_index and arguments[0] == "pip" else []
        environ = dict(self.environ)
        if find_links:
            # As an option it would take the place of the variable.
            links = (environ.get("UV_FIND_LINKS", ""), find_links)
            environ["UV_FIND_LINKS"] = ",".join(filter(None, links))
        if not patient:
            environ["UV_HTTP_RETRIES"] = "0"
        status, lines = run_in_group(
            [str(self.binary), *arguments, *options],
            environ=environ,
            folder=folder,
            progress=progress,
            on_line=on_line,
        )
        if status == _TOO_LARGE:
            raise DiskFull("The system does not let this user write files that large.")
        if status != 0:
            raise failure_from("\n".join(lines))


def find_uv(environ: Mapping[str, str] = os.environ) -> Path:
    """Return uv: the one of the PyPI package ``uv``, else the one on PATH.

    Raises
    ------
    InstallerMissing
        If there is none.
    """
    with suppress(ImportError, FileNotFoundError):
        from uv import find_uv_bin

        return Path(find_uv_bin())
    on_path = shutil.which("uv", path=environ.get("PATH", ""))
    if on_path is None:
        raise InstallerMissing
    return Path(on_path)


def failure_from(output: str) -> EnvironmentFailure:
    """Return the failure that uv's last lines tell about."""
    text = " ".join(output.split())

    def says(*patterns: str) -> bool:
        return any(re.search(pattern, text, re.IGNORECASE) for pattern in patterns)

    if says("no space left on device", "disk quota exceeded", r"os error (28|122)\b"):
        return DiskFull(output)
    if says("read-only file system", "permission denied", r"os error (13|30)\b"):
        return FolderNotWritable(output)
    if says("failed to fetch", "error sending request", "dns error", "timed out", "connect error"):
        return IndexUnreachable(output)
    if says(r"(failed to inspect|querying) python", "no interpreter found", "broken symlink"):
        return InterpreterBroken("base", output)
    if says("401 unauthorized", "403 forbidden", "lack of valid authentication"):
        return IndexRefused(output)
    absent = re.search(
        r"(?:because|and) (\S+) was not found in the (?:package registry|provided package)"
        r"|because (?:there (?:is|are) no versions? of|only) ([A-Za-z0-9][\w.-]*\w)",
        text,
        re.IGNORECASE,
    )
    if absent:
        return PackageNotFound(absent[1] or absent[2], output)
    if says("no solution found", "unsatisfiable"):
        return ResolutionConflict(output)
    return InstallFailed(output)
