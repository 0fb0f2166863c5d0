"""A parameter in the source of its cell: its value, and writing another one.

Text in, text out, as in ``edits.py``. Only the characters of the value change.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from ..definition.models import Parameter
from ..errors import WorkshopError
from .python_cells import LINE_BREAK, parse_cell

Plain: TypeAlias = int | float | str | bool
"""What a parameter can be."""

_BY_HAND = "Set the value in the cell by hand, or undo your change of that line."
_QUOTES = re.compile(r"(?P<prefix>[A-Za-z]*)(?P<quotes>'''|\"\"\"|'|\")")


class ParameterConflict(WorkshopError):
    """A cell does not assign a parameter as it must, to be set. Nothing was changed."""

    code = "parameter_conflict"


class ParameterUnfit(WorkshopError):
    """A value that the parameter cannot have."""

    code = "parameter_unfit"


@dataclass(frozen=True)
class Assigned:
    """The value that a cell assigns to a variable.

    Attributes
    ----------
    value
        What it is.
    start, end
        It is written in ``source[start:end]``.
    text
        How it is written.
    """

    value: Plain
    start: int
    end: int
    text: str


@lru_cache(maxsize=256)
def find_value(source: str, variable: str) -> Assigned:
    """Return the value that a cell assigns to a variable, at its top level.

    It may be assigned with a type, or within a tuple that stands on both sides.

    Raises
    ------
    ParameterConflict
        If the variable is not assigned exactly once, or not to a plain number, text,
        ``True`` or ``False``.
    """
    try:
        tree = parse_cell(source)
    except SyntaxError as error:
        raise ParameterConflict(
            f"The cell of {variable} is no Python that can be read.",
            hint="Mend the cell first: Python says where it stumbles when you run it.",
            details=str(error),
        ) from error
    found = [value for name, value in _assignments(tree) if name == variable]
    times = sum(1 for name in _bound(tree) if name == variable)
    if times > 1:
        raise ParameterConflict(
            f"The cell sets {variable} {times} times, so it cannot be told which one counts.",
            hint=_BY_HAND,
        )
    if times == 0:
        raise ParameterConflict(f"The cell does not set {variable}.", hint=_BY_HAND)
    value = _plain(found[0]) if found else None
    if value is None:
        raise ParameterConflict(
            f"The cell sets {variable}, but not simply to a number, a text, True or False.",
            hint=_BY_HAND,
        )
    start, end = _span(source, found[0])
    return Assigned(value, start, end, source[start:end])


def same(one: Plain, other: Plain) -> bool:
    """Tell whether two values are the same; ``True`` is not 1, but 1.0 is."""
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def fitting(parameter: Parameter, value: Plain) -> Plain:
    """Return a value in the type that a parameter's choices have.

    Raises
    ------
    ParameterUnfit
        If it is of another kind than the choices.
    """
    kinds = {type(choice.value) for choice in parameter.choices}
    if isinstance(value, float) and not math.isfinite(value):
        raise _unfit(parameter, value)
    if type(value) in kinds:
        return value
    if isinstance(value, int) and not isinstance(value, bool) and float in kinds:
        return value
    if isinstance(value, float) and value.is_integer() and int in kinds:
        return int(value)
    raise _unfit(parameter, value)


def written(value: Plain, *, like: Assigned) -> str:
    """Return a value as Python is written, in the manner of the one that it replaces."""
    if isinstance(value, str):
        return _quoted(value, like.text)
    if isinstance(value, bool):
        return repr(value)
    if isinstance(value, int) and isinstance(like.value, float) and abs(value) < 2**53:
        value = float(value)
    # 1e-05 is 1e-5, as people write it.
    return re.sub(r"e([+-])0*", lambda found: "e" + found[1].strip("+"), repr(value))


def _unfit(parameter: Parameter, value: Plain) -> ParameterUnfit:
    choices = ", ".join(repr(choice.value) for choice in parameter.choices)
    return ParameterUnfit(
        f"{parameter.title} cannot be {value!r}.", hint=f"The workshop suggests: {choices}."
    )


# Where names are bound


def _assignments(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Yield what the top level assigns simply, one name to one value."""
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            yield from _pairs(statement.targets[0], statement.value)
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            yield from _pairs(statement.target, statement.value)


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    sequence = (ast.Tuple, ast.List)
    if isinstance(target, ast.Name):
        yield target.id, value
    elif (
        isinstance(target, sequence)
        and isinstance(value, sequence)
        and len(target.elts) == len(value.elts)
        and not any(isinstance(part, ast.Starred) for part in (*target.elts, *value.elts))
    ):
        for one, other in zip(target.elts, value.elts, strict=True):
            yield from _pairs(one, other)


def _bound(node: ast.AST) -> Iterator[str]:
    """Yield every name that a cell binds in the notebook's own names, each time it does."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
        return
    if isinstance(node, ast.Lambda):
        return
    if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        # Its own names stay its own, but those of := do not.
        for part in ast.walk(node):
            if isinstance(part, ast.NamedExpr):
                yield part.target.id
        return
    if isinstance(node, ast.AnnAssign) and node.value is None:
        return
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.alias):
        yield node.asname or node.name.partition(".")[0]
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        yield node.name
    elif isinstance(node, ast.MatchMapping) and node.rest:
        yield node.rest
    for child in ast.iter_child_nodes(node):
        yield from _bound(child)


# Values as they are written


def _plain(node: ast.expr) -> Plain | None:
    sign = 1
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        sign = -1 if isinstance(node.op, ast.USub) else 1
        node = node.operand
        if not isinstance(node, ast.Constant) or isinstance(node.value, bool | str):
            return None
    if not isinstance(node, ast.Constant) or not isinstance(node.value, bool | int | float | str):
        return None
    value = node.value
    if isinstance(value, bool | str):
        return value
    return sign * value if math.isfinite(value) else None


def _span(source: str, node: ast.expr) -> tuple[int, int]:
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    starts = [0, *(found.end() for found in LINE_BREAK.finditer(source))]

    def offset(line: int, column: int) -> int:
        start = starts[line - 1]
        # Python counts the bytes of UTF-8, which no character has more of than four.
        before = source[start : start + column].encode("utf-8")[:column]
        return start + len(before.decode("utf-8"))

    return offset(node.lineno, node.col_offset), offset(node.end_lineno, node.end_col_offset)


def _quoted(value: str, like: str) -> str:
    found = _QUOTES.match(like)
    prefix, quotes = (found["prefix"], found["quotes"]) if found else ("", '"')
    if "r" in prefix.lower():
        raw = value.isprintable() and quotes[0] not in value and not value.endswith("\\")
        if raw:
            return f"{prefix}{quotes}{value}{quotes}"
        prefix = ""
    body = "".join("\\" + it if it == quotes[0] else repr(it)[1:-1] for it in value)
    return f"{prefix}{quotes}{body}{quotes}"
