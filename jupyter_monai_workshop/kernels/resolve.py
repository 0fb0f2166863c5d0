"""What must be installed: the rules, torch, and what they need beyond the base."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from ..definition.models import Environment, PackageRule
from ..errors import Cancelled
from ..jobs.progress import Progress
from .base_metadata import write_project
from .failures import (
    EnvironmentFailure,
    NoSuitableTorch,
    PackageNotFound,
    ResolutionConflict,
    UnsuitableBaseTorch,
    UnsupportedCombination,
    WouldReplace,
)
from .installer import Uv
from .interpreter import Interpreter
from .packages import Installed, applies, satisfied
from .pip_settings import local_folder
from .plan import Pin, Plan, pins_of
from .rules import (
    KERNEL_TOOLS,
    Target,
    holds,
    requirement_of,
    rules_for,
    torch_conditions,
    torch_serves,
    unserved,
)
from .torch_sources import Source, cpu_torch_wheels, torch_sources

BUILD_TOOLS = frozenset({"setuptools", "wheel"})
"""The only packages of the base that the environment may have in another version of its own.

They come with every Python, often years old, and what runs in a kernel does not share
them with the base. Everything else in two versions is a failure waiting to happen."""


@dataclass(frozen=True)
class Resolver:
    """Everything that a resolution looks at.

    Attributes
    ----------
    have
        The packages of the base.
    folder
        A folder for scratch projects; the caller removes it.
    """

    environment: Environment
    base: Interpreter
    have: Mapping[str, Installed]
    uv: Uv
    folder: Path
    progress: Progress

    def plan(self, *, gpu: bool) -> Plan:
        """Return what must be installed.

        Raises
        ------
        NoSuitableTorch, UnsupportedCombination
            If the torch of the base, or every torch that can be had, does not serve.
        WouldReplace
            If a package of the base stands in the way.
        EnvironmentFailure
            If uv fails otherwise; see :mod:`.failures`.
        """
        torch = self.have.get("torch")
        if torch is not None or self.environment.torch is None:
            return self._plan_with(str(torch.version) if torch is not None else None)
        failures: list[EnvironmentFailure] = []
        for source in self._sources(gpu):
            self.progress.report("resolving", None, source.message)
            try:
                return self._plan_from(source)
            except Cancelled:
                raise
            except PackageNotFound as failure:
                if canonicalize_name(failure.package) != "torch":
                    raise
                failures.append(failure)
            except EnvironmentFailure as failure:
                if source.last and failures:
                    # The attempt that was meant to succeed explains more than the fallback.
                    failure.details = "\n\n".join([*(f.details for f in failures), failure.details])
                if source.last:
                    raise
                failures.append(failure)
        raise NoSuitableTorch(
            f"No torch {self.environment.torch} could be found for Python {self.base.version}.",
            hint="Put a torch wheel for this Python into a folder that pip's find-links names, "
            "or install torch into the base Python.",
            details="\n\n".join(failure.details for failure in failures),
        )

    def _plan_with(self, torch: str | None) -> Plan:
        """Plan with the torch of the base, or without any."""
        target = Target(self.base.version, torch)
        if self.environment.torch is not None and not holds(self.environment.torch, torch):
            raise UnsuitableBaseTorch(
                f"This Python has torch {torch}; the workshop needs {self.environment.torch}.",
                hint="Start JupyterLab from an image or Python with such a torch. The torch that "
                "is there was left alone.",
            )
        self._refuse_unserved(target)
        rules = rules_for(self.environment.packages, target)
        wanted = [requirement_of(rule) for rule in rules]
        self._refuse_replacement(wanted)
        if torch is not None:
            wanted.append(Requirement(f"torch=={torch}"))
        wanted += [Requirement(name) for name in KERNEL_TOOLS]
        if all(satisfied(requirement, self.have, target.python) for requirement in wanted):
            names = {canonicalize_name(requirement.name) for requirement in wanted}
            return Plan(target.python, torch, rules, (), self._inherited(names))
        pins = self._compile([str(requirement) for requirement in wanted], Source(""))
        return self._plan_of(torch, rules, pins)

    def _plan_from(self, source: Source) -> Plan:
        """Plan with the newest torch of `source` that serves."""
        if source.pin:
            rules = rules_for(self.environment.packages, Target(self.base.version, source.pin))
            return self._plan_of(
                source.pin, rules, self._resolve(rules, source.pin, source), source
            )
        plans: list[Plan] = []
        failures: list[EnvironmentFailure] = []
        for condition in torch_conditions(self.environment, self.base.version):
            try:
                plans.append(self._plan_under(condition, source))
            except (ResolutionConflict, PackageNotFound, UnsupportedCombination) as failure:
                failures.append(failure)
        if not plans:
            raise failures[0]
        return max(plans, key=lambda plan: Version(plan.torch or "0"))

    def _plan_under(self, condition: str, source: Source) -> Plan:
        """Plan with the newest torch of `source` that meets `condition` and all it brings along.

        The torch decides which rules apply, and the rules decide which torch is possible:
        each round adds the rules of the torch found, until nothing is added.
        """
        environment, python = self.environment, self.base.version
        rules = tuple(
            rule
            for rule in environment.packages
            if holds(rule.python, python) and rule.torch in ("", condition)
        )
        while True:
            conditions = dict.fromkeys((environment.torch or "", *(rule.torch for rule in rules)))
            pins = self._resolve(rules, ",".join(filter(None, conditions)), source)
            torch = next((pin.package.version for pin in pins if pin.package.name == "torch"), None)
            applying = rules_for(environment.packages, Target(python, torch))
            if set(applying) <= set(rules):
                self._refuse_unserved(Target(python, torch))
                return self._plan_of(torch, applying, pins, source)
            rules = applying

    def _resolve(self, rules: Iterable[PackageRule], torch: str, source: Source) -> tuple[Pin, ...]:
        wanted = [requirement_of(rule) for rule in rules]
        self._refuse_replacement(wanted)
        pin = f"=={torch}" if source.pin else torch
        return self._compile(
            [*map(str, wanted), f"torch{pin}", *KERNEL_TOOLS],
            source,
        )

    def _sources(self, gpu: bool) -> Iterator[Source]:
        settings = self.uv.settings
        return torch_sources(
            gpu=gpu,
            index=not settings.no_index,
            wheels=(
                version
                for version in cpu_torch_wheels(settings.local_links(), self.base.tags())
                if torch_serves(self.environment, Target(self.base.version, version))
            ),
        )

    def _compile(self, wanted: list[str], source: Source) -> tuple[Pin, ...]:
        """Resolve `wanted` together with the base and return every package as a pin.

        An index that names no checksums makes uv fetch the files already now, to compute
        them; the installation finds them in its cache.
        """
        try:
            return self._compile_with(self.have, wanted, source)
        except WouldReplace as failure:
            if not BUILD_TOOLS.issuperset(failure.packages):
                raise
        kept = {name: package for name, package in self.have.items() if name not in BUILD_TOOLS}
        return self._compile_with(kept, wanted, source)

    def _compile_with(
        self, have: Mapping[str, Installed], wanted: list[str], source: Source
    ) -> tuple[Pin, ...]:
        self.progress.raise_if_cancelled()
        project = self.folder / "project"
        shutil.rmtree(project, ignore_errors=True)
        write_project(project, wanted, have, self._constraints())
        output = project / "pylock.toml"
        try:
            self.uv.run(
                [
                    *("pip", "compile", "pyproject.toml", "--quiet"),
                    *("--constraint", "constraints.txt"),
                    *("--python", str(self.base.executable), "--output-file", str(output)),
                    *("--format", "pylock.toml", "--no-header"),
                    *(("--torch-backend", source.backend) if source.backend else ()),
                ],
                folder=project,
                progress=self.progress,
                find_links="wheels",
                patient=not source.backend,
            )
        except (ResolutionConflict, PackageNotFound) as failure:
            self._name_base_packages(failure)
            raise
        return pins_of(output.read_text("utf-8"), self.base.tags())

    def _constraints(self) -> Iterator[str]:
        """Yield pip's constraints, except those on packages that the base has anyway."""
        for place in self.uv.settings.constraints:
            path = local_folder(place)
            if path is None or not path.is_file():
                continue
            for line in path.read_text("utf-8", errors="replace").splitlines():
                try:
                    constraint = Requirement(line.partition(" #")[0].strip())
                except InvalidRequirement:
                    continue
                if canonicalize_name(constraint.name) not in self.have:
                    yield str(constraint)

    def _plan_of(
        self,
        torch: str | None,
        rules: tuple[PackageRule, ...],
        pins: tuple[Pin, ...],
        source: Source | None = None,
    ) -> Plan:
        return Plan(
            python=self.base.version,
            torch=torch,
            rules=rules,
            pins=tuple(pin for pin in pins if not self._has(pin)),
            inherited=self._inherited(pin.package.name for pin in pins if self._has(pin)),
            torch_backend=source.backend if source else "",
        )

    def _has(self, pin: Pin) -> bool:
        asked = Requirement(pin.requirement)
        package = self.have.get(pin.package.name)
        return package is not None and asked.specifier.contains(package.version, prereleases=True)

    def _inherited(self, names: Iterable[str]) -> dict[str, str]:
        return {name: str(self.have[name].version) for name in sorted(names) if name in self.have}

    def _refuse_unserved(self, target: Target) -> None:
        missing = unserved(self.environment.packages, target)
        if missing:
            message = (
                f"No version of {', '.join(missing)} is known to work on Python {target.python}."
            )
            if target.torch:
                message = (
                    f"No version of {', '.join(missing)} is known to work on Python "
                    f"{target.python} with torch {target.torch}."
                )
            raise UnsupportedCombination(
                message,
                hint="Use an image or base Python with another version of Python or torch.",
            )

    def _refuse_replacement(self, wanted: Iterable[Requirement]) -> None:
        for requirement in wanted:
            package = self.have.get(canonicalize_name(requirement.name))
            if (
                package is not None
                and applies(requirement, self.base.version)
                and not requirement.specifier.contains(package.version, prereleases=True)
            ):
                raise WouldReplace(
                    (package.name,),
                    f"it asks for {requirement}, and {package.version} is there.",
                )

    def _name_base_packages(self, failure: EnvironmentFailure) -> None:
        """Raise :class:`WouldReplace` if `failure` speaks of packages of the base."""
        named = re.findall(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s,;]+)", failure.details)
        blocking = tuple(
            dict.fromkeys(
                canonicalize_name(name)
                for name, version in named
                if canonicalize_name(name) in self.have
                and version.rstrip(".") == str(self.have[canonicalize_name(name)].version)
            )
        )
        if blocking:
            there = ", ".join(f"{name} {self.have[name].version}" for name in blocking)
            raise WouldReplace(blocking, f"{there}.", failure.details) from failure
