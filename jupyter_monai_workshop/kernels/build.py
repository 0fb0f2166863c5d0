"""Building an environment beside the one in use, and swapping it in whole."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..definition.models import Environment
from ..jobs.progress import Progress
from ..jobs.steady import Steady
from .bytecode import STORE, Bytecode
from .failures import told_of_wheels, told_plainly
from .generations import current_generation, held, new_generation, sweep
from .install_lines import InstallLines
from .installer import Uv
from .interpreter import Interpreter, ask_interpreter, fingerprint
from .kernelspec import write_kernelspec
from .observe import EnvironmentState, observe_environment, observe_generation
from .packages import installed_in
from .place import EnvironmentPlace, python_of, scripts_folder
from .plan import InstallPlan, Plan
from .planning import installer_for
from .process_group import run_in_group
from .receipt import Receipt, digest_of, write_receipt
from .resolve import Resolver
from .rules import check_conditions, module_of
from .uv_cache import tidied_after_failure
from .verify import Imports

INHERITANCE = "monai_workshop_base.pth"

COMPILED = 0.5
"""The share of packages with bytecode above which little is left to compile."""

PRELOADED = ("torch", "torch.distributed.optim", "ipykernel")
"""What of the base takes longest to import, when MONAI or a kernel imports it."""

PRELOADING = frozenset({"torch", "numpy", "ipykernel"})
"""Packages that the base must have for that: without its own numpy, torch would be another one
once there is one."""

PIP = """#!/bin/sh
'''exec' {python} "$0" "$@"
' '''
import runpy
import sys

sys.argv[0] = "pip"
runpy.run_module("pip", run_name="__main__")
"""
"""``pip`` for an environment that inherits it: any other pip on PATH serves another Python.
The first lines are a shell's way to start a Python whose path may be long or have spaces."""


def build_environment(
    environment: Environment,
    place: EnvironmentPlace,
    *,
    title: str,
    base_python: Path,
    gpu: bool,
    wheels: Path | None = None,
    on_plan: Callable[[InstallPlan], None] = lambda plan: None,
    progress: Progress,
) -> EnvironmentState:
    """Make the environment what `environment` asks for, and return its state.

    Does nothing when it already is. Otherwise a new generation is built beside the one
    in use and the kernelspec is turned to it at the end, so that a build that fails, is
    killed or is stopped leaves the last good one in use.

    Parameters
    ----------
    title
        What people read where they choose a kernel.
    base_python
        The interpreter whose packages the environment inherits; never changed.
    gpu
        Whether this machine has a GPU, which decides the build of torch where the base
        has none.
    wheels
        A folder with every package that is missing, as wheels. They are then taken from
        there and from nowhere else, and no network is asked. ``None`` goes where pip is
        told to go.
    on_plan
        Told what will be installed, before anything is.
    progress
        Phases ``waiting``, ``looking``, ``resolving``, ``downloading``, ``installing``,
        ``verifying`` and ``writing``; the fraction never goes backwards.

    Raises
    ------
    WheelMissing
        If `wheels` lacks something.
    EnvironmentFailure
        The subclass that says what else went wrong, with the installer's last lines.
    Cancelled
        If a stop was asked for.
    """
    check_conditions(environment)
    progress = Steady(progress)
    with held(place, progress), told_plainly():
        if current_generation(place) is not None:
            sweep(place)
        progress.report("looking", 0.01)
        generation = _usable_generation(environment, place, base_python)
        if generation is None:
            generation = _build(environment, place, base_python, gpu, wheels, on_plan, progress)
        progress.report("writing", 0.98)
        try:
            write_kernelspec(place, generation, title=title, variables=environment.variables)
        except OSError:
            if generation != current_generation(place):
                _discard(generation)
            raise
        sweep(place)
        state = observe_environment(environment, place, base_python=base_python)
        progress.report("writing", 1.0, state.message)
        return state


def _usable_generation(
    environment: Environment, place: EnvironmentPlace, base_python: Path
) -> Path | None:
    """Return the generation in use if it is as it should be, else the newest that is.

    The latter is found where only the kernelspec is damaged.
    """
    current = current_generation(place)
    others = place.environment.glob("[0-9]*") if current is None else ()
    for generation in (*filter(None, (current,)), *sorted(others, reverse=True)):
        if observe_generation(environment, generation, base_python=base_python).ready:
            return generation
    return None


def _build(
    environment: Environment,
    place: EnvironmentPlace,
    base_python: Path,
    gpu: bool,
    wheels: Path | None,
    on_plan: Callable[[InstallPlan], None],
    progress: Progress,
) -> Path:
    """Build a new generation and return its folder; on failure nothing of it is left."""
    generation = new_generation(place)
    work = generation.with_name(f".{generation.name}")
    try:
        work.mkdir(parents=True)
        base = ask_interpreter(base_python)
        _Build(environment, base, generation, work, wheels, on_plan, progress).run(gpu)
    except BaseException:
        _discard(generation)
        raise
    finally:
        _discard(work)
    return generation


def _discard(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        folder.parent.rmdir()


@dataclass(frozen=True)
class _Build:
    """One build of one generation, read from `run` downwards."""

    environment: Environment
    base: Interpreter
    generation: Path
    work: Path
    wheels: Path | None
    on_plan: Callable[[InstallPlan], None]
    progress: Progress

    def run(self, gpu: bool) -> None:
        uv = installer_for(self.base, self.wheels)
        cache = self._cache_of(uv)
        with tidied_after_failure(cache), told_of_wheels(self.wheels):
            self.progress.report("resolving", 0.05)
            have = installed_in(self.base.folders)
            self._make_folder(uv)
            packages = self._inherit()
            imports = Imports(
                self.generation,
                packages,
                variables=self.environment.variables,
                folder=self.work,
                progress=self.progress,
            )
            with imports.begun(PRELOADED if have.keys() >= PRELOADING else ()) as begun:
                plan = Resolver(
                    self.environment, self.base, have, uv, self.work, self.progress
                ).plan(gpu=gpu)
                self.on_plan(plan.shown())
                self.progress.report("resolving", 0.2, plan.shown().sentence())
                if plan.install:
                    self._install(uv, plan)
                bytecode = Bytecode(packages, cache / STORE)
                bytecode.take()
                if "pip" in have:
                    self._write_pip()
                self.progress.report("verifying", 0.86, "imports everything once")
                compiled = bytecode.share_kept() > COMPILED
                imports.finish(begun, self._promised(plan), compiled=compiled)
            bytecode.keep()
            write_receipt(self.generation, self._receipt(plan, packages))

    def _cache_of(self, uv: Uv) -> Path:
        answer = self._run([str(uv.binary), "cache", "dir"], uv.environ)
        return Path(answer[-1]) if answer else self.work

    def _make_folder(self, uv: Uv) -> None:
        uv.run(
            [
                *("venv", "--no-project", "--python", str(self.base.executable)),
                str(self.generation),
            ],
            folder=self.work,
            progress=self.progress,
        )

    def _inherit(self) -> Path:
        """Let the environment see what the base sees; return the folder of its own packages.

        A line of a ``.pth`` file adds a folder, but does not read the ``.pth`` files in
        it, which editable installations and namespace packages need.
        """
        python = python_of(self.generation)
        packages = ask_interpreter(python).site_folders[0]
        lines = [
            *(f"import site; site.addsitedir({str(f)!a})" for f in self.base.site_folders),
            *(
                f"import sys; {str(f)!a} in sys.path or sys.path.append({str(f)!a})"
                for f in self.base.other_folders
            ),
        ]
        (packages / INHERITANCE).write_text("\n".join(lines) + "\n", "ascii")
        return packages

    def _install(self, uv: Uv, plan: Plan) -> None:
        pins = self.work / "install.txt"
        pins.write_text("\n".join(plan.install) + "\n", "utf-8")
        names = [pin.package.name for pin in plan.pins]
        self.progress.report("downloading", 0.25, plan.shown().sentence())
        uv.run(
            [
                *("pip", "install", "--no-deps", "--requirement", str(pins)),
                *("--python", str(python_of(self.generation))),
                *(("--torch-backend", plan.torch_backend) if plan.torch_backend else ()),
            ],
            folder=self.work,
            progress=self.progress,
            on_line=InstallLines(self.progress, 0.25, 0.85, names),
        )

    def _write_pip(self) -> None:
        folder = scripts_folder(self.generation)
        if os.name == "nt":
            return
        text = PIP.format(python=shlex.quote(str(python_of(self.generation))))
        for name in ("pip", "pip3"):
            (folder / name).write_text(text, "utf-8")
            (folder / name).chmod(0o755)

    def _promised(self, plan: Plan) -> list[str]:
        """Return the modules that the rules promise."""
        modules = [module_of(rule) for rule in plan.rules]
        return modules if self.environment.torch is None else [*modules, "torch"]

    def _run(self, command: list[str], environ: Mapping[str, str]) -> list[str]:
        _, lines = run_in_group(command, environ=environ, folder=self.work, progress=self.progress)
        return lines

    def _receipt(self, plan: Plan, packages: Path) -> Receipt:
        return Receipt(
            environment=digest_of(self.environment),
            base=self.base.executable,
            base_version=self.base.version,
            base_prefix=self.base.prefix,
            base_changed=fingerprint(self.base.executable),
            base_folders=self.base.folders,
            packages_folder=packages,
            torch=plan.torch,
            installed=tuple(pin.package.name for pin in plan.pins),
            inherited=dict(plan.inherited),
        )
