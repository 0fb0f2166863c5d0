"""How fast a training is and how long it still needs, by its own prints.

What comes before the first printed progress, such as starting worker processes, is not
counted. Steps are timed within an epoch; what lies between two epochs, such as the
validation, is learned from the first one and counted for each epoch that is left.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from statistics import fmean

_RECENT = 30.0
"""Seconds over which the pace is taken."""

_FEWEST = 8
"""Prints over which it is taken where steps are slower than that."""

_SHORTEST = 0.5
"""Seconds that have to be seen before a pace is told."""

_SPACING = 0.25
"""Seconds between two prints that are kept."""


class Pace:
    """Follows the printed progress of one training."""

    def __init__(self) -> None:
        self._counts: Mapping[str, int] = {}
        self._times: deque[tuple[float, int]] = deque()
        """Times and steps of the current epoch."""
        self._last_step: tuple[float, int] | None = None
        self._epoch_of_step: int | None = None
        self._rate: float | None = None
        self._length: int | None = None
        self._between: deque[float] = deque(maxlen=5)
        self._epochs: deque[tuple[float, int]] = deque(maxlen=6)
        self._from_zero = False
        self._closing = False

    @property
    def rate(self) -> float | None:
        """Steps a second; ``None`` before it is known."""
        return self._rate

    def note(self, when: float, counts: Mapping[str, int], *, closing: bool = False) -> None:
        """Take in what has been printed.

        Parameters
        ----------
        when
            Seconds on any clock; `left` wants the same.
        counts
            ``step``, ``steps``, ``epoch`` and ``epochs``, as far as they are known.
        closing
            Whether the training tells an epoch when it has ended, not when it begins.
        """
        before, self._counts = self._counts, dict(counts)
        self._closing = closing
        step, epoch = counts.get("step"), counts.get("epoch")
        if epoch is not None and epoch != before.get("epoch"):
            self._epoch(when, epoch, before.get("epoch"))
        if step is not None:
            self._step(when, step, new_epoch=epoch != self._epoch_of_step)
            self._epoch_of_step = epoch

    def left(self, now: float) -> float | None:
        """Return the seconds that the training still needs; ``None`` if that is not known."""
        if self._rate is not None and self._last_step is not None:
            return self._left_by_steps(now, self._rate, self._last_step)
        return self._left_by_epochs(now)

    def _epoch(self, when: float, epoch: int, before: int | None) -> None:
        if before is None:
            self._from_zero = epoch == 0
        elif epoch < before:  # another training begins in the same cell
            self._times.clear()
            self._between.clear()
            self._epochs.clear()
            self._last_step = self._rate = self._length = None
        self._epochs.append((when, epoch))

    def _step(self, when: float, step: int, *, new_epoch: bool) -> None:
        last = self._last_step
        if last and step == last[1] and not new_epoch:
            return
        begins = new_epoch or not self._times or step < self._times[-1][1]
        if last and begins:
            self._length = max(last[1], self._length or 0)
            if self._rate:
                self._between.append(max(0.0, when - last[0] - step / self._rate))
            self._times.clear()
        self._last_step = (when, step)
        if self._times and when - self._times[-1][0] < _SPACING:
            return
        self._times.append((when, step))
        while len(self._times) > _FEWEST and when - self._times[0][0] > _RECENT:
            self._times.popleft()
        (first, start), seconds = self._times[0], when - self._times[0][0]
        if seconds >= _SHORTEST and step > start:
            self._rate = (step - start) / (when - first)

    def _left_by_steps(self, now: float, rate: float, last: tuple[float, int]) -> float | None:
        length = self._length or self._counts.get("steps")
        if length is None:
            return None
        epoch, epochs = self._counts.get("epoch"), self._counts.get("epochs")
        rest = 0
        if epoch is not None and epochs is not None:
            rest = max(0, epochs - epoch - self._from_zero)
        between = fmean(self._between) if self._between else 0.0
        whole = length / rate + between
        since = max(0.0, now - last[0])
        step = self._counts.get("step")
        if step is None:  # the next epoch is announced, and has not made a step yet
            return max(0.0, between - since) + (rest + 1) * whole
        if step >= length:
            return max(0.0, between - since) + rest * whole
        here = (length - step) / rate - min(since, 1 / rate)
        return here + between + rest * whole

    def _left_by_epochs(self, now: float) -> float | None:
        epochs = self._counts.get("epochs")
        if epochs is None or len(self._epochs) < 2:
            return None
        (first, start), (last, epoch) = self._epochs[0], self._epochs[-1]
        if last <= first or epoch <= start:
            return None
        each = (last - first) / (epoch - start)
        ended = self._from_zero or self._closing
        rest = epochs - epoch + (0 if ended else 1)
        return max(0.0, rest * each - min(max(0.0, now - last), each))
