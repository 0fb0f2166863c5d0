"""Progress out of what the installer prints."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..jobs.progress import Phase, Progress

UNITS = {"B": 1.0, "KiB": 2.0**10, "MiB": 2.0**20, "GiB": 2.0**30}

GUESSES = {"torch": 200 * UNITS["MiB"]}
"""What a package weighs before uv says it; anything else is taken for one MiB."""


class InstallLines:
    """Turns the lines that ``uv pip install`` prints into progress.

    uv announces the size of a large download when it starts and says when it ended. It
    is silent on small ones, and on wheels that lie on this machine.

    Parameters
    ----------
    start, end
        The part of the job that the installation is, as fractions.
    packages
        Names of all that is installed.
    """

    def __init__(
        self, progress: Progress, start: float, end: float, packages: Iterable[str]
    ) -> None:
        self._progress = progress
        self._start = start
        self._end = end
        self._sizes = {name: GUESSES.get(name, UNITS["MiB"]) for name in packages}
        self._arrived: set[str] = set()

    def __call__(self, line: str) -> None:
        """Take the next line."""
        announced = re.match(r"\s*Downloading (\S+) \(([\d.]+) ?(B|[KMG]iB)\)", line)
        arrived = re.match(r"\s*Downloaded (\S+)", line)
        if announced:
            name, amount, unit = announced.groups()
            self._sizes[name] = float(amount) * UNITS[unit]
            self._say("downloading", f"{name} ({amount} {unit})")
        elif arrived:
            self._arrived.add(arrived[1])
            self._say("downloading", arrived[1])
        elif re.match(r"\s*Prepared\b", line):
            self._arrived.update(self._sizes)
            self._say("installing", line.strip())
        elif re.match(r"\s*(Building|Built|Installed|\+) ?\S", line):
            self._say("installing", line.strip(" +"))

    def _say(self, phase: Phase, message: str) -> None:
        done = sum(size for name, size in self._sizes.items() if name in self._arrived)
        share = done / sum(self._sizes.values()) if self._sizes else 1.0
        self._progress.report(phase, self._start + (self._end - self._start) * share, message)
