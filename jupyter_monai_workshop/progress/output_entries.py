"""Runs and their outputs as entries of a journal, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from .outputs import Output, OutputArea, ShownOutput, StreamOutput
from .stream_text import Stored

Entry: TypeAlias = dict[str, Any]
"""A line of the journal."""


@dataclass(eq=False)
class CellOutputs:
    """One run of one cell, and what it printed and showed.

    Attributes
    ----------
    run
        Id of the message that asked for the run.
    requester
        The client session that sent it.
    index, id
        The cell in the notebook file as it was then.
    process
        Identity of the kernel process that ran it.
    touched
        When the kernel last said something about it.
    ended
        ``None`` while it runs, and when nobody heard its end.
    running
        Whether it is known to run now.
    """

    run: str
    requester: str
    index: int
    id: str | None
    source: str
    process: str
    execution_count: int | None
    started: datetime
    touched: datetime
    ended: datetime | None = None
    running: bool = False
    area: OutputArea = field(default_factory=OutputArea)

    @property
    def cell(self) -> str:
        """What tells the cell from the others of its notebook."""
        return self.id if self.id is not None else f"#{self.index}"


def run_entry(run: CellOutputs) -> Entry:
    """Return the entry that begins a run."""
    return {
        "kind": "run",
        "run": run.run,
        "requester": run.requester,
        "index": run.index,
        "id": run.id,
        "source": run.source,
        "process": run.process,
        "count": run.execution_count,
        "started": run.started.isoformat(),
    }


def run_of(entry: Mapping[str, Any]) -> CellOutputs:
    """Return the run that an entry begins.

    Raises
    ------
    KeyError, TypeError, ValueError
        If the entry is none of ours.
    """
    started = datetime.fromisoformat(entry["started"])
    return CellOutputs(
        run=str(entry["run"]),
        requester=str(entry["requester"]),
        index=int(entry["index"]),
        id=None if entry["id"] is None else str(entry["id"]),
        source=str(entry["source"]),
        process=str(entry["process"]),
        execution_count=None if entry["count"] is None else int(entry["count"]),
        started=started,
        touched=started,
    )


def outputs_entry(run: CellOutputs) -> Entry:
    """Return what has changed of a run's outputs since the last entry about them."""
    area = run.area
    changed, area.changed = sorted(area.changed), set()
    joins, clears = area.pending
    return {
        "kind": "outputs",
        "run": run.run,
        "touched": run.touched.isoformat(),
        "ended": run.ended and run.ended.isoformat(),
        "version": area.version,
        "first": area.first,
        "end": area.end,
        "cut": area.cut,
        "joins": joins,
        "clears": clears,
        "changed": {str(number): _entry(area.outputs[number - area.first]) for number in changed},
    }


def take_outputs(run: CellOutputs, entry: Mapping[str, Any]) -> None:
    """Take in what an entry says of a run's outputs.

    Raises
    ------
    KeyError, TypeError, ValueError
        If the entry is none of ours.
    """
    area = run.area
    touched = datetime.fromisoformat(entry["touched"])
    ended = entry["ended"] and datetime.fromisoformat(entry["ended"])
    known: dict[int, Output] = dict(enumerate(area.outputs, area.first))
    for number, changed in entry["changed"].items():
        known[int(number)] = _output(changed, known.get(int(number)))
    first, end = int(entry["first"]), int(entry["end"])
    # Where a line of the journal was lost, its outputs are missing; the others stay.
    outputs = [known[number] for number in range(first, end) if number in known]
    area.go_on(end - len(outputs), outputs, bool(entry["joins"]), bool(entry["clears"]))
    area.version, area.cut = int(entry["version"]), int(entry["cut"])
    run.touched, run.ended = touched, ended or None


def rewind(area: OutputArea) -> None:
    """Let the next entry hold all outputs, not only what has changed."""
    area.changed = set(range(area.first, area.end))
    for output in area.outputs:
        if isinstance(output, StreamOutput):
            output.written = 0


def _entry(output: Output) -> Entry:
    if isinstance(output, ShownOutput):
        if isinstance(output.value, Stored):
            return {"display": output.display, "stored": _reference(output.value)}
        return {"display": output.display, "value": output.value}
    text = output.text
    stored = text.stored
    at, ended = text.since(0 if stored else output.written)
    output.written = text.end
    return {
        "name": output.name,
        "stored": stored and _reference(stored),
        "start": text.start,
        "at": at,
        "ended": ended,
        "line": text.line,
        "column": text.column,
    }


def _output(entry: Mapping[str, Any], known: Output | None) -> Output:
    stored = Stored(*entry["stored"]) if entry.get("stored") else None
    if "name" not in entry:
        return ShownOutput(stored or dict(entry["value"]), str(entry["display"]))
    if stored or not isinstance(known, StreamOutput) or known.name != entry["name"]:
        known = StreamOutput(str(entry["name"]))
    text = known.text
    if stored:
        text.begin_stored(stored, int(entry["start"]))
    start, at, column = int(entry["start"]), int(entry["at"]), int(entry["column"])
    text.go_on(start, at, str(entry["ended"]), str(entry["line"]), column)
    known.written = text.end
    return known


def _reference(stored: Stored) -> list[object]:
    return [stored.sha256, stored.length]
