"""What an update did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class UpdateReport:
    """What an update did; all paths are relative to the materials.

    Attributes
    ----------
    when
        When it ended, in UTC.
    from_version, to_version
        The versions before and after: commits, or digests of bundled materials.
    followed
        How many files that the attendee had not touched follow the organiser's; those that
        came new and those that went are among them.
    merged
        Notebooks that both had changed, merged cell by cell.
    beside
        Files beside the attendee's own that hold the organiser's version of them.
    deleted
        Files that the attendee had deleted and that were not brought back.
    restored
        Files that the attendee had deleted and that were brought back, as asked.
    can_undo
        Whether *Undo* can bring back what was before.
    """

    when: datetime
    from_version: str
    to_version: str
    followed: int = 0
    merged: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()
    can_undo: bool = True
