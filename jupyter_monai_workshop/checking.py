"""The verdicts about this machine for one workshop, and what they are held against.

What is still to come, from where, and how many workers the notebook asks for is looked up
here: on the disk, in pip's settings and in the notebook. The judging is :mod:`.preflight`'s.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jupyter_client.connect import KernelConnectionInfo

from .definition.loading import LoadedDefinition
from .definition.models import BundledSource, GitDataSet, GitSource
from .errors import WorkshopError
from .jobs.progress import Progress, Silent
from .kernels import (
    EnvironmentPlace,
    EnvironmentState,
    base_packages,
    index_addresses,
    read_variables,
)
from .kernels.rules import name_of
from .materials import DataCopy, DataState, MaterialsState, data_room
from .materials.addresses import protocol_of
from .observing import NotebookReader
from .policy import host_of
from .preflight import (
    Origin,
    Preflight,
    brought_up_to_date,
    read_nvml,
    run_preflight,
    workers_asked,
)
from .site import Site

_QUICK_DRIVER = 2.0
"""Seconds that the driver of the GPU gets when somebody waits for the first look."""

_TWICE = 2
"""A clone has each file in the folder and packed beside it; what is bundled is kept twice too."""

_TORCH_BYTES = {False: 1 << 30, True: 6 << 30}
"""About what torch takes on the disk where the base has none, without and with CUDA."""


@dataclass(frozen=True)
class Parts:
    """Where the parts of a workshop stand.

    Attributes
    ----------
    data
        Where each data set stands, by its id.
    """

    materials: MaterialsState
    data: Mapping[str, DataState]
    environment: EnvironmentState

    @property
    def complete(self) -> bool:
        """Whether nothing is to be brought any more."""
        there = [self.materials.present, self.environment.ready]
        return all((*there, *(state.present for state in self.data.values())))


class MachineCheck:
    """The verdicts about this machine for one workshop. Everything blocks: use a thread.

    Parameters
    ----------
    folder, data_root, place
        Where materials, data sets and the environment go.
    live_kernel
        Returns the connection of a running kernel of the workshop, if there is one.
    """

    def __init__(
        self,
        loaded: LoadedDefinition,
        site: Site,
        folder: Path,
        place: EnvironmentPlace,
        data_root: Path,
        *,
        reader: NotebookReader,
        live_kernel: Callable[[], KernelConnectionInfo | None],
    ) -> None:
        self._definition = loaded.definition
        self._definition_folder = loaded.folder
        self._site = site
        self._folder = folder
        self._place = place
        self._data_root = data_root
        self._reader = reader
        self._live_kernel = live_kernel
        self._latest: Preflight | None = None
        self._workers: int | None = None

    def latest(self, parts: Parts) -> Preflight:
        """Return the last verdicts, brought up to date with what costs nothing to see.

        The first time it looks at what is seen in milliseconds: no PyTorch, no network.
        """
        workers = self._notebook_workers()
        if self._latest is None:
            self._latest = run_preflight(
                self._definition.needs,
                folder=self._folder,
                python=None,
                workers=workers,
                to_come=self.still_to_come(parts),
                driver_timeout=_QUICK_DRIVER,
                progress=Silent(),
            )
        else:
            self._latest = brought_up_to_date(
                self._latest,
                self._definition.needs,
                workers=workers,
                recount=workers != self._workers,
                complete=parts.complete,
            )
        self._workers = workers
        return self._latest

    def look(self, parts: Parts, progress: Progress) -> Preflight:
        """Look at everything, with PyTorch in the live kernel or a child process. Takes seconds.

        Raises
        ------
        Cancelled
            If a stop was asked for.
        """
        workers = self._notebook_workers()
        environment = parts.environment
        found = run_preflight(
            self._definition.needs,
            folder=self._folder,
            python=environment.python if environment.ready else None,
            variables=read_variables(self._place),
            kernel=self._live_kernel(),
            workers=workers,
            to_come=self.still_to_come(parts),
            origins=self.origins(parts),
            progress=progress,
        )
        self._latest, self._workers = found, workers
        return found

    def still_to_come(self, parts: Parts) -> dict[Path, int]:
        """Return about how many bytes are still to be brought, by the folder that they go to.

        What nobody knows the size of counts as nothing.
        """
        room: dict[Path, int] = {}
        if not parts.materials.present:
            room[self._folder] = self._materials_size()
        copies = self._site.data_copies
        room[self._data_root] = sum(
            data_room(data, self._data_root, replacement=copies.get(data.id, ""))
            for data in self._definition.data
            if not parts.data[data.id].present
        )
        if not parts.environment.ready:
            room[self._place.environment] = self._environment_size()
        return {place: size for place, size in room.items() if size}

    def origins(self, parts: Parts) -> tuple[Origin, ...]:
        """Return what is still to be brought over a network, with its addresses in order.

        What a path of this machine stands in for needs no network.
        """
        site, source = self._site, self._definition.source
        found: list[Origin] = []
        if isinstance(source, GitSource) and not parts.materials.present:
            addresses = (*site.mirrors, *self._permitted(source.urls))
            found += [_origin("Materials", addresses, git=True)] if addresses else []
        for data in self._definition.data:
            copy = DataCopy.of(data, site.data_copies.get(data.id, ""))
            if not parts.data[data.id].present and copy.path is None:
                addresses = (copy.told,) if copy else self._permitted(data.urls)
                from_git = isinstance(data, GitDataSet)
                found += [_origin(data.title, addresses, git=from_git)] if addresses else []
        packages = self._definition.environment.packages
        if packages and not parts.environment.ready and site.wheels is None:
            indexes = index_addresses(site.base_python, os.environ, name_of(packages[0]))
            found += [Origin("Packages", indexes)] if indexes else []
        return tuple(found)

    def _permitted(self, addresses: Sequence[str]) -> tuple[str, ...]:
        """Return the addresses whose hosts may be asked."""
        policy = self._site.policy
        return tuple(it for it in addresses if policy.allows_host(host_of(it)))

    def _notebook_workers(self) -> int | None:
        """Return how many workers the notebook asks for now; ``None`` where none says."""
        need = self._definition.needs.workers
        for module in self._definition.modules:
            if need is None or module.id != need.module:
                continue
            try:
                notebook = self._reader.read(self._folder / module.notebook)
            except WorkshopError:
                return None
            sources = (cell.source for cell in notebook.cells if cell.kind == "code")
            return workers_asked(sources, need.variable, processors=os.cpu_count())
        return None

    def _materials_size(self) -> int:
        source = self._definition.source
        if isinstance(source, BundledSource):
            return _TWICE * _size_below(self._definition_folder / source.path)
        return _TWICE * (source.size or 0)

    def _environment_size(self) -> int:
        environment = self._definition.environment
        size = environment.size or 0
        if environment.torch is not None and "torch" not in base_packages(self._site.base_python):
            size += _TORCH_BYTES[bool(read_nvml(_QUICK_DRIVER).gpus)]
        return size


def _origin(title: str, addresses: tuple[str, ...], *, git: bool) -> Origin:
    return Origin(title, tuple(_with_scheme(address) for address in addresses), git=git)


def _with_scheme(address: str) -> str:
    """Return an address of git's short form, ``user@host:path``, as one with a scheme."""
    if "://" in address or protocol_of(address) != "ssh":
        return address
    host, _, path = address.partition(":")
    return f"ssh://{host}/{path}"


def _size_below(folder: Path) -> int:
    try:
        return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    except OSError:
        return 0
