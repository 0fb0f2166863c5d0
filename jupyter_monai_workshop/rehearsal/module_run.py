"""Runs the cells of one module in a kernel, and looks at what they leave.

What the kernel publishes goes through :class:`KernelLog` into the workshop's record, as
it does when an attendee runs the cells, so states, curves and checks come from the code
that the panel uses.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from ..definition.models import Module, Step
from ..errors import Cancelled, WorkshopError
from ..jobs.job import Failure
from ..jobs.progress import Silent
from ..kernels.looking import Looked, look_at_expressions
from ..notebooks.exercises import OPEN
from ..observing import NotebookReader, step_cells
from ..progress.evidence import StepOutput
from ..progress.facts import KernelFacts
from ..progress.findings import found_in_kernel, unmet_in_kernel
from ..progress.kernel_log import KernelLog
from ..progress.record import StepFindings
from ..workshop import Workshop
from . import failures
from .cell_client import CellClient
from .kernel_process import end_group, is_alive, process_group
from .versions import versions_in_kernel

_STOP_INTERVAL = 0.3
"""Seconds between two looks at whether the rehearsal should stop."""

_LAST_WORDS = 4000
"""Characters of the kernel's own log that are told when it dies."""


@dataclass(frozen=True)
class Limits:
    """What a cell may take: seconds, by its step, and megabytes of output."""

    seconds: Callable[[Step], float]
    output: float


@dataclass(frozen=True)
class Interruption:
    """What ended a run before its end.

    Attributes
    ----------
    step
        The step whose cell did it.
    cell
        Position of the cell in the notebook; ``None`` where none was found.
    source
        The cell's source.
    failure
        Why, where the record does not tell; ``None`` for an exception in the cell.
    """

    step: str
    cell: int | None
    source: str
    failure: Failure | None


@dataclass
class ModuleRun:
    """How the run of a module went; the rest is in the workshop's record.

    Attributes
    ----------
    process
        Identity of the kernel process; empty when none answered.
    failure
        Why no step could run at all.
    """

    process: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    interruption: Interruption | None = None
    failure: Failure | None = None

    @property
    def kernels(self) -> KernelFacts:
        """The kernel as the observer would see it at the end of the run."""
        return KernelFacts(state="idle", process=self.process)


@dataclass
class ModuleRunner:
    """Runs the cells of every step of one module until one of them fails.

    A step whose check does not hold does not keep the later ones from running, as it
    does not in the panel.

    Parameters
    ----------
    kernel
        Name of the kernelspec.
    variables
        Environment variables beside those of this process and of the kernelspec.
    words
        File that takes what the kernel process itself writes.
    began
        Called with each step before its first cell runs.
    ended
        Called with each step when its cells have run and its check was looked at, and
        how many seconds that took.
    stopped
        Asked often; once it says yes, the run ends.
    """

    workshop: Workshop
    module: Module
    kernel: str
    variables: Mapping[str, str]
    limits: Limits
    words: Path
    began: Callable[[Step], None]
    ended: Callable[[Step, float], None]
    stopped: Callable[[], bool]

    def run(self) -> ModuleRun:
        """Run the module. No process of its kernel is left when this returns.

        Call it in a thread that is not the main one: nbclient takes over the signals of
        a main thread.
        """
        self._run = ModuleRun()
        self._ran: list[StepOutput] = []
        asyncio.run(self._in_kernel())
        self._run.process = self._run.process or self._log.process
        return self._run

    async def _in_kernel(self) -> None:
        path = self.workshop.folder / self.module.notebook
        self._reader = NotebookReader()
        self._log = KernelLog(
            self.module,
            self.workshop.record,
            self.workshop.locator(self.module),
            changed=lambda: None,
            finished=lambda step, output: self._ran.append(output),
            failures=self.workshop.definition.failures,
        )
        self._client = CellClient(
            nbformat.read(path, as_version=4),
            hear=self._log.handle,
            output_limit=self.limits.output * 1e6,
            kernel_name=self.kernel,
            resources={"metadata": {"path": str(path.parent)}},
            timeout_func=lambda cell: self._cell_seconds,
            iopub_timeout=10,
            raise_on_iopub_timeout=True,
            record_timing=False,
        )
        group = 0
        try:
            with self.words.open("wb") as words:
                kernel = self._client.async_setup_kernel(
                    env={**os.environ, **self.variables}, stdout=words, stderr=words
                )
                async with kernel:
                    group = process_group(self._client)
                    self._run.versions = await versions_in_kernel(self._client)
                    await self._steps()
        except (RuntimeError, OSError, KeyError) as error:
            if group:
                raise
            self._run.failure = failures.kernel_silent(f"{error}\n{self._last_words()}".strip())
        finally:
            end_group(group)

    async def _steps(self) -> None:
        for step in self.module.steps:
            self.began(step)
            since = time.monotonic()
            self._run.interruption = await self._step(step)
            self.ended(step, time.monotonic() - since)
            if self._run.interruption:
                return

    async def _step(self, step: Step) -> Interruption | None:
        try:
            cells = step_cells(step, self._reader.read(self._notebook_path))
        except WorkshopError as error:
            return Interruption(step.id, None, "", Failure.of(error))
        self._cell_seconds = max(1, round(self.limits.seconds(step)))
        for cell in cells:
            source = str(self._client.nb.cells[cell.index].source)
            failure: Failure | None
            if self.stopped():
                return Interruption(step.id, None, "", failures.stopped())
            if OPEN in source:
                return Interruption(step.id, cell.index, source, failures.exercise_open())
            try:
                failure = await self._cell(cell.index)
            except CellExecutionError:
                return Interruption(step.id, cell.index, source, None)
            if failure:
                return Interruption(step.id, cell.index, source, failure)
        await self._check()
        return None

    @property
    def _notebook_path(self) -> Path:
        return self.workshop.folder / self.module.notebook

    async def _cell(self, index: int) -> Failure | None:
        """Run one cell; return what ended it, if it did not end by itself.

        Raises
        ------
        CellExecutionError
            If it raised an exception.
        """
        self._client.over_limit.clear()
        cell = self._client.nb.cells[index]
        running = asyncio.ensure_future(self._client.async_execute_cell(cell, index))
        watching = [
            asyncio.ensure_future(self._client.over_limit.wait()),
            asyncio.ensure_future(self._until_stopped()),
        ]
        try:
            await asyncio.wait({running, *watching}, return_when=asyncio.FIRST_COMPLETED)
            if self._client.over_limit.is_set():
                return self._broken_off(failures.output_too_large(self.limits.output))
            if not running.done():
                return self._broken_off(failures.stopped())
            await running
        except CellTimeoutError:
            if self._log.state == "busy":
                return self._broken_off(failures.cell_timeout(self._cell_seconds))
            return self._broken_off(failures.output_lost())
        except DeadKernelError:
            return self._broken_off(failures.kernel_died(self._last_words()))
        finally:
            for task in (running, *watching):
                task.cancel()
            await asyncio.gather(running, *watching, return_exceptions=True)
        return None

    def _broken_off(self, failure: Failure) -> Failure:
        """Note in the record that what runs is no success."""
        self._run.process = self._log.process
        self._log.died(failure.message)
        return failure

    async def _until_stopped(self) -> None:
        # The stop comes from another process, where no event of this loop can be set.
        while not self.stopped():  # noqa: ASYNC110
            await asyncio.sleep(_STOP_INTERVAL)

    async def _check(self) -> None:
        """Look at what the steps that ran have left, as the observer does."""
        while self._ran:
            output = self._ran.pop(0)
            expressions = output.step.check.expressions
            looked = await self._look(expressions) if expressions else ()
            findings = StepFindings(
                module=self.module.id,
                step=output.step.id,
                process=self._log.process,
                complete=True,
                unmet=output.unmet() + unmet_in_kernel(looked),
                found=output.found() + found_in_kernel(looked),
            )
            self.workshop.record.put(findings, lasting=True)

    async def _look(self, expressions: Sequence[str]) -> tuple[Looked, ...]:
        assert self._client.km is not None
        connection = self._client.km.get_connection_info()
        try:
            return await asyncio.to_thread(
                look_at_expressions, connection, expressions, progress=_While(self._alive)
            )
        except Cancelled:
            gone = "the kernel ended before this could be looked at"
            return tuple(Looked(text, holds=False, error=gone) for text in expressions)

    def _alive(self) -> bool:
        return not self.stopped() and is_alive(self._client)

    def _last_words(self) -> str:
        with contextlib.suppress(OSError):
            return self.words.read_text("utf-8", errors="replace")[-_LAST_WORDS:].strip()
        return ""


class _While(Silent):
    """A progress that is cancelled once something is no longer so."""

    def __init__(self, alive: Callable[[], bool]) -> None:
        self._alive = alive

    def raise_if_cancelled(self) -> None:
        """Raise :class:`Cancelled` once it is no longer so."""
        if not self._alive():
            raise Cancelled
