"""Follows what the tasks tell, to show it and to know which tries were lost."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .results import Machine, ModuleResult, StepResult
from .task import Task
from .telling import Told


@dataclass(frozen=True)
class Row:
    """Where one task stands, for a table.

    Attributes
    ----------
    state
        ``waiting`` before a worker has it, ``running``, then the result's state.
    words
        What is going on, or the first failure.
    done, steps
        How many of its steps have run, of how many.
    seconds
        Since its last try began.
    tries
        How many workers have had it.
    """

    title: str
    kernel: str
    machine: str
    state: str
    words: str
    done: int
    steps: int
    seconds: float
    tries: int


@dataclass
class _Try:
    """One try of a task, as far as it was heard."""

    worker: str
    machine: Machine | None = None
    words: str = ""
    steps: dict[str, StepResult] = field(default_factory=dict)
    since: float = field(default_factory=time.monotonic)


class Follower:
    """Knows what every task has told."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._tasks = tasks
        self._tries: dict[int, dict[str, _Try]] = {task.number: {} for task in tasks}
        self._known_lost: dict[int, int] = {}
        self._results: dict[int, tuple[ModuleResult, float]] = {}

    def hear(self, everything: Iterable[Told]) -> None:
        """Take everything that was told since the beginning; what is known is skipped."""
        for told in everything:
            tries = self._tries[told.task]
            one = tries.setdefault(told.attempt, _Try(told.worker))
            one.machine = told.machine or one.machine
            one.words = told.words or one.words
            if told.step:
                one.steps[told.step.id] = told.step

    def lose(self, task: int) -> None:
        """Note that the worker of a task's last try is gone."""
        self._known_lost[task] = len(self._tries[task])

    def tries(self, task: int) -> int:
        """Return how many workers have had a task."""
        return len(self._tries[task])

    def end(self, result: ModuleResult) -> None:
        """Take a task's result."""
        self._results[result.task] = (result, time.monotonic())

    def lost(self, task: int) -> tuple[str, ...]:
        """Return a sentence for every try of a task that was lost with its worker."""
        workers = [one.worker for one in self._tries[task].values()]
        again = max(len(workers) - 1, self._known_lost.get(task, 0))
        return tuple(
            f"Try {number} was lost with its worker ({worker}); the module was run again."
            for number, worker in enumerate(workers[:again], 1)
        )

    def steps(self, task: int) -> dict[str, StepResult]:
        """Return the steps that a task's last try has ended, by id."""
        last = self._last(task)
        return dict(last.steps) if last else {}

    def machine(self, task: int) -> Machine | None:
        """Return where a task's last try ran."""
        last = self._last(task)
        return last.machine if last else None

    def rows(self) -> tuple[Row, ...]:
        """Return where every task stands."""
        return tuple(self._row(task) for task in self._tasks)

    def _last(self, task: int) -> _Try | None:
        tries = list(self._tries[task].values())
        return tries[-1] if tries else None

    def _row(self, task: Task) -> Row:
        module = next(it for it in task.loaded.definition.modules if it.id == task.module)
        last = self._last(task.number)
        result, ended = self._results.get(task.number, (None, time.monotonic()))
        state, words, done = "waiting", "", 0
        if result:
            state = result.state
            words = result.failures[0][1].message if result.failures else ""
            done = sum(step.state != "not run" for step in result.steps)
        elif last:
            state, words, done = "running", last.words, len(last.steps)
        return Row(
            title=module.title,
            kernel=task.kernel or "the workshop's own",
            machine=last.machine.name if last and last.machine else "",
            state=state,
            words=words,
            done=done,
            steps=len(module.steps),
            seconds=ended - last.since if last else 0.0,
            tries=len(self._tries[task.number]),
        )
