"""The one picture of a workshop that the panel and the command line draw.

A snapshot is derived from what is observed, never stored. Its `number` grows with
every change, so a reader knows when it has missed one.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ..errors import RemedyKind
from ..jobs.job import Failure, JobStatus
from ..preflight.usage import Usage
from ..preflight.verdict import Preflight

State = Literal["done", "ready", "running", "blocked", "failed"]
"""The state of a part, a step or a module."""

PartName = Literal["materials", "data", "patches", "environment"]

Feature = Literal["parameters", "private_sources", "environment_installs"]
"""What an administrator can switch off: to change values in notebooks, by parameter or by
profile; to fetch with an access token; to install Python packages."""


class Frozen(BaseModel):
    """Base of the snapshot's parts."""

    model_config = ConfigDict(frozen=True)


class KernelView(Frozen):
    """The kernel that the workshop's notebooks use.

    Attributes
    ----------
    name
        The kernelspec's name.
    state
        ``missing`` before the environment is made, ``ready`` with no kernel running,
        else what the running kernels do.
    """

    name: str
    display_name: str
    state: Literal["missing", "ready", "idle", "busy", "dead"]


class PreparationPart(Frozen):
    """One part of getting ready; ``data`` only where the workshop has data sets.

    Attributes
    ----------
    message
        What was found, in one sentence.
    fraction
        How much of it is done, 0 to 1, while it runs; ``None`` when that is not known.
    remedy
        The kind of job that can be offered to close the gap, with the module whose kernel
        is meant; it is started only when the person agrees.
    """

    name: PartName
    state: State
    message: str
    fraction: float | None = None
    failure: Failure | None = None
    remedy: RemedyKind = ""


class UpdateView(Frozen):
    """What the last update of the materials did, and whether it can be taken back.

    Attributes
    ----------
    when
        When it ended, in UTC.
    followed
        How many files that the attendee had not touched follow the organiser's.
    merged
        Notebooks that both had changed, merged cell by cell, relative to the materials.
    beside
        Files beside the attendee's own that hold the organiser's version of them.
    deleted
        Files that the attendee had deleted and that were not brought back.
    can_undo
        Whether *Undo* can bring back what was before.
    """

    when: datetime
    followed: int
    merged: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    can_undo: bool = True


class MaterialsView(Frozen):
    """The version of the materials that is there.

    Attributes
    ----------
    outdated
        Whether the workshop has a newer version than the one that is there. The one that
        is there goes on working; *Update* is offered, never done unasked.
    update
        The last update; ``None`` before the first, and after it was taken back.
    """

    outdated: bool = False
    update: UpdateView | None = None


class Waiting(Frozen):
    """Something that a step still waits for.

    Attributes
    ----------
    part
        The part of getting ready that brings it.
    data
        The data set's id, where it is one.
    message
        What is missing and how far it is, in one sentence.
    fraction
        How much of it is there, 0 to 1; ``None`` when that is not known.
    """

    part: PartName
    data: str = ""
    message: str
    fraction: float | None = None


class MetricValue(Frozen):
    """The last value of a metric that a training printed."""

    name: str
    title: str
    value: float
    digits: int


class Curve(Frozen):
    """The values of one metric of a training, in the order in which they were printed.

    Attributes
    ----------
    by
        What `x` counts: steps from the beginning of the training, or epochs.
    x, y
        The points, few enough to be drawn; a long training is thinned out. ``None`` is a
        value that is not finite.
    """

    name: str
    title: str
    better: Literal["higher", "lower"]
    digits: int
    by: Literal["step", "epoch"]
    x: tuple[float, ...]
    y: tuple[float | None, ...]


class TrainingView(Frozen):
    """How far a training is. ``None`` is "not printed yet".

    Attributes
    ----------
    pace
        Steps a second in the cell that runs, by its own print; ``None`` before it is known.
    left
        Seconds that the training still needs by that pace.
    curves
        The metrics over time; they stay when the training has ended.
    """

    step: int | None = None
    steps: int | None = None
    epoch: int | None = None
    epochs: int | None = None
    metrics: tuple[MetricValue, ...] = ()
    pace: float | None = None
    left: float | None = None
    curves: tuple[Curve, ...] = ()


class Found(Frozen):
    """One thing that a step's check looked at.

    Attributes
    ----------
    text
        What was looked at, for people: an expression, a file, a printed text.
    holds
        Whether it is as it should be.
    found
        What was found, shortly, such as the value of the expression.
    """

    text: str
    holds: bool
    found: str = ""


class Remedy(Frozen):
    """Something that a button can do about a failed step.

    Attributes
    ----------
    action
        ``prepare``: get everything ready; ``restart``: start the kernel again;
        ``parameters``: set `values`; ``profile``: choose `profile`; ``run``: run the step
        again.
    values
        Values of parameters by id, for ``parameters``.
    profile
        Id of the profile, for ``profile``; else empty.
    """

    action: Literal["prepare", "restart", "parameters", "profile", "run"]
    values: dict[str, int | float | str | bool] = {}
    profile: str = ""


class CellRef(Frozen):
    """A cell of the notebook file as it lies on disk.

    Attributes
    ----------
    index
        Position among all cells of the file, from 0.
    id
        The cell's id; ``None`` where the format has none.
    """

    index: int
    id: str | None = None


class ChoiceView(Frozen):
    """One value that a parameter can have, and what it costs."""

    value: int | float | str | bool
    effect: str


class ParameterView(Frozen):
    """A value in the notebook that the attendee may choose.

    Attributes
    ----------
    value
        What the notebook file has now; ``None`` when that is no plain value, or the
        assignment is not found exactly once.
    original
        What the notebook has as it was made; ``None`` where that is not known.
    problem
        Why it cannot be set; empty if it can.
    """

    id: str
    title: str
    variable: str
    value: int | float | str | bool | None
    original: int | float | str | bool | None = None
    choices: tuple[ChoiceView, ...]
    problem: str = ""


class ExerciseView(Frozen):
    """An exercise of a step, which an attendee does in its cell.

    Attributes
    ----------
    cell
        Its cell.
    open
        Whether the cell still holds ``???``.
    hint
        Helps somebody to find it alone; may be empty.
    solved
        Whether the definition has a solution to show.
    """

    cell: CellRef
    open: bool
    hint: str
    solved: bool


class ProfileView(Frozen):
    """A set of values and patches that is chosen as a whole.

    Attributes
    ----------
    state
        ``on`` when the notebooks have all of it, ``part`` when they have some.
    recommended
        Whether it suits this machine better than the notebooks as they are.
    """

    id: str
    title: str
    text: str
    state: Literal["on", "part", "off"]
    recommended: bool


class AwakeView(Frozen):
    """Keeping a Studio space from being shut down as idle, while a cell runs.

    Attributes
    ----------
    until
        When that ends at the latest, in UTC.
    """

    until: datetime


class ReportView(Frozen):
    """The newest report of the workshop.

    Attributes
    ----------
    path
        The HTML file, for the contents API.
    when
        When it was written, in UTC.
    """

    path: str
    when: datetime


class StepView(Frozen):
    """One step and where it stands.

    Attributes
    ----------
    text
        Markdown.
    expected
        Seconds that the step should take on this machine.
    elapsed
        Seconds since it started (running) or that it took (done, failed); else ``None``.
    reason
        Why the step is blocked or failed, or what proved it done, in one sentence.
    cells
        The step's cells; empty when the notebook is not there or an address conflicts.
    cells_done
        How many of its cells have run.
    current_kernel
        Whether the kernel that runs now is the one that ran this step.
    waits_for
        What is still missing for it, when it is blocked because of that.
    found
        What its check looked at, after its cells ran.
    failed_cell
        The cell that failed.
    remedies
        What buttons can do about the failure.
    parameters
        The values in its cells that may be chosen.
    exercises
        The exercises in its cells.
    """

    id: str
    title: str
    text: str
    state: State
    expected: float
    elapsed: float | None = None
    reason: str = ""
    failure: Failure | None = None
    cells: tuple[CellRef, ...] = ()
    cells_done: int = 0
    current_kernel: bool = False
    waits_for: tuple[Waiting, ...] = ()
    training: TrainingView | None = None
    found: tuple[Found, ...] = ()
    failed_cell: CellRef | None = None
    remedies: tuple[Remedy, ...] = ()
    parameters: tuple[ParameterView, ...] = ()
    exercises: tuple[ExerciseView, ...] = ()


class ModuleView(Frozen):
    """One notebook and its steps.

    Attributes
    ----------
    notebook
        Path of the notebook for the contents API, relative to the server's root.
    session
        Whether a kernel runs for the notebook now.
    absent
        Whether the materials are there but this notebook is not; *Start again* brings it.
    kernel
        What its kernel does; ``none`` when none runs. ``interrupting`` from the moment in
        which it was asked to stop its cell, ``unheard`` while its channel is lost.
    cells
        How many cells its steps have.
    cell
        Which of them runs, from 1; ``None`` when none does.
    """

    id: str
    title: str
    text: str
    state: State
    notebook: str
    session: bool
    absent: bool = False
    kernel: Literal["none", "idle", "busy", "interrupting", "unheard", "dead"] = "none"
    cells: int = 0
    cell: int | None = None
    steps: tuple[StepView, ...]


class Next(Frozen):
    """The one obvious thing to do now.

    Attributes
    ----------
    action
        ``prepare``: start the job that gets everything ready; ``wait``: something runs;
        ``run``: run the step; ``finished``: every step is done; ``stuck``: nothing can
        go on until what failed is looked at (its reason is on the part or step); ``trust``:
        nothing is done until the person trusts the workshop.
    module, step
        The step meant by ``run`` and ``wait``.
    """

    action: Literal["prepare", "wait", "run", "finished", "stuck", "trust"]
    module: str = ""
    step: str = ""


class TrustView(Frozen):
    """What a workshop would do that is not trusted yet.

    Attributes
    ----------
    digest
        Names what would be trusted; sent back with the consent.
    folder
        Where the definition lies on the server's disk.
    hosts
        From where it would fetch materials and data sets.
    packages
        The Python packages that it would install where they are missing.
    notebooks, cells, patches, expressions
        How many notebooks it has, how many of their cells it would run, how many pieces of
        them it would change, how many expressions it would evaluate in the kernel.
    """

    digest: str
    folder: str
    hosts: tuple[str, ...]
    packages: tuple[str, ...]
    notebooks: int
    cells: int
    patches: int
    expressions: int


class Snapshot(Frozen):
    """Everything the panel shows of one workshop.

    Attributes
    ----------
    number
        Grows with every change of this workshop's snapshot in this server process.
    server
        Identity of the server process; numbers of different processes do not compare.
    folder
        Where the materials are, relative to the server's root.
    usage
        How busy the machine is, while a training runs; ``None`` otherwise.
    jobs
        Running jobs, and the last ended job of each kind.
    profiles
        Sets of values and patches that can be chosen.
    awake
        ``None`` unless a Studio space is kept awake.
    report
        ``None`` before the first one.
    trust
        What there is to decide before anything is done; ``None`` when it was decided, or
        need not be.
    disabled
        What the administrator has switched off.
    """

    number: int
    server: str
    id: str
    title: str
    summary: str
    text: str
    folder: str
    kernel: KernelView
    preflight: Preflight | None
    usage: Usage | None = None
    materials: MaterialsView = MaterialsView()
    preparation: tuple[PreparationPart, ...]
    modules: tuple[ModuleView, ...]
    jobs: tuple[JobStatus, ...]
    next: Next
    profiles: tuple[ProfileView, ...] = ()
    awake: AwakeView | None = None
    report: ReportView | None = None
    trust: TrustView | None = None
    disabled: tuple[Feature, ...] = ()


class CatalogueNotebook(Frozen):
    """A workshop's notebook as the catalogue lists it.

    Attributes
    ----------
    path
        For the contents API, relative to the server's root.
    """

    module: str
    path: str


class CatalogueEntry(Frozen):
    """A workshop as the catalogue lists it.

    Attributes
    ----------
    kernel
        The name of its kernelspec, whether it is made already or not.
    notebooks
        One for each module.
    """

    id: str
    title: str
    summary: str
    modules: int
    kernel: str
    notebooks: tuple[CatalogueNotebook, ...]
    expected: float
    selected: bool


class Catalogue(Frozen):
    """The workshops that this server offers, the one to open first marked.

    Attributes
    ----------
    message
        What the administrator tells everybody, as Markdown; may be empty.
    """

    workshops: tuple[CatalogueEntry, ...]
    problems: tuple[Failure, ...] = ()
    message: str = ""
