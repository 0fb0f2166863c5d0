"""What an edit of a module's notebook changes, be it a file or open in a page.

Patches, parameters, profiles and solutions all come through here, so that a notebook which
is open gets by the page what the server would write into its file.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from .definition.models import Definition, Module, Step
from .notebooks import CellChange, Notebook, Originals
from .notebooks.exercises import UnknownStep, plan_solutions
from .notebooks.patches import plan_patches
from .notebooks.profiles import plan_profile, profile_of
from .notebooks.settings import plan_parameters
from .wish import Wish

Purpose: TypeAlias = Literal["patches", "parameters", "profile", "solution"]
"""What an edit is for."""


def plan_edit(
    purpose: Purpose,
    notebook: Notebook,
    definition: Definition,
    module: Module,
    wish: Wish,
    originals: Originals,
) -> tuple[CellChange, ...]:
    """Return the changes of a notebook that `purpose` needs; none when it is so already.

    Parameters
    ----------
    wish
        Which values, profile or step.

    Raises
    ------
    WorkshopError
        If the notebook does not allow it, or the workshop has nothing of that name.
    """
    if purpose == "patches":
        return plan_patches(notebook, module.patches, name=f"“{module.title}”")
    if purpose == "parameters":
        return plan_parameters(notebook, module, wish.values, originals)
    if purpose == "profile":
        chosen = profile_of(definition, wish.profile) if wish.profile else None
        return plan_profile(notebook, module, definition.profiles, chosen, originals)
    return plan_solutions(notebook, step_of(module, wish.step))


def step_of(module: Module, name: str) -> Step:
    """Return the step with that id.

    Raises
    ------
    UnknownStep
        If there is none.
    """
    for step in module.steps:
        if step.id == name:
            return step
    known = ", ".join(step.id for step in module.steps)
    raise UnknownStep(f"“{module.title}” has no step “{name}”.", hint=f"It has: {known}.")
