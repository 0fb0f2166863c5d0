"""From facts and record to the snapshot. Pure: the same input gives the same picture."""

from __future__ import annotations

from ..jobs.job import JobKind, JobStatus
from .facts import Facts, Gap
from .record import Record
from .snapshot import KernelView, ModuleView, Next, PartName, PreparationPart, Snapshot, State
from .steps import module_view


def derive(facts: Facts, record: Record, *, number: int, server: str) -> Snapshot:
    """Return the picture of a workshop that `facts` and `record` give."""
    definition = facts.definition
    gpu = bool(facts.preflight and facts.preflight.gpu)
    ready = facts.materials.closed and facts.environment.closed
    gaps: list[tuple[PartName, Gap]] = [("materials", facts.materials)]
    if definition.data:
        gaps.append(("data", facts.data))
    gaps += [("patches", facts.patches), ("environment", facts.environment)]
    parts = tuple(_part(name, gap, facts.jobs) for name, gap in gaps)
    kernels = facts.kernels or {}
    modules = tuple(
        module_view(
            module,
            facts.modules[module.id],
            record,
            kernel=kernels.get(module.id),
            kernels_seen=facts.kernels is not None,
            prepared=ready and (facts.patches.closed or facts.patches.failure is not None),
            gpu=gpu,
        )
        for module in definition.modules
    )
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
        preparation=parts,
        modules=modules,
        jobs=facts.jobs,
        next=_next(parts, modules, facts.jobs),
    )


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
    elif job and job.state == "failed":
        state, failure = "failed", job.failure
    else:
        state = "ready" if gap.possible else "blocked"
    return PreparationPart(name=name, state=state, message=gap.message, failure=failure)


def _job(kind: JobKind, jobs: tuple[JobStatus, ...]) -> JobStatus | None:
    return next((job for job in jobs if job.kind == kind), None)


def _kernel(facts: Facts) -> KernelView:
    states = [kernel.state for kernel in (facts.kernels or {}).values()]
    if not facts.environment.closed:
        return KernelView(name=facts.kernel_name, display_name=facts.kernel_title, state="missing")
    for state in ("busy", "dead", "idle"):
        if state in states:
            return KernelView(name=facts.kernel_name, display_name=facts.kernel_title, state=state)
    return KernelView(name=facts.kernel_name, display_name=facts.kernel_title, state="ready")


def _next(
    parts: tuple[PreparationPart, ...],
    modules: tuple[ModuleView, ...],
    jobs: tuple[JobStatus, ...],
) -> Next:
    for module in modules:
        for step in module.steps:
            if step.state == "running":
                return Next(action="wait", module=module.id, step=step.id)
    if any(job.state == "running" and job.kind != "preflight" for job in jobs):
        return Next(action="wait")
    if parts[0].state == "done" and all(module.state == "done" for module in modules):
        return Next(action="finished")
    if any(part.state in ("ready", "blocked") for part in parts):
        return Next(action="prepare")
    for module in modules:
        for step in module.steps:
            if step.state in ("ready", "failed") and step.cells:
                return Next(action="run", module=module.id, step=step.id)
            if step.state == "blocked":
                break
    return Next(action="stuck")
