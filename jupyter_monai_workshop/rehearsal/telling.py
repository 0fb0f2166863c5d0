"""How a task tells what it does, and hears that it should stop, wherever it runs."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from ..progress.journal import Journal
from .results import Frozen, Machine, StepResult


class Told(Frozen):
    """One thing that a task tells.

    Attributes
    ----------
    attempt
        Identity of the try; a task whose worker was lost is tried again.
    worker
        Which process it is, for people.
    words
        What is going on.
    step
        A step that has ended.
    machine
        Where it runs; told once.
    """

    task: int
    attempt: str
    worker: str
    words: str = ""
    step: StepResult | None = None
    machine: Machine | None = None


class Line(Protocol):
    """The line between a task and whoever started it; it is pickled to the worker."""

    def here(self) -> Line:
        """Return the line as it is used in a worker, by whatever thread."""

    def tell(self, told: Told) -> None:
        """Tell something; never raises because nobody listens."""

    def stopped(self) -> bool:
        """Return whether the task should stop."""


@dataclass(frozen=True)
class FolderLine:
    """A line through files of a folder, for workers of this machine."""

    folder: Path

    def here(self) -> FolderLine:
        """Return itself."""
        return self

    def tell(self, told: Told) -> None:
        """Add a line to the task's file."""
        Journal(self.folder / f"task-{told.task}.jsonl").append(told.model_dump(mode="json"))

    def stopped(self) -> bool:
        """Return whether the stop was written; a folder that is gone means stop, too."""
        return not self.folder.is_dir() or (self.folder / "stop").exists()

    def stop(self) -> None:
        """Ask every task to stop."""
        (self.folder / "stop").touch()

    def heard(self) -> Iterator[Told]:
        """Yield everything that all tasks have told."""
        for path in sorted(self.folder.glob("task-*.jsonl")):
            for entry in Journal(path).entries():
                yield Told.model_validate(entry)


@dataclass(frozen=True)
class Teller:
    """Tells for one try of one task."""

    line: Line
    task: int
    attempt: str = field(default_factory=lambda: uuid4().hex)
    worker: str = field(default_factory=lambda: f"process {os.getpid()} on {platform.node()}")

    def __call__(
        self, words: str = "", step: StepResult | None = None, machine: Machine | None = None
    ) -> None:
        """Tell something."""
        told = Told(
            task=self.task,
            attempt=self.attempt,
            worker=self.worker,
            words=words,
            step=step,
            machine=machine,
        )
        self.line.tell(told)
