"""What is wrong with a definition, and where."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..errors import WorkshopError


@dataclass(frozen=True)
class Problem:
    """One mistake in a definition file.

    Attributes
    ----------
    level
        ``error`` when the definition cannot be used, ``warning`` when it can.
    line, column
        Where, counted from 1; 0 when the file as a whole is meant.
    where
        The field, as a path such as ``modules.0.steps.2.title``.
    message, hint
        What is wrong, and how to mend it.
    """

    level: Literal["error", "warning"]
    line: int
    column: int
    where: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line else ""
        field = f"{self.where}: " if self.where else ""
        hint = f" {self.hint}" if self.hint else ""
        return f"{place}{field}{self.message}{hint}"


class DefinitionError(WorkshopError):
    """A definition file that cannot be used; `problems` says why, line by line."""

    code = "definition_invalid"

    def __init__(self, path: Path, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        count = len(problems)
        super().__init__(
            f"The workshop definition {path.name} in {path.parent.name!r} has "
            f"{count} {'mistake' if count == 1 else 'mistakes'}.",
            hint="Run 'jupyter monai-workshop lint FILE' and mend what it lists.",
            details="\n".join(str(problem) for problem in problems),
        )
