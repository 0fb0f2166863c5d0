"""What a Python that kernels run on has, and what pip must bring it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from ..definition.models import Environment, PackageRule
from .failures import NoSuitableTorch, UnsuitableBaseTorch, UnsupportedCombination, WouldReplace
from .interpreter import Interpreter
from .packages import applies, versions_in
from .rules import (
    Target,
    check_conditions,
    holds,
    requirement_of,
    rules_for,
    torch_conditions,
    unserved,
)

HELD = ("torch", "numpy")
"""What pip is told to leave as it is, where it is there. Everything else is looked at, too,
but these two are what a replacement ruins for good."""


@dataclass(frozen=True)
class KernelPython:
    """A Python, by what it has.

    Attributes
    ----------
    version
        Such as ``3.11.7``.
    packages
        Installed versions, by normalised name.
    """

    executable: str
    prefix: str
    version: str
    packages: Mapping[str, str]

    @classmethod
    def of(cls, base: Interpreter) -> KernelPython:
        """Return what an interpreter of this machine has."""
        packages = versions_in(base.folders)
        return cls(str(base.executable), base.prefix, base.version, packages)

    @property
    def torch(self) -> str | None:
        """Version of its torch."""
        return self.packages.get("torch")


@dataclass(frozen=True)
class PipWishes:
    """What pip is asked for.

    Attributes
    ----------
    rules
        The rules that apply.
    missing
        Requirements that are not satisfied.
    held
        Requirements that name what is there already, so that it stays.
    """

    rules: tuple[PackageRule, ...]
    missing: tuple[str, ...]
    held: tuple[str, ...]

    @property
    def arguments(self) -> tuple[str, ...]:
        """The requirements for pip; empty when nothing is missing."""
        return (*self.missing, *self.held) if self.missing else ()

    @property
    def line(self) -> str:
        """The line for a notebook's cell; empty when nothing is missing."""
        words = (_quoted(argument) for argument in self.arguments)
        return f"%pip install {' '.join(words)}" if self.missing else ""


def pip_wishes(environment: Environment, python: KernelPython) -> PipWishes:
    """Return what pip must be asked for, by the same rules as for an environment.

    Raises
    ------
    NoSuitableTorch, UnsupportedCombination
        If this Python's torch does not serve, or no rule serves this Python.
    WouldReplace
        If a package that is there stands in the way.
    EnvironmentFailure
        If a rule cannot be read.
    """
    check_conditions(environment)
    rules, torch = _rules(environment, python)
    wanted = [requirement_of(rule) for rule in rules]
    missing = [str(it) for it in wanted if not _is_there(it, python)]
    held = [f"{name}=={_public(python.packages[name])}" for name in HELD if name in python.packages]
    return PipWishes(rules, (*torch, *dict.fromkeys(missing)), tuple(held))


def _rules(
    environment: Environment, python: KernelPython
) -> tuple[tuple[PackageRule, ...], tuple[str, ...]]:
    """Return the rules that apply, and the torch that must be brought, if any."""
    if python.torch is None and environment.torch is not None:
        return _rules_with_new_torch(environment, python)
    if environment.torch is not None and not holds(environment.torch, python.torch):
        raise UnsuitableBaseTorch(
            f"This kernel has torch {python.torch}; the workshop needs {environment.torch}.",
            hint="Use an image or kernel with such a torch. The torch that is there was left "
            "alone.",
        )
    target = Target(python.version, python.torch)
    without = unserved(environment.packages, target)
    if without:
        raise UnsupportedCombination(
            f"No version of {', '.join(without)} is known to work on Python {python.version} "
            f"with torch {python.torch}.",
            hint="Use an image or kernel with another version of Python or torch.",
        )
    return rules_for(environment.packages, target), ()


def _rules_with_new_torch(
    environment: Environment, python: KernelPython
) -> tuple[tuple[PackageRule, ...], tuple[str, ...]]:
    """Take the last condition on torch under which everything is served."""
    for condition in reversed(torch_conditions(environment, python.version)):
        rules = tuple(
            rule
            for rule in environment.packages
            if holds(rule.python, python.version) and rule.torch in ("", condition)
        )
        served = {canonicalize_name(requirement_of(rule).name) for rule in rules}
        names = {canonicalize_name(requirement_of(rule).name) for rule in environment.packages}
        if names <= served | _optional(environment):
            both = ",".join(filter(None, (environment.torch, condition)))
            return rules, (f"torch{both}",)
    raise NoSuitableTorch(
        f"No torch {environment.torch} serves the workshop on Python {python.version}.",
        hint="Use an image or kernel with another version of Python.",
    )


def _optional(environment: Environment) -> set[str]:
    """Return the packages that only one rule names; they are needed where it applies."""
    names = [canonicalize_name(requirement_of(rule).name) for rule in environment.packages]
    return {name for name in names if names.count(name) == 1}


def _is_there(requirement: Requirement, python: KernelPython) -> bool:
    """Return whether nothing need be done for `requirement`; refuse what would replace."""
    if not applies(requirement, python.version):
        return True
    name = canonicalize_name(requirement.name)
    version = python.packages.get(name)
    if version is None:
        return False
    if not holds(str(requirement.specifier), version):
        raise WouldReplace((name,), f"it asks for {requirement}, and {version} is there.")
    return not requirement.extras


def _public(version: str) -> str:
    try:
        return Version(version).public
    except InvalidVersion:
        return version


def _quoted(requirement: str) -> str:
    return json.dumps(requirement) if set(requirement) & set("<>;[ ~!@,*") else requirement
