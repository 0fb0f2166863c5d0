"""Amounts of memory and disk in words, and the comparison that agrees with the words."""

from __future__ import annotations

from typing import Literal, Protocol

from ..definition.models import Need
from .verdict import Level

MIB = 1024**2
GIB = 1024**3


def found_text(size: int) -> str:
    """Return `size` bytes for people: ``15.0 GiB``, or ``64 MiB`` below one GiB."""
    return f"{size / GIB:.1f} GiB" if size >= GIB else f"{size / MIB:.0f} MiB"


def wanted_text(need: Need | None) -> str:
    """Return the amount that `need` asks for, such as ``8 GiB``; empty without a need."""
    if need is None:
        return ""
    if need.gib < 1:
        return f"{need.gib * 1024:.0f} MiB"
    return f"{need.gib:.1f}".removesuffix(".0") + " GiB"


def is_enough(size: int, need: Need) -> bool:
    """Return whether `size` bytes meet `need`, to the digit that people are shown.

    Without the rounding a person would read "8.0 GiB found, 8 GiB wanted: too little".
    """
    unit = GIB / 10 if need.gib >= 1 else MIB
    return round(size / unit) >= round(need.gib * GIB / unit)


class Wish(Protocol):
    """Any of a definition's needs: an amount, a number of processors or of workers."""

    @property
    def level(self) -> Literal["required", "recommended"]:
        """Whether nothing works without it."""

    @property
    def without(self) -> str:
        """What to expect when there is less."""


def with_consequence(sentence: str, need: Wish) -> str:
    """Return `sentence`, and after it what to expect when `need` is not met."""
    return f"{sentence} {need.without}".strip()


def shortage(need: Wish) -> Level:
    """Return how bad it is that `need` is not met."""
    return "fail" if need.level == "required" else "warn"
