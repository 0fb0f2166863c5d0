"""The parameters of a module in its notebook: what they are now, and setting them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from ..definition.models import Module, Parameter
from ..errors import WorkshopError
from .addresses import find_cell
from .changes import CellChange, with_changes
from .parameters import Assigned, Plain, find_value, find_value_edit, fitting, same
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
        cell = find_cell(notebook, parameter.cell)
        original = originals.get(name)
        text = original.text if original and same(original.value, value) else ""
        edit = find_value_edit(cell.source, parameter.variable, value, text=text)
        if edit is not None:
            why = f"{parameter.title}: {edit.text} instead of {cell.source[edit.start : edit.end]}."
            changes.append(CellChange(cell.index, edit, why))
            notebook = with_changes(notebook, changes[-1:])
    return tuple(changes)
