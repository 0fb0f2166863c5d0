"""What requests carry, and the small answers that are no snapshot."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from ..jobs.job import Failure
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
    module
        The module that ``start_again`` is about; other kinds ignore it.
    restore_deleted
        Whether ``update`` brings back files that the attendee has deleted.
    token
        An access token for a private repository. It is held for this job only, in memory,
        and told to nobody but git when it asks for a password.
    """

    kind: Literal[
        "prepare",
        "materials",
        "data",
        "patches",
        "environment",
        "preflight",
        "update",
        "undo",
        "start_again",
    ]
    key: str = Field(default="", max_length=100)
    module: str = Field(default="", max_length=64)
    restore_deleted: bool = False
    token: SecretStr = Field(default=SecretStr(""), max_length=4096)


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
