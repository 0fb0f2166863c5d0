"""How many workers a notebook asks for, read in its cells."""

from __future__ import annotations

import ast
from collections.abc import Iterable


def workers_asked(
    sources: Iterable[str], variable: str = "num_workers", *, processors: int | None = None
) -> int | None:
    """Return the largest number that code cells give to `variable`.

    Both assignments (``num_workers = 10``) and arguments (``num_workers=10``) count. Of
    expressions only those are understood that say something of the processors, such as
    ``min(10, os.cpu_count())``; nothing is run.

    Parameters
    ----------
    sources
        The sources of the notebook's code cells, with their magics.
    processors
        What ``os.cpu_count()`` gives on this machine.

    Returns
    -------
    int or None
        ``None`` when no cell says a number that could be understood.
    """
    found: list[int] = []
    for source in sources:
        if variable not in source:
            continue
        for value in _values(_tree(source), variable):
            number = _number(value, processors)
            if number is not None and number >= 0:
                found.append(number)
    return max(found, default=None)


def _tree(source: str) -> ast.AST:
    """Return what Python reads in a cell, without its magics; nothing of a broken cell."""
    lines = (
        " " * (len(line) - len(line.lstrip())) + "pass"
        if line.lstrip().startswith(("%", "!"))
        else line
        for line in source.splitlines()
    )
    try:
        return ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module(body=[], type_ignores=[])


def _values(tree: ast.AST, variable: str) -> Iterable[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            if variable in names:
                yield node.value
        elif isinstance(node, ast.AnnAssign):
            if isinstance(node.target, ast.Name) and node.target.id == variable and node.value:
                yield node.value
        elif isinstance(node, ast.keyword) and node.arg == variable:
            yield node.value


def _number(value: ast.expr, processors: int | None) -> int | None:
    if isinstance(value, ast.Constant):
        # True is an int for Python, but nobody's number of workers.
        return value.value if type(value.value) is int else None
    if isinstance(value, ast.BoolOp) and isinstance(value.op, ast.Or):
        return _number(value.values[0], processors)  # os.cpu_count() or 1
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.FloorDiv):
        left, right = _number(value.left, processors), _number(value.right, processors)
        return left // right if left is not None and right else None
    if not isinstance(value, ast.Call):
        return None
    name = _name(value.func)
    if name == "cpu_count" and not value.args:
        return processors
    if name == "int" and len(value.args) == 1:
        return _number(value.args[0], processors)
    if name in ("min", "max") and len(value.args) > 1:
        numbers = [_number(part, processors) for part in value.args]
        known = [number for number in numbers if number is not None]
        if len(known) == len(numbers):
            return min(known) if name == "min" else max(known)
    return None


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
