"""The values of one metric over a training, thinned out while they come."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

from pydantic import BaseModel

_MOST_BUCKETS = 120
"""Each bucket keeps its lowest and its highest value, so a long curve has 120 to 240 points."""


class Points(BaseModel):
    """The points of a curve, as they are kept and shown.

    Attributes
    ----------
    by
        What `x` counts: steps from the beginning of the training, or epochs.
    y
        ``None`` where the value was not finite.
    """

    by: Literal["step", "epoch"]
    x: tuple[float, ...]
    y: tuple[float | None, ...]


class Point(NamedTuple):
    """One printed value and where in the training it was printed."""

    step: float
    epoch: float | None
    value: float | None


class GrowingCurve:
    """Takes in any number of values and keeps few: the first, the last, the extremes.

    Neighbouring values share a bucket, of which the lowest and the highest are kept. When
    there are too many buckets, each two of them become one.
    """

    def __init__(self) -> None:
        self._first: Point | None = None
        self._last: Point | None = None
        self._buckets: list[tuple[Point, ...]] = []
        self._size = 1
        self._open: tuple[Point, ...] = ()
        self._in_open = 0
        self._taken = 0
        self._by_step = False

    def add(
        self, value: float, *, step: float | None, epoch: float | None, with_step: bool
    ) -> None:
        """Take in a value; one that is printed again at the same place replaces the other.

        Parameters
        ----------
        step, epoch
            Where it was printed, counted from the beginning of the training.
        with_step
            Whether the line that held the value told a step.
        """
        seen = value if math.isfinite(value) else None
        here = float(self._taken + 1 if step is None else step)
        point = Point(here, epoch, seen)
        last = self._last
        if last is not None:
            same_epoch = epoch is not None and last.epoch == epoch
            if same_epoch and (step is None or last.step == here):
                self._last = point._replace(step=last.step)
                self._first = self._last if self._taken == 1 else self._first
                return
            self._take(last)
            self._by_step = self._by_step or same_epoch
        self._by_step = self._by_step or with_step or epoch is None
        self._last = point
        self._taken += 1
        self._first = self._first or point

    def points(self) -> Points:
        """Return what is kept."""
        found: list[Point] = [self._first] if self._first else []
        for bucket in (*self._buckets, self._open):
            found += bucket
        if self._last:
            found.append(self._last)
        if len(found) > 1 and found[0] is found[1]:
            del found[0]
        by_step = self._by_step
        return Points(
            by="step" if by_step else "epoch",
            x=tuple(point.step if by_step else point.epoch or 0.0 for point in found),
            y=tuple(point.value for point in found),
        )

    def _take(self, point: Point) -> None:
        self._open = _extremes((*self._open, point))
        self._in_open += 1
        if self._in_open < self._size:
            return
        self._buckets.append(self._open)
        self._open, self._in_open = (), 0
        if len(self._buckets) >= _MOST_BUCKETS:
            pairs = zip(self._buckets[::2], self._buckets[1::2], strict=True)
            self._buckets = [_extremes(left + right) for left, right in pairs]
            self._size *= 2


def _extremes(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """Return the lowest, the highest and one that is not finite, in their order."""
    if len(points) <= 2:
        return points
    lowest = highest = hole = -1
    for place, point in enumerate(points):
        value = point.value
        if value is None:
            hole = place
            continue
        if lowest < 0 or value < (points[lowest].value or 0.0):
            lowest = place
        if highest < 0 or value > (points[highest].value or 0.0):
            highest = place
    return tuple(points[place] for place in sorted({lowest, highest, hole}) if place >= 0)
