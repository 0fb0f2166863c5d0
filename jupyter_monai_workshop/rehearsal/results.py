"""What a rehearsal found. Everything that tells of it is drawn from these models alone."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ..jobs.job import Failure
from ..preflight.verdict import Preflight
from ..progress.snapshot import Found, Remedy, TrainingView

StepState = Literal["passed", "failed", "not run"]
"""``not run``: a step before it failed, or the rehearsal ended."""


ModuleState = Literal["passed", "failed", "stopped"]


class Frozen(BaseModel):
    """Base of the results."""

    model_config = ConfigDict(frozen=True)


class Machine(Frozen):
    """The fingerprint of a machine: what makes times on it comparable.

    Attributes
    ----------
    name
        Its name on the network.
    system
        Operating system and architecture.
    processor
        The processor's model, as far as the system tells it.
    processors
        How many of them this process may use.
    memory_gib
        Memory in GiB, 0 if it is not known.
    gpus
        Names of the GPUs.
    driver
        Version of the GPU driver.
    """

    name: str
    system: str
    processor: str = ""
    processors: int
    memory_gib: float = 0.0
    gpus: tuple[str, ...] = ()
    driver: str = ""

    @property
    def kind(self) -> str:
        """What it is, in a few words; machines of one kind take the same time."""
        gpus = ", ".join(dict.fromkeys(self.gpus)) or "no GPU"
        memory = f", {self.memory_gib:.0f} GiB" if self.memory_gib else ""
        return f"{self.processors} processors{memory}, {gpus}"


class StepResult(Frozen):
    """One step and how it went.

    Attributes
    ----------
    seconds
        What its cells took; ``None`` when none ran.
    expected
        What the definition says for this machine, in seconds.
    failure
        Why it failed: what happened, what to do, what to copy. Where the definition knows
        the failure, its cause and its remedy are the words.
    remedies
        What the panel's buttons would do about it.
    cell
        The cell that failed, counted from 1 among all cells of the notebook.
    source
        Source of that cell.
    found
        What the check looked at.
    training
        Metrics and curves, where it trains.
    """

    id: str
    title: str
    state: StepState
    seconds: float | None = None
    expected: float
    failure: Failure | None = None
    remedies: tuple[Remedy, ...] = ()
    cell: int | None = None
    source: str = ""
    found: tuple[Found, ...] = ()
    training: TrainingView | None = None


class PartResult(Frozen):
    """One part of getting ready and how it went.

    Attributes
    ----------
    name
        The part, or ``preflight``, ``profile``, ``parameters`` or ``solution``.
    seconds
        How long it took; a part that was there already takes none.
    """

    name: str
    state: Literal["passed", "failed"]
    seconds: float
    failure: Failure | None = None


class ModuleResult(Frozen):
    """One module on one machine with one kernel.

    Attributes
    ----------
    task
        Number of the task, from 0.
    kernel
        Name of the kernel that ran the notebook.
    worker
        The process that did it, for people.
    state
        ``stopped``: somebody stopped the rehearsal, or its time was over, before the end.
    failure
        What kept it from running or from ending; what fails in a step is told there.
    versions
        Python and the packages that matter, as the kernel imports them.
    lost
        A sentence for every earlier try whose worker was lost.
    folder
        Where its files are, if they were kept.
    """

    task: int
    module: str
    title: str
    kernel: str
    machine: Machine | None = None
    worker: str = ""
    state: ModuleState
    started: datetime
    seconds: float
    preparation: tuple[PartResult, ...] = ()
    preflight: Preflight | None = None
    steps: tuple[StepResult, ...] = ()
    versions: dict[str, str] = {}
    failure: Failure | None = None
    lost: tuple[str, ...] = ()
    folder: str = ""

    @property
    def failures(self) -> tuple[tuple[str, Failure], ...]:
        """Everything that failed, each with where."""
        found = [(it.name, it.failure) for it in self.preparation if it.failure]
        if self.failure and all(self.failure != failure for _, failure in found):
            found.append((self.title, self.failure))
        found += [(it.title, it.failure) for it in self.steps if it.failure]
        return tuple(found)


class Rehearsal(Frozen):
    """A whole rehearsal.

    Attributes
    ----------
    version
        Version of this package.
    profile, values
        What was chosen: a profile's id, and values of parameters by module and parameter.
    started
        UTC.
    results
        By task.
    """

    format: Literal[1] = 1
    version: str
    workshop: str
    title: str
    profile: str = ""
    values: dict[str, dict[str, int | float | str | bool]] = {}
    started: datetime
    seconds: float
    results: tuple[ModuleResult, ...]

    @property
    def passed(self) -> bool:
        """Whether every module passed."""
        return bool(self.results) and all(it.state == "passed" for it in self.results)
