"""What the models cannot see: mistakes between the fields of a definition."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from .linting_choices import PATTERN_HINT, lint_failures, lint_parameters, lint_profiles
from .models import (
    CellAddress,
    Data,
    Definition,
    Environment,
    GitDataSet,
    GitSource,
    Module,
    Step,
    Training,
)
from .patterns import PatternUnfit, check_search

Finding = tuple[tuple[str | int, ...], str, str, bool]
"""Path of the field, message, hint, and whether it makes the definition unusable."""

PROGRESS_GROUPS = frozenset({"step", "steps", "epoch", "epochs"})

_LONGEST_ADDRESS = 2000
_MISREAD = re.compile(r"^-|^\s*$|::|://-|@-|[\x00-\x1f\x7f]|://[^/?#]*[\\\s]|://[^/?#]*@.*@")
"""What git, or whoever reads an address, could take for an option or for another host."""


def lint(definition: Definition) -> Iterator[Finding]:
    """Yield the mistakes of a definition that is valid field by field."""
    if isinstance(definition.source, GitSource):
        yield from _git_addresses(definition.source.urls, ("source", "urls"))
    yield from _environment(definition.environment)
    yield from _data(definition.data, definition.environment)
    yield from _repeated((module.id for module in definition.modules), ("modules",))
    workers = definition.needs.workers
    modules = [module.id for module in definition.modules]
    if workers is not None and workers.module is not None and workers.module not in modules:
        message = f"There is no module {workers.module!r}."
        yield ("needs", "workers", "module"), message, f"There are: {', '.join(modules)}.", True
    yield from _repeated((profile.id for profile in definition.profiles), ("profiles",))
    yield from lint_profiles(definition)
    yield from _repeated((failure.id for failure in definition.failures), ("failures",))
    yield from lint_failures(definition)
    known = {data.id for data in definition.data}
    for index, module in enumerate(definition.modules):
        yield from _module(module, ("modules", index))
        yield from _known_data(module.data, known, ("modules", index, "data"))
        for number, step in enumerate(module.steps):
            yield from _known_data(step.data, known, ("modules", index, "steps", number, "data"))


def _data(data_sets: Sequence[Data], environment: Environment) -> Iterator[Finding]:
    yield from _repeated((data.id for data in data_sets), ("data",))
    pointed: dict[str, str] = dict.fromkeys(environment.variables, "the environment")
    for index, data in enumerate(data_sets):
        check = _git_addresses if isinstance(data, GitDataSet) else _addresses
        yield from check(data.urls, ("data", index, "urls"))
        if data.variable and data.variable in pointed:
            message = f"The variable {data.variable!r} is set by {pointed[data.variable]} too."
            yield ("data", index, "variable"), message, "Give each a variable of its own.", True
        pointed[data.variable] = f"the data set {data.id!r}"


def _known_data(
    names: Iterable[str], known: Collection[str], where: tuple[str | int, ...]
) -> Iterator[Finding]:
    for number, name in enumerate(names):
        if name not in known:
            yield (*where, number), f"There is no data set {name!r}.", "Add it to data.", True


def _git_addresses(urls: Sequence[str], field: tuple[str | int, ...]) -> Iterator[Finding]:
    yield from _addresses(urls, field)
    for index, url in enumerate(urls):
        if not url.startswith("https:") and not _MISREAD.search(url):
            hint = "Servers refuse it unless their administrator allows it; use https://…"
            message = f"The address does not begin with https:// but {url[:12]!r}."
            yield (*field, index), message, hint, False


def _addresses(urls: Sequence[str], field: tuple[str | int, ...]) -> Iterator[Finding]:
    """Yield the mistakes of addresses that could lead elsewhere than they seem to."""
    for index, url in enumerate(urls):
        where = (*field, index)
        if _MISREAD.search(url) or len(url) > _LONGEST_ADDRESS:
            yield where, f"{_shortly(url)} is no address git may be given.", "Use https://…", True
            continue
        try:
            parts = urlsplit(url)
        except ValueError:
            yield where, f"{_shortly(url)} is no address.", "Use https://…", True
            continue
        if parts.username or parts.password:
            yield where, "The address holds a user name or a password.", "Leave it out.", True


def _shortly(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:79] + "…")


def _environment(environment: Environment) -> Iterator[Finding]:
    for index, rule in enumerate(environment.packages):
        where = ("environment", "packages", index)
        try:
            requirement = Requirement(rule.require)
        except InvalidRequirement as error:
            hint = "Write it as for pip, such as monai==1.5.2."
            yield (*where, "require"), f"Not a requirement: {error}.", hint, True
        else:
            if requirement.url:
                yield (*where, "require"), "A requirement may not name an address.", "", True
        for name in ("python", "torch"):
            yield from _specifier(getattr(rule, name), (*where, name))
    if environment.torch is not None:
        yield from _specifier(environment.torch, ("environment", "torch"))


def _specifier(text: str, where: tuple[str | int, ...]) -> Iterator[Finding]:
    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        yield where, f"{text!r} is no version specifier.", "Write it as >=2.4,<3.", True


def _module(module: Module, where: tuple[str | int, ...]) -> Iterator[Finding]:
    yield from _repeated((step.id for step in module.steps), (*where, "steps"))
    yield from _repeated((patch.id for patch in module.patches), (*where, "patches"))
    yield from _repeated((choice.id for choice in module.parameters), (*where, "parameters"))
    yield from lint_parameters(module, where)
    if not module.notebook.endswith(".ipynb"):
        yield (*where, "notebook"), "A notebook's name ends with .ipynb.", "", True
    seen: dict[CellAddress, str] = {}
    for index, step in enumerate(module.steps):
        place = (*where, "steps", index)
        for number, cell in enumerate(step.cells):
            if cell in seen:
                message = f"The step {seen[cell]!r} covers the same cell."
                yield (*place, "cells", number), message, "A cell belongs to one step.", True
            seen[cell] = step.id
        yield from _step(step, place)


def _step(step: Step, where: tuple[str | int, ...]) -> Iterator[Finding]:
    for index, pattern in enumerate(step.check.prints):
        yield from _pattern(pattern, (*where, "check", "prints", index))
    for index, expression in enumerate(step.check.expressions):
        try:
            compile(expression, "<expression>", "eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            message = f"{_shortly(expression)} is no Python expression."
            yield (*where, "check", "expressions", index), message, "", True
    for solution in step.solve:
        if solution.cell not in step.cells:
            yield (*where, "solve"), "A solution is for a cell of another step.", "", True
    if step.training:
        yield from _training(step.training, (*where, "training"))


def _training(training: Training, where: tuple[str | int, ...]) -> Iterator[Finding]:
    found: set[str] = set()
    for index, pattern in enumerate(training.patterns):
        place = (*where, "patterns", index)
        yield from _pattern(pattern, place)
        try:
            groups = set(re.compile(pattern).groupindex)
        except re.error:
            continue
        found |= groups
        for group in sorted(groups - PROGRESS_GROUPS - set(training.metrics)):
            message = f"The named group {group!r} is no metric of this training."
            yield place, message, "Add it to metrics, or use (?:…).", True
    for name in training.metrics:
        if name not in found:
            message = f"No pattern has a group named {name!r}."
            yield (*where, "metrics", name), message, "Add it to a pattern.", True


def _pattern(pattern: str, where: tuple[str | int, ...]) -> Iterator[Finding]:
    try:
        check_search(pattern)
    except PatternUnfit as error:
        yield where, str(error), PATTERN_HINT, True


def _repeated(names: Iterable[str], where: tuple[str | int, ...]) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            yield (*where, index, "id"), f"The id {name!r} is used twice.", "", True
        seen.add(name)
