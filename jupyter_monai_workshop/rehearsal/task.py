"""The tasks of a rehearsal: one for each module and kernel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from ..definition.loading import LoadedDefinition
from ..definition.models import Definition, Module
from ..errors import WorkshopError
from ..notebooks import Plain
from ..notebooks.parameters import fitting
from ..notebooks.profiles import profile_of
from ..notebooks.settings import parameter_of
from ..policy import Policy


class SettingUnfit(WorkshopError):
    """``--set`` is not written as it should be, or names no parameter."""

    code = "setting_unfit"


class UnknownRehearsalModule(WorkshopError):
    """``--module`` names no module of the workshop."""

    code = "unknown_module"


Values = Mapping[str, Mapping[str, Plain]]
"""Values of parameters, by module and parameter."""


@dataclass(frozen=True)
class Choices:
    """What is the same for every task of a rehearsal. It is pickled to the workers.

    Attributes
    ----------
    profile
        Id of the profile to choose; empty for none.
    values
        Parameters to set, after the profile.
    folder
        Where each task makes its fresh folder; ``None`` takes the system's own place.
    keep
        Whether these folders stay.
    mirrors, data_copies, check_copies, wheels, protocols, policy
        As in :class:`~jupyter_monai_workshop.site.Site`.
    token
        An access token for a private repository.
    cell_timeout
        Most seconds for a cell; ``None`` allows ten minutes or ten times what the
        definition expects of the step, whichever is longer.
    output_limit
        Most megabytes that a cell may print.
    share_gpu
        Whether two tasks may use the same GPU at the same time.
    """

    profile: str = ""
    values: Values = field(default_factory=dict)
    folder: Path | None = None
    keep: bool = False
    mirrors: tuple[str, ...] = ()
    data_copies: Mapping[str, str] = field(default_factory=dict)
    check_copies: bool = True
    wheels: Path | None = None
    protocols: frozenset[str] = frozenset({"https"})
    policy: Policy = field(default_factory=Policy)
    token: str = field(default="", repr=False)
    cell_timeout: float | None = None
    output_limit: float = 10.0
    share_gpu: bool = False


@dataclass(frozen=True)
class Task:
    """One module with one kernel.

    Attributes
    ----------
    kernel
        Name of a kernelspec; empty for the workshop's own, which is built first.
    """

    number: int
    loaded: LoadedDefinition
    module: str
    kernel: str
    choices: Choices


def plan_tasks(
    loaded: LoadedDefinition, choices: Choices, *, modules: Sequence[str], kernels: Sequence[str]
) -> tuple[Task, ...]:
    """Return the tasks: the given modules (all where none is given) with each kernel.

    Raises
    ------
    UnknownRehearsalModule, UnknownProfile
        If the workshop does not have what is named.
    """
    known = [module.id for module in loaded.definition.modules]
    for name in modules:
        if name not in known:
            raise UnknownRehearsalModule(
                f"The workshop has no module “{name}”.", hint=f"It has: {', '.join(known)}."
            )
    if choices.profile:
        profile_of(loaded.definition, choices.profile)
    wanted = [(name, kernel) for kernel in kernels or [""] for name in modules or known]
    return tuple(
        Task(number, loaded, name, kernel, choices) for number, (name, kernel) in enumerate(wanted)
    )


def needs_gpu(definition: Definition, choices: Choices) -> bool:
    """Return whether each task needs a GPU for itself."""
    if choices.share_gpu or definition.needs.gpu_memory is None:
        return False
    return not choices.profile or profile_of(definition, choices.profile).suits != "no-gpu"


def read_settings(definition: Definition, pairs: Sequence[str]) -> dict[str, dict[str, Plain]]:
    """Return the values that ``--set`` gives, by module and parameter.

    A parameter may be named alone where only one module has it.

    Raises
    ------
    SettingUnfit
        If a pair is not written so, or it cannot be told which parameter is meant.
    UnknownParameter, ParameterUnfit
        If there is no such parameter, or it cannot have the value.
    """
    values: dict[str, dict[str, Plain]] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not text:
            raise SettingUnfit(
                f"{pair!r} sets nothing.", hint="Write MODULE.PARAMETER=VALUE, or PARAMETER=VALUE."
            )
        module, parameter = _meant(definition, name.strip())
        value = fitting(parameter_of(module, parameter), _plain(text))
        values.setdefault(module.id, {})[parameter] = value
    return values


def _meant(definition: Definition, name: str) -> tuple[Module, str]:
    prefix, dot, parameter = name.rpartition(".")
    having = [
        module
        for module in definition.modules
        if (module.id == prefix if dot else any(it.id == name for it in module.parameters))
    ]
    if len(having) == 1:
        return having[0], parameter
    names = [f"{module.id}.{it.id}" for module in definition.modules for it in module.parameters]
    what = "is a parameter of several modules" if having else "is no parameter of the workshop"
    raise SettingUnfit(f"“{name}” {what}.", hint=f"There are: {', '.join(names) or 'none'}.")


def _plain(text: str) -> Plain:
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        return text
    return value if isinstance(value, bool | int | float | str) else text
