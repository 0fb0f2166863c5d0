"""Which package rules apply, and which torch they can serve. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from ..definition.models import Environment, PackageRule
from .failures import EnvironmentFailure

KERNEL_TOOLS = ("ipykernel", "pip")
"""What every environment needs besides its rules: to be a kernel, and to serve ``!pip``."""


@dataclass(frozen=True)
class Target:
    """What rules are chosen for.

    Attributes
    ----------
    python
        Version of the interpreter.
    torch
        Version of torch, with its local part; ``None`` where there is none.
    """

    python: str
    torch: str | None


def holds(specifier: str, version: str | None) -> bool:
    """Return whether `version` satisfies `specifier`; an empty specifier always holds."""
    if not specifier:
        return True
    return version is not None and SpecifierSet(specifier).contains(
        Version(version), prereleases=True
    )


def rules_for(rules: Iterable[PackageRule], target: Target) -> tuple[PackageRule, ...]:
    """Return the rules that apply to `target`, in their order."""
    return tuple(
        rule
        for rule in rules
        if holds(rule.python, target.python) and holds(rule.torch, target.torch)
    )


def unserved(rules: Iterable[PackageRule], target: Target) -> tuple[str, ...]:
    """Return the packages that have rules, but none for `target`.

    A package that several rules name is one that the workshop needs in this version or
    that one, so one of them must apply. A package with a single rule is needed only
    where that rule applies.
    """
    rules = tuple(rules)
    names = [name_of(rule) for rule in rules]
    served = {name_of(rule) for rule in rules_for(rules, target)}
    several = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    return tuple(name for name in several if name not in served)


def torch_serves(environment: Environment, target: Target) -> bool:
    """Return whether the torch of `target` suits the workshop and its rules."""
    if environment.torch is None:
        return True
    return (
        target.torch is not None
        and holds(environment.torch, target.torch)
        and not unserved(environment.packages, target)
    )


def torch_conditions(environment: Environment, python: str) -> tuple[str, ...]:
    """Return the conditions on torch under which the rules may serve, each once.

    They are where to look for a torch: the newest one that meets the first, the second
    and so on. One empty condition when no rule asks for a torch.
    """
    conditions = (rule.torch for rule in environment.packages if holds(rule.python, python))
    return tuple(dict.fromkeys(condition for condition in conditions if condition)) or ("",)


def name_of(rule: PackageRule) -> str:
    """Return the normalised name of the package that a rule asks for."""
    return canonicalize_name(requirement_of(rule).name)


def requirement_of(rule: PackageRule) -> Requirement:
    """Return what a rule asks for.

    Raises
    ------
    EnvironmentFailure
        If it is not written as pip writes requirements.
    """
    try:
        return Requirement(rule.require)
    except InvalidRequirement as error:
        raise EnvironmentFailure(
            f"The workshop asks for {rule.require!r}, which is not a requirement.",
            hint="Correct it in the workshop's definition: name, then version, as for pip.",
            details=str(error),
        ) from error


def module_of(rule: PackageRule) -> str:
    """Return the module whose import proves that a rule is satisfied."""
    return rule.provides or requirement_of(rule).name.replace("-", "_")


def check_conditions(environment: Environment) -> None:
    """Refuse an environment whose conditions cannot be read.

    Raises
    ------
    EnvironmentFailure
        If a version condition or a requirement is malformed.
    """
    try:
        SpecifierSet(environment.torch or "")
        for rule in environment.packages:
            requirement_of(rule)
            SpecifierSet(rule.python)
            SpecifierSet(rule.torch)
    except InvalidSpecifier as error:
        raise EnvironmentFailure(
            f"The workshop's package rules hold a condition that is not one: {error}",
            hint="Write conditions as in '>=2.4.1,<3' in the workshop's definition.",
        ) from error
