"""A whole rehearsal: gives out the tasks, follows them, and gathers what they found."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from datetime import datetime, timezone

from .._version import __version__
from ..definition.loading import LoadedDefinition
from ..jobs.job import Failure
from . import failures
from .following import Follower, Row
from .pool import Pool
from .results import ModuleResult, ModuleState, Rehearsal
from .step_results import none_run
from .task import Choices, Task

MOST_TRIES = 3
"""How often a task is given to a worker before its loss is the result."""

_TICK = 0.25
"""Seconds between two looks at what the tasks tell."""

_PATIENCE = 30.0
"""Seconds that tasks may take to stop."""

Show = Callable[[Sequence[Row]], None]


def rehearse(
    loaded: LoadedDefinition,
    choices: Choices,
    tasks: Sequence[Task],
    pool: Pool,
    *,
    timeout: float | None = None,
    show: Show = lambda rows: None,
) -> Rehearsal:
    """Do all tasks and return what they found.

    Ctrl-C stops them; what was found until then is returned.

    Parameters
    ----------
    timeout
        Most seconds for everything; ``None`` sets no limit.
    show
        Called again and again with where every task stands.
    """
    started, since = datetime.now(timezone.utc), time.monotonic()
    gathering = _Gathering(tasks, pool, show)
    try:
        end = None if timeout is None else since + timeout
        if not gathering.until(end):
            gathering.stop(failures.total_timeout(timeout or 0.0))
    except KeyboardInterrupt:
        gathering.stop(failures.stopped())
    return Rehearsal(
        version=__version__,
        workshop=loaded.definition.id,
        title=loaded.definition.title,
        profile=choices.profile,
        values={module: dict(values) for module, values in choices.values.items()},
        started=started,
        seconds=round(time.monotonic() - since, 1),
        results=gathering.results(),
    )


class _Gathering:
    def __init__(self, tasks: Sequence[Task], pool: Pool, show: Show) -> None:
        self._tasks = tasks
        self._pool = pool
        self._show = show
        self._follower = Follower(tasks)
        self._results: dict[int, ModuleResult] = {}
        self._losses: dict[int, int] = {}
        self._open: dict[Future[ModuleResult], Task] = {}
        self._began = {task.number: datetime.now(timezone.utc) for task in tasks}
        for task in tasks:
            self._submit(task)

    def until(self, end: float | None) -> bool:
        """Gather results until all are there or the time is over; return whether all are."""
        while self._open:
            if end is not None and time.monotonic() >= end:
                return False
            done, _ = wait(self._open, timeout=_TICK, return_when=FIRST_COMPLETED)
            self._follower.hear(self._pool.heard())
            self._take(done)
            self._show(self._follower.rows())
        return True

    def stop(self, failure: Failure) -> None:
        """Stop every task, take what they still say, and call the rest stopped."""
        self._pool.stop()
        for future in list(self._open):
            if future.cancel():
                del self._open[future]
        with contextlib.suppress(KeyboardInterrupt):  # asked twice: their processes are ended
            self.until(time.monotonic() + _PATIENCE)
        self._follower.hear(self._pool.heard())
        for task in self._tasks:
            result = self._results.get(task.number)
            if result is None:
                self._results[task.number] = self._unfinished(task, failure)
            elif result.state == "stopped":
                self._results[task.number] = _stopped_by(result, failure)
        self._show(self._follower.rows())

    def results(self) -> tuple[ModuleResult, ...]:
        """Return the results in the order of the tasks."""
        return tuple(
            it.model_copy(update={"lost": self._follower.lost(number)})
            for number, it in sorted(self._results.items())
        )

    def _submit(self, task: Task) -> None:
        self._open[self._pool.submit(task)] = task

    def _take(self, done: set[Future[ModuleResult]]) -> None:
        for future in done:
            task = self._open.pop(future)
            try:
                self._put(future.result())
            except (BrokenExecutor, CancelledError):
                self._again(task)
            except Exception as error:
                failure = Failure.of_any(error)
                if self._pool.gave_up(error):
                    failure = failures.worker_lost(self._follower.tries(task.number))
                self._put(self._unfinished(task, failure, state="failed"))

    def _again(self, task: Task) -> None:
        """Give a task whose worker was lost to another one, but not for ever."""
        self._follower.lose(task.number)
        self._losses[task.number] = self._losses.get(task.number, 0) + 1
        if self._losses[task.number] < MOST_TRIES:
            self._submit(task)
            return
        failure = failures.worker_lost(self._losses[task.number])
        self._put(self._unfinished(task, failure, state="failed"))

    def _put(self, result: ModuleResult) -> None:
        self._results[result.task] = result
        self._follower.end(result)

    def _unfinished(
        self, task: Task, failure: Failure, *, state: ModuleState = "stopped"
    ) -> ModuleResult:
        """Return a result of what a task had told before it was over."""
        module = next(it for it in task.loaded.definition.modules if it.id == task.module)
        told = self._follower.steps(task.number)
        steps = tuple(told.get(step.id, step) for step in none_run(module))
        started = self._began[task.number]
        result = ModuleResult(
            task=task.number,
            module=module.id,
            title=module.title,
            kernel=task.kernel,
            machine=self._follower.machine(task.number),
            state=state,
            started=started,
            seconds=round((datetime.now(timezone.utc) - started).total_seconds(), 1),
            steps=steps,
            failure=failure,
        )
        return _stopped_by(result, failure) if state == "stopped" else result


def _stopped_by(result: ModuleResult, failure: Failure) -> ModuleResult:
    """Return a stopped result with the reason why; running out of time is a failure."""
    steps = tuple(
        step.model_copy(update={"failure": failure})
        if step.failure and step.failure.code == "cancelled"
        else step
        for step in result.steps
    )
    state: ModuleState = "stopped" if failure.code == "cancelled" else "failed"
    return result.model_copy(update={"state": state, "failure": failure, "steps": steps})
