"""Edits of a module's notebook, be it a file or open in a page.

Patches, parameters, profiles and solutions all come through here, so that a notebook which
is open gets by the page what the server would write into its file.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Literal, TypeAlias

from .definition.models import Definition, Module, Step
from .errors import WorkshopError
from .jobs.job import JobKind
from .jobs.progress import Progress
from .notebooks import CellChange, Notebook, PlacedEdit, change_files, placed
from .notebooks.changes import one_by_one
from .notebooks.exercises import plan_solutions
from .notebooks.parameters import fitting
from .notebooks.patches import plan_patches
from .notebooks.profiles import plan_profile, profile_of
from .notebooks.rewriting import Planning
from .notebooks.settings import parameter_of, plan_parameters
from .originals import OriginalValues
from .wish import Wish

Purpose: TypeAlias = Literal["patches", "parameters", "profile", "solution"]
"""What an edit is for."""


class UnknownModule(WorkshopError):
    """The workshop has no module with that id."""

    code = "unknown_module"


class UnknownStep(WorkshopError):
    """The module has no step with that id."""

    code = "unknown_step"


class NoNotebooks(WorkshopError):
    """There is no notebook that could be changed."""

    code = "no_notebooks"

    def __init__(self) -> None:
        super().__init__(
            "None of the workshop's notebooks is here.", hint="First get everything ready."
        )


class Editor:
    """Plans and makes the edits of a workshop's notebooks.

    Parameters
    ----------
    folder
        The folder of the materials.
    originals
        What the parameters were in the notebooks as they came.
    """

    def __init__(self, definition: Definition, folder: Path, originals: OriginalValues) -> None:
        self._definition = definition
        self._folder = folder
        self._originals = originals

    def edits(self, purpose: Purpose, wish: Wish, notebook: Notebook) -> tuple[PlacedEdit, ...]:
        """Return what an edit would change in a notebook that is open; none when it is so.

        Raises
        ------
        WorkshopError
            If the notebook does not allow it, or the workshop has nothing of that name.
        """
        module = module_of(self._definition, wish.module)
        return placed(notebook, self._plan(purpose, module, wish, notebook))

    def make(self, purpose: Purpose, wish: Wish, progress: Progress) -> None:
        """Make an edit in the notebook files, in all that it is about or in none.

        Raises
        ------
        NoNotebooks
            If no notebook is there.
        WorkshopError
            If a notebook does not allow it, or cannot be written.
        """
        modules = self._definition.modules
        if wish.module:
            modules = (module_of(self._definition, wish.module),)
        plans: dict[Path, list[Planning]] = {}
        for module in modules:
            path = self._folder / module.notebook
            if not wish.module and not path.exists():
                continue  # deleted by the attendee; the others can have it
            plans.setdefault(path, []).append(partial(self._plan, purpose, module, wish))
        if not plans:
            raise NoNotebooks
        progress.raise_if_cancelled()
        progress.report("writing", 0.5)
        change_files({path: partial(one_by_one, own) for path, own in plans.items()})

    def check(self, kind: JobKind, wish: Wish) -> None:
        """Refuse a job that is about something which the workshop does not have.

        Raises
        ------
        UnknownModule, UnknownParameter, UnknownProfile, UnknownStep
            If there is nothing of that name.
        ParameterUnfit
            If a parameter cannot have the value.
        """
        definition = self._definition
        if wish.profile and kind in ("prepare", "profile"):
            profile_of(definition, wish.profile)
        if kind == "profile" and wish.module:
            module_of(definition, wish.module)
        if kind == "parameters":
            module = module_of(definition, wish.module)
            for name, value in wish.values.items():
                fitting(parameter_of(module, name), value)
        if kind == "solution":
            step_of(module_of(definition, wish.module), wish.step)

    def _plan(
        self, purpose: Purpose, module: Module, wish: Wish, notebook: Notebook
    ) -> tuple[CellChange, ...]:
        definition = self._definition
        if purpose == "patches":
            return plan_patches(notebook, module.patches, name=f"“{module.title}”")
        if purpose == "solution":
            return plan_solutions(notebook, step_of(module, wish.step))
        originals = self._originals.of(module)
        if purpose == "parameters":
            return plan_parameters(notebook, module, wish.values, originals)
        chosen = profile_of(definition, wish.profile) if wish.profile else None
        return plan_profile(notebook, module, definition.profiles, chosen, originals)


def module_of(definition: Definition, name: str) -> Module:
    """Return the module with that id.

    Raises
    ------
    UnknownModule
        If there is none.
    """
    for module in definition.modules:
        if module.id == name:
            return module
    known = ", ".join(module.id for module in definition.modules)
    raise UnknownModule(f"The workshop has no module “{name}”.", hint=f"It has: {known}.")


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
