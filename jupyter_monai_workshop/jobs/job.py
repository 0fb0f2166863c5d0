"""One piece of long work: its states, its progress, its end."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ..errors import RemedyKind, WorkshopError
from .progress import Phase

JobKind = Literal[
    "prepare",
    "materials",
    "data",
    "patches",
    "environment",
    "plan",
    "install_in_kernel",
    "restart_kernel",
    "preflight",
    "update",
    "undo",
    "start_again",
    "parameters",
    "profile",
    "solution",
    "report",
    "pack",
]
JobState = Literal["running", "succeeded", "failed", "cancelled"]


class Failure(BaseModel):
    """Why something failed, for people: what happened, what to do, what to copy.

    Attributes
    ----------
    remedy
        The kind of work that can be started instead once the person agrees; the part of
        getting ready that failed tells it.
    """

    model_config = ConfigDict(frozen=True)

    code: str
    message: str
    hint: str = ""
    details: str = ""
    remedy: RemedyKind = Field(default="", exclude=True)

    @field_validator("message", "hint", "details", mode="before")
    @classmethod
    def _of_whole_letters(cls, text: object) -> object:
        # A file's name may hold bytes that are no text.
        return text.encode("utf-8", "replace").decode("utf-8") if isinstance(text, str) else text

    @classmethod
    def of(cls, error: WorkshopError) -> Failure:
        """Return the failure that tells `error`."""
        return cls(
            code=error.code,
            message=error.message,
            hint=error.hint,
            details=error.details,
            remedy=error.remedy,
        )

    @classmethod
    def of_any(cls, error: BaseException) -> Failure:
        """Return the failure that tells any exception, in plain words where there are some."""
        if isinstance(error, WorkshopError):
            return cls.of(error)
        details = f"{type(error).__name__}: {error}"
        if isinstance(error, OSError) and error.strerror:
            return cls(
                code="system",
                message=f"The system refused a file operation: {error.strerror}.",
                hint="Look at the free disk space and the folder's permissions, then try again.",
                details=details,
            )
        return cls(
            code="unexpected",
            message="Something went wrong that this extension does not know.",
            hint="Try again. If it comes back, copy the details into a question to the organiser.",
            details=details,
        )


class JobStatus(BaseModel):
    """What is known about a job at one moment.

    Attributes
    ----------
    fraction
        How much of the job is done, 0 to 1; ``None`` while that is not known.
    subject
        What of the workshop the job is about, such as a module; empty for all of it.
    message
        A few words on the phase, such as the name of a package. May be empty.
    started, finished
        UTC.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    kind: JobKind
    workshop: str
    subject: str = ""
    state: JobState
    phase: Phase
    fraction: float | None = None
    message: str = ""
    started: datetime
    finished: datetime | None = None
    failure: Failure | None = None
