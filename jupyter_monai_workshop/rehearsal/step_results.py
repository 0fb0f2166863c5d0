"""From the snapshot at the end of a run to the results of its steps."""

from __future__ import annotations

from ..definition.models import Module, Step
from ..progress.snapshot import StepView
from .module_run import ModuleRun
from .results import StepResult


def none_run(module: Module) -> tuple[StepResult, ...]:
    """Return the steps of a module that never ran."""
    return tuple(
        StepResult(id=step.id, title=step.title, state="not run", expected=step.duration.cpu)
        for step in module.steps
    )


def step_result(step: Step, view: StepView, run: ModuleRun) -> StepResult:
    """Return how a step went, by the snapshot and by what ended the run."""
    end = run.interruption if run.interruption and run.interruption.step == step.id else None
    failed = view.state == "failed" or end is not None
    failure = (end.failure if end else None) or view.failure
    return StepResult(
        id=step.id,
        title=step.title,
        state="failed" if failed else "passed" if view.state == "done" else "not run",
        seconds=view.elapsed,
        expected=view.expected,
        failure=failure if failed else None,
        remedies=view.remedies if failed else (),
        cell=end.cell + 1 if end and end.cell is not None else None,
        source=end.source if end else "",
        found=view.found,
        training=view.training,
    )
