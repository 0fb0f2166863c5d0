"""Keeping the wheels that an environment would install, for a place without network.

uv resolves, as it does for a build; but only pip can keep what it downloads. So pip is
given uv's pins, and every place where uv found one.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import (
    InvalidWheelFilename,
    canonicalize_name,
    parse_wheel_filename,
)

from ..definition.models import Environment
from ..jobs.progress import Progress
from ..jobs.steady import Share, Steady
from .failures import (
    DiskFull,
    EnvironmentFailure,
    FolderNotWritable,
    IndexUnreachable,
    InstallFailed,
    PackageNotFound,
    PipMissing,
    told_plainly,
)
from .installer import Uv
from .interpreter import Interpreter, ask_interpreter
from .packages import installed_in
from .plan import Plan
from .planning import installer_for
from .process_group import run_in_group
from .resolve import Resolver
from .rules import check_conditions

_RESOLVED = 0.2

_PIP_MANNERS = {
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_REQUIRE_VIRTUALENV": "0",
    "PIP_NO_INPUT": "1",
    "PIP_PROGRESS_BAR": "off",
}

_NETWORK = r"connection(?: |error)|timed out|max retries|name resolution|proxyerror|sslerror"


@dataclass(frozen=True)
class Wheelhouse:
    """Wheels, and which machines they are for.

    Attributes
    ----------
    files
        One wheel for each package that the environment would install.
    python
        The version of Python that they are for, without its last part, such as ``3.11``.
    platform
        The best platform tag of the machine on which they were downloaded.
    torch
        The version of torch that the environment would have; ``None`` for none.
    """

    files: tuple[Path, ...]
    python: str
    platform: str
    torch: str | None


def download_wheels(
    environment: Environment,
    folder: Path,
    *,
    base_python: Path,
    gpu: bool,
    progress: Progress,
) -> Wheelhouse:
    """Download into `folder` what :func:`build_environment` would install, as wheels.

    What was in `folder` before is removed. A package of which there is only the source is
    built. Nothing is installed.

    Parameters
    ----------
    environment, base_python, gpu
        As for a build. What `base_python` has is not downloaded.
    progress
        Phases ``resolving`` and ``downloading``.

    Raises
    ------
    PipMissing
        If there is no pip and none can be had.
    EnvironmentFailure
        The subclass that says what else went wrong.
    Cancelled
        If a stop was asked for.
    """
    check_conditions(environment)
    progress = Steady(progress)
    work = folder.with_name(f".{folder.name}.work")
    with told_plainly():
        try:
            for old in (folder, work):
                shutil.rmtree(old, ignore_errors=True)
                old.mkdir(parents=True)
            base = ask_interpreter(base_python)
            uv = installer_for(base)
            progress.report("resolving", 0.0)
            have = installed_in(base.folders)
            plan = Resolver(
                environment, base, have, uv, work, Share(progress, 0.0, _RESOLVED)
            ).plan(gpu=gpu)
            files = _Download(base, uv, plan, folder, work, progress).run()
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return Wheelhouse(files, short_version(base), base.tags()[0].platform, plan.torch)


def short_version(base: Interpreter) -> str:
    """Return the version of a Python as far as wheels care, such as ``3.11``."""
    return ".".join(base.version.split(".")[:2])


def unfit_wheels(names: Iterable[str], base: Interpreter) -> tuple[str, ...]:
    """Return those of the wheels called `names` that `base` cannot install."""
    accepted = frozenset(base.tags())
    return tuple(name for name in names if accepted.isdisjoint(_tags(name)))


def _tags(name: str) -> frozenset[object]:
    try:
        return frozenset(parse_wheel_filename(name)[3])
    except InvalidWheelFilename:
        return frozenset()


@dataclass(frozen=True)
class _Download:
    """One download of one plan, read from `run` downwards."""

    base: Interpreter
    uv: Uv
    plan: Plan
    folder: Path
    work: Path
    progress: Progress

    def run(self) -> tuple[Path, ...]:
        if not self.plan.install:
            return ()
        pins = self.work / "pins.txt"
        pins.write_text("\n".join(self.plan.install) + "\n", "utf-8")
        self.progress.report("downloading", _RESOLVED, f"{len(self.plan.install)} packages")
        status, lines = self._run(
            [
                *self._pip(),
                *("wheel", "--no-deps", "--wheel-dir", str(self.folder)),
                *("--requirement", str(pins)),
                *self._places(pins),
            ],
            _Lines(self.progress, len(self.plan.install)),
        )
        if status != 0:
            raise pip_failure("\n".join(lines))
        return self._found()

    def _pip(self) -> list[str]:
        """Return how to call a pip that works for the base.

        That of the base, or another one that is told to work for it, or one that uv gets.
        """
        python = str(self.base.executable)
        via_uv = [
            *(str(self.uv.binary), "tool", "run", "--python", python),
            *(("--no-index",) if self.uv.settings.no_index else ()),
            "pip",
        ]
        for command in ([python, "-m", "pip"], [sys.executable, "-m", "pip", "--python", python]):
            if self._run([*command, "--version"])[0] == 0:
                return command
        status, lines = self._run([*via_uv, "--version"])
        if status != 0:
            raise PipMissing("\n".join(lines))
        return via_uv

    def _places(self, pins: Path) -> list[str]:
        """Return the options that name every place where uv found a pin, or would look.

        pip knows its own settings; what it does not know is the index of a build of torch
        and what uv alone was told.
        """
        output = self.work / "places.txt"
        backend = self.plan.torch_backend
        self.uv.run(
            [
                *("pip", "compile", str(pins), "--no-deps", "--quiet", "--no-header"),
                *("--no-annotate", "--emit-index-annotation"),
                *("--python", str(self.base.executable), "--output-file", str(output)),
                *(("--torch-backend", backend) if backend else ()),
            ],
            folder=self.work,
            progress=self.progress,
        )
        links = self.uv.environ.get("UV_FIND_LINKS", "").split(",")
        indexes = index_urls(output.read_text("utf-8"))
        return [
            *(f"--find-links={link}" for link in links if link),
            *(f"--extra-index-url={url}" for url in indexes if url not in links),
        ]

    def _found(self) -> tuple[Path, ...]:
        """Return the wheels; each pin has one."""
        wheels = {path: parse_wheel_filename(path.name) for path in self.folder.glob("*.whl")}
        found = {(name, version) for name, version, _, _ in wheels.values()}
        for pin in map(Requirement, self.plan.install):
            name = canonicalize_name(pin.name)
            if not any(
                name == it and pin.specifier.contains(version, prereleases=True)
                for it, version in found
            ):
                raise PackageNotFound(pin.name, f"pip kept no wheel of {pin}")
        return tuple(sorted(wheels))

    def _run(
        self, command: Sequence[str], on_line: Callable[[str], None] = lambda line: None
    ) -> tuple[int, list[str]]:
        return run_in_group(
            command,
            environ={**self.uv.environ, **_PIP_MANNERS},
            folder=self.work,
            progress=self.progress,
            on_line=on_line,
        )


class _Lines:
    """Turns the lines that ``pip wheel`` prints into progress: one step for each package."""

    def __init__(self, progress: Progress, packages: int) -> None:
        self._progress = progress
        self._packages = packages
        self._begun = 0

    def __call__(self, line: str) -> None:
        """Take the next line."""
        match = re.match(r"(Collecting|Processing|Downloading|Building wheel for) (\S+)", line)
        if match is None:
            return
        self._begun += match[1] in ("Collecting", "Processing")
        done = min(self._begun / (self._packages + 1), 1.0)
        fraction = _RESOLVED + (1 - _RESOLVED) * done
        self._progress.report("downloading", fraction, match[2].rpartition("/")[2])


def index_urls(resolved: str) -> tuple[str, ...]:
    """Return the indexes that uv names under its pins, each once.

    Those with a login are left out: it would be seen in the list of processes.
    """
    named = re.findall(r"^\s*# from (\S+)$", resolved, re.MULTILINE)
    return tuple(url for url in dict.fromkeys(named) if "@" not in url)


def pip_failure(output: str) -> EnvironmentFailure:
    """Return the failure that pip's last lines tell about."""
    text = output.lower()
    absent = re.search(
        r"(?:no matching distribution found for|could not find a version that satisfies the "
        r"requirement) ([a-z0-9][a-z0-9._-]*)",
        text,
    )
    if "no space left" in text or "quota exceeded" in text:
        return DiskFull(output)
    if "read-only file system" in text or "permission denied" in text:
        return FolderNotWritable(output)
    if re.search(
        r"connection(?: |error)|timed out|max retries|name resolution|proxyerror|sslerror", text
    ):
        return IndexUnreachable(output)
    if absent:
        return PackageNotFound(absent[1], output)
    return InstallFailed(output)
