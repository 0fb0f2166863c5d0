"""Reading a training's progress out of ordinary printed lines."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..definition.linting import PROGRESS_GROUPS
from ..definition.models import Training
from .snapshot import MetricValue, TrainingView

ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
"""Escape sequences that colour or move in a terminal."""

_BREAK = re.compile(r"\r\n|\r|\n")
_LONGEST_LINE = 10_000


@dataclass
class TrainingParser:
    """Follows what one run of a training prints.

    Output arrives in pieces that split lines anywhere, on two streams. A line counts
    once it has ended; a carriage return ends a line too, as progress bars use it.

    Attributes
    ----------
    counts
        Last ``step``, ``steps``, ``epoch`` and ``epochs`` seen.
    values
        Last value of each metric, in the order of first appearance.
    """

    training: Training
    counts: dict[str, int] = field(default_factory=dict)
    values: dict[str, float] = field(default_factory=dict)
    _rest: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._patterns = [re.compile(pattern) for pattern in self.training.patterns]

    def feed(self, text: str, stream: str = "stdout") -> bool:
        """Read more output; return whether something new is known."""
        text = self._rest.get(stream, "") + text
        *lines, rest = _BREAK.split(text)
        # A progress bar begins with a carriage return and is ended by its next redraw
        # only; it is shown now, and read again once it has ended.
        bar = text[: len(text) - len(rest)].endswith("\r")
        self._rest[stream] = ("\r" if bar else "") + rest[-_LONGEST_LINE:]
        return self._lines([*lines, rest] if bar else lines)

    def end(self) -> bool:
        """Read what is left when the output has ended without a line break."""
        rests, self._rest = self._rest, {}
        return self._lines(rests.values())

    def _lines(self, lines: Iterable[str]) -> bool:
        before = (dict(self.counts), dict(self.values))
        for line in lines:
            self._line(line)
        return before != (self.counts, self.values)

    def _line(self, line: str) -> None:
        line = ANSI.sub("", line)[:_LONGEST_LINE]
        for pattern in self._patterns:
            match = pattern.search(line)
            if match:
                self._take(match.groupdict())
                return

    def _take(self, groups: dict[str, str | None]) -> None:
        for name, text in groups.items():
            number = _number(text)
            if number is None:
                continue
            if name not in PROGRESS_GROUPS:
                self.values[name] = number
            elif math.isfinite(number):
                self._count(name, int(number))

    def _count(self, name: str, number: int) -> None:
        if name == "epoch" and self.counts.get("epoch", number) < number:
            self.counts.pop("step", None)
        self.counts[name] = number


def view_of(
    training: Training, counts: Mapping[str, int], values: Mapping[str, float]
) -> TrainingView:
    """Return what to show: metrics in the definition's order, without those not finite."""
    return TrainingView(
        step=counts.get("step"),
        steps=counts.get("steps"),
        epoch=counts.get("epoch"),
        epochs=counts.get("epochs"),
        metrics=tuple(
            MetricValue(name=name, title=metric.title, value=values[name], digits=metric.digits)
            for name, metric in training.metrics.items()
            if math.isfinite(values.get(name, math.nan))
        ),
    )


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text.rstrip("%"))
    except ValueError:
        return None
