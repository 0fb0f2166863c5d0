"""Tells whether the environment is there, whole, and what the definition asks for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from packaging.utils import canonicalize_name

from ..definition.models import Environment
from .failures import EnvironmentFailure
from .interpreter import ask_interpreter, fingerprint
from .kernel_receipt import KernelReceipt
from .kernelspec import KernelspecProblem, kernel_variables, read_kernelspec
from .packages import applies, versions_in
from .place import EnvironmentPlace, generation_of, python_of
from .receipt import Receipt, digest_of, read_receipt
from .rules import KERNEL_TOOLS, Target, check_conditions, holds, requirement_of, rules_for

Problem = Literal["", "missing", "incomplete", "broken", "outdated"]


@dataclass(frozen=True)
class EnvironmentState:
    """What was found.

    Attributes
    ----------
    ready
        Whether the kernel can be used as it is.
    message
        What was found, in one sentence.
    problem
        ``missing``: never built, or removed; ``incomplete``: packages are missing;
        ``broken``: it cannot start; ``outdated``: the definition, or the Python it was
        built on, changed since. Building mends each of them. Empty when ready.
    python
        The environment's interpreter, if there is one.
    missing
        The requirements that are not satisfied.
    served
        What was installed into a kernel's own Python, where that is what is ready.
    """

    ready: bool
    message: str
    problem: Problem = ""
    python: Path | None = None
    missing: tuple[str, ...] = ()
    served: KernelReceipt | None = None


def served_by_kernel(receipt: KernelReceipt) -> EnvironmentState:
    """Return the state where a kernel's own Python has what is needed."""
    python = Path(receipt.executable) if receipt.here else None
    return EnvironmentState(True, receipt.sentence(), python=python, served=receipt)


def observe_environment(
    environment: Environment, place: EnvironmentPlace, *, base_python: Path
) -> EnvironmentState:
    """Look at the environment of `place`; change nothing.

    Takes a few milliseconds: names of folders and their times are read, no package is.
    A Python is started only when the base is another file than at the build, and then
    once for each version of that file.

    Raises
    ------
    EnvironmentFailure
        If a package rule of the definition cannot be read.
    """
    check_conditions(environment)
    kernel = read_kernelspec(place)
    if isinstance(kernel, KernelspecProblem):
        if kernel.absent:
            return _not_ready("missing", "The workshop's Python environment is not there yet.")
        return _not_ready("broken", "The workshop's kernel cannot be read and must be rebuilt.")
    generation = generation_of(Path(kernel.argv[0]), place)
    if generation is None:
        return _not_ready("broken", "The workshop's kernel names a Python that is not its own.")
    state = observe_generation(environment, generation, base_python=base_python)
    if state.ready and kernel.env != kernel_variables(generation, environment.variables):
        return _not_ready("outdated", "The kernel's variables changed.", state.python)
    return state


def observe_generation(
    environment: Environment, generation: Path, *, base_python: Path
) -> EnvironmentState:
    """Look at one generation, whatever the kernelspec says."""
    receipt = read_receipt(generation)
    if receipt is None:
        return _not_ready("broken", "The workshop's Python environment must be rebuilt.")
    python = python_of(generation)
    if not python.exists():
        return _not_ready("broken", "The Python that the environment was built on is gone.")
    problem = _base_problem(receipt, base_python)
    if problem is not None:
        return problem
    if receipt.environment != digest_of(environment):
        return _not_ready(
            "outdated",
            "The workshop's package rules changed since the environment was built.",
            python,
        )
    return _packages_state(environment, receipt, python)


def _base_problem(receipt: Receipt, base_python: Path) -> EnvironmentState | None:
    try:
        if base_python == receipt.base and fingerprint(base_python) == receipt.base_changed:
            return None
        base = ask_interpreter(base_python)
    except EnvironmentFailure as failure:
        return _not_ready("broken", failure.message)
    if (base.prefix, base.version) == (receipt.base_prefix, receipt.base_version):
        return None
    return _not_ready(
        "outdated",
        f"The environment was built on Python {receipt.base_version} at {receipt.base_prefix}; "
        f"JupyterLab now runs Python {base.version} at {base.prefix}.",
    )


def _packages_state(environment: Environment, receipt: Receipt, python: Path) -> EnvironmentState:
    inherited = versions_in(receipt.base_folders)
    found = {**inherited, **versions_in((receipt.packages_folder,))}
    target = Target(receipt.base_version, found.get("torch"))
    missing = (
        [] if environment.torch is None or holds(environment.torch, target.torch) else ["torch"]
    )
    ruled: set[str] = set()
    for rule in rules_for(environment.packages, target):
        requirement = requirement_of(rule)
        name = canonicalize_name(requirement.name)
        ruled.add(name)
        if applies(requirement, target.python) and not (
            name in found and holds(str(requirement.specifier), found[name])
        ):
            missing.append(str(requirement))
    counted = (*KERNEL_TOOLS, *receipt.installed, *receipt.inherited)
    missing += [name for name in dict.fromkeys(counted) if name not in found and name not in ruled]
    if missing:
        names = ", ".join(missing)
        return _not_ready("incomplete", f"Missing in the environment: {names}.", python, missing)
    changed = [
        name
        for name, version in receipt.inherited.items()
        if name not in KERNEL_TOOLS and inherited.get(name) != version
    ]
    if changed:
        return _not_ready(
            "outdated", f"Changed since the environment was built: {', '.join(changed)}.", python
        )
    message = f"Ready: Python {receipt.base_version}."
    if environment.torch is not None:
        message = f"Ready: Python {receipt.base_version} and torch {target.torch}."
    return EnvironmentState(True, message, python=python)


def _not_ready(
    problem: Problem, message: str, python: Path | None = None, missing: list[str] | None = None
) -> EnvironmentState:
    return EnvironmentState(False, message, problem, python, tuple(missing or ()))
