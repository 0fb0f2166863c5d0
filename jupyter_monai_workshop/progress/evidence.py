"""What a step's cells showed, kept while it is needed to check the step."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..definition.models import Step
from .training import TrainingParser

_KEPT_TEXT = 500_000
"""Characters of printed text that a check can look at; the oldest go first."""


@dataclass
class StepOutput:
    """What the cells of one step printed and showed since its first cell started."""

    step: Step
    parser: TrainingParser | None = None
    image: bool = False
    _pieces: list[str] = field(default_factory=list)
    _size: int = 0

    def __post_init__(self) -> None:
        if self.step.training:
            self.parser = TrainingParser(self.step.training)

    @property
    def text(self) -> str:
        """The last printed text, in order."""
        return "".join(self._pieces)

    def add_text(self, text: str) -> None:
        """Take a piece of printed output."""
        self._pieces.append(text)
        self._size += len(text)
        if self._size > 2 * _KEPT_TEXT:
            kept = self.text[-_KEPT_TEXT:]
            self._pieces, self._size = [kept], len(kept)

    def add_data(self, data: Mapping[str, object]) -> None:
        """Take a shown object, as its representations by MIME type."""
        self.image = self.image or any(name.startswith("image/") for name in data)
        plain = data.get("text/plain")
        if isinstance(plain, str):
            self.add_text(plain + "\n")

    def unmet(self) -> tuple[str, ...]:
        """Return a sentence for every part of the check on outputs that does not hold."""
        check, text = self.step.check, self.text
        missing = [
            f"The cell did not print what was expected ({pattern})."
            for pattern in check.prints
            if not re.search(pattern, text, re.MULTILINE)
        ]
        if check.image and not self.image:
            missing.append("The cell did not show an image.")
        return tuple(missing)
