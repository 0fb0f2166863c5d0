"""What the messages of a kernel tell, as plain functions on plain data."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timezone
from typing import Any

from ..jobs.job import Failure
from .training import ANSI

Message = Mapping[str, Any]
"""A message of the Jupyter protocol: ``header``, ``parent_header`` and ``content``."""

_MOST_DETAILS = 20_000
_MOST_EXCEPTION = 200_000


def when_sent(header: Message) -> datetime:
    """Return when the kernel sent a message."""
    date = header.get("date")
    if isinstance(date, str):
        with suppress(ValueError):
            date = datetime.fromisoformat(date.replace("Z", "+00:00"))
    if isinstance(date, datetime) and date.tzinfo is not None:
        return date
    return datetime.now(timezone.utc)


def failure_of(content: Message) -> Failure:
    """Return the failure that an ``error`` message tells, in words for people."""
    name, value = str(content.get("ename", "")), str(content.get("evalue", ""))
    if name == "KeyboardInterrupt":
        return Failure(code="interrupted", message="Stopped before the end.", hint="Run it again.")
    details = "\n".join(map(str, content.get("traceback", ())))
    return Failure(
        code="cell_error",
        message=f"{name}: {value[:500]}" if value else name,
        hint="Look at the last lines below the cell, mend what they name, and run it again.",
        details=ANSI.sub("", details)[-_MOST_DETAILS:],
    )


def exception_of(content: Message) -> str:
    """Return an exception and its traceback as text."""
    lines = [f"{content.get('ename', '')}: {content.get('evalue', '')}"]
    lines += map(str, content.get("traceback", ()))
    return ANSI.sub("", "\n".join(lines)[:_MOST_EXCEPTION])
