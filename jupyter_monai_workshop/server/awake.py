"""Keeps a SageMaker Studio space from being shut down as idle while a cell runs.

Studio looks at when kernels and terminals last did something, and at a file; it does not
look at whether a kernel is busy, so a training that prints nothing dies. While a kernel of
a workshop is busy, that file is written, at most for as long as the definition allows.
Nowhere else than in Studio is anything written.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

_log = logging.getLogger(__name__)

ACTIVITY = Path("/tmp/.sagemaker-last-active-timestamp")  # noqa: S108  Studio's own place
"""The file by which an application tells Studio that it is in use."""

FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
"""How Studio writes a time in that file, in UTC."""

WRITE_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Busy:
    """A kernel that is busy.

    Attributes
    ----------
    since
        When its cell was started, in UTC.
    hours
        The longest time for which the workshop's definition lets it keep a space awake.
    """

    since: datetime
    hours: float

    @property
    def until(self) -> datetime:
        """When it stops keeping the space awake, in UTC."""
        return self.since + timedelta(hours=self.hours)


def awake_until(busy: Mapping[str, Busy], now: datetime) -> dict[str, datetime]:
    """Return until when each workshop keeps the space awake; those that do not are left out."""
    return {name: it.until for name, it in busy.items() if now < it.until}


def is_due(written: datetime | None, now: datetime) -> bool:
    """Return whether the file has to be written again."""
    return written is None or not timedelta(0) <= now - written < WRITE_EVERY


class StudioActivity:
    """Tells Studio that a space is in use, as long as a workshop's kernel is busy.

    Parameters
    ----------
    studio
        Whether this is Studio; nothing is ever written elsewhere.
    path
        The file that Studio looks at.
    """

    def __init__(self, *, studio: bool, path: Path = ACTIVITY) -> None:
        self._studio = studio
        self._path = path
        self._written: datetime | None = None
        self._until: dict[str, datetime] = {}
        self._broken = False

    def until(self, workshop: str) -> datetime | None:
        """Return until when a workshop keeps the space awake at the latest, in UTC."""
        return self._until.get(workshop)

    async def follow(self, busy: Mapping[str, Busy]) -> None:
        """Take in which workshops' kernels are busy now, and write the file if it is time."""
        if not self._studio:
            return
        now = datetime.now(timezone.utc)
        until = awake_until(busy, now)
        if until and is_due(self._written, now):
            self._written = now
            try:
                await asyncio.to_thread(self._path.write_text, now.strftime(FORMAT), "utf-8")
                self._broken = False
            except OSError as error:
                if not self._broken:
                    _log.warning("Studio could not be told that a cell runs: %s", error)
                self._broken = True
        self._until = {} if self._broken else until
