"""Takes measured times of a rehearsal over into a definition file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from .definition.loading import load_definition
from .definition.models import Definition, Duration
from .definition.yaml_source import parse_yaml
from .errors import WorkshopError

_DURATION = re.compile(r"(\{[^}\n]*\}|[0-9.]+)")
"""A duration as it stands in one line: a number, or a mapping of two."""


class TimesUnfit(WorkshopError):
    """A file of measured times cannot be taken over into the definition."""

    code = "times_unfit"


class _MeasuredStep(BaseModel):
    duration: dict[Literal["gpu", "cpu"], float]


class _Machine(BaseModel):
    modules: dict[str, dict[str, _MeasuredStep]]


class _Times(BaseModel):
    model_config = ConfigDict(extra="ignore")

    workshop: str
    profile: str = ""
    machines: list[_Machine]


@dataclass(frozen=True)
class Retimed:
    """A step whose expected time has changed, and what it was and is."""

    module: str
    step: str
    before: str
    after: str


def retime(definition: Path, times: Path) -> tuple[Retimed, ...]:
    """Write the times of the file `times` into the file `definition`; return what changed.

    Nothing else of the file changes. Where several machines of a kind were measured, the
    slowest counts.

    Raises
    ------
    WorkshopError
        If a file cannot be read, or the times are of another workshop or of a profile.
    """
    loaded = load_definition(definition).definition
    measured = _read(times)
    if measured.workshop != loaded.id:
        raise TimesUnfit(
            f"The times are of the workshop “{measured.workshop}”, not of “{loaded.id}”.",
            hint="Give the file that was written for this workshop.",
        )
    text = definition.read_text(encoding="utf-8-sig")
    lines = text.splitlines(keepends=True)
    places = parse_yaml(text)
    changed = []
    for (number, position), duration in _durations(loaded, measured):
        module = loaded.modules[number]
        step = module.steps[position]
        line, column = places.place(("modules", number, "steps", position, "duration"))
        found = _DURATION.match(lines[line - 1], column - 1)
        if found is None:
            raise TimesUnfit(
                f"The duration of “{step.title}” in line {line} is not written in one line.",
                hint="Write it as a number, or as {gpu: 10, cpu: 100}.",
            )
        after = _written(duration)
        if duration != step.duration:
            changed.append(Retimed(module.id, step.id, found[0], after))
            start, end = found.span()
            lines[line - 1] = lines[line - 1][:start] + after + lines[line - 1][end:]
    if changed:
        definition.write_text("".join(lines), encoding="utf-8")
    return tuple(changed)


def _read(path: Path) -> _Times:
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        if isinstance(data, dict) and data.get("profile"):
            raise TimesUnfit(
                f"The times were measured with the profile “{data['profile']}”.",
                hint="Take them over by hand, into “durations” of the profile.",
            )
        return _Times.model_validate(data)
    except (OSError, ValueError, yaml.YAMLError) as error:
        what = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise TimesUnfit(
            f"{path.name} holds no measured times.",
            hint="Give a file that was written by rehearse --record.",
            details=what,
        ) from error


def _durations(
    definition: Definition, measured: _Times
) -> Iterator[tuple[tuple[int, int], Duration]]:
    """Yield the new duration of each measured step, by its place in the definition."""
    for number, module in enumerate(definition.modules):
        for position, step in enumerate(module.steps):
            found: dict[str, float] = {}
            for machine in measured.machines:
                times = machine.modules.get(module.id, {}).get(step.id)
                for kind, seconds in times.duration.items() if times else ():
                    found[kind] = max(found.get(kind, 0.0), _rounded(seconds))
            if found:
                yield (number, position), step.duration.model_copy(update=found)


def _rounded(seconds: float) -> float:
    """Return a time as people write it: whole seconds, two digits of long ones."""
    if seconds < 100:
        return float(max(1, round(seconds)))
    power = 10 ** (len(str(round(seconds))) - 2)
    return float(round(seconds / power) * power)


def _written(duration: Duration) -> str:
    if duration.gpu == duration.cpu:
        return f"{duration.gpu:g}"
    return f"{{gpu: {duration.gpu:g}, cpu: {duration.cpu:g}}}"
