"""What a terminal shows: jobs as bars or plain lines, verdicts as a table, failures."""

from __future__ import annotations

import sys
import textwrap
import threading
from collections.abc import Sequence
from typing import TypeAlias

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from .jobs.job import Failure, JobStatus
from .preflight import PreflightCheck

_WIDTH = 100
"""Characters of a line of sentences."""

Answer: TypeAlias = "tuple[int, dict[str, object], list[str]]"
"""Exit status, the object for ``--json``, and the lines for people."""


class JobDisplay:
    """Shows jobs on standard error while the context lasts.

    Its :meth:`show` is what a :class:`~jupyter_monai_workshop.jobs.runner.JobRunner`
    calls after every change, from any thread.
    """

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._guard = threading.Lock()
        self._tasks: dict[str, TaskID] = {}
        self._told: dict[str, str] = {}
        self._bars = Progress(
            TextColumn("{task.fields[kind]:12}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            TextColumn("{task.description}", markup=False),
            console=self._console,
            transient=False,
        )

    def __enter__(self) -> JobDisplay:
        if self._console.is_terminal:
            self._bars.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._console.is_terminal:
            self._bars.stop()

    def show(self, status: JobStatus) -> None:
        """Show the newest status of a job."""
        if status.kind == "prepare":
            return
        with self._guard:
            if self._console.is_terminal:
                self._bar(status)
            else:
                self._line(status)

    def _bar(self, status: JobStatus) -> None:
        if status.id not in self._tasks:
            self._tasks[status.id] = self._bars.add_task("", total=None, kind=status.kind)
        self._bars.update(
            self._tasks[status.id],
            description=_words(status),
            completed=status.fraction or 0.0,
            total=None if status.fraction is None else 1.0,
        )

    def _line(self, status: JobStatus) -> None:
        words = f"{status.kind}: {_words(status)}"
        if self._told.get(status.id) != words:
            self._told[status.id] = words
            self._console.print(words, markup=False, highlight=False, soft_wrap=True)


def _words(status: JobStatus) -> str:
    if status.state == "running":
        return " ".join(filter(None, (status.phase, status.message)))
    if status.failure:
        return f"{status.state}: {status.failure.message}"
    return "done"


def verdict_table(checks: Sequence[PreflightCheck]) -> list[str]:
    """Return the lines of a table: verdict, check, what was found, what is asked for.

    Below each row stand the sentence, the remedy and the details.
    """
    rows = [("verdict", "check", "found", "asked for")]
    rows += [(it.level, it.name.replace("_", " "), it.found, it.wanted) for it in checks]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]

    def line(row: tuple[str, str, str, str]) -> str:
        cells = (text.ljust(width) for text, width in zip(row, widths, strict=True))
        return "  ".join(cells).rstrip()

    lines = [line(rows[0])]
    indent = " " * (widths[0] + 2)
    for check, row in zip(checks, rows[1:], strict=True):
        said = [check.message, *([f"What to do: {check.remedy}"] if check.remedy else [])]
        lines.append(line(row))
        for text in said:
            lines += textwrap.wrap(
                text,
                _WIDTH,
                initial_indent=indent,
                subsequent_indent=indent,
                break_on_hyphens=False,
            )
        lines += [indent + detail for detail in check.details.splitlines()]
    return lines


def complain(failure: Failure) -> None:
    """Tell a failure on standard error: what happened, what to do, the details."""
    print(f"Error: {failure.message}", file=sys.stderr)
    if failure.hint:
        print(failure.hint, file=sys.stderr)
    if failure.details:
        print(failure.details, file=sys.stderr)
