"""Reading a definition file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from ..errors import WorkshopError
from .linting import lint
from .models import Definition
from .problems import DefinitionError, Problem
from .yaml_source import YamlSource, parse_yaml

FILE_NAME = "workshop.yaml"
_MOST_BYTES = 300_000
"""A larger file takes seconds to read."""


class DefinitionUnreadable(WorkshopError):
    """The file is not there, or is not text."""

    code = "definition_unreadable"


@dataclass(frozen=True)
class LoadedDefinition:
    """A definition and the folder its file lies in.

    Attributes
    ----------
    vouched
        Whether somebody answers for it already: whoever installed the package that it comes
        with, the administrator, or the person who gave its path.
    """

    definition: Definition
    folder: Path
    vouched: bool = True


def load_definition(path: Path) -> LoadedDefinition:
    """Return the definition in the file `path`.

    Raises
    ------
    DefinitionUnreadable
        If the file cannot be read as UTF-8 text of at most 300 kB.
    DefinitionError
        If it has mistakes; warnings are no mistakes.
    """
    definition, problems = examine_definition(path)
    errors = tuple(problem for problem in problems if problem.level == "error")
    if errors or definition is None:
        raise DefinitionError(path, errors)
    return LoadedDefinition(definition, path.parent)


def examine_definition(path: Path) -> tuple[Definition | None, tuple[Problem, ...]]:
    """Return the definition, ``None`` if it cannot be built, and all its problems.

    Raises
    ------
    DefinitionUnreadable
        As :func:`load_definition`.
    """
    source = parse_yaml(_read(path))
    if source.problems:
        return None, tuple(source.problems)
    try:
        definition = Definition.model_validate(source.data)
    except ValidationError as error:
        return None, tuple(_of_validation(error, source))
    found = sorted(_of_lint(definition, source), key=lambda problem: problem.line)
    return definition, tuple(found)


def _read(path: Path) -> str:
    named = f"{path.name} in {path.parent.name!r}"
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise DefinitionUnreadable(
                f"{named} is larger than a definition can be.",
                hint="A definition holds texts and addresses; put other files beside it.",
            )
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DefinitionUnreadable(
            f"{named} cannot be read: {error.strerror or error}.",
            hint="Give the path of a workshop definition, a YAML file.",
        ) from error
    except UnicodeDecodeError as error:
        raise DefinitionUnreadable(
            f"{named} is not UTF-8 text.", hint="Save it as UTF-8."
        ) from error


def _of_validation(error: ValidationError, source: YamlSource) -> list[Problem]:
    problems = []
    items = error.errors(include_url=False)
    deepest = {item["loc"][:length] for item in items for length in range(len(item["loc"]))}
    for item in items:
        if item["type"] == "too_short" and item["loc"] in deepest:
            continue  # pydantic counts only the valid members of a list with mistakes
        path = _known_path(tuple(item["loc"]), source)
        line, column = source.place(path)
        message = item["msg"].removeprefix("Value error, ")
        hint = ""
        if item["type"] == "extra_forbidden":
            message = f"There is no field {path[-1] if path else ''!r} here."
            hint = "Look at its spelling and its indentation."
        elif item["type"] == "missing":
            message = f"The field {item['loc'][-1]!r} is missing."
        where = ".".join(map(str, path))
        problems.append(Problem("error", line, column, where, message.rstrip(".") + ".", hint))
    return sorted(problems, key=lambda problem: problem.line)


def _known_path(location: tuple[str | int, ...], source: YamlSource) -> tuple[str | int, ...]:
    """Return pydantic's location without the parts that name a union's member."""
    path: tuple[str | int, ...] = ()
    for part in location:
        if (*path, part) in source.places:
            path = (*path, part)
    return path


def _of_lint(definition: Definition, source: YamlSource) -> list[Problem]:
    problems = []
    for path, message, hint, fatal in lint(definition):
        line, column = source.place(path)
        where = ".".join(map(str, path))
        problems.append(
            Problem("error" if fatal else "warning", line, column, where, message, hint)
        )
    return problems
