"""Runs long work in threads, one at a time for each target."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TypeAlias
from uuid import uuid4

from filelock import FileLock, Timeout

from ..errors import Cancelled, WorkshopError
from .job import Failure, JobKind, JobState, JobStatus
from .progress import Phase, Progress

Work: TypeAlias = Callable[[Progress], None]

_log = logging.getLogger(__name__)

_KEPT = 50
"""How many ended jobs a runner remembers, so that a repeated request finds its job."""


class Job:
    """One piece of work in its own thread. Implements :class:`Progress` for that work.

    Parameters
    ----------
    task
        What tells it from other work of its kind on the same subject.
    """

    def __init__(
        self, status: JobStatus, changed: Callable[[JobStatus], None], *, task: str = ""
    ) -> None:
        self.task = task
        self._status = status
        self._changed = changed
        self._guard = threading.Lock()
        self._stop = threading.Event()
        self._stops: list[Callable[[], None]] = []
        self._ended = threading.Event()

    @property
    def status(self) -> JobStatus:
        """What is known about the job now."""
        return self._status

    def cancel(self) -> None:
        """Ask the work to stop. Returns at once; asking twice is harmless."""
        with self._guard:
            if self._ended.is_set() or self._stop.is_set():
                return
            self._stop.set()
            stops = list(self._stops)
        for stop in stops:
            stop()

    def wait(self, timeout: float | None = None) -> JobStatus:
        """Wait for the end, at most `timeout` seconds, and return the status."""
        self._ended.wait(timeout)
        return self._status

    def report(self, phase: Phase, fraction: float | None = None, message: str = "") -> None:
        """Say what is going on; a fraction never goes back."""
        before = self._status.fraction
        known = before if fraction is None else min(max(fraction, before or 0.0, 0.0), 1.0)
        self._update(phase=phase, fraction=known, message=message)

    def raise_if_cancelled(self) -> None:
        """Raise :class:`Cancelled` once a stop was asked for."""
        if self._stop.is_set():
            raise Cancelled

    @contextmanager
    def on_cancel(self, stop: Callable[[], None]) -> Iterator[None]:
        """While the context lasts, call `stop` when a stop is asked for."""
        with self._guard:
            asked = self._stop.is_set()
            self._stops.append(stop)
        try:
            if asked:
                stop()
            yield
        finally:
            with self._guard:
                self._stops.remove(stop)

    def run(self, work: Work, lock: Path | None) -> None:
        """Do the work, holding `lock` against other processes; every end is recorded."""
        try:
            with _held(lock, self):
                self.raise_if_cancelled()
                work(self)
            self._end("succeeded", None)
        except Cancelled as error:
            self._end("cancelled", Failure.of(error))
        except WorkshopError as error:
            _log.info("job %s failed: %s", self._status.kind, error)
            self._end("failed", Failure.of(error))
        except Exception as error:
            _log.exception("job %s failed unexpectedly", self._status.kind)
            self._end("failed", Failure.of_any(error))

    def _end(self, state: JobState, failure: Failure | None) -> None:
        fraction = 1.0 if state == "succeeded" else self._status.fraction
        finished = datetime.now(timezone.utc)
        with self._guard:
            self._status = self._status.model_copy(
                update={
                    "state": state,
                    "failure": failure,
                    "fraction": fraction,
                    "finished": finished,
                }
            )
            self._ended.set()
        self._changed(self._status)

    def _update(self, *, phase: Phase, fraction: float | None, message: str) -> None:
        update = {"phase": phase, "fraction": fraction, "message": message}
        with self._guard:
            self._status = self._status.model_copy(update=update)
        self._changed(self._status)


class JobRunner:
    """Starts jobs and remembers them.

    Parameters
    ----------
    changed
        Called with the new status after every change, from the job's thread.
    """

    def __init__(self, changed: Callable[[JobStatus], None] = lambda status: None) -> None:
        self._changed = changed
        self._guard = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._keys: dict[tuple[str, str, str], str] = {}

    def start(
        self,
        kind: JobKind,
        workshop: str,
        work: Work,
        *,
        lock: Path | None = None,
        key: str = "",
        subject: str = "",
        task: str = "",
    ) -> Job:
        """Start `work`, or return the job that does it already.

        Parameters
        ----------
        subject
            What of the workshop it is about; work on another subject is other work.
        task
            What tells it from other work of that kind on the same subject, such as the
            values that it sets.
        lock
            File that is locked while the work runs, so that no other process works on
            the same target. Waiting for it can be cancelled.
        key
            The caller's name for this request; the same key returns the same job.
        """
        with self._guard:
            existing = self._same(kind, workshop, subject, task, key)
            if existing:
                if key:
                    self._keys[kind, workshop, key] = existing.status.id
                return existing
            status = JobStatus(
                id=uuid4().hex,
                kind=kind,
                workshop=workshop,
                subject=subject,
                state="running",
                phase="waiting",
                started=datetime.now(timezone.utc),
            )
            job = Job(status, self._changed, task=task)
            self._jobs[status.id] = job
            if key:
                self._keys[kind, workshop, key] = status.id
            self._forget_old()
        self._changed(status)
        name = f"{kind}-{workshop}"
        threading.Thread(target=job.run, args=(work, lock), name=name, daemon=True).start()
        return job

    def get(self, job: str) -> Job | None:
        """Return the job with that id, if it is remembered."""
        return self._jobs.get(job)

    def is_running(self, kind: JobKind, workshop: str) -> bool:
        """Return whether a job of that kind runs for that workshop."""
        return any(
            (job.status.kind, job.status.workshop, job.status.state) == (kind, workshop, "running")
            for job in list(self._jobs.values())
        )

    def statuses(self, workshop: str) -> tuple[JobStatus, ...]:
        """Return the running jobs of a workshop and the last ended one of each kind."""
        latest: dict[JobKind, JobStatus] = {}
        with self._guard:
            every = [job.status for job in self._jobs.values()]
        for status in every:
            if status.workshop == workshop:
                latest[status.kind] = status
        return tuple(latest.values())

    def cancel_all(self, timeout: float = 5.0) -> None:
        """Ask every running job to stop and wait until they have, for a server's end."""
        running = [job for job in list(self._jobs.values()) if job.status.state == "running"]
        for job in running:
            job.cancel()
        for job in running:
            job.wait(timeout)

    def _same(self, kind: JobKind, workshop: str, subject: str, task: str, key: str) -> Job | None:
        known = self._keys.get((kind, workshop, key)) if key else None
        if known:
            return self._jobs.get(known)
        for job in self._jobs.values():
            status = job.status
            same = (status.kind, status.workshop, status.subject) == (kind, workshop, subject)
            if same and job.task == task and status.state == "running":
                return job
        return None

    def _forget_old(self) -> None:
        ended = [name for name, job in self._jobs.items() if job.status.state != "running"]
        for name in ended[: max(0, len(ended) - _KEPT)]:
            del self._jobs[name]
        self._keys = {key: name for key, name in self._keys.items() if name in self._jobs}


@contextmanager
def _held(lock: Path | None, job: Job) -> Iterator[None]:
    if lock is None:
        yield
        return
    lock.parent.mkdir(parents=True, exist_ok=True)
    file_lock = FileLock(lock, thread_local=False)
    while True:
        try:
            file_lock.acquire(timeout=0.2)
            break
        except Timeout:
            job.report("waiting", message="Waits for other work on this workshop.")
            job.raise_if_cancelled()
    try:
        yield
    finally:
        file_lock.release()
