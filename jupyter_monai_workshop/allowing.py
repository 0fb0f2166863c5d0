"""What of a workshop may be done here: the administrator's limits and the person's trust."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from .definition.models import Data, Definition, GitSource, Source
from .errors import WorkshopError
from .jobs.ceiling import Ceiling, bytes_below
from .jobs.job import JobKind
from .jobs.progress import Progress
from .kernels import EnvironmentPlace, InstallPlan
from .materials.data_state import arriving_folder, data_folder
from .materials.git_store import store_folder
from .policy import FeatureDisabled, QuotaExceeded
from .site import Site
from .trust import Trust
from .wish import Wish

_Written: TypeAlias = Callable[[], int]


class FolderOutside(WorkshopError):
    """A link leads the folder of the materials out of the server's folder."""

    code = "folder_outside"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"The folder “{folder.name}” is a link, or lies below one, that leads out of this "
            "server's folder. Nothing was written.",
            hint="Rename or remove that link, then try again.",
        )


class Allowance:
    """What of one workshop may be done.

    Parameters
    ----------
    folder, data_root, place
        Where materials, data sets and the environment go.
    """

    def __init__(
        self,
        definition: Definition,
        site: Site,
        trust: Trust,
        *,
        folder: Path,
        data_root: Path,
        place: EnvironmentPlace,
    ) -> None:
        self._definition = definition
        self._site = site
        self._trust = trust
        self._folder = folder
        self._data_root = data_root
        self._place = place

    def check(self, kind: JobKind, wish: Wish) -> None:
        """Refuse work that may not be begun.

        Raises
        ------
        NotTrusted
            If the person has not said yet that the workshop may be run.
        FeatureDisabled, QuotaExceeded
            If the administrator does not allow it.
        FolderOutside
            If a link leads the materials out of the server's folder.
        """
        self._trust.check(kind)
        self._site.policy.check(kind, wish, self._definition)
        walls = self._site.walls
        if walls is not None and kind not in ("preflight", "plan"):
            self._check_walls(walls)

    def source(self) -> Source:
        """Return where the materials come from, without hosts that are not allowed.

        Raises
        ------
        HostRefused
            If nothing is left.
        """
        source = self._definition.source
        if not isinstance(source, GitSource) or self._site.mirrors:
            return source
        allowed = self._site.policy.allowed(self._definition.title, source.urls)
        return source.model_copy(update={"urls": allowed})

    def data(self, data: Data) -> Data:
        """Return where a data set comes from, without hosts that are not allowed.

        Raises
        ------
        HostRefused
            If nothing is left, and no copy stands in.
        """
        if data.id in self._site.data_copies:
            return data
        return data.model_copy(update={"urls": self._site.policy.allowed(data.title, data.urls)})

    def bringing_materials(self, progress: Progress) -> Progress:
        """Return progress that stops materials which are larger than announced and allowed."""
        hidden = f".monai-workshop-{self._folder.name}-"
        parent = self._folder.parent

        def written() -> int:
            stages = [it for it in _entries(parent) if it.name.startswith(hidden)]
            return bytes_below([store_folder(self._site.arriving, self._folder), *stages])

        most = self._site.policy.most_files
        return self._ceiling(progress, "Materials and data", most, written)

    def bringing_data(self, progress: Progress) -> Progress:
        """Return progress that stops data sets which are larger than announced and allowed."""
        folders = [data_folder(data, self._data_root) for data in self._definition.data]
        places = [*folders, *map(arriving_folder, folders)]
        most = self._site.policy.most_files
        return self._ceiling(progress, "Materials and data", most, lambda: bytes_below(places))

    def building_environment(self, progress: Progress) -> Progress:
        """Return progress that stops packages which are larger than announced and allowed."""
        before = set(_entries(self._place.environment))

        def written() -> int:
            return bytes_below(set(_entries(self._place.environment)) - before)

        most = self._site.policy.most_environment
        return self._ceiling(progress, "Python packages", most, written)

    def check_plan(self, plan: InstallPlan) -> None:
        """Refuse to install what may not be installed, before anything is.

        Raises
        ------
        FeatureDisabled
            If packages are missing, and installing is switched off.
        QuotaExceeded
            If they are larger than allowed.
        """
        policy = self._site.policy
        if plan.packages and "environment_installs" in policy.disabled:
            raise FeatureDisabled("environment_installs", f"Missing: {plan.sentence()}")
        size = sum(package.size or 0 for package in plan.packages)
        if policy.most_environment and size > policy.most_environment:
            raise QuotaExceeded("Python packages", size, policy.most_environment)

    def _ceiling(self, progress: Progress, what: str, most: int, written: _Written) -> Progress:
        if not most:
            return progress
        return Ceiling(
            progress,
            written=written,
            most=most,
            exceeded=lambda size: QuotaExceeded(what, size, most, arrives=True),
        )

    def _check_walls(self, walls: Path) -> None:
        # Links that go round and round are left as they are, and so is what is below them.
        real = Path(os.path.realpath(self._folder))
        if real.is_symlink() or not real.is_relative_to(os.path.realpath(walls)):
            raise FolderOutside(self._folder)


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
