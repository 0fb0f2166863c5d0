"""The last run of every code cell of one notebook, with its outputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .output_entries import (
    CellOutputs,
    Entry,
    outputs_entry,
    rewind,
    run_entry,
    run_of,
    take_outputs,
)
from .outputs import NbOutput, Output, OutputArea, ShownOutput
from .stream_text import Stored

LARGE = 256 * 1024
"""Content of more characters than this lies in a file of its own."""

_MOST_RUNS = 1_000


@dataclass(frozen=True)
class Large:
    """Content of an output that should lie in a file of its own.

    Attributes
    ----------
    end
        For text: up to where, counted as :attr:`StreamText.end`.
    """

    area: OutputArea
    output: Output
    content: str | NbOutput
    end: int = 0


class OutputRecord:
    """The last run of every code cell of one notebook.

    What is new is given as entries of a journal by :meth:`news`; taken in again in the
    same order by :meth:`replay`, they give the same record.

    Attributes
    ----------
    runs
        By the id of the message that asked for them, in the order in which they began.
    """

    def __init__(self) -> None:
        self.runs: dict[str, CellOutputs] = {}
        self._begun: set[str] = set()
        self._touched: set[str] = set()

    def begin(self, run: CellOutputs) -> None:
        """Take a run that begins in place of the cell's last."""
        self._put(run)
        self._begun.add(run.run)
        self._touched.add(run.run)

    def touch(self, run: CellOutputs, when: datetime) -> None:
        """Note that something about a run has changed."""
        run.touched = when
        self._touched.add(run.run)

    def forget(self) -> None:
        """Forget all runs but those that run now."""
        self.runs = {name: run for name, run in self.runs.items() if run.running}
        self._begun = self._touched = set(self.runs)
        for run in self.runs.values():
            rewind(run.area)

    def news(self) -> list[Entry]:
        """Return what has changed since this was last asked."""
        begun, touched = self._begun, self._touched
        self._begun, self._touched = set(), set()
        entries = []
        for name, run in self.runs.items():
            if name in begun:
                entries.append(run_entry(run))
            if name in touched:
                entries.append(outputs_entry(run))
        return entries

    def everything(self) -> list[Entry]:
        """Return entries that give the whole record by themselves."""
        self._begun = set(self.runs)
        self._touched = set(self.runs)
        for run in self.runs.values():
            rewind(run.area)
        return self.news()

    def replay(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """Take entries in; one that makes no sense is passed over."""
        for entry in entries:
            try:
                if entry["kind"] == "run":
                    self._put(run_of(entry))
                elif entry["run"] in self.runs:
                    take_outputs(self.runs[entry["run"]], entry)
            except (KeyError, TypeError, ValueError, AttributeError):
                continue

    def large(self) -> list[Large]:
        """Return what takes memory and could lie in files; printed text once its run ended."""
        found = []
        for run in self.runs.values():
            for output in run.area.outputs:
                if isinstance(output, ShownOutput):
                    if not isinstance(output.value, Stored) and output.held > LARGE:
                        found.append(Large(run.area, output, output.value))
                elif not run.running and output.text.stored is None and output.held > LARGE:
                    text = output.text
                    found.append(Large(run.area, output, text.ended_lines(), text.end))
        return found

    def put_away(self, large: Large, stored: Stored) -> None:
        """Let go of content that lies in a file now, unless it has changed since."""
        output, area = large.output, large.area
        if isinstance(output, ShownOutput):
            if output.value is large.content:
                output.value = stored
        else:
            output.text.put_away(stored, large.end)
        if output in area.outputs:
            area.changed.add(area.first + area.outputs.index(output))
            self._touched |= {name for name, run in self.runs.items() if run.area is area}

    def stored(self) -> set[str]:
        """Return the checksums of all content that lies in files."""
        outputs = [output for run in self.runs.values() for output in run.area.outputs]
        places = [
            output.value if isinstance(output, ShownOutput) else output.text.stored
            for output in outputs
        ]
        return {place.sha256 for place in places if isinstance(place, Stored)}

    def _put(self, run: CellOutputs) -> None:
        for name in [name for name, it in self.runs.items() if it.cell == run.cell]:
            del self.runs[name]
        self.runs[run.run] = run
        while len(self.runs) > _MOST_RUNS:
            del self.runs[next(iter(self.runs))]
