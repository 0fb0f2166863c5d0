"""Profiles in a notebook: whether it has one, choosing one, taking them back.

One profile is chosen at a time; choosing it takes the others back. What the attendee has
chosen beside them stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..definition.models import Definition, Module, Profile, ProfileModule
from ..errors import WorkshopError
from .changes import CellChange, with_changes
from .parameters import ParameterConflict, Plain, same
from .patches import applied_patches, plan_patches, plan_reverting
from .reading import Notebook
from .settings import Originals, parameter_of, plan_parameters, values_of

_NOTHING = ProfileModule()


class UnknownProfile(WorkshopError):
    """The workshop has no profile with that id."""

    code = "unknown_profile"


@dataclass(frozen=True)
class ProfilePresence:
    """How much of a profile a notebook has.

    Attributes
    ----------
    some
        Whether it can be told that the profile was chosen. Where it has patches they tell:
        a single value may as well be the attendee's own choice.
    in_force
        Whether the notebook does what the profile is for: it has every patch, and where
        there is none, every value.
    every
        Whether it has every patch and every value.
    """

    some: bool
    in_force: bool
    every: bool


def profile_of(definition: Definition, name: str) -> Profile:
    """Return the profile with that id.

    Raises
    ------
    UnknownProfile
        If there is none.
    """
    for profile in definition.profiles:
        if profile.id == name:
            return profile
    known = ", ".join(profile.id for profile in definition.profiles) or "none"
    raise UnknownProfile(f"The workshop has no profile “{name}”.", hint=f"It has: {known}.")


def profile_presence(
    notebook: Notebook, module: Module, part: ProfileModule, originals: Originals
) -> ProfilePresence:
    """Return how much of a profile's `part` for this module the notebook has."""
    patches = len(applied_patches(notebook, part.patches))
    values = values_of(notebook, module)
    equal = {
        name
        for name, value in part.parameters.items()
        if name in values and same(values[name].value, value)
    }
    all_patches = patches == len(part.patches)
    all_values = len(equal) == len(part.parameters)
    if part.patches:
        return ProfilePresence(patches > 0, all_patches, all_patches and all_values)
    telling = any(_differs(originals, name, part.parameters[name]) for name in equal)
    return ProfilePresence(telling, all_values, all_values)


def plan_profile(
    notebook: Notebook,
    module: Module,
    profiles: Sequence[Profile],
    chosen: Profile | None,
    originals: Originals,
) -> tuple[CellChange, ...]:
    """Return the changes after which a notebook has the profile `chosen` and no other one.

    Parameters
    ----------
    profiles
        All of the workshop.
    chosen
        ``None`` takes every profile back.

    Raises
    ------
    AddressConflict, ParameterConflict, PatchConflict
        If the notebook does not allow all of it.
    UnknownParameter, ParameterUnfit
        If the profile sets what cannot be set.
    """
    wanted = chosen.modules.get(module.id, _NOTHING) if chosen else _NOTHING
    changes: list[CellChange] = []

    def make(more: tuple[CellChange, ...]) -> None:
        nonlocal notebook
        changes.extend(more)
        notebook = with_changes(notebook, more)

    for profile in profiles:
        part = profile.modules.get(module.id, _NOTHING)
        if profile == chosen or not profile_presence(notebook, module, part, originals).some:
            continue
        given = _given_by(notebook, module, part, wanted, originals)
        make(plan_parameters(notebook, module, given, originals))
        kept = wanted.patches
        patches = [it for it in applied_patches(notebook, part.patches) if it not in kept]
        make(plan_reverting(notebook, patches))
    make(plan_patches(notebook, wanted.patches))
    make(plan_parameters(notebook, module, wanted.parameters, originals))
    return tuple(changes)


def _given_by(
    notebook: Notebook,
    module: Module,
    part: ProfileModule,
    wanted: ProfileModule,
    originals: Originals,
) -> dict[str, Plain]:
    """Return the original values of those parameters that still have the profile's.

    Raises
    ------
    ParameterConflict
        If an original value is not known.
    """
    values = values_of(notebook, module)
    back: dict[str, Plain] = {}
    for name, value in part.parameters.items():
        if name in wanted.parameters or name not in values or not same(values[name].value, value):
            continue
        if name not in originals:
            title = parameter_of(module, name).title
            raise ParameterConflict(
                f"What “{title}” was before the profile is not known here.",
                hint="Set it in the cell by hand, or start the notebook again.",
            )
        back[name] = originals[name].value
    return back


def _differs(originals: Originals, name: str, value: Plain) -> bool:
    return name not in originals or not same(originals[name].value, value)
