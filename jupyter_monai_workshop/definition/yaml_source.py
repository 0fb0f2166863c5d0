"""A YAML file as plain data that remembers the line of every value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import yaml

from .problems import Problem

Path: TypeAlias = tuple[str | int, ...]

_MOST_VALUES = 50_000
"""More values than this, aliases expanded, is an attack or an accident."""

_DEEPEST = 40
"""Deeper nesting than this, as an alias within itself has it, is neither written nor read."""


@dataclass
class YamlSource:
    """Parsed YAML.

    Attributes
    ----------
    data
        The plain value of the whole document.
    places
        Line and column, from 1, of the value at each path.
    problems
        Mistakes of the YAML itself: syntax, repeated keys, exploding aliases.
    """

    data: object = None
    places: dict[Path, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def place(self, path: Path) -> tuple[int, int]:
        """Return line and column of the value at `path`, or of its nearest known parent."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (0, 0))


def parse_yaml(text: str) -> YamlSource:
    """Return the data of `text` with the places of its values; never raises for bad YAML."""
    source = YamlSource()
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is None:
            source.problems.append(Problem("error", 0, 0, "", "The file is empty."))
            return source
        _note_places(node, (), source)
        if not source.problems:
            source.data = yaml.SafeLoader("").construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        message = f"This is not valid YAML: {error.problem or error.context}."
        source.problems.append(Problem("error", line, column, "", message))
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        source.problems.append(Problem("error", 0, 0, "", f"This is not valid YAML: {error}."))
    return source


def _note_places(node: yaml.Node, path: Path, source: YamlSource) -> None:
    """Fill `source.places` below `node`; note repeated keys; stop at too many values."""
    pending = [(node, path)]
    while pending:
        node, path = pending.pop()
        source.places[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if len(source.places) > _MOST_VALUES:
            message = f"The file holds more than {_MOST_VALUES} values."
            source.problems.append(Problem("error", 0, 0, "", message, "Use fewer aliases."))
            return
        if len(path) > _DEEPEST:
            message = f"The file is nested deeper than {_DEEPEST} levels."
            line, column = source.places[path]
            source.problems.append(Problem("error", line, column, "", message))
            return
        if isinstance(node, yaml.SequenceNode):
            pending.extend((child, (*path, index)) for index, child in enumerate(node.value))
        elif isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                name = str(key.value)
                if name in seen:
                    line, column = key.start_mark.line + 1, key.start_mark.column + 1
                    where = ".".join(map(str, (*path, name)))
                    message = f"The field {name!r} is given twice."
                    source.problems.append(Problem("error", line, column, where, message))
                seen.add(name)
                pending.append((value, (*path, name)))
