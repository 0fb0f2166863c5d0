"""The verdicts about a machine that people read."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

Level = Literal["pass", "warn", "fail", "unknown"]
"""``warn`` lets the attendee go on; ``fail`` means that nothing will work."""

CheckName = Literal[
    "gpu", "driver", "memory", "shared_memory", "processors", "disk", "network", "studio"
]
"""``driver``, ``network`` and ``studio`` are there only where they have something to say."""


class PreflightCheck(BaseModel):
    """One verdict about the machine.

    Attributes
    ----------
    found, wanted
        The figures in words, such as ``15.6 GiB``. Empty when there is none.
    message
        The verdict in one plain sentence.
    remedy
        What a person can do about it; empty when all is well.
    details
        Technical words worth copying, such as an error code; mostly empty.
    """

    model_config = ConfigDict(frozen=True)

    name: CheckName
    level: Level
    found: str = ""
    wanted: str = ""
    message: str
    remedy: str = ""
    details: str = ""


class Preflight(BaseModel):
    """The verdicts about one machine for one workshop.

    Attributes
    ----------
    gpu
        Whether notebooks will train on a GPU; decides which expected times apply.
    checked
        When the machine was looked at, UTC.
    """

    model_config = ConfigDict(frozen=True)

    checks: tuple[PreflightCheck, ...]
    gpu: bool
    checked: datetime
