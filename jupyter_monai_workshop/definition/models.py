"""What a workshop is.

A definition says what should be true on the attendee's machine: these materials at
this commit, this cell patched, these packages importable, this output seen. It holds
no code. The models are frozen; unknown fields are errors, so a typing mistake is
reported and never ignored.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    field_validator,
    model_validator,
)

from .paths import check_pattern, check_relative

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
"""Lower-case words joined by hyphens; used in addresses, folders and kernel names."""

RelativePath = Annotated[str, Field(min_length=1, max_length=500)]
"""A path with forward slashes inside the materials; never absolute, never with ``..``."""


VariableName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=200)]
VariableValue = Annotated[str, Field(pattern=r"^[^\x00]*$", max_length=10_000)]


class Model(BaseModel):
    """Base of every part of a definition: frozen, and strict about field names."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class GitSource(Model):
    """Materials that live in a git repository.

    Attributes
    ----------
    urls
        Addresses of the same repository, tried in order.
    commit
        The full commit id (40 hexadecimal digits) that attendees get.
    sparse
        Folders or files of the repository to bring; empty brings everything.
    folder
        Name of the folder that receives the materials.
    size
        About how many bytes the files have; ``None`` when nobody has looked.
    """

    kind: Literal["git"]
    urls: tuple[str, ...] = Field(min_length=1)
    commit: str = Field(pattern=r"^[0-9a-f]{40}$")
    sparse: tuple[RelativePath, ...] = ()
    folder: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100)
    size: int | None = Field(default=None, gt=0)

    _sparse = field_validator("sparse")(lambda paths: tuple(check_relative(p) for p in paths))


class BundledSource(Model):
    """Materials that lie in a folder next to the definition file.

    Attributes
    ----------
    path
        The folder, relative to the definition file.
    folder
        Name of the folder that receives the materials.
    """

    kind: Literal["bundled"]
    path: RelativePath
    folder: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100)

    _path = field_validator("path")(check_relative)


Source = Annotated[GitSource | BundledSource, Field(discriminator="kind")]


class PackageRule(Model):
    """A package that the workshop's kernel needs, and when this rule applies.

    Attributes
    ----------
    require
        A requirement as pip writes it, such as ``monai==1.5.2``.
    provides
        Module whose import proves the package; its name with ``_`` for ``-`` if empty.
    python, torch
        Version specifiers (``>=3.12``, ``<2.4``) of the interpreter and of the torch
        that the kernel has; the rule applies when both hold. Empty always holds.
    """

    require: str = Field(min_length=1)
    provides: str = ""
    python: str = ""
    torch: str = ""


class Environment(Model):
    """The Python that the notebooks run in.

    Attributes
    ----------
    packages
        What must be importable; see :class:`PackageRule`.
    torch
        Versions of torch that serve, as a specifier (``>=2.4.1``). ``None`` when the
        workshop does not use torch.
    variables
        Environment variables of the kernel.
    size
        About how many bytes the packages take on the disk, without torch; ``None`` when
        nobody has looked.
    """

    packages: tuple[PackageRule, ...] = ()
    torch: str | None = None
    variables: dict[VariableName, VariableValue] = Field(default_factory=dict)
    size: int | None = Field(default=None, gt=0)


class Need(Model):
    """An amount of something that the workshop needs.

    Attributes
    ----------
    gib
        The amount, in GiB.
    level
        ``required`` when nothing works without it, ``recommended`` when it is only slow.
    without
        What the attendee should expect or do when there is less, in plain words.
    """

    gib: float = Field(gt=0)
    level: Literal["required", "recommended"] = "required"
    without: str = ""


class Processors(Model):
    """A number of processors that the workshop needs; see :class:`Need`."""

    count: int = Field(ge=1)
    level: Literal["required", "recommended"] = "recommended"
    without: str = ""


class Workers(Model):
    """Processes that load the batches of a training, which need shared memory.

    Attributes
    ----------
    count
        How many the notebook asks for as it is delivered.
    batch_mib
        Size of one batch, in MiB. PyTorch keeps up to two batches of each worker and
        one more in shared memory.
    module
        The module whose notebook says how many. Its number counts in place of `count`,
        so that the verdict follows what an attendee changes. ``None`` looks nowhere.
    variable
        Name of the variable or argument that holds the number there.
    level, without
        As in :class:`Need`.
    """

    count: int = Field(ge=0)
    batch_mib: float = Field(gt=0)
    module: Identifier | None = None
    variable: str = Field(default="num_workers", pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    level: Literal["required", "recommended"] = "recommended"
    without: str = ""


class Needs(Model):
    """What the machine should have; absent means no wish.

    Attributes
    ----------
    shared_memory
        Free shared memory; `workers` says it better where a training loads batches.
    disk
        Free disk for the whole workshop, begun with nothing.
    """

    gpu_memory: Need | None = None
    memory: Need | None = None
    shared_memory: Need | None = None
    workers: Workers | None = None
    processors: Processors | None = None
    disk: Need | None = None


class DataSet(Model):
    """Files that are downloaded apart from the materials, as one file or archive.

    Attributes
    ----------
    urls
        Addresses of the same file, tried in order.
    size
        Size of the file in bytes.
    size_is
        ``about`` when the size is only roughly known; the checksum alone then proves the
        file. A file less than half or more than twice as large is still refused.
    checksum
        ``md5:…`` or ``sha256:…``.
    unpack
        How to unpack it.
    unpacked_size
        Most bytes that unpacking may write. Unpacking more is refused; without it, a
        hundred times `size` is.
    provides
        Folders or files that are there once it is unpacked.
    variable
        Environment variable of the kernel that points to the folder with the files.
    """

    kind: Literal["file"] = "file"
    id: Identifier
    title: str
    urls: tuple[str, ...] = Field(min_length=1)
    size: int = Field(gt=0)
    size_is: Literal["exact", "about"] = "exact"
    checksum: str = Field(pattern=r"^(md5:[0-9a-f]{32}|sha256:[0-9a-f]{64})$")
    unpack: Literal["none", "tar", "zip"] = "none"
    unpacked_size: int | None = Field(default=None, gt=0)
    provides: tuple[RelativePath, ...] = ()
    variable: str = Field(default="", pattern=r"^([A-Z_][A-Z0-9_]*)?$")

    _provides = field_validator("provides")(lambda paths: tuple(check_relative(p) for p in paths))


class GitDataSet(Model):
    """A folder of a git repository, at a commit, that is brought apart from the materials.

    Attributes
    ----------
    urls
        Addresses of the same repository, tried in order.
    commit
        The full commit id (40 hexadecimal digits); it proves what has arrived.
    path
        The folder of the repository; nothing else of it is kept.
    provides
        Folders or files that are in that folder.
    variable
        Environment variable of the kernel that points to the copy of that folder.
    size
        About how many bytes the folder has.
    """

    kind: Literal["git"]
    id: Identifier
    title: str
    urls: tuple[str, ...] = Field(min_length=1)
    commit: str = Field(pattern=r"^[0-9a-f]{40}$")
    path: RelativePath
    provides: tuple[RelativePath, ...] = ()
    variable: str = Field(default="", pattern=r"^([A-Z_][A-Z0-9_]*)?$")
    size: int = Field(gt=0)

    _path = field_validator("path")(check_relative)
    _provides = field_validator("provides")(lambda paths: tuple(check_relative(p) for p in paths))


def _kind_of_data(value: object) -> object:
    return value.get("kind", "file") if isinstance(value, dict) else getattr(value, "kind", None)


Data: TypeAlias = Annotated[
    Annotated[DataSet, Tag("file")] | Annotated[GitDataSet, Tag("git")],
    Discriminator(
        _kind_of_data,
        custom_error_type="data_kind",
        custom_error_message="A data set has fields, and its kind is 'file' or 'git'",
    ),
]
"""A data set of either kind; without ``kind`` it is a file."""


class CellAddress(Model):
    """Which code cell is meant. Every given field must hold, for exactly one cell.

    Attributes
    ----------
    id
        The cell's id (notebooks of nbformat 4.5 and later).
    heading
        Text of the nearest Markdown heading above the cell, without the ``#`` marks.
    contains
        Text that the cell's source contains.
    """

    id: str | None = None
    heading: str | None = None
    contains: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> CellAddress:
        if not (self.id or self.heading or self.contains):
            raise ValueError("a cell address needs an id, a heading or contained text")
        return self


class EnsureLine(Model):
    """A patch that makes sure a cell has a line.

    Attributes
    ----------
    line
        The whole line, without its line break.
    after
        Text that the line before must contain; the new line goes below the last such
        line, or to the end of the cell when empty.
    why
        One sentence for the attendee.
    """

    kind: Literal["ensure_line"]
    id: Identifier
    cell: CellAddress
    line: str = Field(min_length=1, pattern=r"^[^\r\n]+$")
    after: str = ""
    why: str = Field(min_length=1)


class Replace(Model):
    """A patch that replaces a piece of a cell, which must occur exactly once."""

    kind: Literal["replace"]
    id: Identifier
    cell: CellAddress
    old: str = Field(min_length=1)
    new: str = Field(min_length=1)
    why: str = Field(min_length=1)


Patch = Annotated[EnsureLine | Replace, Field(discriminator="kind")]


class Choice(Model):
    """One value of a parameter and what it means."""

    value: int | float | str | bool
    effect: str = ""


class Parameter(Model):
    """A variable that a cell assigns and the attendee may choose (as papermill means it)."""

    id: Identifier
    variable: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    title: str
    cell: CellAddress
    choices: tuple[Choice, ...] = Field(min_length=2)


class Metric(Model):
    """A figure that a training prints, and how to show it.

    Attributes
    ----------
    title
        What people call it.
    better
        Which direction is good.
    digits
        Decimal places to show.
    """

    title: str
    better: Literal["higher", "lower"] = "higher"
    digits: int = Field(default=4, ge=0, le=8)


class Training(Model):
    """How a step's printed lines tell its progress.

    Attributes
    ----------
    patterns
        Regular expressions, each matched against a whole printed line. The named groups
        ``step``, ``steps``, ``epoch`` and ``epochs`` are progress; every other named
        group is a metric and must be in `metrics`.
    metrics
        The metrics by group name, in the order in which they are shown.
    """

    patterns: tuple[str, ...] = Field(min_length=1)
    metrics: dict[str, Metric] = Field(default_factory=dict)


class Check(Model):
    """What proves a step done, besides that its cells ran without an error.

    Attributes
    ----------
    files
        Paths or glob patterns that must exist, relative to the notebook's folder.
    prints
        Regular expressions, each found somewhere in what the cells printed.
    image
        Whether the cells must have shown an image.
    expressions
        Python expressions, each true in the kernel after the cells ran.
    """

    files: tuple[RelativePath, ...] = ()
    prints: tuple[str, ...] = ()
    image: bool = False
    expressions: tuple[str, ...] = ()

    _files = field_validator("files")(lambda paths: tuple(check_pattern(p) for p in paths))


class Duration(Model):
    """How long a step takes, in seconds, with a GPU and without one."""

    gpu: float = Field(gt=0)
    cpu: float = Field(gt=0)


class Solution(Model):
    """Source that does an exercise cell for someone.

    Attributes
    ----------
    cell
        The cell; it is an open exercise while its source holds ``???``.
    source
        The whole source that takes its place.
    hint
        What helps somebody to find it alone, in plain words.
    """

    cell: CellAddress
    source: str
    hint: str = ""


class Step(Model):
    """One thing to do in a notebook.

    Attributes
    ----------
    text
        Markdown for the attendee: what happens here and what to look at.
    cells
        The code cells that the step covers, in the order in which they run.
    duration
        Expected time; a bare number means the same with and without a GPU.
    data
        Ids of the data sets without which this step and the later ones cannot run.
    """

    id: Identifier
    title: str
    text: str
    cells: tuple[CellAddress, ...] = Field(min_length=1)
    duration: Duration
    data: tuple[Identifier, ...] = ()
    check: Check = Check()
    training: Training | None = None
    solve: tuple[Solution, ...] = ()

    @field_validator("duration", mode="before")
    @classmethod
    def _bare_number(cls, value: object) -> object:
        return {"gpu": value, "cpu": value} if isinstance(value, int | float) else value


class Module(Model):
    """One notebook of the workshop and the steps that lead through it.

    Attributes
    ----------
    data
        Ids of the data sets without which no step of the notebook can run.
    """

    id: Identifier
    title: str
    text: str
    notebook: RelativePath
    data: tuple[Identifier, ...] = ()
    patches: tuple[Patch, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    steps: tuple[Step, ...] = Field(min_length=1)

    _notebook = field_validator("notebook")(check_relative)


class ProfileModule(Model):
    """What a profile changes in one module.

    Attributes
    ----------
    parameters
        Values by the parameter's id.
    patches
        Patches beside those of the module.
    durations
        Seconds that steps take with the profile, by the step's id.
    """

    parameters: dict[Identifier, int | float | str | bool] = Field(default_factory=dict)
    patches: tuple[Patch, ...] = ()
    durations: dict[Identifier, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)


class Profile(Model):
    """A set of values and patches that is chosen as a whole, such as *No GPU*.

    Attributes
    ----------
    text
        What it changes and what that costs, in plain words.
    suits
        The machine for which it is recommended.
    modules
        What it changes, by the module's id.
    """

    id: Identifier
    title: str
    text: str
    suits: Literal["", "no-gpu"] = ""
    modules: dict[Identifier, ProfileModule] = Field(min_length=1)


class KnownFailure(Model):
    """A failure of a cell that the organiser has seen before.

    Attributes
    ----------
    pattern
        Regular expression, searched in the exception, its traceback and what the cell
        printed to its error stream; ``^`` and ``$`` mean the ends of a line.
    cause
        What has happened, in one plain sentence. ``{name}`` stands for what the group
        ``(?P<name>…)`` of the pattern has found; so it does in `remedy`.
    remedy
        What to do about it.
    action
        What a button can do about it: get everything ready again, start the kernel again.
    set
        Parameters to change, by id, before the step runs again.
    profile
        Id of a profile to choose; the module's steps then have to run from the first one.
    modules
        Ids of the modules in which it happens; empty for all.
    """

    id: Identifier
    pattern: str = Field(min_length=1)
    cause: str = Field(min_length=1)
    remedy: str = Field(min_length=1)
    action: Literal["", "prepare", "restart"] = ""
    set: dict[Identifier, int | float | str | bool] = Field(default_factory=dict)
    profile: Identifier | None = None
    modules: tuple[Identifier, ...] = ()


class Definition(Model):
    """A whole workshop.

    Attributes
    ----------
    format
        Version of this format.
    summary
        One sentence for the catalogue.
    text
        Markdown that welcomes the attendee.
    profiles
        Sets of values and patches for machines of a kind.
    failures
        What is known to go wrong; the first that fits is told.
    awake_hours
        Longest time, in hours, for which a running cell keeps a Studio space from being
        shut down as idle.
    """

    format: Literal[1]
    id: Identifier
    title: str
    summary: str
    text: str
    source: Source
    environment: Environment = Environment()
    needs: Needs = Needs()
    data: tuple[Data, ...] = ()
    profiles: tuple[Profile, ...] = ()
    failures: tuple[KnownFailure, ...] = ()
    awake_hours: float = Field(default=4, gt=0, le=24)
    modules: tuple[Module, ...] = Field(min_length=1)
