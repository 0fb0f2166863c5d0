"""What ran: the last run of every step's cells, what training printed, what checks found."""

from __future__ import annotations

import logging
from copy import copy
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field, ValidationError

from ..jobs.job import Failure
from .curves import Points
from .journal import Journal
from .recognising import Recognised
from .snapshot import Found
from .training import TrainingParser

_log = logging.getLogger(__name__)

Outcome = Literal["running", "ok", "error", "interrupted", "died", "unheard"]

AWAY = Failure(
    code="unheard",
    message="The server was away when this ended.",
    hint="Run it again.",
)
"""Why a run is no success that was going on when the server was last there."""


class CellRun(BaseModel):
    """The last run of one cell of a step.

    Attributes
    ----------
    cell
        Position among the step's cells, from 0.
    process
        Identity of the kernel process that ran it; a restarted kernel has another.
    run
        Id of the message that asked for it.
    outcome
        ``unheard`` when nobody heard the end; without `ended` it may yet be going on.
    known
        Which known failure it is, if it failed.
    """

    kind: Literal["run"] = "run"
    module: str
    step: str
    cell: int
    process: str
    started: datetime
    ended: datetime | None = None
    outcome: Outcome = "running"
    failure: Failure | None = None
    run: str = ""
    known: Recognised | None = None

    @property
    def may_go_on(self) -> bool:
        """Whether nobody knows if it still runs."""
        return self.outcome == "unheard" and self.ended is None


class StepTraining(BaseModel):
    """What a step's training printed last, and the curves of its metrics."""

    kind: Literal["training"] = "training"
    module: str
    step: str
    counts: dict[str, int] = Field(default_factory=dict)
    values: dict[str, float] = Field(default_factory=dict)
    curves: dict[str, Points] = Field(default_factory=dict)

    @classmethod
    def of(cls, module: str, step: str, parser: TrainingParser) -> StepTraining:
        """Return what `parser` has read so far."""
        return cls(
            module=module,
            step=step,
            counts=dict(parser.counts),
            values=dict(parser.values),
            curves=parser.curves(),
        )


class StepFindings(BaseModel):
    """What a step's check found after its cells ran.

    Attributes
    ----------
    complete
        Whether all was looked at; false while the kernel has yet to answer.
    unmet
        A sentence for everything that does not hold; empty when the check holds.
    found
        All that was looked at, save files, which are looked at again and again.
    """

    kind: Literal["findings"] = "findings"
    module: str
    step: str
    process: str
    complete: bool
    unmet: tuple[str, ...] = ()
    found: tuple[Found, ...] = ()


class ModuleFinished(BaseModel):
    """Every step of a module was done at one time; that stays so until a fresh start."""

    kind: Literal["finished"] = "finished"
    module: str


class ModuleForgotten(BaseModel):
    """A module begins anew; what was written about it before no longer counts."""

    kind: Literal["forgotten"] = "forgotten"
    module: str


Entry = CellRun | StepTraining | StepFindings | ModuleFinished | ModuleForgotten


class Record:
    """The memory of one workshop folder, kept in a journal.

    Runs are written when they begin and when they end. Of one that was going on when the
    process died, it is not known how it ended, until its kernel is heard again.

    Attributes
    ----------
    live
        The parsers of the trainings that run now, by module and step.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.runs: dict[tuple[str, str, int], CellRun] = {}
        self.trainings: dict[tuple[str, str], StepTraining] = {}
        self.live: dict[tuple[str, str], TrainingParser] = {}
        self.findings: dict[tuple[str, str], StepFindings] = {}
        self.finished: set[str] = set()
        self._replay()

    def put(self, entry: Entry, *, lasting: bool) -> None:
        """Take `entry` as the latest of its kind; write it down if it is `lasting`."""
        if isinstance(entry, CellRun):
            self.runs[entry.module, entry.step, entry.cell] = entry
        elif isinstance(entry, StepTraining):
            self.trainings[entry.module, entry.step] = entry
        elif isinstance(entry, StepFindings):
            self.findings[entry.module, entry.step] = entry
        elif isinstance(entry, ModuleFinished):
            self.finished.add(entry.module)
        else:
            self._drop(entry.module)
        if lasting:
            self._write(entry)

    def training(self, module: str, step: str) -> StepTraining | None:
        """Return what a step's training printed, up to this moment where it runs."""
        parser = self.live.get((module, step))
        if parser and (parser.counts or parser.values):
            return StepTraining.of(module, step, parser)
        return self.trainings.get((module, step))

    def running_since(self, module: str) -> datetime | None:
        """Return when the cell was started that runs now, ``None`` if no step's cell runs."""
        running = [
            run.started
            for run in self.runs.values()
            if run.module == module and run.outcome == "running"
        ]
        return max(running, default=None)

    def copy(self) -> Record:
        """Return what is remembered at this moment, for another thread to read."""
        twin = copy(self)
        twin.runs, twin.findings = dict(self.runs), dict(self.findings)
        twin.trainings = dict(self.trainings)
        for module, step in self.live:
            training = self.training(module, step)
            if training:
                twin.trainings[module, step] = training
        twin.live, twin.finished = {}, set(self.finished)
        return twin

    def forget_step(self, module: str, step: str) -> None:
        """Drop what an earlier run of the step printed and proved, as it runs again."""
        self.trainings.pop((module, step), None)
        self.findings.pop((module, step), None)

    def start_again(self) -> None:
        """Forget everything, as fresh materials begin a fresh workshop."""
        self._journal.set_aside()
        self._clear()
        self.live.clear()

    def forget_module(self, module: str) -> None:
        """Forget what ran of one module, as its notebook begins anew."""
        self.live = {key: it for key, it in self.live.items() if key[0] != module}
        self.put(ModuleForgotten(module=module), lasting=True)

    def finish(self, module: str) -> None:
        """Remember that every step of a module was done at one time."""
        if module not in self.finished:
            self.finished.add(module)
            self._write(ModuleFinished(module=module))

    def follow(self) -> None:
        """Take in what another process wrote to the same journal, or its fresh start."""
        if not self._journal.changed_elsewhere():
            return
        running = [run for run in self.runs.values() if run.outcome == "running"]
        if self._replay():
            for run in running:
                self.put(run, lasting=False)

    def _clear(self) -> None:
        self.runs.clear()
        self.trainings.clear()
        self.findings.clear()
        self.finished.clear()

    def _drop(self, module: str) -> None:
        self.runs = {key: run for key, run in self.runs.items() if key[0] != module}
        self.trainings = {key: it for key, it in self.trainings.items() if key[0] != module}
        self.findings = {key: it for key, it in self.findings.items() if key[0] != module}
        self.finished.discard(module)

    def _write(self, entry: Entry) -> None:
        try:
            self._journal.append(entry.model_dump(mode="json"))
        except OSError as error:
            # A full disk must not stop the showing of what happens.
            _log.warning("the record could not be written: %s", error)

    def _replay(self) -> bool:
        """Take the journal for the truth; return whether it could be read."""
        try:
            lines = list(self._journal.entries())
        except OSError as error:
            _log.warning("the record could not be read: %s", error)
            return False
        self._clear()
        models: dict[object, type[Entry]] = {
            "run": CellRun,
            "training": StepTraining,
            "findings": StepFindings,
            "finished": ModuleFinished,
            "forgotten": ModuleForgotten,
        }
        for line in lines:
            model = models.get(line.get("kind"))
            try:
                if model:
                    self.put(_read(model, line), lasting=False)
            except ValidationError:  # written by another version: not known, not fatal
                continue
        return True


def _read(model: type[Entry], line: dict[str, object]) -> Entry:
    entry = model.model_validate(line)
    if isinstance(entry, CellRun) and entry.outcome == "running":
        return entry.model_copy(update={"outcome": "unheard", "failure": AWAY})
    return entry
