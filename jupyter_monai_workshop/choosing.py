"""What an attendee may choose in the notebooks, as it is there now. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from .definition.models import Definition, Module, Parameter, Patch, Profile, Step
from .errors import WorkshopError
from .notebooks import Notebook, Originals, find_cell
from .notebooks.exercises import OPEN
from .notebooks.profiles import ProfilePresence, profile_presence
from .notebooks.settings import value_of
from .progress.facts import ProfileFacts
from .progress.snapshot import CellRef, ChoiceView, ExerciseView, ParameterView


def step_parameters(
    step: Step, module: Module, notebook: Notebook, originals: Originals
) -> tuple[ParameterView, ...]:
    """Return the parameters in a step's cells; a parameter names its cell as the step does."""
    return tuple(
        _parameter(parameter, notebook, originals)
        for parameter in module.parameters
        if parameter.cell in step.cells
    )


def step_exercises(step: Step, notebook: Notebook) -> tuple[ExerciseView, ...]:
    """Return a step's exercises: cells that the definition solves, and those still open."""
    solutions = {solution.cell: solution for solution in step.solve}
    exercises = []
    for address in step.cells:
        try:
            cell = find_cell(notebook, address)
        except WorkshopError:
            continue  # the step says so
        solution = solutions.get(address)
        if solution is None and OPEN not in cell.source:
            continue
        exercises.append(
            ExerciseView(
                cell=CellRef(index=cell.index, id=cell.id),
                open=OPEN in cell.source,
                hint=solution.hint if solution else "",
                solved=bool(solution and solution.source),
            )
        )
    return tuple(exercises)


def observe_profiles(
    definition: Definition,
    notebooks: Mapping[str, Notebook],
    originals: Mapping[str, Originals],
) -> tuple[ProfileFacts, ...]:
    """Return how much of each profile the notebooks have.

    Parameters
    ----------
    notebooks, originals
        By module. A notebook that is not there has no say.
    """
    return tuple(
        _profile(profile, definition, notebooks, originals) for profile in definition.profiles
    )


def patches_of_profiles(
    definition: Definition, profiles: Iterable[ProfileFacts]
) -> dict[str, tuple[Patch, ...]]:
    """Return the patches of those profiles that are on, by module."""
    on = {facts.id for facts in profiles if facts.state == "on"}
    return {
        module.id: tuple(
            patch
            for profile in definition.profiles
            if profile.id in on and module.id in profile.modules
            for patch in profile.modules[module.id].patches
        )
        for module in definition.modules
    }


def _parameter(parameter: Parameter, notebook: Notebook, originals: Originals) -> ParameterView:
    value, problem = None, ""
    try:
        value = value_of(notebook, parameter).value
    except WorkshopError as error:
        problem = f"{error.message} {error.hint}".strip()
    original = originals.get(parameter.id)
    return ParameterView(
        id=parameter.id,
        title=parameter.title,
        variable=parameter.variable,
        value=value,
        original=original.value if original else None,
        choices=tuple(
            ChoiceView(value=choice.value, effect=choice.effect) for choice in parameter.choices
        ),
        problem=problem,
    )


def _profile(
    profile: Profile,
    definition: Definition,
    notebooks: Mapping[str, Notebook],
    originals: Mapping[str, Originals],
) -> ProfileFacts:
    presence: dict[str, ProfilePresence] = {}
    for module in definition.modules:
        part, notebook = profile.modules.get(module.id), notebooks.get(module.id)
        if part and notebook and (part.patches or part.parameters):
            presence[module.id] = profile_presence(
                notebook, module, part, originals.get(module.id, {})
            )
    state: Literal["on", "part", "off"] = "off"
    if presence and all(it.every for it in presence.values()):
        state = "on"
    elif any(it.some for it in presence.values()):
        state = "part"
    durations = {
        name: dict(profile.modules[name].durations) for name, it in presence.items() if it.in_force
    }
    serves = bool(presence) and len(durations) == len(presence)
    return ProfileFacts(profile.id, state, serves, durations)
