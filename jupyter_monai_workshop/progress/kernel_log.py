"""Follows what one kernel publishes and writes it into the record.

Nothing here talks to a kernel: messages come in as plain data, from wherever they were
read, so the same code serves a live kernel and a test that replays messages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Literal

from ..definition.models import KnownFailure, Module, Step
from ..jobs.job import Failure
from .evidence import StepOutput
from .kernel_messages import Message, exception_of, failure_of, when_sent
from .output_entries import CellOutputs
from .output_log import OutputLog
from .recognising import Recognised, recognise
from .record import CellRun, Outcome, Record, StepTraining
from .training import TrainingParser

_WRITE_EVERY = 5.0
"""Fewest seconds between two times at which a running training is written down."""

_WRITE_SHARE = 0.1
"""The same as a share of the time for which it runs: a long one is not written often."""


@dataclass(frozen=True)
class LocatedCell:
    """Which cell of the notebook some code is.

    Attributes
    ----------
    index, id
        The cell in the notebook file.
    step
        The step that it belongs to; empty when it belongs to none.
    cell
        Its position among the step's cells.
    """

    index: int
    id: str | None
    step: str = ""
    cell: int = 0


Locate = Callable[[str, int], LocatedCell | None]
"""From executed code, and the position of the cell that ran before, to the cell."""

KernelState = Literal["idle", "busy", "interrupting", "unheard", "dead"]
"""What a kernel does: ``interrupting`` from the moment in which it was asked to stop its
cell, ``unheard`` while its channel is lost, ``dead`` after it died."""


@dataclass(eq=False)
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
        What the kernel does.
    outputs
        Keeps the outputs of every cell; ``None`` where nobody wants them.
    probe
        Id of a request that was sent to the kernel behind everything that it had to do when
        listening began: once that is served, what ran before has ended.
    """

    module: Module
    record: Record
    locate: Locate
    changed: Callable[[], None]
    finished: Callable[[Step, StepOutput], None]
    failures: Sequence[KnownFailure] = ()
    process: str = ""
    state: KernelState = "idle"
    outputs: OutputLog | None = None
    probe: str = ""
    _gone: set[str] = field(default_factory=set)
    _lost: str = ""
    _busy: set[str] = field(default_factory=set)
    _current: dict[str, _Running] = field(default_factory=dict)
    _outputs: dict[str, StepOutput] = field(default_factory=dict)
    _last_index: int = -1

    def handle(self, message: Message) -> None:
        """Take one message of the iopub channel."""
        header = message["header"]
        kind, process = header["msg_type"], header["session"]
        if process in self._gone:
            return
        if process != self.process:
            self._new_process(process)
        parent = message.get("parent_header") or {}
        content = message["content"]
        if kind == "status":
            self._status(parent, content["execution_state"])
        elif kind == "execute_input":
            self._started(parent, content)
        else:
            running = self._current.get(parent.get("msg_id", ""))
            if running:
                self._output(running, kind, content, when_sent(header))
            if self.outputs:
                self.outputs.output(parent.get("msg_id", ""), kind, content)

    def died(self, message: str) -> None:
        """Note that the kernel process ended; what ran has failed with `message`."""
        failure = Failure(
            code="kernel_died",
            message=message,
            hint="Run the steps of this module again from the first one.",
        )
        self.state = "dead"
        self._end_all("died", failure)
        self._gone |= {self.process, self._lost} - {""}
        self.process = self._lost = ""
        self.changed()

    def take_over(self, earlier: KernelLog) -> None:
        """Go on where `earlier` stood, as the same kernel now serves under another path."""
        self.process, self.state = earlier.process, earlier.state
        self._busy = earlier._busy
        self._gone, self._lost = earlier._gone, earlier._lost
        self._last_index = earlier._last_index
        self._current, earlier._current = earlier._current, {}
        self._outputs = earlier._outputs
        self.outputs, earlier.outputs = earlier.outputs, None

    def ended(self) -> None:
        """Note that nobody listens any more: what runs is no success."""
        self._end_all("unheard", _UNHEARD)
        self.changed()

    def interrupted(self) -> None:
        """Note that the kernel was asked to interrupt: what runs now is no success.

        An interrupt that arrives before the cell's first statement ends it without a
        word on this channel.
        """
        if self.state == "busy":
            self.state = "interrupting"
            self.changed()
        for running in self._current.values():
            running.outcome = "interrupted"

    def unheard(self) -> None:
        """Note that the kernel's channel was lost; what it said meanwhile is not known.

        What ran goes on once the kernel is heard again, if it is the same process and has
        not ended it meanwhile.
        """
        if self.state == "dead":
            return
        self.state, self._lost, self.process = "unheard", self.process or self._lost, ""
        for running in self._current.values():
            lost = {"outcome": "unheard", "failure": _UNHEARD}
            self.record.put(running.run.model_copy(update=lost), lasting=False)
        self._current.clear()
        self._busy.clear()
        if self.outputs:
            self.outputs.lose()
        self.changed()

    @property
    def asks(self) -> bool:
        """Whether it is of use to ask the kernel if it still runs what it ran before."""
        runs = self.record.runs.values()
        return (
            any(run.module == self.module.id and run.may_go_on for run in runs)
            or any(running.lost for running in self._current.values())
            or bool(self.outputs and self.outputs.resumed)
        )

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
        self._busy.clear()
        self._resume()
        self.changed()

    def _resume(self) -> None:
        """Take up what this kernel process ran when it was last heard."""
        for run in list(self.record.runs.values()):
            if run.module != self.module.id or not run.may_go_on:
                continue
            step = next((step for step in self.module.steps if step.id == run.step), None)
            if step is None or run.process != self.process:
                self._settle(run, "died", _RESTARTED)
                continue
            going = run.model_copy(update={"outcome": "running", "failure": None})
            self.record.put(going, lasting=False)
            output = self._outputs.setdefault(step.id, StepOutput(step))
            self._current[run.run] = running = _Running(going, step, output, lost=run.failure)
            self._recall(running)
            if running.parser:
                self.record.live[self.module.id, step.id] = running.parser
            self._busy.add(run.run)
        if self.outputs:
            self.outputs.resume(self.process)
            self._busy |= self.outputs.resumed
        self.state = "busy" if self._busy else "idle"

    def _recall(self, running: _Running) -> None:
        """Look again at what the step's cells have printed and shown in this process."""
        step = running.step
        for number in range(len(step.cells)):
            run = self.record.runs.get((self.module.id, step.id, number))
            if run is None or run.process != self.process:
                continue
            running.output.start(number)
            for kind, content in self.outputs.recall(run.run) if self.outputs else ():
                self._show(running.output, number, kind, content)

    def _settle(self, run: CellRun, outcome: Outcome, failure: Failure | None) -> None:
        ended = {"ended": datetime.now(timezone.utc), "outcome": outcome, "failure": failure}
        self.record.put(run.model_copy(update=ended), lasting=True)

    def _settle_resumed(self) -> None:
        """End what was taken up: the kernel has come to what it was asked after that."""
        self.probe = ""
        for msg_id, running in list(self._current.items()):
            if running.lost:
                running.outcome, running.failure = "unheard", running.lost
                self._ended(msg_id, running)
                self._busy.discard(msg_id)
        if self.outputs:
            self._busy -= self.outputs.resumed
            self.outputs.end_resumed()
        if not self._busy:
            self.state = "idle"
        self.changed()

    def _status(self, parent: Message, state: str) -> None:
        msg_id = parent.get("msg_id", "")
        if msg_id and msg_id == self.probe:
            self._settle_resumed()
        # What else is asked of a kernel (its name, its variables) may run beside a cell.
        if state not in ("idle", "busy") or parent.get("msg_type", _EXECUTE) != _EXECUTE:
            return
        before = self.state
        if state == "busy":
            # Questions in a subshell keep a kernel from nothing; cells in one are in `_current`.
            if not parent.get("subshell_id"):
                self._end_earlier(msg_id)
                self._busy.add(msg_id)
        else:
            self._busy.discard(msg_id)
            if msg_id in self._current:
                self._ended(msg_id, self._current[msg_id])
            if self.outputs:
                self.outputs.end(msg_id)
        if not self._busy and not self._current:
            self.state = "idle"
        elif before != "interrupting":
            self.state = "busy"
        if before != self.state:
            self.changed()

    def _end_earlier(self, msg_id: str) -> None:
        """End what came before `msg_id`: cells run one after the other, save in subshells."""
        for earlier in self._busy - {msg_id}:
            self._busy.discard(earlier)
            running = self._current.get(earlier)
            if running:
                running.outcome, running.failure = "unheard", running.lost or _UNHEARD
                self._ended(earlier, running)
            if self.outputs:
                self.outputs.end(earlier)

    def _started(self, parent: Message, content: Message) -> None:
        msg_id, code = parent.get("msg_id", ""), content["code"]
        found = self.locate(code, self._last_index)
        if found is None:
            return
        self._last_index = found.index
        now = datetime.now(timezone.utc)
        if self.outputs:
            run = CellOutputs(
                run=msg_id,
                requester=parent.get("session", ""),
                index=found.index,
                id=found.id,
                source=code,
                process=self.process,
                execution_count=content.get("execution_count"),
                started=now,
                touched=now,
            )
            self.outputs.begin(run)
        if found.step:
            self._step_started(msg_id, found, now)

    def _step_started(self, msg_id: str, found: LocatedCell, now: datetime) -> None:
        step = next(step for step in self.module.steps if step.id == found.step)
        self._close_unheard(step, found.cell)
        output = self._outputs.setdefault(step.id, StepOutput(step))
        if output.start(found.cell):
            self.record.forget_step(self.module.id, step.id)
        run = CellRun(
            module=self.module.id,
            step=step.id,
            cell=found.cell,
            process=self.process,
            started=now,
            run=msg_id,
        )
        self.record.put(run, lasting=True)
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
        if self._show(running.output, running.run.cell, kind, content, when):
            self._training_went_on(running, when)
        if kind == "error":
            running.failure = failure_of(content)
            running.exception = exception_of(content)
            running.outcome = (
                "interrupted" if content.get("ename") == "KeyboardInterrupt" else "error"
            )

    def _show(
        self,
        output: StepOutput,
        cell: int,
        kind: str,
        content: Message,
        when: datetime | None = None,
    ) -> bool:
        """Take a cell's output as evidence; return whether it told more of a training."""
        if kind == "stream":
            text, name = content["text"], content["name"]
            output.add_text(cell, text, name)
            at = when.timestamp() if when else None
            return bool(output.parser and output.parser.feed(text, name, when=at))
        if kind in ("display_data", "execute_result", "update_display_data"):
            output.add_data(cell, content.get("data", {}))
        return False

    def _ended(self, msg_id: str, running: _Running) -> None:
        del self._current[msg_id]
        if running.parser:
            running.parser.end()
            self.record.live.pop((self.module.id, running.step.id), None)
            self._write_training(running.step, running.parser)
        run = running.run.model_copy(update={"known": self._known(running)})
        self._settle(run, running.outcome, running.failure)
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
        for run in list(self.record.runs.values()):
            if run.module == self.module.id and run.may_go_on and run.process == self._lost:
                self._settle(run, outcome, failure)
        self._busy.clear()
        if self.outputs:
            self.outputs.end_all()


@dataclass
class _Running:
    """A step's cell that runs now.

    Attributes
    ----------
    lost
        Why nobody would have heard its end, if it was not heard for a while.
    """

    run: CellRun
    step: Step
    output: StepOutput
    outcome: Outcome = "ok"
    failure: Failure | None = None
    lost: Failure | None = None
    exception: str = ""
    written: float = 0.0

    @property
    def parser(self) -> TrainingParser | None:
        return self.output.parser


_EXECUTE = "execute_request"

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
