"""What requests carry, and the small answers that are no snapshot."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ..jobs.job import Failure, JobKind
from ..preflight.verdict import Preflight


class Body(BaseModel):
    """Base of requests and answers: strict about field names."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class JobRequest(Body):
    """Ask for a job.

    Attributes
    ----------
    kind
        What to do; ``prepare`` does all that is needed before the first step.
    key
        Chosen by the caller. The same key answers with the same job, so a request that
        is sent again after a lost answer starts nothing twice.
    """

    kind: JobKind
    key: str = Field(default="", max_length=100)


class Selection(Body):
    """The workshop that the panel opens on."""

    workshop: str = Field(min_length=1, max_length=64)


class PatchPreview(Body):
    """One patch of one notebook, and what it would change or has changed."""

    module: str
    id: str
    why: str
    state: Literal["applied", "pending", "conflict"]
    message: str


class NotebookDiff(Body):
    """What pending patches would change in one notebook file, as a unified diff."""

    module: str
    notebook: str
    diff: str
    failure: Failure | None = None


class Patches(Body):
    """All patches of a workshop."""

    patches: tuple[PatchPreview, ...]
    notebooks: tuple[NotebookDiff, ...]


class PreflightAnswer(Body):
    """The last verdicts about the machine; ``null`` before the first look."""

    preflight: Preflight | None


class ServerStatus(Body):
    """Whether the extension runs, and which version."""

    version: str
    server: str
