"""One task: a module made ready in a fresh folder, run, and told of."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir

from ..definition.models import Step
from ..jobs.job import Failure, JobKind, JobStatus
from ..jobs.runner import Job, JobRunner
from ..notebooks import PatchStatus
from ..preparing import PARTS
from ..progress.journal import Journal
from ..progress.record import Record
from ..progress.snapshot import Snapshot
from ..site import Site
from ..wish import Wish
from ..workshop import Workshop
from . import failures
from .machine import own_gpu, this_machine
from .module_run import Limits, ModuleRun, ModuleRunner
from .results import Machine, ModuleResult, ModuleState, PartResult, StepResult
from .step_results import none_run, step_result
from .task import Task
from .telling import Line, Teller

_LEAST_CELL_TIMEOUT = 600.0
_TIMES_EXPECTED = 10.0


class Stopped(Exception):
    """The rehearsal was asked to stop."""


def rehearse_module(task: Task, line: Line) -> ModuleResult:
    """Do one task, here and now; what it does is told on `line`.

    Never raises for anything that a module, a kernel or the network may do.
    """
    line = line.here()
    teller = Teller(line, task.number)
    machine = this_machine()
    teller("getting ready", machine=machine)
    with _folder(task) as folder:
        return ModuleRehearsal(task, line, teller, machine, folder).result()


class ModuleRehearsal:
    """One module in its folder.

    Parameters
    ----------
    folder
        An empty folder for this task alone.
    """

    def __init__(
        self, task: Task, line: Line, teller: Teller, machine: Machine, folder: Path
    ) -> None:
        self._task = task
        self._line = line
        self._tell = teller
        self._machine = machine
        self._folder = folder
        self._parts: list[PartResult] = []
        choices = task.choices
        site = Site(
            root=folder / "workshop",
            jupyter_data=Path(jupyter_data_dir()),
            protocols=choices.protocols,
            mirrors=choices.mirrors,
            data_copies=choices.data_copies,
            check_copies=choices.check_copies,
            wheels=choices.wheels,
            policy=choices.policy,
        )
        site.root.mkdir()
        self._workshop = Workshop(task.loaded, site, JobRunner(self._job_changed))
        self._workshop.record = Record(Journal(folder / "record.jsonl"))
        self._module = self._workshop.module(task.module)
        self._kernel = task.kernel or self._workshop.place.name

    def result(self) -> ModuleResult:
        """Make the module ready, run it, and return how it went."""
        started, since = datetime.now(timezone.utc), time.monotonic()
        run, snapshot = ModuleRun(), None
        try:
            run.failure = self._prepare()
            snapshot = self._snapshot()
            if run.failure is None:
                run = self._run(snapshot)
                snapshot = self._snapshot(run)
        except Stopped:
            run.failure = failures.stopped()
        except Exception as error:  # a task that says nothing would be worse
            run.failure = Failure.of_any(error)
        steps = self._steps(run, snapshot) if snapshot else none_run(self._module)
        return ModuleResult(
            task=self._task.number,
            module=self._module.id,
            title=self._module.title,
            kernel=self._kernel,
            machine=self._machine,
            worker=self._tell.worker,
            state=self._state(run, steps),
            started=started,
            seconds=round(time.monotonic() - since, 1),
            preparation=tuple(self._parts),
            preflight=snapshot.preflight if snapshot else None,
            steps=steps,
            versions=run.versions,
            failure=run.failure,
            folder=str(self._workshop.folder) if self._task.choices.keep else "",
        )

    def _state(self, run: ModuleRun, steps: tuple[StepResult, ...]) -> ModuleState:
        told = [run.failure, run.interruption.failure if run.interruption else None]
        if any(failure and failure.code == "cancelled" for failure in told):
            return "stopped"
        parts = all(it.state == "passed" for it in self._parts)
        passed = parts and all(it.state == "passed" for it in steps)
        return "passed" if passed and not run.failure else "failed"

    # Getting ready

    def _prepare(self) -> Failure | None:
        """Get the module ready; return what keeps every step from running."""
        choices = self._task.choices
        parts = [part for part in PARTS if not (self._task.kernel and part == "environment")]
        self._do("prepare", Wish(parts=parts, profile=choices.profile, token=choices.token))
        if self._task.kernel:
            self._do("preflight")
        values = choices.values.get(self._module.id)
        if values:
            self._do("parameters", Wish(module=self._module.id, values=values))
        for step in self._module.steps:
            if step.solve:
                self._do("solution", Wish(module=self._module.id, step=step.id))
        self._parts = [self._of_this_module(part) for part in self._parts]
        needed = ("materials", "environment")
        return next((it.failure for it in self._parts if it.failure and it.name in needed), None)

    def _do(self, kind: JobKind, wish: Wish | None = None) -> None:
        job = self._workshop.start(kind, wish=wish or Wish())
        self._wait(job)
        if kind == "prepare":
            for status in self._workshop.look().jobs:
                if status.kind != "prepare":
                    self._note(status)
        elif kind != "preflight":
            self._note(job.status)

    def _wait(self, job: Job) -> None:
        while job.status.state == "running":
            if self._line.stopped():
                job.cancel()
                job.wait(10)
                raise Stopped
            job.wait(0.2)

    def _note(self, status: JobStatus) -> None:
        """Note how one part went. Preflight judges the machine; it holds up nobody."""
        seconds = (status.finished - status.started).total_seconds() if status.finished else 0.0
        self._parts.append(
            PartResult(
                name=status.kind,
                state="passed" if status.state == "succeeded" else "failed",
                seconds=round(seconds, 1),
                failure=status.failure,
            )
        )

    def _of_this_module(self, part: PartResult) -> PartResult:
        """Return a part without the failures of other modules' notebooks."""
        if part.name == "patches" and part.failure:
            own = [it for it in self._workshop.patches() if it.module == self._module.id]
            if all(not it.failure and not _conflicts(it.states) for it in own):
                return part.model_copy(update={"state": "passed", "failure": None})
        return part

    def _job_changed(self, status: JobStatus) -> None:
        if status.state == "running" and status.kind != "prepare":
            self._tell(" ".join(filter(None, (status.kind, status.phase, status.message))))

    # Running

    def _run(self, snapshot: Snapshot) -> ModuleRun:
        limits = Limits(self._cell_seconds, self._task.choices.output_limit)
        gpus = 0 if self._task.choices.share_gpu else len(self._machine.gpus)
        locks = self._workshop.site.data / "locks"
        with own_gpu(gpus, locks, stopped=self._line.stopped) as chosen:
            if chosen is None:
                raise Stopped
            runner = ModuleRunner(
                self._workshop,
                self._module,
                kernel=self._kernel,
                variables={**self._workshop.variables(), **chosen} if self._task.kernel else chosen,
                limits=limits,
                words=self._folder / "kernel.log",
                began=lambda step: self._tell(step.title),
                ended=self._step_ended,
                stopped=self._line.stopped,
            )
            return _in_thread(runner.run)

    def _cell_seconds(self, step: Step) -> float:
        expected = max(step.duration.gpu, step.duration.cpu)
        given = self._task.choices.cell_timeout
        return given or max(_LEAST_CELL_TIMEOUT, _TIMES_EXPECTED * expected)

    def _step_ended(self, step: Step, seconds: float) -> None:
        runs = self._workshop.record.runs
        cells = [runs.get((self._module.id, step.id, number)) for number in range(len(step.cells))]
        findings = self._workshop.record.findings.get((self._module.id, step.id))
        ran = all(run and run.outcome == "ok" for run in cells)
        passed = ran and not (findings and findings.unmet)
        self._tell(
            step=StepResult(
                id=step.id,
                title=step.title,
                state="passed" if passed else "failed",
                seconds=round(seconds, 2),
                expected=step.duration.cpu,
            )
        )

    # Telling

    def _snapshot(self, run: ModuleRun | None = None) -> Snapshot:
        kernels = {self._module.id: run.kernels} if run and run.process else {}
        return self._workshop.snapshot(self._workshop.look(kernels))

    def _steps(self, run: ModuleRun, snapshot: Snapshot) -> tuple[StepResult, ...]:
        views = next(it.steps for it in snapshot.modules if it.id == self._module.id)
        return tuple(
            step_result(step, view, run)
            for step, view in zip(self._module.steps, views, strict=True)
        )


def _conflicts(states: Sequence[PatchStatus]) -> bool:
    return any(it.state == "conflict" for it in states)


@contextmanager
def _folder(task: Task) -> Iterator[Path]:
    """Give a fresh folder; remove it afterwards unless it is to be kept."""
    parent = task.choices.folder
    if parent:
        parent.mkdir(parents=True, exist_ok=True)
    prefix = f"rehearsal-{task.loaded.definition.id}-{task.module}-"
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    try:
        yield folder
    finally:
        if not task.choices.keep:
            shutil.rmtree(folder, ignore_errors=True)


def _in_thread(work: Callable[[], ModuleRun]) -> ModuleRun:
    """Do `work` in a thread of its own and return or raise what it does."""
    results: list[ModuleRun] = []
    errors: list[BaseException] = []

    def body() -> None:
        try:
            results.append(work())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=body, name="module")
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]
