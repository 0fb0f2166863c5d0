"""What one cell has printed and shown, kept as JupyterLab's output area keeps it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from .stream_text import Load, Stored, StreamText

Json: TypeAlias = Any
NbOutput: TypeAlias = dict[str, Any]
"""An output as nbformat 4 writes it."""

MOST_OUTPUTS = 2_000
"""Outputs of one cell that are kept; the oldest go first."""

MOST_HELD = 32_000_000
"""Characters of one cell's outputs that are held in memory; the oldest go first."""

_LOOKED_AT = 1_000_000
"""Characters by which a cell's outputs grow before their size is looked at again."""


@dataclass(eq=False)
class StreamOutput:
    """Printed text.

    Attributes
    ----------
    name
        ``stdout`` or ``stderr``.
    written
        Up to where the journal has the text, counted as :attr:`StreamText.end`.
    """

    name: str
    text: StreamText = field(default_factory=StreamText)
    written: int = 0

    @property
    def held(self) -> int:
        """How many characters are held in memory."""
        return self.text.held

    def copy(self) -> StreamOutput:
        """Return the output as it is now."""
        return StreamOutput(self.name, self.text.copy())

    def nbformat(self, load: Load) -> NbOutput:
        """Return the output as nbformat 4 writes it."""
        return {"output_type": "stream", "name": self.name, "text": self.text.text(load)}


@dataclass(eq=False)
class ShownOutput:
    """Anything but printed text: a shown object, a result, an error.

    Attributes
    ----------
    value
        The output as nbformat 4 writes it, or where that lies.
    display
        The id by which it can be updated; empty if it cannot.
    """

    value: NbOutput | Stored
    display: str = ""

    @property
    def held(self) -> int:
        """How many characters are held in memory, roughly."""
        return 0 if isinstance(self.value, Stored) else _size(self.value)

    def copy(self) -> ShownOutput:
        """Return the output as it is now."""
        return ShownOutput(self.value, self.display)

    def nbformat(self, load: Load) -> NbOutput:
        """Return the output as nbformat 4 writes it."""
        if not isinstance(self.value, Stored):
            return self.value
        try:
            found: NbOutput = json.loads(load(self.value))
        except (OSError, ValueError):
            notice = "[What was shown here was recorded, but cannot be read any more.]\n"
            return {"output_type": "stream", "name": "stderr", "text": notice}
        return found


Output: TypeAlias = StreamOutput | ShownOutput


class OutputArea:
    """The outputs of one run of a cell, after every message of the kernel.

    The outputs have numbers, counted from 0 through the whole run: clearing and cutting
    take numbers from the front, and never give one again.

    Attributes
    ----------
    first
        Number of the first output that is there.
    outputs
        The outputs in order.
    version
        Grows with every change.
    changed
        Numbers of the outputs that changed since this was last emptied.
    cut
        How many outputs were dropped from the front because there were too many.
    """

    def __init__(self) -> None:
        self.first = 0
        self.outputs: list[Output] = []
        self.version = 0
        self.changed: set[int] = set()
        self.cut = 0
        self._stream: StreamOutput | None = None
        self._clear_next = False
        self._grown = 0

    @property
    def end(self) -> int:
        """Number of the next output."""
        return self.first + len(self.outputs)

    def nbformat(self, load: Load) -> list[NbOutput]:
        """Return the outputs as nbformat 4 writes them, and say so if some were cut."""
        outputs = [output.nbformat(load) for output in list(self.outputs)]
        if not self.cut:
            return outputs
        notice = f"[{self.cut:,} outputs before this were too many to be kept.]\n"
        return [{"output_type": "stream", "name": "stderr", "text": notice}, *outputs]

    def copy(self) -> OutputArea:
        """Return the outputs as they are now, to be looked at only."""
        copy = OutputArea()
        copy.cut, copy.version = self.cut, self.version
        copy.outputs = [output.copy() for output in self.outputs]
        return copy

    def handle(self, kind: str, content: Mapping[str, Json]) -> bool:
        """Take a message of the run; return whether it was about outputs."""
        if kind == "stream":
            self._add_text(str(content["name"]), _whole(content["text"]))
        elif kind == "clear_output":
            self._clear(wait=bool(content.get("wait")))
        elif kind in ("display_data", "execute_result", "error"):
            display = display_id(content) if kind == "display_data" else ""
            self._append(ShownOutput(_shown(kind, content), display))
        else:
            return False
        self.version += 1
        return True

    def update(self, display: str, content: Mapping[str, Json]) -> bool:
        """Replace what is shown under the id `display`; return whether anything is."""
        found = False
        for number, output in enumerate(self.outputs, self.first):
            if isinstance(output, ShownOutput) and output.display == display:
                output.value = _shown("display_data", content)
                self.changed.add(number)
                found = True
        self.version += found
        return found

    @property
    def pending(self) -> tuple[bool, bool]:
        """Whether more text joins the last output, and whether the next output clears."""
        return self._stream is not None, self._clear_next

    def go_on(self, first: int, outputs: list[Output], joins: bool, clears: bool) -> None:
        """Take `outputs`, numbered from `first`, for what is there, and go on from it."""
        self.first, self.outputs, self._clear_next = first, outputs, clears
        last = outputs[-1] if outputs else None
        self._stream = last if joins and isinstance(last, StreamOutput) else None

    def _add_text(self, name: str, text: str) -> None:
        stream = self._stream
        if stream is None or stream.name != name:
            stream = StreamOutput(name)
            self._append(stream)
            self._stream = stream
        stream.text.add(text)
        self.changed.add(self.end - 1)
        self._cut(len(text))

    def _append(self, output: Output) -> None:
        if self._clear_next:
            self._clear(wait=False)
        self._stream = None
        self.outputs.append(output)
        self.changed.add(self.end - 1)
        self._cut(output.held)

    def _clear(self, *, wait: bool) -> None:
        self._stream = None
        self._clear_next = wait
        if not wait:
            self.first, self.outputs, self.cut = self.end, [], 0
            self.changed.clear()

    def _cut(self, grown: int) -> None:
        self._grown += grown
        held = 0
        if self._grown > _LOOKED_AT:
            self._grown = 0
            held = sum(output.held for output in self.outputs)
        while len(self.outputs) > 1 and (len(self.outputs) > MOST_OUTPUTS or held > MOST_HELD):
            held -= self.outputs.pop(0).held
            self.changed.discard(self.first)
            self.first += 1
            self.cut += 1


def display_id(content: Mapping[str, Json]) -> str:
    """Return the id under which a message shows its object; empty if there is none."""
    return str((content.get("transient") or {}).get("display_id") or "")


def _shown(kind: str, content: Mapping[str, Json]) -> NbOutput:
    fields = _FIELDS[kind]
    return {"output_type": kind, **{name: _clean(content.get(name, it)) for name, it in fields}}


_FIELDS: dict[str, tuple[tuple[str, Json], ...]] = {
    "display_data": (("data", {}), ("metadata", {})),
    "execute_result": (("execution_count", None), ("data", {}), ("metadata", {})),
    "error": (("ename", ""), ("evalue", ""), ("traceback", [])),
}

_HALF = re.compile("[\ud800-\udfff]")


def _whole(text: str) -> str:
    """Return `text` without halves of characters, which no file can hold."""
    return text if text.isascii() else _HALF.sub("\ufffd", text)


def _clean(value: Json) -> Json:
    if isinstance(value, str):
        return _whole(value)
    if isinstance(value, dict):
        return {_whole(str(key)): _clean(it) for key, it in value.items()}
    if isinstance(value, list):
        return [_clean(it) for it in value]
    return value


def _size(value: Json) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(len(str(key)) + _size(it) for key, it in value.items())
    if isinstance(value, list):
        return sum(map(_size, value))
    return 8
