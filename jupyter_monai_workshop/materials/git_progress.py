"""From what git prints to how far the whole work is."""

from __future__ import annotations

import re
from typing import ClassVar

from git import RemoteProgress

from ..jobs.progress import Phase, Progress

_UPDATING = re.compile(r"Updating files:\s+\d+% \((\d+)/(\d+)\)")


class GitWatcher(RemoteProgress):
    """Reports one git command as a span of the whole work.

    Parameters
    ----------
    progress
        Where to report.
    begin, end
        The span of the whole that the command covers, both from 0 to 1.
    """

    __slots__ = ("_begin", "_end", "_progress")

    # The part of the span in which each operation begins and ends.
    _PARTS: ClassVar[dict[int, tuple[Phase, float, float]]] = {
        RemoteProgress.COUNTING: ("connecting", 0.0, 0.02),
        RemoteProgress.FINDING_SOURCES: ("connecting", 0.0, 0.02),
        RemoteProgress.COMPRESSING: ("connecting", 0.02, 0.05),
        RemoteProgress.RECEIVING: ("receiving", 0.05, 0.85),
        RemoteProgress.RESOLVING: ("resolving", 0.85, 1.0),
        RemoteProgress.CHECKING_OUT: ("writing", 0.0, 1.0),
    }

    def __init__(self, progress: Progress, begin: float, end: float) -> None:
        super().__init__()
        self._progress = progress
        self._begin = begin
        self._end = end

    def update(
        self,
        op_code: int,
        cur_count: str | float,
        max_count: str | float | None = None,
        message: str = "",
    ) -> None:
        """Report what git told."""
        part = self._PARTS.get(op_code & self.OP_MASK)
        if part is None:
            return
        phase, begin, end = part
        done = float(cur_count) / float(max_count) if max_count else 0.0
        within = begin + (end - begin) * min(done, 1.0)
        self._progress.report(phase, self._begin + (self._end - self._begin) * within, message)

    def line_dropped(self, line: str) -> None:
        """Report a checkout, whose line GitPython knows under an older name only."""
        if match := _UPDATING.match(line):
            self.update(self.CHECKING_OUT, float(match[1]), float(match[2]))
