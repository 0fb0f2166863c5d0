"""Jobs as a terminal shows them: bars where there is one, plain lines elsewhere."""

from __future__ import annotations

import sys
import threading

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from .jobs.job import Failure, JobStatus


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


def complain(failure: Failure) -> None:
    """Tell a failure on standard error: what happened, what to do, the details."""
    print(f"Error: {failure.message}", file=sys.stderr)
    if failure.hint:
        print(failure.hint, file=sys.stderr)
    if failure.details:
        print(failure.details, file=sys.stderr)
