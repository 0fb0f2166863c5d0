"""Whether expressions are true in a live kernel, and what they are about."""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jupyter_client.connect import KernelConnectionInfo
from pydantic import TypeAdapter

from ..jobs.progress import Progress
from .asking import ask


@dataclass(frozen=True)
class Looked:
    """What a kernel said of one expression.

    Attributes
    ----------
    found
        The value of what is compared, shortly; empty where nothing is compared.
    error
        The error that it raised, or why it was not evaluated; empty for none.
    """

    expression: str
    holds: bool
    found: str = ""
    error: str = ""


def look_at_expressions(
    connection: KernelConnectionInfo, expressions: Sequence[str], *, progress: Progress
) -> tuple[Looked, ...]:
    """Evaluate expressions in a kernel without disturbing it. Blocks: use a thread.

    Where the kernel has no subshells, the question waits for its turn behind the cells
    that were sent before, however long they take.

    Raises
    ------
    Cancelled
        Once `progress` says that nobody waits any more.
    """
    questions = json.dumps([(text, figure_of(text)) for text in expressions])
    answer = ask(connection, _scripts(), f"look({questions!r})", timeout=None, progress=progress)
    try:
        told = TypeAdapter(list[tuple[bool, str, str]]).validate_json(answer.text)
    except ValueError:
        told = []
    if len(told) != len(expressions):
        told = [(False, "", "the kernel did not answer")] * len(expressions)
    return tuple(Looked(text, *it) for text, it in zip(expressions, told, strict=True))


def figure_of(expression: str) -> str:
    """Return the left side of the comparison that an expression is, empty if it is none.

    A comparison in ``bool(…)`` counts too; that is how one of arrays is written.
    """
    try:
        node = ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return ""
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "bool"
        and len(node.args) == 1
    ):
        node = node.args[0]
    return ast.unparse(node.left) if isinstance(node, ast.Compare) else ""


@cache
def _scripts() -> tuple[str, ...]:
    return ((Path(__file__).parent / "looking_script.py").read_text("utf-8"),)
