"""Reading a training's progress out of ordinary printed lines."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..definition.linting import PROGRESS_GROUPS
from ..definition.models import Training
from ..definition.patterns import MOST_SEARCHED
from .curves import GrowingCurve, Points
from .pace import Pace
from .snapshot import Curve, MetricValue, TrainingView

ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
"""Escape sequences that colour or move in a terminal."""

_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass
class Reading:
    """What lines told: the last counts and values, and where in the training that is.

    Attributes
    ----------
    counts
        Last ``step``, ``steps``, ``epoch`` and ``epochs`` seen.
    values
        Last value of each metric, in the order of first appearance.
    closing
        Whether the first word of an epoch came along with its metrics, at its end.
    """

    counts: dict[str, int] = field(default_factory=dict)
    values: dict[str, float] = field(default_factory=dict)
    closing: bool = False
    _steps_before: int = 0
    _epochs_before: int = 0

    def copy(self) -> Reading:
        """Return a reading that can go on by itself."""
        return Reading(
            dict(self.counts),
            dict(self.values),
            self.closing,
            self._steps_before,
            self._epochs_before,
        )

    @property
    def step(self) -> int | None:
        """The steps since the beginning of the training; ``None`` where none are told."""
        if "step" not in self.counts and not self._steps_before:
            return None
        return self._steps_before + self.counts.get("step", 0)

    @property
    def epoch(self) -> int | None:
        """The epoch, which grows also where a training begins anew in the same cell."""
        return self._epochs_before + self.counts["epoch"] if "epoch" in self.counts else None

    def take(self, groups: Mapping[str, str | None]) -> dict[str, float]:
        """Read the groups of one line; return the metrics that it holds."""
        metrics: dict[str, float] = {}
        counts: dict[str, int] = {}
        for name, text in groups.items():
            number = _number(text)
            if number is None:
                continue
            if name not in PROGRESS_GROUPS:
                metrics[name] = number
            elif math.isfinite(number):
                counts[name] = int(number)
        if "epoch" in counts:
            if metrics and "step" not in counts and "step" not in self.counts:
                self.closing = self.closing or counts["epoch"] != self.counts.get("epoch")
            self._turn_to_epoch(counts["epoch"])
        if counts.get("step", math.inf) < self.counts.get("step", -1):
            self._leave_steps()
        self.counts |= counts
        self.values |= metrics
        return metrics

    def _turn_to_epoch(self, epoch: int) -> None:
        before = self.counts.get("epoch")
        if before is None or before == epoch:
            return
        if epoch < before:  # another training begins in the same cell
            self._epochs_before += before + 1 - epoch
        self._leave_steps()

    def _leave_steps(self) -> None:
        step = self.counts.pop("step", None)
        if step is not None:
            self._steps_before += max(step, self.counts.get("steps", 0))


@dataclass
class TrainingParser:
    """Follows what one run of a training prints.

    Output arrives in pieces that split lines anywhere, on two streams. A line counts
    once it has ended; a carriage return ends a line too, as progress bars use it. A bar
    that is only drawn so far is shown, but is no point of a curve.
    """

    training: Training
    pace: Pace = field(default_factory=Pace)
    _ended: Reading = field(default_factory=Reading)
    _shown: Reading = field(default_factory=Reading)
    _curves: dict[str, GrowingCurve] = field(default_factory=dict)
    _rest: dict[str, str] = field(default_factory=dict)
    _bars: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._patterns = [re.compile(pattern) for pattern in self.training.patterns]

    @property
    def counts(self) -> dict[str, int]:
        """Last ``step``, ``steps``, ``epoch`` and ``epochs`` seen."""
        return self._shown.counts

    @property
    def values(self) -> dict[str, float]:
        """Last value of each metric, in the order of first appearance."""
        return self._shown.values

    def curves(self) -> dict[str, Points]:
        """Return the values of each metric over the training, thinned out."""
        return {name: curve.points() for name, curve in self._curves.items()}

    def feed(self, text: str, stream: str = "stdout", *, when: float | None = None) -> bool:
        """Read more output; return whether something new is known.

        Parameters
        ----------
        when
            The time at which it was printed, in seconds; without it no pace is taken.
        """
        text = self._rest.get(stream, "") + text
        *lines, rest = _BREAK.split(text)
        # A carriage return may be half of a line's end, so it waits for what follows. What
        # comes between two of them is a progress bar, and shown before it has ended.
        returned = text[: len(text) - len(rest)].endswith("\r")
        self._rest[stream] = ("\r" if returned else "") + rest[:MOST_SEARCHED]
        if returned and rest:
            self._bars.add(stream)
        else:
            self._bars.discard(stream)
        return self._read(lines, when)

    def end(self) -> bool:
        """Read what is left when the output has ended without a line break."""
        rests, self._rest, self._bars = self._rest, {}, set()
        return self._read([rest.removeprefix("\r") for rest in rests.values()], None)

    def _read(self, lines: list[str], when: float | None) -> bool:
        news = [self._line(line) for line in lines if line]
        if not (any(news) or self._bars):
            return False
        before, self._shown = self._shown, self._ended.copy()
        for stream in self._bars:
            groups = self._groups(self._rest[stream].removeprefix("\r"))
            if groups:
                self._shown.take(groups)
        changed = (before.counts, before.values) != (self._shown.counts, self._shown.values)
        if changed and when is not None:
            self.pace.note(when, self._shown.counts, closing=self._shown.closing)
        return changed

    def _line(self, line: str) -> bool:
        """Read a whole line; return whether it told something."""
        groups = self._groups(line)
        if not groups:
            return False
        metrics = self._ended.take(groups)
        for name, value in metrics.items():
            curve = self._curves.setdefault(name, GrowingCurve())
            curve.add(
                value,
                step=self._ended.step,
                epoch=self._ended.epoch,
                with_step=groups.get("step") is not None,
            )
        return True

    def _groups(self, line: str) -> dict[str, str | None] | None:
        line = ANSI.sub("", line[:MOST_SEARCHED])
        for pattern in self._patterns:
            match = pattern.search(line)
            if match:
                return match.groupdict()
        return None


def view_of(
    training: Training,
    counts: Mapping[str, int],
    values: Mapping[str, float],
    curves: Mapping[str, Points],
    *,
    pace: float | None = None,
    left: float | None = None,
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
        pace=pace and float(f"{pace:.3g}"),
        left=None if left is None else round(left, 1),
        curves=tuple(
            Curve(
                name=name,
                title=metric.title,
                better=metric.better,
                digits=metric.digits,
                by=curves[name].by,
                x=curves[name].x,
                y=curves[name].y,
            )
            for name, metric in training.metrics.items()
            if name in curves
        ),
    )


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text.rstrip("%"))
    except ValueError:
        return None
