"""From facts and record to the snapshot. Pure: the same input gives the same picture."""

from __future__ import annotations

from typing import Literal

from ..jobs.job import JobKind, JobStatus
from .facts import Facts, Gap
from .record import Record
from .snapshot import (
    KernelView,
    ModuleView,
    Next,
    PartName,
    PreparationPart,
    ProfileView,
    Snapshot,
    State,
    Waiting,
)
from .steps import module_view


def derive(facts: Facts, record: Record, *, number: int, server: str) -> Snapshot:
    """Return the picture of a workshop that `facts` and `record` give."""
    definition = facts.definition
    gpu = bool(facts.preflight and facts.preflight.gpu)
    gaps: list[tuple[PartName, Gap]] = [("materials", facts.materials)]
    if definition.data:
        gaps.append(("data", facts.data))
    gaps += [("patches", facts.patches), ("environment", facts.environment)]
    parts = tuple(_part(name, gap, facts.jobs) for name, gap in gaps)
    kernels = facts.kernels or {}
    missing = missing_parts(facts)
    missing_data = {
        name: Waiting(part="data", data=name, message=gap.message, fraction=gap.fraction)
        for name, gap in facts.data_sets.items()
        if not gap.closed
    }
    modules = tuple(
        module_view(
            module,
            facts.modules[module.id],
            record,
            kernel=kernels.get(module.id),
            kernels_seen=facts.kernels is not None,
            missing=missing,
            missing_data=missing_data,
            gpu=gpu,
            durations=_durations(facts, module.id),
            failures=definition.failures,
        )
        for module in definition.modules
    )
    if facts.trust:
        modules = tuple(_held_back(module) for module in modules)
    return Snapshot(
        number=number,
        server=server,
        id=definition.id,
        title=definition.title,
        summary=definition.summary,
        text=definition.text,
        folder=facts.folder,
        kernel=_kernel(facts),
        preflight=facts.preflight,
        usage=facts.usage,
        materials=facts.version,
        preparation=parts,
        modules=modules,
        jobs=facts.jobs,
        next=Next(action="trust") if facts.trust else _next(parts, modules, facts.jobs),
        profiles=_profiles(facts),
        awake=facts.awake,
        report=facts.report,
        trust=facts.trust,
        disabled=facts.disabled,
    )


def _held_back(module: ModuleView) -> ModuleView:
    """Return a module of which no step can be begun, because nobody trusts the workshop."""
    steps = tuple(
        step.model_copy(update={"state": "blocked", "reason": "Waits until you trust it."})
        if step.state in ("ready", "failed")
        else step
        for step in module.steps
    )
    state = "blocked" if module.state in ("ready", "failed") else module.state
    return module.model_copy(update={"steps": steps, "state": state})


def missing_parts(facts: Facts) -> tuple[Waiting, ...]:
    """Return what every step still waits for; a patch that does not fit holds up nobody."""
    gaps: list[tuple[PartName, Gap]] = [
        ("materials", facts.materials),
        ("patches", facts.patches),
        ("environment", facts.environment),
    ]
    return tuple(
        Waiting(part=name, message=gap.message, fraction=_fraction(name, facts.jobs))
        for name, gap in gaps
        if not gap.closed and not (name == "patches" and gap.failure)
    )


def _fraction(kind: JobKind, jobs: tuple[JobStatus, ...]) -> float | None:
    job = _job(kind, jobs)
    return job.fraction if job and job.state == "running" else None


def _part(name: PartName, gap: Gap, jobs: tuple[JobStatus, ...]) -> PreparationPart:
    job = _job(name, jobs)
    state: State
    failure = gap.failure
    if job and job.state == "running":
        state = "running"
    elif gap.closed:
        state = "done"
    elif failure:
        state = "failed"
    elif gap.remedy:
        state = "blocked"
    elif job and job.state == "failed":
        state, failure = "failed", job.failure
    else:
        state = "ready" if gap.possible else "blocked"
    return PreparationPart(
        name=name,
        state=state,
        message=gap.message,
        fraction=_fraction(name, jobs),
        failure=failure,
        remedy=gap.remedy or (failure.remedy if failure and state == "failed" else ""),
    )


def _job(kind: JobKind, jobs: tuple[JobStatus, ...]) -> JobStatus | None:
    return next((job for job in jobs if job.kind == kind), None)


def _durations(facts: Facts, module: str) -> dict[str, float]:
    """Return how long steps take by the profile that the module's notebook has, if any."""
    found = (it.durations[module] for it in facts.profiles if module in it.durations)
    return next(found, {})


def _profiles(facts: Facts) -> tuple[ProfileView, ...]:
    # Before the machine was looked at, nothing is known of its GPU.
    no_gpu = facts.preflight is not None and not facts.preflight.gpu
    found = {it.id: it for it in facts.profiles}
    return tuple(
        ProfileView(
            id=profile.id,
            title=profile.title,
            text=profile.text,
            state=found[profile.id].state,
            recommended=profile.suits == "no-gpu" and no_gpu and not found[profile.id].serves,
        )
        for profile in facts.definition.profiles
        if profile.id in found
    )


def _kernel(facts: Facts) -> KernelView:
    states = [_SHOWN.get(it.state, it.state) for it in (facts.kernels or {}).values()]
    if not facts.environment.closed:
        return KernelView(name=facts.kernel_name, display_name=facts.kernel_title, state="missing")
    state = next((it for it in _KERNEL_STATES if it in states), "ready")
    return KernelView(name=facts.kernel_name, display_name=facts.kernel_title, state=state)


_KERNEL_STATES: tuple[Literal["busy", "dead", "idle"], ...] = ("busy", "dead", "idle")
_SHOWN = {"interrupting": "busy", "unheard": "busy"}


def _next(
    parts: tuple[PreparationPart, ...],
    modules: tuple[ModuleView, ...],
    jobs: tuple[JobStatus, ...],
) -> Next:
    for module in modules:
        for step in module.steps:
            if step.state == "running":
                return Next(action="wait", module=module.id, step=step.id)
    running = {job.kind for job in jobs if job.state == "running"} - {"preflight", "plan"}
    if running:
        # Data may come for minutes; the steps that do not need it can go on meanwhile.
        meanwhile = _first_step(modules) if running <= {"prepare", "data"} else None
        return meanwhile if meanwhile and _is_prepared(parts) else Next(action="wait")
    if parts[0].state == "done" and all(module.state == "done" for module in modules):
        return Next(action="finished")
    if any(part.state in ("ready", "blocked") for part in parts):
        return Next(action="prepare")
    return _first_step(modules) or Next(action="stuck")


def _is_prepared(parts: tuple[PreparationPart, ...]) -> bool:
    """Return whether nothing but data is on its way."""
    return all(part.name == "data" or part.state in ("done", "failed") for part in parts)


def _first_step(modules: tuple[ModuleView, ...]) -> Next | None:
    """Return the first step that can be run, module by module."""
    for module in modules:
        for step in module.steps:
            if step.state in ("ready", "failed") and step.cells:
                return Next(action="run", module=module.id, step=step.id)
            if step.state == "blocked":
                break
    return None
