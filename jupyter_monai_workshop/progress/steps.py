"""The states of a module's steps, derived from what ran and what is there now."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from ..definition.models import KnownFailure, Module, Step
from ..jobs.job import Failure
from .facts import KernelFacts, ModuleFacts
from .findings import found_on_disk
from .recognising import known_failure, remedies_of, told
from .record import CellRun, Record, StepFindings
from .snapshot import Found, ModuleView, State, StepView, TrainingView, Waiting
from .training import view_of


def module_view(
    module: Module,
    facts: ModuleFacts,
    record: Record,
    *,
    kernel: KernelFacts | None,
    kernels_seen: bool,
    missing: tuple[Waiting, ...],
    missing_data: Mapping[str, Waiting],
    gpu: bool,
    durations: Mapping[str, float] | None = None,
    failures: Sequence[KnownFailure] = (),
) -> ModuleView:
    """Return a module and its steps as they stand.

    Parameters
    ----------
    missing
        What every step waits for.
    missing_data
        The data sets that are not there, by id.
    durations
        Seconds that steps take with the profile that is in the notebook, by the step's id.
    failures
        What the workshop knows to go wrong.

    A step is done when its cells have run without an error and its check holds. What
    cells leave in a kernel is gone with the kernel, so until the whole module is done,
    only runs in the kernel process that lives now count.
    """
    live = kernel.process if kernel else ""
    evidence = [_Evidence.of(step, module, facts, record) for step in module.steps]
    complete = module.id in record.finished or all(it.proven for it in evidence)
    views: list[StepView] = []
    blocker = _blocker(facts, missing)
    waits = [*missing, *(missing_data[name] for name in module.data if name in missing_data)]
    for step, it in zip(module.steps, evidence, strict=True):
        needed = [missing_data[name] for name in step.data if name in missing_data]
        waits += [it for it in needed if it not in waits]
        blocker = blocker or (waits[0].message if waits else "")
        usable = not kernels_seen or it.process == live
        state, reason, failure = _state(it, complete=complete, usable=usable, blocker=blocker)
        view = _step_view(step, it, facts, record, module, state, reason, failure, gpu, live)
        if durations and step.id in durations:
            view = view.model_copy(update={"expected": durations[step.id]})
        view = _with_remedies(view, it, module, failures)
        views.append(view.model_copy(update={"waits_for": tuple(waits)} if waits else {}))
        passable = state == "done" or (it.ran and usable) or it.conflict
        if not blocker and not passable:
            blocker = f"First: “{step.title}”."
    return ModuleView(
        id=module.id,
        title=module.title,
        text=module.text,
        state=_module_state(views),
        notebook=facts.notebook,
        session=kernel is not None,
        absent=facts.absent and not any(it.part == "materials" for it in missing),
        kernel=kernel.state if kernel else "none",
        cells=sum(len(step.cells) for step in module.steps),
        cell=_cell_that_runs(module, record, live),
        steps=tuple(views),
    )


def _cell_that_runs(module: Module, record: Record, live: str) -> int | None:
    """Return which of the cells of all steps runs now, from 1."""
    number = 0
    for step in module.steps:
        for cell in range(len(step.cells)):
            number += 1
            run = record.runs.get((module.id, step.id, cell))
            if run and run.outcome == "running" and run.process == live:
                return number
    return None


@dataclass(frozen=True)
class _Evidence:
    """What is known of a step, whatever kernel it ran in."""

    runs: tuple[CellRun | None, ...]
    unmet: tuple[str, ...]
    checking: bool
    conflict: Failure | None

    @classmethod
    def of(cls, step: Step, module: Module, facts: ModuleFacts, record: Record) -> _Evidence:
        runs = tuple(record.runs.get((module.id, step.id, k)) for k in range(len(step.cells)))
        findings = record.findings.get((module.id, step.id))
        missing = tuple(
            f"The file {name} is not there." for name in facts.missing_files.get(step.id, ())
        )
        unmet = (findings.unmet if findings else ()) + missing
        checking = findings is None or not findings.complete
        return cls(runs, unmet, checking, facts.conflicts.get(step.id))

    @property
    def ran(self) -> bool:
        return len({run.process for run in self.runs if run}) == 1 and all(
            run and run.outcome == "ok" for run in self.runs
        )

    @property
    def proven(self) -> bool:
        return self.ran and not self.checking and not self.unmet

    @property
    def last(self) -> CellRun | None:
        runs = [run for run in self.runs if run]
        return max(runs, key=lambda run: run.started) if runs else None

    @property
    def process(self) -> str | None:
        return self.last.process if self.last else None

    def of_process(self, process: str) -> int:
        """Count the cells that ran without an error in `process`."""
        return sum(1 for run in self.runs if run and run.outcome == "ok" and run.process == process)


def _state(
    it: _Evidence, *, complete: bool, usable: bool, blocker: str
) -> tuple[State, str, Failure | None]:
    """Return state, reason and failure of one step."""
    last = it.last
    if last and last.outcome == "running":
        return ("running", "", None) if usable else _again(blocker)
    if it.ran and it.checking and usable:
        return "running", "Looking at the result.", None
    if it.proven and (complete or usable):
        return "done", "", None
    if last and last.failure and (last.outcome == "died" or (last.outcome == "error" and usable)):
        return "failed", last.failure.message, last.failure
    if it.ran and it.unmet and usable:
        message = it.unmet[0]
        hint = "Look at the cell's output. If you changed the cell, run it again."
        details = "\n".join(it.unmet)
        return (
            "failed",
            message,
            Failure(code="check_unmet", message=message, hint=hint, details=details),
        )
    if it.ran and not usable:
        return _again(blocker)
    if it.conflict:
        return "failed", it.conflict.message, it.conflict
    if blocker:
        return "blocked", blocker, None
    if last and last.outcome == "interrupted":
        return "ready", "Stopped before the end.", None
    if last and last.outcome == "unheard" and last.failure:
        return "ready", f"{last.failure.message} {last.failure.hint}", None
    return "ready", "", None


def _again(blocker: str) -> tuple[State, str, Failure | None]:
    if blocker:
        return "blocked", blocker, None
    return "ready", "The kernel was started anew since this ran; run it again.", None


def _blocker(facts: ModuleFacts, missing: tuple[Waiting, ...]) -> str:
    if missing:
        return "First: get everything ready."
    return facts.problem.message if facts.problem else ""


def _step_view(
    step: Step,
    it: _Evidence,
    facts: ModuleFacts,
    record: Record,
    module: Module,
    state: State,
    reason: str,
    failure: Failure | None,
    gpu: bool,
    live: str,
) -> StepView:
    expected = step.duration.gpu if gpu else step.duration.cpu
    elapsed = _elapsed(it, state)
    return StepView(
        id=step.id,
        title=step.title,
        text=step.text,
        state=state,
        expected=expected,
        elapsed=elapsed,
        reason=reason,
        failure=failure,
        cells=facts.cells.get(step.id, ()),
        parameters=facts.parameters.get(step.id, ()),
        exercises=facts.exercises.get(step.id, ()),
        cells_done=len(step.cells) if state == "done" else it.of_process(live),
        current_kernel=bool(live) and it.process == live,
        training=_training(step, module, record, expected - (elapsed or 0.0)),
        found=_found(step, it, facts, record.findings.get((module.id, step.id))),
    )


def _with_remedies(
    view: StepView, it: _Evidence, module: Module, failures: Sequence[KnownFailure]
) -> StepView:
    """Return a failed step with what is known of its failure, and what can be done."""
    if view.state != "failed" or view.failure is None or view.failure is it.conflict:
        return view
    parameters = [parameter.id for parameter in module.parameters]
    run = it.last
    if run is None or view.failure is not run.failure:  # the cells ran; the check does not hold
        return view.model_copy(update={"remedies": remedies_of(None, parameters)})
    known = known_failure(run.known, failures)
    failure = told(view.failure, known) if known else view.failure
    return view.model_copy(
        update={
            "failure": failure,
            "reason": failure.message,
            "failed_cell": view.cells[run.cell] if run.cell < len(view.cells) else None,
            "remedies": remedies_of(known, parameters),
        }
    )


def _found(
    step: Step, it: _Evidence, facts: ModuleFacts, findings: StepFindings | None
) -> tuple[Found, ...]:
    """Return what the check looked at, once the step's cells have run."""
    if not it.ran:
        return ()
    files = found_on_disk(facts.files.get(step.id, {}))
    return (findings.found if findings else ()) + files


def _training(
    step: Step, module: Module, record: Record, expected_left: float
) -> TrainingView | None:
    """Return how far the step's training is; by its own pace once that is known."""
    printed = record.training(module.id, step.id)
    if step.training is None or printed is None:
        return None
    parser = record.live.get((module.id, step.id))
    pace = left = None
    if parser:
        pace, left = parser.pace.rate, parser.pace.left(time.time())
        if left is None and expected_left > 0:
            left = expected_left
    return view_of(
        step.training, printed.counts, printed.values, printed.curves, pace=pace, left=left
    )


def _elapsed(it: _Evidence, state: State) -> float | None:
    if state not in ("running", "done", "failed"):
        return None
    now = datetime.now(timezone.utc)
    spans = [
        (run.ended or now) - run.started for run in it.runs if run and run.process == it.process
    ]
    return round(sum(span.total_seconds() for span in spans), 1)


def _module_state(views: list[StepView]) -> State:
    states = [view.state for view in views]
    if all(state == "done" for state in states):
        return "done"
    for state in ("running", "failed", "ready"):
        if state in states:
            return state
    return "blocked"
