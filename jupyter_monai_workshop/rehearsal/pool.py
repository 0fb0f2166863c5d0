"""Where the tasks of a rehearsal run: processes of this machine."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from .module_rehearsal import rehearse_module
from .results import ModuleResult
from .task import Task
from .telling import FolderLine, Told

_STOP_SECONDS = 20.0
"""How long tasks may take to stop before their processes are ended."""


class Pool(Protocol):
    """Where tasks run."""

    def submit(self, task: Task) -> Future[ModuleResult]:
        """Give a task to a worker.

        The future raises :class:`~concurrent.futures.BrokenExecutor` when the worker was
        lost and nobody else has the task.
        """

    def heard(self) -> Iterator[Told]:
        """Yield everything that was told since the beginning, each task's in order."""

    def stop(self) -> None:
        """Ask every task to stop; returns at once."""

    def gave_up(self, error: BaseException) -> bool:
        """Return whether a task failed because it lost too many workers."""


class LocalPool:
    """Processes of this machine, each an executor of its own, so that none dies with another.

    Parameters
    ----------
    jobs
        How many tasks run at the same time.
    folder
        An empty folder for what tasks tell.
    """

    def __init__(self, jobs: int, folder: Path) -> None:
        self._line = FolderLine(folder)
        self._slots = ThreadPoolExecutor(jobs, thread_name_prefix="rehearsal")
        self._slot = threading.local()
        self._executors: list[ProcessPoolExecutor] = []

    def submit(self, task: Task) -> Future[ModuleResult]:
        """Give a task to a worker."""
        return self._slots.submit(self._in_process, task)

    def heard(self) -> Iterator[Told]:
        """Yield everything that was told since the beginning, each task's in order."""
        return self._line.heard()

    def stop(self) -> None:
        """Ask every task to stop; returns at once."""
        self._line.stop()

    def gave_up(self, error: BaseException) -> bool:
        """Return false: whoever gives out the tasks counts the losses."""
        return False

    def close(self) -> None:
        """Leave no process behind."""
        self._slots.shutdown(wait=False, cancel_futures=True)
        for executor in list(self._executors):
            executor.shutdown(wait=False, cancel_futures=True)
        deadline = time.monotonic() + _STOP_SECONDS
        workers = multiprocessing.active_children()
        for worker in workers:
            worker.join(max(0.0, deadline - time.monotonic()))
        for worker in workers:
            if worker.is_alive():
                worker.kill()

    def _in_process(self, task: Task) -> ModuleResult:
        executor: ProcessPoolExecutor | None = getattr(self._slot, "executor", None)
        if executor is None:
            executor = self._slot.executor = self._new()
            self._executors.append(executor)
        try:
            return executor.submit(rehearse_module, task, self._line).result()
        except BrokenProcessPool:
            self._slot.executor = None
            raise

    def _new(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            1,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin_worker,
            initargs=(self._line, os.getpid()),
        )


@contextmanager
def local_pool(jobs: int, folder: Path) -> Iterator[LocalPool]:
    """Give a pool of processes that are gone afterwards."""
    pool = LocalPool(jobs, folder)
    try:
        yield pool
    finally:
        pool.stop()
        pool.close()


def _begin_worker(line: FolderLine, parent: int) -> None:
    """Leave Ctrl-C to the parent, which tells on the line to stop; end with the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(line, parent), daemon=True).start()


def _end_with(line: FolderLine, parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    with contextlib.suppress(OSError):
        line.stop()
    time.sleep(_STOP_SECONDS)
    os._exit(1)
