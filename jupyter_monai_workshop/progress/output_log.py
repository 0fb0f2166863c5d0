"""Follows what one kernel publishes and keeps the outputs of every cell of its notebook."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from typing import Any

from .output_entries import CellOutputs
from .output_record import OutputRecord
from .outputs import StreamOutput, display_id
from .stream_text import Stored

_GAP = "[Nobody heard the kernel for a while; what it printed here meanwhile is missing.]\n"

_RECALLED = 500_000
"""Characters of printed text that are looked at again."""


class OutputLog:
    """Writes what the kernel of one notebook prints and shows into a record.

    Parameters
    ----------
    changed
        Called after every change; with ``True`` when a run began or ended, so that it is
        written down at once.

    Attributes
    ----------
    resumed
        Runs that were taken up again, of which it is not sure that they still go on.
    """

    def __init__(self, record: OutputRecord, changed: Callable[[bool], None]) -> None:
        self.record = record
        self._changed = changed
        self._process = ""
        self.resumed: set[str] = set()

    def resume(self, process: str) -> None:
        """Listen to a kernel process; what it was running when last heard goes on.

        What it printed in between is not known, and the output says so.
        """
        self._process = process
        for run in self.record.runs.values():
            if run.ended is None and run.process == process and not run.running:
                run.running = True
                self.resumed.add(run.run)
                run.area.handle("stream", {"name": "stderr", "text": _GAP})
                self._touch(run)

    def begin(self, run: CellOutputs) -> None:
        """Take a run that begins."""
        run.running = True
        self.record.begin(run)
        self._changed(True)

    def output(self, run_id: str, kind: str, content: Mapping[str, Any]) -> None:
        """Take a message that a run has caused."""
        run = self.record.runs.get(run_id)
        if kind in ("display_data", "update_display_data") and display_id(content):
            self._update(content)
        if run and run.area.handle(kind, content):
            self._touch(run)

    def end(self, run_id: str) -> None:
        """Note that the kernel has ended a run."""
        run = self.record.runs.get(run_id)
        if run and run.running:
            self._end(run)

    def lose(self) -> None:
        """Note that the kernel is not heard; what runs may go on."""
        self.resumed.clear()
        for run in self.record.runs.values():
            run.running = False

    def end_resumed(self) -> None:
        """Note that what was resumed has ended, and nobody knows when."""
        for name in list(self.resumed):
            run = self.record.runs.get(name)
            if run and run.running:
                self._end(run)
        self.resumed.clear()

    def recall(self, run_id: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield what a run has printed and shown, as far as memory holds it."""
        run = self.record.runs.get(run_id)
        for output in run.area.outputs if run else ():
            if isinstance(output, StreamOutput):
                text = (output.text.ended_lines() + output.text.line)[-_RECALLED:]
                yield "stream", {"name": output.name, "text": text}
            elif not isinstance(output.value, Stored):
                yield output.value["output_type"], output.value

    def end_all(self) -> None:
        """Note that nothing runs any more, or that nobody hears its end."""
        for run in list(self.record.runs.values()):
            if run.ended is None and run.process == self._process:
                self._end(run)

    def _end(self, run: CellOutputs) -> None:
        self.resumed.discard(run.run)
        run.running, run.ended = False, _now()
        self.record.touch(run, run.ended)
        self._changed(True)

    def _update(self, content: Mapping[str, Any]) -> None:
        """Update what cells have shown under the same id since the kernel started."""
        for run in self.record.runs.values():
            if run.process == self._process and run.area.update(display_id(content), content):
                self._touch(run)

    def _touch(self, run: CellOutputs) -> None:
        self.record.touch(run, _now())
        self._changed(False)


def _now() -> datetime:
    return datetime.now(timezone.utc)
