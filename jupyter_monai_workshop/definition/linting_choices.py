"""Mistakes in what an attendee may choose: parameters, profiles, remedies of failures."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TypeAlias

from .models import Definition, KnownFailure, Module, Parameter, Profile, ProfileModule
from .patterns import PatternUnfit, check_search

Path: TypeAlias = "tuple[str | int, ...]"
Finding: TypeAlias = "tuple[Path, str, str, bool]"
"""As in ``linting.py``."""

Value: TypeAlias = int | float | str | bool

PATTERN_HINT = "Use repeats that end at a letter which they do not accept, such as [^,]+, or \\S+ ."
"""What helps with an expression that is not accepted."""

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


def lint_parameters(module: Module, where: Path) -> Iterator[Finding]:
    """Yield the mistakes of a module's parameters."""
    covered = {cell for step in module.steps for cell in step.cells}
    for index, parameter in enumerate(module.parameters):
        place = (*where, "parameters", index)
        if parameter.cell not in covered:
            message = "The cell is of no step, so nobody is offered the choice."
            yield (*place, "cell"), message, "Address it as the step does.", False
        if len({_kind(choice.value) for choice in parameter.choices}) > 1:
            hint = "Give numbers only, texts only, or true and false."
            yield (*place, "choices"), "The choices are of different kinds.", hint, True
        seen: list[Value] = []
        for number, choice in enumerate(parameter.choices):
            spot = (*place, "choices", number, "value")
            if any(_same(choice.value, value) for value in seen):
                yield spot, f"The choice {choice.value!r} is there twice.", "", True
            seen.append(choice.value)
            if isinstance(choice.value, str) and _NUMBER.fullmatch(choice.value):
                message = f"The value {choice.value!r} is a text."
                yield spot, message, "For a number, write it as 1.0e-3 or 0.001.", False


def lint_profiles(definition: Definition) -> Iterator[Finding]:
    """Yield the mistakes of the profiles."""
    modules = {module.id: module for module in definition.modules}
    for index, profile in enumerate(definition.profiles):
        yield from _profile(profile, modules, ("profiles", index))


def lint_failures(definition: Definition) -> Iterator[Finding]:
    """Yield the mistakes of the known failures."""
    modules = {module.id: module for module in definition.modules}
    profiles = [profile.id for profile in definition.profiles]
    for index, failure in enumerate(definition.failures):
        yield from _failure(failure, modules, ("failures", index))
        if failure.profile and failure.profile not in profiles:
            place = ("failures", index, "profile")
            yield place, *_unknown("profile", failure.profile, profiles)


def _profile(profile: Profile, modules: Mapping[str, Module], where: Path) -> Iterator[Finding]:
    for name, part in profile.modules.items():
        place = (*where, "modules", name)
        module = modules.get(name)
        if module is None:
            yield place, *_unknown("module", name, modules)
            continue
        if not part.parameters and not part.patches:
            yield place, "The profile changes nothing in this module.", "Leave it out.", False
        yield from _values(part.parameters, [module], (*place, "parameters"))
        yield from _patches(part, module, place)
        steps = [step.id for step in module.steps]
        for step in part.durations:
            if step not in steps:
                yield (*place, "durations", step), *_unknown("step", step, steps)


def _patches(part: ProfileModule, module: Module, where: Path) -> Iterator[Finding]:
    seen = {patch.id for patch in module.patches}
    for number, patch in enumerate(part.patches):
        if patch.id in seen:
            message = f"The id {patch.id!r} is used twice in this module."
            yield (*where, "patches", number, "id"), message, "", True
        seen.add(patch.id)


def _failure(
    failure: KnownFailure, modules: Mapping[str, Module], where: Path
) -> Iterator[Finding]:
    try:
        check_search(failure.pattern)
    except PatternUnfit as error:
        yield (*where, "pattern"), str(error), PATTERN_HINT, True
    for number, name in enumerate(failure.modules):
        if name not in modules:
            yield (*where, "modules", number), *_unknown("module", name, modules)
    meant = [module for name, module in modules.items() if name in (failure.modules or modules)]
    yield from _values(failure.set, meant, (*where, "set"))


def _values(
    values: Mapping[str, Value], modules: Sequence[Module], where: Path
) -> Iterator[Finding]:
    parameters = [parameter for module in modules for parameter in module.parameters]
    for name, value in values.items():
        place = (*where, name)
        meant = [parameter for parameter in parameters if parameter.id == name]
        if not meant:
            yield place, *_unknown("parameter", name, sorted({it.id for it in parameters}))
        elif not any(_fits(value, parameter) for parameter in meant):
            message = f"{value!r} is of another kind than the choices of {name!r}."
            yield place, message, "For a number, write it as 1.0e-3 or 0.001.", True
        elif not any(_same(value, it.value) for parameter in meant for it in parameter.choices):
            message = f"{value!r} is none of the choices of {name!r}."
            yield place, message, "Add it, so that the attendee sees what it means.", False


def _unknown(what: str, name: str, known: Collection[str]) -> tuple[str, str, bool]:
    listed = ", ".join(known) or "none"
    return f"There is no {what} {name!r}.", f"There is: {listed}.", True


def _fits(value: Value, parameter: Parameter) -> bool:
    whole = all(isinstance(choice.value, int) for choice in parameter.choices)
    if isinstance(value, float) and whole:
        return False
    return _kind(value) in {_kind(choice.value) for choice in parameter.choices}


def _kind(value: Value) -> str:
    if isinstance(value, bool):
        return "bool"
    return "text" if isinstance(value, str) else "number"


def _same(one: Value, other: Value) -> bool:
    return _kind(one) == _kind(other) and one == other
