"""What a step's cells showed, kept while it is needed to check the step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..definition.models import Step
from .findings import found_in_output, unmet_by
from .snapshot import Found
from .training import TrainingParser

_KEPT_TEXT = 500_000
"""Characters of printed text that a check can look at, per cell; the oldest go first."""


_KEPT_ERRORS = 20_000
"""The same of what is printed to the error stream, by which failures are recognised."""


@dataclass
class CellOutput:
    """What one cell printed and showed in its last run.

    Attributes
    ----------
    errors
        The last of what it printed to the error stream.
    """

    image: bool = False
    errors: str = ""
    _pieces: list[str] = field(default_factory=list)
    _size: int = 0

    @property
    def text(self) -> str:
        """The last printed text, in order."""
        return "".join(self._pieces)

    def add_text(self, text: str, stream: str = "stdout") -> None:
        """Take a piece of printed output."""
        if stream == "stderr":
            self.errors = (self.errors + text)[-_KEPT_ERRORS:]
        self._pieces.append(text)
        self._size += len(text)
        if self._size > 2 * _KEPT_TEXT:
            kept = self.text[-_KEPT_TEXT:]
            self._pieces, self._size = [kept], len(kept)


@dataclass
class StepOutput:
    """What the cells of one step printed and showed, each in its last run.

    Attributes
    ----------
    parser
        Reads the step's training progress; ``None`` where it has none.
    """

    step: Step
    parser: TrainingParser | None = None
    cells: dict[int, CellOutput] = field(default_factory=dict)

    def start(self, cell: int) -> bool:
        """Begin a run of one cell; return whether the step begins anew with it."""
        anew = cell in self.cells or not self.cells
        if anew:
            self.parser = TrainingParser(self.step.training) if self.step.training else None
        self.cells[cell] = CellOutput()
        return anew

    @property
    def text(self) -> str:
        """What all cells printed, in the order of the cells."""
        return "".join(self.cells[cell].text for cell in sorted(self.cells))

    def add_text(self, cell: int, text: str, stream: str = "stdout") -> None:
        """Take a piece of printed output of one cell."""
        self.cells[cell].add_text(text, stream)

    def add_data(self, cell: int, data: Mapping[str, object]) -> None:
        """Take a shown object of one cell, as its representations by MIME type."""
        output = self.cells[cell]
        output.image = output.image or any(name.startswith("image/") for name in data)
        plain = data.get("text/plain")
        if isinstance(plain, str):
            output.add_text(plain + "\n")

    def found(self) -> tuple[Found, ...]:
        """Return what the check finds in what the cells printed and showed."""
        image = any(output.image for output in self.cells.values())
        return found_in_output(self.step.check, self.text, image=image)

    def unmet(self) -> tuple[str, ...]:
        """Return a sentence for every part of the check on outputs that does not hold."""
        return unmet_by(self.found())
