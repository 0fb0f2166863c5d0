"""What requests carry, and the small answers that are no snapshot."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from ..jobs.job import Failure
from ..kernels import InstallPlan
from ..preflight.verdict import Preflight


class Body(BaseModel):
    """Base of requests and answers: strict about field names; numbers are finite."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


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
        The module that ``start_again``, ``parameters`` and ``solution`` are about, or whose
        kernel ``install_in_kernel`` and ``restart_kernel`` mean. With ``profile``, the only
        one whose notebook is changed; empty means all. Other kinds ignore it.
    step
        The step whose exercise ``solution`` does.
    values
        The values that ``parameters`` sets, by the parameter's id.
    profile
        The profile that ``profile`` sets; empty takes every profile back. ``prepare`` sets
        it, too, unless it is empty.
    source
        Whether the ``report`` shows the source of the attendee's cells.
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
    ]
    key: str = Field(default="", max_length=100)
    module: str = Field(default="", max_length=64)
    step: str = Field(default="", max_length=64)
    values: dict[str, int | float | str | bool] = Field(default_factory=dict)
    profile: str = Field(default="", max_length=64)
    source: bool = False
    restore_deleted: bool = False
    token: SecretStr = Field(default=SecretStr(""), max_length=4096)


class TrustRequest(Body):
    """Say that a workshop may be run.

    Attributes
    ----------
    digest
        Of what was shown, as in the snapshot's ``trust``.
    """

    digest: str = Field(pattern=r"^[0-9a-f]{64}$")


class OpenCell(Body):
    """A cell of a notebook that is open in a page, as it is there now, saved or not."""

    id: str | None = None
    kind: Literal["code", "markdown", "raw"]
    source: str


class EditRequest(Body):
    """Ask what an edit would change in a notebook that is open. Changes nothing.

    Attributes
    ----------
    module
        Whose notebook it is.
    purpose
        ``patches``: what the workshop corrects; ``parameters``: set `values`; ``profile``:
        set `profile`, or take profiles back where it is empty; ``solution``: do the
        exercises of `step`.
    cells
        All cells in order.
    """

    module: str = Field(max_length=64)
    purpose: Literal["patches", "parameters", "profile", "solution"]
    step: str = Field(default="", max_length=64)
    values: dict[str, int | float | str | bool] = Field(default_factory=dict)
    profile: str = Field(default="", max_length=64)
    cells: tuple[OpenCell, ...]


class CellEdit(Body):
    """A piece of a cell's source to replace: ``source[start:end]`` becomes `text`.

    Attributes
    ----------
    index, id
        The cell; the index counts all cells from 0.
    start, end
        Places in the source, in characters (code points), before any other edit of this
        cell in the same answer: edits are given from the last place to the first.
    why
        One sentence for the attendee.
    """

    index: int
    id: str | None = None
    start: int
    end: int
    text: str
    why: str


class Edits(Body):
    """What an edit would change.

    Attributes
    ----------
    edits
        By cell, and within a cell from the last place to the first. Empty when the
        notebook is so already.
    failure
        Why it does not fit; then there are no edits.
    """

    edits: tuple[CellEdit, ...]
    failure: Failure | None = None


class RecordedCell(Body):
    """The last run of one cell, as the kernel told it to the server.

    Attributes
    ----------
    index, id
        The cell in the notebook file as it lies on the disk.
    requester
        The client session that asked for the run, as in the kernel messages' headers.
    execution_count
        ``None`` until the kernel has told it.
    running
        Whether it still runs.
    lost
        Whether the notebook file lacks these outputs, because no page was there to take
        them when they came. An output in the file that is newer is never called lost.
    file_execution_count
        The execution count that the file has; a page whose cell has another one has
        something newer and keeps it.
    outputs
        As nbformat 4 writes outputs.
    version
        Grows with every change of this cell's outputs in one run.
    source
        The code that ran.
    """

    index: int
    id: str | None = None
    run: str
    requester: str
    execution_count: int | None
    running: bool
    lost: bool
    file_execution_count: int | None
    outputs: tuple[dict[str, Any], ...]
    version: int
    source: str


class ModuleOutputs(Body):
    """What the cells of a module's notebook have printed and shown, by the record."""

    module: str
    notebook: str
    cells: tuple[RecordedCell, ...]


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


class PlanAnswer(Body):
    """What the last resolution found to be installed; ``null`` before the first."""

    plan: InstallPlan | None


class PipOffer(Body):
    """What installs the workshop's packages into a kernel's own Python.

    Attributes
    ----------
    line
        For a cell of a notebook with that kernel; empty when nothing is missing.
    kernel
        Id of the kernel that was asked; empty when none runs for the notebook, in which
        case the line is for the Python that kernels start on.
    python, torch
        Versions there.
    """

    line: str
    kernel: str
    python: str
    torch: str | None


class ServerStatus(Body):
    """Whether the extension runs, and which version."""

    version: str
    server: str
