"""The parameters of a module in its notebook: what they are now, and setting them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from ..definition.models import Module, Parameter
from ..errors import WorkshopError
from .addresses import find_cell
from .changes import CellChange, with_changes
from .edits import SourceEdit
from .parameters import Assigned, Plain, find_value, fitting, same, written
from .reading import Notebook

Originals: TypeAlias = Mapping[str, Assigned]
"""What the parameters are in the notebook as it was made, by id, as far as that is known."""


class UnknownParameter(WorkshopError):
    """The module has no parameter with that id."""

    code = "unknown_parameter"


def parameter_of(module: Module, name: str) -> Parameter:
    """Return the parameter with that id.

    Raises
    ------
    UnknownParameter
        If there is none.
    """
    for parameter in module.parameters:
        if parameter.id == name:
            return parameter
    known = ", ".join(parameter.id for parameter in module.parameters) or "none"
    raise UnknownParameter(
        f"The module “{module.title}” has no parameter “{name}”.", hint=f"It has: {known}."
    )


def value_of(notebook: Notebook, parameter: Parameter) -> Assigned:
    """Return what a parameter is now.

    Raises
    ------
    AddressConflict
        If its cell is not found exactly once.
    ParameterConflict
        If the cell does not assign it simply.
    """
    return find_value(find_cell(notebook, parameter.cell).source, parameter.variable)


def values_of(notebook: Notebook, module: Module) -> dict[str, Assigned]:
    """Return what the parameters are now, without those that cannot be told."""
    values = {}
    for parameter in module.parameters:
        try:
            values[parameter.id] = value_of(notebook, parameter)
        except WorkshopError:
            continue
    return values


def plan_parameters(
    notebook: Notebook, module: Module, values: Mapping[str, Plain], originals: Originals
) -> tuple[CellChange, ...]:
    """Return the changes that set parameters, by their id.

    A value that is the original one is written as it was there, so that nothing is left
    of an earlier choice.

    Raises
    ------
    AddressConflict, ParameterConflict
        As `value_of`.
    ParameterUnfit
        If a parameter cannot have the value.
    UnknownParameter
        If the module has no such parameter.
    """
    changes: list[CellChange] = []
    for name, given in values.items():
        parameter = parameter_of(module, name)
        value = fitting(parameter, given)
        old, original = value_of(notebook, parameter), originals.get(name)
        if same(old.value, value):
            continue
        known = original and same(original.value, value)
        text = original.text if original and known else written(value, like=old)
        changes += plan_value(notebook, parameter, text)
        notebook = with_changes(notebook, changes[-1:])
    return tuple(changes)


def plan_value(notebook: Notebook, parameter: Parameter, text: str) -> tuple[CellChange, ...]:
    """Return the change that writes a parameter's value as `text`, if it is not written so.

    Raises
    ------
    AddressConflict, ParameterConflict
        As `value_of`.
    """
    old = value_of(notebook, parameter)
    if old.text == text:
        return ()
    why = f"{parameter.title}: {text} instead of {old.text}."
    edit = SourceEdit(old.start, old.end, text)
    return (CellChange(find_cell(notebook, parameter.cell).index, edit, why),)
