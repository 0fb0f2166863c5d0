"""What of the workshop's own a notebook has, and the same in another version of it.

A comparison of versions sees them all through it, so that a patch, or a value that the
attendee chose, is neither a change of theirs nor lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..definition.models import Parameter, Patch
from ..errors import WorkshopError
from ..notebooks import apply_patches, change_text, parse_notebook
from ..notebooks.parameters import same
from ..notebooks.settings import plan_value, value_of


@dataclass(frozen=True)
class Choices:
    """Patches that a notebook has, and values that differ from those that were given.

    Attributes
    ----------
    values
        Each with how it is written.
    """

    patches: tuple[Patch, ...] = ()
    values: tuple[tuple[Parameter, str], ...] = ()

    def made_in(self, text: str) -> str:
        """Return a notebook's text with those that fit."""
        for patch in self.patches:
            try:
                text = apply_patches(text, [patch])
            except WorkshopError:
                continue
        for parameter, written in self.values:
            text = _with_value(text, parameter, written) or text
        return text

    def fitting(self, text: str) -> Choices:
        """Return these, without the values that a notebook cannot have."""
        text = Choices(self.patches).made_in(text)
        values = (it for it in self.values if _with_value(text, *it) is not None)
        return Choices(self.patches, tuple(values))


def chosen_values(
    text: str, given: str, parameters: Sequence[Parameter]
) -> tuple[tuple[Parameter, str], ...]:
    """Return the values that a notebook has otherwise than it was given.

    Raises
    ------
    WorkshopError
        If a text is no notebook.
    """
    if not parameters:
        return ()
    chosen = []
    now, then = parse_notebook(text), parse_notebook(given)
    for parameter in parameters:
        try:
            value, before = value_of(now, parameter), value_of(then, parameter)
        except WorkshopError:
            continue
        if not same(value.value, before.value):
            chosen.append((parameter, value.text))
    return tuple(chosen)


def _with_value(text: str, parameter: Parameter, written: str) -> str | None:
    try:
        return change_text(text, lambda notebook: plan_value(notebook, parameter, written))
    except WorkshopError:
        return None
