"""Getting everything ready: which parts go side by side, and which wait for which."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from .errors import Cancelled, WorkshopError
from .jobs.job import Failure, JobKind
from .jobs.progress import Progress
from .jobs.runner import Job
from .progress.snapshot import PartName

PARTS: tuple[PartName, ...] = ("materials", "data", "patches", "environment")

_AT_ONCE: tuple[PartName, ...] = ("materials", "data", "environment")

_WAITS_FOR: dict[JobKind, tuple[JobKind, ...]] = {
    "patches": ("materials",),
    "profile": ("materials", "patches"),
    "preflight": ("environment",),
}
"""Patches need the notebooks; PyTorch is asked about the GPU once it is there."""


class PreparationFailed(WorkshopError):
    """A part of getting ready failed; the message is that part's."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message, hint=failure.hint, details=failure.details)
        self.code = failure.code
        self.remedy = failure.remedy


class _Start(Protocol):
    def __call__(self, kind: JobKind) -> Job: ...


def prepare(
    progress: Progress,
    parts: Sequence[PartName],
    *,
    start: _Start,
    is_running: Callable[[JobKind], bool],
    profile: bool = False,
) -> None:
    """Close the gaps of `parts`; one that fails does not stop those that do not need it.

    Parameters
    ----------
    start
        Starts the job of one part, or returns the one that runs.
    is_running
        Whether a job of that kind runs already; such a job is waited for, never cancelled.
    profile
        Whether a profile is chosen, once the notebooks are there and corrected.

    Raises
    ------
    Cancelled
        If the person asked to stop, this or one of the parts.
    PreparationFailed
        If a part failed, after all others have ended.
    """
    jobs: list[Job] = []
    own: list[Job] = []

    def begin(kind: JobKind) -> None:
        joined = is_running(kind)
        jobs.append(start(kind))
        if not joined:
            own.append(jobs[-1])

    for part in _AT_ONCE:
        if part in parts:
            begin(part)
    waiting: list[JobKind] = ["patches"] if "patches" in parts else []
    waiting += ["profile"] if profile else []
    waiting += ["preflight"] if "environment" in parts else []
    total = len(jobs) + len(waiting)
    dropped: set[JobKind] = set()
    while True:
        for kind in list(waiting):
            needed = _WAITS_FOR[kind]
            states = [it.status.state for it in jobs if it.status.kind in needed]
            if dropped.intersection(needed) or {"failed", "cancelled"}.intersection(states):
                dropped.add(kind)
                waiting.remove(kind)
            elif "running" not in states and not set(needed).intersection(waiting):
                begin(kind)
                waiting.remove(kind)
        running = [job for job in jobs if job.status.state == "running"]
        done = sum(job.status.fraction or 0.0 for job in jobs)
        if not running:
            break
        progress.report(running[0].status.phase, done / total, running[0].status.message)
        with progress.on_cancel(partial(_cancel, own)):
            running[0].wait(0.2)
    progress.raise_if_cancelled()
    if any(job.status.state == "cancelled" for job in jobs):
        raise Cancelled
    for job in jobs:
        if job.status.failure and job.status.kind != "preflight":
            raise PreparationFailed(job.status.failure)


def _cancel(jobs: Sequence[Job]) -> None:
    for job in jobs:
        job.cancel()
