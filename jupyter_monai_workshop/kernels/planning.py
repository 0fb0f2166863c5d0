"""Finding out what a build would install, without installing it."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from ..definition.models import Environment
from ..jobs.progress import Progress
from .failures import told_of_wheels, told_plainly
from .installer import Uv, find_uv
from .interpreter import Interpreter, ask_interpreter
from .packages import installed_in
from .pip_settings import read_pip_settings
from .plan import InstallPlan
from .resolve import Resolver
from .rules import check_conditions


def plan_environment(
    environment: Environment,
    folder: Path,
    *,
    base_python: Path,
    gpu: bool,
    wheels: Path | None = None,
    progress: Progress,
) -> InstallPlan:
    """Return what :func:`build_environment` would install; install nothing.

    Parameters
    ----------
    folder
        Where a scratch folder may be made.
    environment, base_python, gpu, wheels, progress
        As for a build.

    Raises
    ------
    EnvironmentFailure
        As a build does before it installs anything; :class:`WouldReplace` among them.
    Cancelled
        If a stop was asked for.
    """
    check_conditions(environment)
    with told_plainly(), told_of_wheels(wheels):
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix="plan-", dir=folder) as work:
            progress.report("resolving", 0.1)
            base = ask_interpreter(base_python)
            uv, have = installer_for(base, wheels), installed_in(base.folders)
            plan = Resolver(environment, base, have, uv, Path(work), progress).plan(gpu=gpu)
            return plan.shown()


def installer_for(base: Interpreter, wheels: Path | None = None) -> Uv:
    """Return uv, told where packages come from: where pip takes them, or only from `wheels`."""
    settings = read_pip_settings(base.executable, os.environ)
    if wheels is None:
        return Uv.with_settings(find_uv(), settings, os.environ)
    return Uv.only_with(find_uv(), wheels, settings, os.environ)
