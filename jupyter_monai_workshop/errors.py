"""The one family of errors that people see.

Every failure that reaches a person is a :class:`WorkshopError`: a stable code for
programs, a message in plain words, a hint that says what to do next, and details
(the last lines of an installer, say) that can be copied into a question.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

RemedyKind: TypeAlias = Literal["", "install_in_kernel", "restart_kernel"]
"""What a person can be offered: to install into the kernel that runs, to restart it."""


class WorkshopError(Exception):
    """Something went wrong in a way that a person can understand.

    Parameters
    ----------
    message
        What happened, one or two plain sentences.
    hint
        What the person can do about it. Empty only where nothing can be done.
    details
        Technical output worth copying, such as the last lines of a command.

    Attributes
    ----------
    code
        A stable word for programs, set by each subclass.
    remedy
        What this extension can do instead once the person agrees; empty for nothing.
    """

    code: str = "failed"
    remedy: RemedyKind = ""

    def __init__(self, message: str, *, hint: str = "", details: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details


class Cancelled(WorkshopError):
    """The person asked for the work to stop, and it stopped."""

    code = "cancelled"

    def __init__(self) -> None:
        super().__init__("Stopped, as you asked.", hint="Start it again when you are ready.")
