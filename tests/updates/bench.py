"""An organiser who publishes versions, and an attendee's folder that gets them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Literal

from jupyter_monai_workshop.definition.models import BundledSource, GitSource, Parameter, Patch
from jupyter_monai_workshop.jobs.progress import Progress, Silent
from jupyter_monai_workshop.materials import (
    MaterialsState,
    bring_materials,
    observe_materials,
)
from jupyter_monai_workshop.updates import (
    UpdateReport,
    last_update,
    start_again,
    undo_update,
    update_materials,
)
from jupyter_monai_workshop.updates.keeping import folder_for
from tests.git_server import GitServer, commit_all, git
from tests.updates.trees import Content, Tree, change, exact, found

Kind = Literal["git", "bundled"]
SPARSE = "course"


class Bench:
    """One organiser and one attendee.

    Parameters
    ----------
    kind
        How the materials come.
    root
        An empty folder for all of it.
    serve
        Whether the repository is on a server of its own, which runs while `server` does.

    Attributes
    ----------
    organiser
        The organiser's folder.
    target
        The attendee's folder.
    patches, parameters
        By notebook.
    """

    def __init__(self, kind: Kind, root: Path, *, serve: bool = False) -> None:
        self.kind = kind
        self._settle(root)
        self.home.mkdir(parents=True)
        self.definition = root / "definition"
        self.patches: Mapping[str, Sequence[Patch]] = {}
        self.parameters: Mapping[str, Sequence[Parameter]] = {}
        self.repository = root / "organiser" / "course"
        self.source: GitSource | BundledSource
        self.server: AbstractContextManager[object] = nullcontext()
        self.address = str(self.repository)
        if kind == "git":
            self.organiser = self.repository / SPARSE
            self.organiser.mkdir(parents=True)
            (self.repository / "slides.bin").write_bytes(bytes(range(256)) * 40)
            git(self.repository, "init", "--quiet", "--initial-branch=main")
            if serve:
                running = GitServer(self.repository)
                self.server, self.address = running, running.url
        else:
            self.organiser = self.definition / "materials"
            self.organiser.mkdir(parents=True)
            self.source = BundledSource(kind="bundled", path="materials", folder="course")

    @property
    def work(self) -> Path:
        """Where in the target the organiser's files are."""
        return self.target / SPARSE if self.kind == "git" else self.target

    def publish(self, changes: Tree) -> None:
        """Make `changes` as the organiser, and let the workshop name the new version."""
        change(self.organiser, changes)
        if self.kind == "git":
            commit = commit_all(self.repository, "A version")
            self.source = GitSource(
                kind="git", urls=(self.address,), commit=commit, sparse=(SPARSE,), folder="course"
            )

    def edit(self, changes: Tree) -> None:
        """Make `changes` as the attendee."""
        change(self.work, changes)

    def look(self) -> MaterialsState:
        return observe_materials(self.source, self.target, definition_folder=self.definition)

    def bring(self) -> MaterialsState:
        return bring_materials(
            self.source,
            self.target,
            definition_folder=self.definition,
            arriving=self.arriving,
            protocols=("file", "http"),
            progress=Silent(),
        )

    def update(
        self, *, restore_deleted: bool = False, progress: Progress | None = None
    ) -> UpdateReport:
        return update_materials(
            self.source,
            self.target,
            definition_folder=self.definition,
            patches={self.path(path): patches for path, patches in self.patches.items()},
            parameters={self.path(path): known for path, known in self.parameters.items()},
            kept=self.kept,
            arriving=self.arriving,
            restore_deleted=restore_deleted,
            protocols=("file", "http"),
            progress=progress or Silent(),
        )

    def undo(self) -> tuple[str, ...]:
        return undo_update(self.source, self.target, kept=self.kept, progress=Silent())

    def last(self) -> UpdateReport | None:
        return last_update(self.target, self.kept)

    def start_again(self, notebook: str) -> str:
        return start_again(
            self.source,
            self.target,
            self.path(notebook),
            definition_folder=self.definition,
            patches=self.patches.get(notebook, ()),
            progress=Silent(),
        )

    def path(self, path: str) -> str:
        """Return an organiser's path as one relative to the materials."""
        return f"{SPARSE}/{path}" if self.kind == "git" else path

    def found(self) -> dict[str, Content]:
        """Return what the attendee sees."""
        return found(self.work)

    def exact(self) -> dict[str, tuple[int, bytes]]:
        """Return the bytes and modes in the target, git's own left out."""
        return exact(self.target)

    def leftovers(self) -> list[str]:
        """Return what should not be there: hidden folders beside the target, locks, halves."""
        beside = [path.name for path in self.home.iterdir() if path != self.target]
        inside = [
            path.relative_to(self.target).as_posix()
            for path in self.target.rglob("*")
            if path.name.endswith((".lock", ".tmp")) or path.name.startswith("tmp_")
        ]
        return beside + inside

    def to_json(self) -> dict[str, str]:
        """Return what :meth:`resume` needs in another process."""
        return {
            "kind": self.kind,
            "root": str(self.root),
            "definition": str(self.definition),
            "source": self.source.model_dump_json(),
        }

    @classmethod
    def resume(cls, told: dict[str, str]) -> Bench:
        """Return the bench that another process has made."""
        bench = object.__new__(cls)
        model = GitSource if told["kind"] == "git" else BundledSource
        bench.kind = "git" if told["kind"] == "git" else "bundled"
        bench.source = model.model_validate_json(told["source"])
        bench.definition = Path(told["definition"])
        bench.patches = {}
        bench.parameters = {}
        bench._settle(Path(told["root"]))
        return bench

    def _settle(self, root: Path) -> None:
        self.root = root
        self.home = root / "home of attendee"
        self.kept = root / "data" / "kept"
        self.arriving = root / "data" / "arriving"
        self.target = self.home / "course"

    def copy(self, root: Path) -> Bench:
        """Return another bench in the same state, with nothing in common."""
        other = object.__new__(Bench)
        other.__dict__.update(self.__dict__)
        root.mkdir(parents=True)
        for name in ("home of attendee", "data"):
            if (self.root / name).exists():
                shutil.copytree(self.root / name, root / name, symlinks=True)
        other._settle(root)
        if self.kept.exists():
            # Kept copies are filed under the place of their target.
            folder_for(other.kept, self.target).rename(folder_for(other.kept, other.target))
        return other
