"""Packing a workshop: bring everything here, then write it into one file."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ..definition.loading import LoadedDefinition
from ..definition.models import DataSet, GitDataSet, GitSource
from ..jobs.progress import Progress
from ..jobs.steady import Share, Steady
from ..kernels.wheels import Wheelhouse, download_wheels
from ..materials import GitPatience, Login, bring_materials
from ..materials.data_copy import DataCopy
from ..materials.data_failures import ReplacementMissing
from ..materials.data_git import git_source_of
from ..materials.data_placing import remove
from ..materials.downloading import Patience, Wanted, fetch_file
from ..materials.failures import told_plainly
from ..materials.git_bundle import write_bundle
from .archive import members_of, write_archive
from .failures import CopyIsFolder, NotAFile, NothingToPack
from .manifest import (
    BUNDLE,
    WHEELS,
    Manifest,
    Packages,
    data_member,
    version_of_data,
    version_of_materials,
    version_of_packages,
)
from .turns import taking_turns

KitPart = Literal["materials", "data", "wheels"]
KIT_PARTS: tuple[KitPart, ...] = ("materials", "data", "wheels")

_BROUGHT = 0.8
_COUNTED = 0.87


@dataclass(frozen=True)
class Sources:
    """Where the parts of a kit come from.

    Attributes
    ----------
    mirrors
        Addresses of the materials to ask before those of the definition.
    protocols
        What addresses may use.
    data_copies
        For data sets by id, the path or address of a file that stands in for the
        definition's addresses. It must have the size and checksum of the definition.
    login
        What opens a private repository.
    base_python
        The interpreter whose packages the kit need not hold.
    gpu
        Whether the machines of the attendees have a GPU, which decides the build of torch
        where `base_python` has none.
    git_patience, patience
        How long to put up with a bad network.
    """

    base_python: Path
    gpu: bool
    mirrors: Sequence[str] = ()
    protocols: Collection[str] = ("https",)
    data_copies: Mapping[str, str] = field(default_factory=dict)
    login: Login | None = field(default=None, repr=False)
    git_patience: GitPatience | None = None
    patience: Patience | None = None


@dataclass(frozen=True)
class PackedKit:
    """A kit that was written.

    Attributes
    ----------
    size
        Bytes of the file.
    files
        The names of its files.
    packages
        What its wheels are for; ``None`` if it has no packages.
    """

    file: Path
    size: int
    files: tuple[str, ...]
    packages: Packages | None


def pack_kit(
    loaded: LoadedDefinition,
    file: Path,
    work: Path,
    *,
    sources: Sources,
    parts: Collection[KitPart] = KIT_PARTS,
    progress: Progress,
) -> PackedKit:
    """Bring all that a workshop needs, and write it to `file`.

    Whenever this ends, also by a kill, `file` is what it was before or the whole kit. What
    has arrived stays in `work` until the kit is whole, so that the next call goes on there.

    Parameters
    ----------
    file
        The kit; one that is there is replaced.
    work
        Folder for what is brought; is made where it is missing. Should have room for
        twice the kit.
    sources
        Where it all comes from.
    parts
        What to pack. Materials and data that the workshop does not have are no failure.
    progress
        The phases of bringing materials, data and packages, then ``packing``.

    Raises
    ------
    NothingToPack
        If the kit would be empty.
    CopyIsFolder, ReplacementMissing
        If what stands in for a data set is no file.
    WorkshopError
        Whatever bringing materials, data and packages raises.
    KitNeedsRoom, NotAFile, DiskFull, NotWritable, MaterialsFailed
        If the kit cannot be written.
    Cancelled
        If a stop was asked for.
    """
    progress = Steady(progress)
    file = file.absolute()
    if file.is_dir():
        raise NotAFile(file.name)
    own = work / loaded.definition.id
    with told_plainly(file), taking_turns(own, progress):
        file.parent.mkdir(parents=True, exist_ok=True)
        own.mkdir(parents=True, exist_ok=True)
        wanted = [part for part in KIT_PARTS if part in parts]
        manifest = _Packing(loaded, file, own, sources, wanted, progress).run()
        remove(own)
    progress.report("packing", 1.0)
    return PackedKit(file, file.stat().st_size, tuple(manifest.members), manifest.packages)


class _Packing:
    """One packing of one kit, read from `run` downwards."""

    def __init__(
        self,
        loaded: LoadedDefinition,
        file: Path,
        work: Path,
        sources: Sources,
        parts: Sequence[KitPart],
        progress: Progress,
    ) -> None:
        self._definition = loaded.definition
        self._definition_folder = loaded.folder
        self._file = file
        self._work = work
        self._sources = sources
        self._parts = parts
        self._progress = progress

    def run(self) -> Manifest:
        files: dict[str, Path] = {}
        house: Wheelhouse | None = None
        self._check_copies()
        for number, part in enumerate(self._parts):
            size = _BROUGHT / len(self._parts)
            share = Share(self._progress, number * size, size)
            if part == "materials":
                files |= self._materials(share)
            elif part == "data":
                files |= self._data(share)
            else:
                house = self._wheels(share)
                files |= {f"{WHEELS}/{path.name}": path for path in house.files}
        if not files:
            raise NothingToPack(self._definition.title)
        manifest = self._manifest(files, house)
        rest = Share(self._progress, _COUNTED, 1 - _COUNTED)
        write_archive(manifest, files, self._file, rest)
        return manifest

    def _check_copies(self) -> None:
        """Refuse copies that cannot be packed before anything is brought."""
        if "data" not in self._parts:
            return
        for data in self._definition.data:
            copy = self._copy_of(data)
            if copy.is_missing:
                raise ReplacementMissing(data.title, str(copy.path))
            if copy.in_place:
                raise CopyIsFolder(data.title)

    def _materials(self, progress: Progress) -> dict[str, Path]:
        source = self._definition.source
        if not isinstance(source, GitSource):
            return {}  # they come with the definition
        version = version_of_materials(self._definition)[:12]
        bundle = self._work / BUNDLE
        self._bundle(
            source,
            self._work / f"materials-{version}",
            bundle,
            self._sources.mirrors,
            self._sources.protocols,
            progress,
        )
        return {BUNDLE: bundle}

    def _data(self, progress: Progress) -> dict[str, Path]:
        total = sum(data.size for data in self._definition.data)
        files, done = {}, 0
        for data in self._definition.data:
            share = Share(progress, done / total, data.size / total)
            place = self._work / f"{data.id}-{version_of_data(data)[-12:]}"
            files[data_member(data)] = (
                self._git_data(data, place, share)
                if isinstance(data, GitDataSet)
                else self._file_data(data, place, share)
            )
            done += data.size
        return files

    def _file_data(self, data: DataSet, place: Path, progress: Progress) -> Path:
        copy = self._copy_of(data)
        local = copy.path is not None
        place.mkdir(exist_ok=True)
        return fetch_file(
            Wanted(data.title, data.size, data.checksum, exact=data.size_is == "exact"),
            (str(copy.path or copy.told),) if copy else data.urls,
            place / "file.part",
            protocols={"file"} if local else self._sources.protocols,
            patience=self._sources.patience or Patience(),
            progress=progress,
        )

    def _git_data(self, data: GitDataSet, place: Path, progress: Progress) -> Path:
        copy = self._copy_of(data)
        source = git_source_of(data)
        if copy:
            source = source.model_copy(update={"urls": (str(copy.path or copy.told),)})
        bundle = place.with_suffix(".bundle")
        protocols = {"file"} if copy.path is not None else self._sources.protocols
        self._bundle(source, place, bundle, (), protocols, progress)
        return bundle

    def _bundle(
        self,
        source: GitSource,
        target: Path,
        bundle: Path,
        mirrors: Sequence[str],
        protocols: Collection[str],
        progress: Progress,
    ) -> None:
        bring_materials(
            source,
            target,
            definition_folder=self._definition_folder,
            arriving=self._work / "arriving",
            mirrors=mirrors,
            protocols=protocols,
            login=self._sources.login,
            patience=self._sources.git_patience,
            progress=Share(progress, 0.0, 0.9),
        )
        write_bundle(target, source, bundle, Share(progress, 0.9, 0.1))

    def _copy_of(self, data: DataSet | GitDataSet) -> DataCopy:
        return DataCopy.of(data, self._sources.data_copies.get(data.id, ""))

    def _wheels(self, progress: Progress) -> Wheelhouse:
        return download_wheels(
            self._definition.environment,
            self._work / WHEELS,
            base_python=self._sources.base_python,
            gpu=self._sources.gpu,
            progress=progress,
        )

    def _manifest(self, files: Mapping[str, Path], house: Wheelhouse | None) -> Manifest:
        definition = self._definition
        return Manifest(
            workshop=definition.id,
            materials=version_of_materials(definition) if BUNDLE in files else "",
            data={
                data.id: version_of_data(data)
                for data in definition.data
                if data_member(data) in files
            },
            packages=house
            and Packages(
                digest=version_of_packages(definition),
                python=house.python,
                platform=house.platform,
                torch=house.torch,
            ),
            members=members_of(files, Share(self._progress, _BROUGHT, _COUNTED - _BROUGHT)),
        )
