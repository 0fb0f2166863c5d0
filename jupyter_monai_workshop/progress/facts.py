"""What was observed of a workshop at one moment: the input of the snapshot."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..definition.models import Definition
from ..errors import RemedyKind
from ..jobs.job import Failure, JobStatus
from ..preflight.usage import Usage
from ..preflight.verdict import Preflight
from .snapshot import (
    AwakeView,
    CellRef,
    ExerciseView,
    Feature,
    MaterialsView,
    ParameterView,
    ReportView,
    TrustView,
)


@dataclass(frozen=True)
class Gap:
    """Whether a part of getting ready is as it should be.

    Attributes
    ----------
    closed
        Nothing is left to do.
    possible
        Whether closing it can begin now.
    message
        What was found, in one sentence.
    fraction
        How much of it is there, 0 to 1; ``None`` when looking alone does not tell.
    failure
        Why it cannot be closed, when looking alone tells.
    remedy
        What the person can be offered to close it.
    """

    closed: bool
    message: str
    possible: bool = True
    fraction: float | None = None
    failure: Failure | None = None
    remedy: RemedyKind = ""


@dataclass(frozen=True)
class ModuleFacts:
    """What was observed of one notebook.

    Attributes
    ----------
    notebook
        Path for the contents API.
    absent
        Whether the materials are there, but this notebook is not.
    problem
        Why no step of this module can run: the notebook is missing or unreadable.
    conflicts
        For each step with an address that matches no cell or several, what was found.
    cells
        The cells of each step, by the step's id.
    missing_files
        For each step, the files of its check that are not there.
    files
        For each step, how many files each pattern of its check finds.
    parameters, exercises
        For each step, what may be chosen and what is to be done in its cells.
    """

    notebook: str
    absent: bool = False
    problem: Failure | None = None
    conflicts: dict[str, Failure] = field(default_factory=dict)
    cells: dict[str, tuple[CellRef, ...]] = field(default_factory=dict)
    missing_files: dict[str, tuple[str, ...]] = field(default_factory=dict)
    files: dict[str, dict[str, int]] = field(default_factory=dict)
    parameters: dict[str, tuple[ParameterView, ...]] = field(default_factory=dict)
    exercises: dict[str, tuple[ExerciseView, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class ProfileFacts:
    """How much of a profile the notebooks have.

    Attributes
    ----------
    serves
        Whether every notebook does what the profile is for, also where the attendee has
        chosen another value since.
    durations
        Seconds that steps take, by module and step, where the notebook does so.
    """

    id: str
    state: Literal["on", "part", "off"]
    serves: bool
    durations: dict[str, dict[str, float]]


@dataclass(frozen=True)
class KernelFacts:
    """The kernel of one notebook, if one runs.

    Attributes
    ----------
    process
        Identity of the kernel process that is heard; empty when none is.
    """

    state: Literal["idle", "busy", "interrupting", "unheard", "dead"]
    process: str


@dataclass(frozen=True)
class Facts:
    """Everything that the snapshot is derived from, besides the record of what ran.

    Attributes
    ----------
    data
        Of all data sets together; closed when there is none.
    data_sets
        Of each data set, by its id.
    version
        Which version of the materials is there, and what the last update did.
    kernels
        By module; ``None`` when kernels cannot be seen from here (the command line), in
        which case what the record says is taken as it stands.
    usage
        What a training that runs uses of the machine; ``None`` while none does.
    report
        The newest report that lies beside the notebooks.
    awake
        Until when a Studio space is kept awake; ``None`` where none is.
    trust
        What the person has to decide before anything is done; ``None`` for nothing.
    disabled
        What the administrator has switched off.
    """

    definition: Definition
    folder: str
    kernel_name: str
    kernel_title: str
    materials: Gap
    patches: Gap
    environment: Gap
    data: Gap
    data_sets: dict[str, Gap]
    version: MaterialsView
    modules: dict[str, ModuleFacts]
    kernels: dict[str, KernelFacts] | None = None
    profiles: tuple[ProfileFacts, ...] = ()
    preflight: Preflight | None = None
    usage: Usage | None = None
    jobs: tuple[JobStatus, ...] = ()
    report: ReportView | None = None
    awake: AwakeView | None = None
    trust: TrustView | None = None
    disabled: tuple[Feature, ...] = ()
