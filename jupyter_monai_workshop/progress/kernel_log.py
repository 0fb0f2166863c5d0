"""Follows what one kernel publishes and writes it into the record.

Nothing here talks to a kernel: messages come in as plain data, from wherever they were
read, so the same code serves a live kernel and a test that replays messages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Literal

from ..definition.models import KnownFailure, Module, Step
from ..jobs.job import Failure
from .evidence import StepOutput
from .recognising import Recognised, recognise
from .record import CellRun, Outcome, Record, StepTraining
from .training import ANSI, TrainingParser

Message = Mapping[str, Any]
"""A message of the Jupyter protocol: ``header``, ``parent_header`` and ``content``."""


_WRITE_EVERY = 5.0
"""Fewest seconds between two times at which a running training is written down."""

_WRITE_SHARE = 0.1
"""The same as a share of the time for which it runs: a long one is not written often."""


@dataclass(frozen=True)
class StepCell:
    """Which cell of which step some code is, and its position in the notebook."""

    step: str
    cell: int
    index: int


Locate = Callable[[str, int], StepCell | None]
"""From executed code, and the position of the cell that ran before, to the step's cell."""


@dataclass
class KernelLog:
    """The log of the kernel of one module's notebook.

    Parameters
    ----------
    locate
        Finds the cell that some executed code belongs to.
    changed
        Called after every change worth showing.
    finished
        Called with a step and what it printed when the last of its cells has run
        without an error, so that its check can be looked at.
    failures
        What the workshop knows to go wrong.

    Attributes
    ----------
    process
        Identity of the kernel process that was heard last; empty before the first word.
    state
        ``idle`` or ``busy`` as the kernel says, ``dead`` after it died.
    """

    module: Module
    record: Record
    locate: Locate
    changed: Callable[[], None]
    finished: Callable[[Step, StepOutput], None]
    failures: Sequence[KnownFailure] = ()
    process: str = ""
    state: Literal["idle", "busy", "dead"] = "idle"
    _current: dict[str, _Running] = field(default_factory=dict)
    _outputs: dict[str, StepOutput] = field(default_factory=dict)
    _last_index: int = -1

    def handle(self, message: Message) -> None:
        """Take one message of the iopub channel."""
        header = message["header"]
        kind, process = header["msg_type"], header["session"]
        if process != self.process:
            self._new_process(process)
        parent = message.get("parent_header") or {}
        content = message["content"]
        if kind == "status":
            self._status(parent, content["execution_state"])
        elif kind == "execute_input":
            self._started(parent.get("msg_id", ""), content["code"])
        else:
            running = self._current.get(parent.get("msg_id", ""))
            if running:
                self._output(running, kind, content, _when(header))

    def died(self, message: str) -> None:
        """Note that the kernel process ended; what ran has failed with `message`."""
        failure = Failure(
            code="kernel_died",
            message=message,
            hint="Run the steps of this module again from the first one.",
        )
        self.state = "dead"
        self._end_all("died", failure)
        self.process = ""
        self.changed()

    def take_over(self, earlier: KernelLog) -> None:
        """Go on where `earlier` stood, as the same kernel now serves under another path."""
        self.process, self.state = earlier.process, earlier.state
        self._last_index = earlier._last_index
        self._current, earlier._current = earlier._current, {}
        self._outputs = earlier._outputs

    def ended(self) -> None:
        """Note that nobody listens any more: what runs is no success."""
        self._end_all("interrupted", _UNHEARD)
        self.changed()

    def interrupted(self) -> None:
        """Note that the kernel was asked to interrupt: what runs now is no success.

        An interrupt that arrives before the cell's first statement ends it without a
        word on this channel.
        """
        for running in self._current.values():
            running.outcome = "interrupted"

    def restarted(self) -> None:
        """Note that the attendee restarted the kernel: what ran is gone."""
        self._end_all("died", _RESTARTED)
        self.changed()

    def _new_process(self, process: str) -> None:
        if self.process:
            self._end_all("died", _RESTARTED)
        self.process = process
        self.state = "idle"
        self._last_index = -1
        self._outputs.clear()
        self.changed()

    def _status(self, parent: Message, state: str) -> None:
        if state not in ("idle", "busy") or _aside(parent):
            return
        before = self.state
        running = self._current.get(parent.get("msg_id", ""))
        if state == "idle" and running:
            self._ended(parent["msg_id"], running)
        # What is asked beside a cell ends while the cell still runs.
        self.state = "busy" if state == "busy" or self._current else "idle"
        if before != self.state:
            self.changed()

    def _started(self, msg_id: str, code: str) -> None:
        found = self.locate(code, self._last_index)
        if found is None:
            return
        step = next(step for step in self.module.steps if step.id == found.step)
        self._close_unheard(step, found.cell)
        self._last_index = found.index
        output = self._outputs.setdefault(step.id, StepOutput(step))
        if output.start(found.cell):
            self.record.forget_step(self.module.id, step.id)
        run = CellRun(
            module=self.module.id,
            step=step.id,
            cell=found.cell,
            process=self.process,
            started=datetime.now(timezone.utc),
        )
        self.record.put(run, lasting=False)
        if output.parser:
            self.record.live[self.module.id, step.id] = output.parser
        self._current[msg_id] = _Running(run, step, output)
        self.changed()

    def _close_unheard(self, step: Step, cell: int) -> None:
        """End an earlier run of the same cell whose end was not heard; never a success."""
        for msg_id, running in list(self._current.items()):
            if running.step.id == step.id and running.run.cell == cell:
                running.outcome = "interrupted"
                self._ended(msg_id, running)

    def _output(self, running: _Running, kind: str, content: Message, when: datetime) -> None:
        if kind == "stream":
            running.output.add_text(running.run.cell, content["text"], content["name"])
            parser = running.parser
            if parser and parser.feed(content["text"], content["name"], when=when.timestamp()):
                self._training_went_on(running, when)
        elif kind in ("display_data", "execute_result", "update_display_data"):
            running.output.add_data(running.run.cell, content.get("data", {}))
        elif kind == "error":
            running.failure = _cell_failure(content)
            running.exception = _exception(content)
            running.outcome = (
                "interrupted" if content.get("ename") == "KeyboardInterrupt" else "error"
            )

    def _ended(self, msg_id: str, running: _Running) -> None:
        del self._current[msg_id]
        if running.parser:
            running.parser.end()
            self.record.live.pop((self.module.id, running.step.id), None)
            self._write_training(running.step, running.parser)
        run = running.run.model_copy(
            update={
                "ended": datetime.now(timezone.utc),
                "outcome": running.outcome,
                "failure": running.failure,
                "known": self._known(running),
            }
        )
        self.record.put(run, lasting=True)
        self.changed()
        if running.outcome == "ok" and self._step_ran(running.step):
            self.finished(running.step, running.output)

    def _known(self, running: _Running) -> Recognised | None:
        """Return which known failure ended a run."""
        if running.failure is None or running.outcome not in ("error", "died"):
            return None
        exception = running.exception or running.failure.message
        errors = running.output.cells[running.run.cell].errors
        return recognise(exception, errors, self.failures, self.module.id)

    def _step_ran(self, step: Step) -> bool:
        runs = [self.record.runs.get((self.module.id, step.id, k)) for k in range(len(step.cells))]
        return all(run and run.outcome == "ok" and run.process == self.process for run in runs)

    def _training_went_on(self, running: _Running, when: datetime) -> None:
        """Tell it; write it down now and then, the less often the longer it takes."""
        assert running.parser is not None
        ran = (when - running.run.started).total_seconds()
        if ran - running.written > max(_WRITE_EVERY, _WRITE_SHARE * ran):
            running.written = ran
            self._write_training(running.step, running.parser)
        self.changed()

    def _write_training(self, step: Step, parser: TrainingParser) -> None:
        self.record.put(StepTraining.of(self.module.id, step.id, parser), lasting=True)

    def _end_all(self, outcome: Outcome, failure: Failure) -> None:
        for msg_id, running in list(self._current.items()):
            running.outcome, running.failure = outcome, failure
            self._ended(msg_id, running)


@dataclass
class _Running:
    run: CellRun
    step: Step
    output: StepOutput
    outcome: Outcome = "ok"
    failure: Failure | None = None
    exception: str = ""
    written: float = 0.0

    @property
    def parser(self) -> TrainingParser | None:
        return self.output.parser


_RESTARTED = Failure(
    code="kernel_restarted",
    message="The kernel was restarted while this ran.",
    hint="Run the steps of this module again from the first one.",
)

_UNHEARD = Failure(
    code="unheard",
    message="The notebook lost its kernel while this ran.",
    hint="Run it again.",
)

_MOST_DETAILS = 20_000


def _aside(parent: Message) -> bool:
    """Return whether a kernel tells of a request that it carries out beside the cells.

    Such are questions in a subshell and on the control channel; that one of these has
    ended does not make a kernel idle.
    """
    kind = parent.get("msg_type", "execute_request")
    return bool(parent.get("subshell_id")) or kind != "execute_request"


def _when(header: Message) -> datetime:
    """Return when the kernel sent a message."""
    date = header.get("date")
    if isinstance(date, datetime) and date.tzinfo is not None:
        return date
    return datetime.now(timezone.utc)


def _cell_failure(content: Message) -> Failure:
    name, value = str(content.get("ename", "")), str(content.get("evalue", ""))
    if name == "KeyboardInterrupt":
        return Failure(code="interrupted", message="Stopped before the end.", hint="Run it again.")
    details = "\n".join(map(str, content.get("traceback", ())))
    return Failure(
        code="cell_error",
        message=f"{name}: {value[:500]}" if value else name,
        hint="Look at the last lines below the cell, mend what they name, and run it again.",
        details=ANSI.sub("", details)[-_MOST_DETAILS:],
    )


def _exception(content: Message) -> str:
    """Return an exception and its traceback as text."""
    lines = [f"{content.get('ename', '')}: {content.get('evalue', '')}"]
    lines += map(str, content.get("traceback", ()))
    return ANSI.sub("", "\n".join(lines))
