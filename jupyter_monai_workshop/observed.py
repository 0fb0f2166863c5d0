"""One workshop on this machine, as it is: looks at everything, changes nothing."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from jupyter_client.connect import KernelConnectionInfo

from .checking import MachineCheck, Parts
from .choosing import observe_profiles, patches_of_profiles
from .definition.loading import LoadedDefinition
from .definition.models import Definition, Environment, Module, Parameter, Patch
from .editing import Editor, Purpose, module_of
from .errors import WorkshopError
from .jobs.job import Failure, JobStatus
from .kernels import (
    EnvironmentState,
    InstallPlan,
    observe_environment,
    place_of,
    served_by_kernel,
)
from .kernels.access import KernelAccess, NoKernels
from .kernels.interpreter import ask_interpreter
from .kernels.kernel_python import KernelPython
from .kernels.kernel_receipt import KernelReceipt, read_kernel_receipt
from .materials import (
    DataState,
    MaterialsState,
    data_folder,
    observe_data,
    observe_materials,
)
from .notebooks import (
    Notebook,
    PatchStatus,
    PlacedEdit,
    open_notebook,
    patch_states,
    preview,
    read_notebook,
)
from .observing import (
    NotebookReader,
    data_gap,
    environment_gap,
    locator,
    materials_gap,
    module_facts,
    patches_gap,
)
from .originals import OriginalValues
from .policy import FEATURES
from .preflight import Usage
from .progress.deriving import derive
from .progress.facts import Facts, Gap, KernelFacts, ProfileFacts
from .progress.journal import Journal
from .progress.kernel_log import Locate
from .progress.output_files import OutputFiles
from .progress.record import Record
from .progress.snapshot import MaterialsView, ReportView, Snapshot, UpdateView
from .reporting import ReportReader
from .site import Site
from .trust import Trust
from .updates import last_update
from .wish import Wish


@dataclass(frozen=True)
class PatchedNotebook:
    """What the patches of one notebook would change.

    Attributes
    ----------
    diff
        Unified diff; empty when nothing changes.
    states
        Where each patch stands.
    """

    module: str
    notebook: str
    diff: str
    states: tuple[PatchStatus, ...]
    failure: Failure | None = None


class ObservedWorkshop:
    """A definition at home in a folder of this machine, as it is now. Changes nothing.

    Parameters
    ----------
    folder
        The site's root as the contents API names it; empty for the server's root.
    live_kernel
        Returns the connection of a running kernel of the workshop, to be asked about the
        GPU; called in threads of jobs.

    Attributes
    ----------
    folder
        The folder of the materials.
    record
        What ran there.
    plan
        What the last resolution found to be installed; ``None`` before the first.
    kernel_access
        Reaches the kernels that run, to install into one where no environment can be made.
    trust
        Whether the person lets the workshop do anything.
    """

    def __init__(
        self,
        loaded: LoadedDefinition,
        site: Site,
        *,
        folder: str = "",
        live_kernel: Callable[[], KernelConnectionInfo | None] = lambda: None,
    ) -> None:
        self.definition = loaded.definition
        self.site = site
        self.folder = site.root / loaded.definition.source.folder
        self.place = place_of(self.definition.id, site.jupyter_data)
        self.record = Record(Journal(self._record_path()))
        self._definition_folder = loaded.folder
        self._site_folder = folder
        self._reader = NotebookReader()
        self._machine = MachineCheck(
            loaded,
            site,
            self.folder,
            self.place,
            self._data_root,
            reader=self._reader,
            live_kernel=live_kernel,
        )
        self._originals = OriginalValues(self.definition.source, self.folder, loaded.folder)
        self._editor = Editor(self.definition, self.folder, self._originals)
        self._reports = ReportReader()
        self.trust = Trust(loaded, site.trusted)
        self.plan: InstallPlan | None = None
        self.kernel_access: KernelAccess = NoKernels()
        self._kernel_receipt: KernelReceipt | None = None

    def look(
        self,
        kernels: Mapping[str, KernelFacts] | None = None,
        usage: Usage | None = None,
        jobs: tuple[JobStatus, ...] = (),
    ) -> Facts:
        """Return what is true now. Reads files only; takes milliseconds once warm.

        Parameters
        ----------
        kernels
            The running kernels by module; ``None`` when they cannot be seen from here.
        usage
            What a running training uses of the machine.
        jobs
            The work that runs and that has ended.
        """
        parts = self._parts()
        materials = materials_gap(parts.materials)
        profiles = self._observe_profiles()
        served = parts.environment.served
        return Facts(
            definition=self.definition,
            folder=contents_folder(self.definition, self._site_folder),
            kernel_name=served.kernel if served else self.place.name,
            kernel_title=self.definition.title,
            materials=materials,
            patches=self._patches_gap(materials, patches_of_profiles(self.definition, profiles)),
            environment=environment_gap(parts.environment, kernels or {}),
            data=data_gap(tuple(parts.data.values())),
            data_sets={name: data_gap((it,)) for name, it in parts.data.items()},
            version=self._version(parts.materials),
            modules={
                module.id: module_facts(
                    module,
                    self.folder,
                    self.notebook_path(module),
                    self._reader,
                    self._originals.of(module),
                )
                for module in self.definition.modules
            },
            kernels=None if kernels is None else dict(kernels),
            profiles=profiles,
            preflight=self._machine.latest(parts),
            usage=usage,
            jobs=jobs,
            report=self._report(),
            trust=self.trust.view(),
            disabled=tuple(it for it in FEATURES if it in self.site.policy.disabled),
        )

    def snapshot(self, facts: Facts, *, number: int = 0, server: str = "") -> Snapshot:
        """Return the picture that `facts` and the record give; note what got finished."""
        snapshot = derive(facts, self.record, number=number, server=server)
        for module in snapshot.modules:
            if module.state == "done":
                self.record.finish(module.id)
        return snapshot

    def notebook_path(self, module: Module) -> str:
        """Return the path of a module's notebook for the contents API."""
        return f"{contents_folder(self.definition, self._site_folder)}/{module.notebook}"

    def python(self) -> Path | None:
        """Return the interpreter of the workshop's kernel, ``None`` before it is made."""
        state = self._observe_environment()
        return state.python if state.ready else None

    def base(self) -> KernelPython:
        """Return what the Python has that environments are made from.

        Raises
        ------
        EnvironmentFailure
            If it does not work.
        """
        return KernelPython.of(ask_interpreter(self.site.base_python))

    def locator(self, module: Module) -> Locate:
        """Return the function that finds the step cell that some executed code is."""
        return locator(module, self.folder / module.notebook, self._reader)

    def output_files(self, module: Module) -> OutputFiles:
        """Return where the outputs of a module's notebook are recorded."""
        # Modules may share a notebook; its outputs have one place.
        first = next(it for it in self.definition.modules if it.notebook == module.notebook)
        return OutputFiles(self._record_path().with_suffix("") / first.id)

    def patches(self) -> tuple[PatchedNotebook, ...]:
        """Return what the patches of each notebook would change, without changing it."""
        profiles = patches_of_profiles(self.definition, self._observe_profiles())
        wanted = {it.id: (*it.patches, *profiles[it.id]) for it in self.definition.modules}
        return tuple(
            self._patched(module, wanted[module.id])
            for module in self.definition.modules
            if wanted[module.id]
        )

    def edits(
        self, purpose: Purpose, wish: Wish, cells: Iterable[tuple[str | None, str, str]]
    ) -> tuple[PlacedEdit, ...]:
        """Return what an edit would change in a notebook that is open. Changes nothing.

        Parameters
        ----------
        cells
            Id, kind and source of each cell as it is in the page.

        Raises
        ------
        NotTrusted, FeatureDisabled
            If it may not be done here.
        WorkshopError
            If the notebook does not allow it, or the workshop has nothing of that name.
        """
        self.trust.check(purpose)
        if purpose in ("parameters", "profile"):
            self.site.policy.check_feature("parameters")
        return self._editor.edits(purpose, wish, open_notebook(cells))

    def module(self, name: str) -> Module:
        """Return the module with that id.

        Raises
        ------
        UnknownModule
            If there is none.
        """
        return module_of(self.definition, name)

    # Details of looking

    def _parts(self) -> Parts:
        return Parts(self._observe_materials(), self._observe_data(), self._observe_environment())

    def _observe_materials(self) -> MaterialsState:
        return observe_materials(
            self.definition.source, self.folder, definition_folder=self._definition_folder
        )

    def _observe_environment(self) -> EnvironmentState:
        state = observe_environment(
            self._environment(), self.place, base_python=self.site.base_python
        )
        if state.ready:
            return state
        receipt = self._kernel_receipt or read_kernel_receipt(self.place)
        serves = receipt is not None and receipt.serves(self.definition.environment)
        return served_by_kernel(receipt) if receipt and serves else state

    def _observe_data(self) -> dict[str, DataState]:
        return {data.id: observe_data(data, self._data_root) for data in self.definition.data}

    def variables(self) -> dict[str, str]:
        """Return the environment variables of the workshop's kernel."""
        return dict(self._environment().variables)

    def _environment(self) -> Environment:
        """Return the definition's environment with the variables that point to the data."""
        environment = self.definition.environment
        variables = dict(environment.variables)
        for data, state in zip(self.definition.data, self._observe_data().values(), strict=True):
            if data.variable:
                copy = self.site.data_copies.get(data.id, "")
                folder = state.folder or data_folder(data, self._data_root, copy)
                variables[data.variable] = str(folder)
        return environment.model_copy(update={"variables": variables})

    @property
    def _data_root(self) -> Path:
        return self.site.data / "data"

    def _version(self, state: MaterialsState) -> MaterialsView:
        """Return which version is there, and what the last update did."""
        report = last_update(self.folder, self.site.kept) if state.present else None
        update = report and UpdateView(
            when=report.when,
            followed=report.followed,
            merged=report.merged,
            beside=report.beside,
            deleted=report.deleted,
            can_undo=report.can_undo,
        )
        return MaterialsView(outdated=state.outdated, update=update)

    def _report(self) -> ReportView | None:
        """Return the newest report, by the disk."""
        found = self._reports.newest(self.folder)
        if found is None:
            return None
        folder = contents_folder(self.definition, self._site_folder)
        return ReportView(path=f"{folder}/{found.path.name}", when=found.when)

    def _patches(self) -> dict[str, tuple[Patch, ...]]:
        """Return the patches of each notebook, those of profiles too, by its path."""
        patches: dict[str, tuple[Patch, ...]] = {}
        for module in self.definition.modules:
            parts = [it.modules.get(module.id) for it in self.definition.profiles]
            every = [*module.patches, *(patch for part in parts if part for patch in part.patches)]
            known = patches.get(module.notebook, ())
            patches[module.notebook] = tuple(dict.fromkeys([*known, *every]))
        return patches

    def _parameters(self) -> dict[str, tuple[Parameter, ...]]:
        """Return the parameters of each notebook, by its path in the materials."""
        parameters: dict[str, tuple[Parameter, ...]] = {}
        for module in self.definition.modules:
            known = parameters.get(module.notebook, ())
            parameters[module.notebook] = tuple(dict.fromkeys([*known, *module.parameters]))
        return parameters

    def _observe_profiles(self) -> tuple[ProfileFacts, ...]:
        if not self.definition.profiles:
            return ()
        notebooks: dict[str, Notebook] = {}
        for module in self.definition.modules:
            with suppress(WorkshopError):  # its module says so
                notebooks[module.id] = self._reader.read(self.folder / module.notebook)
        originals = {module.id: self._originals.of(module) for module in self.definition.modules}
        return observe_profiles(self.definition, notebooks, originals)

    def _patches_gap(self, materials: Gap, profiles: Mapping[str, tuple[Patch, ...]]) -> Gap:
        if not any(module.patches for module in self.definition.modules):
            return Gap(True, "Nothing to correct.")
        if not materials.closed:
            return Gap(False, "Waits for the materials.", possible=False)
        return patches_gap(self.definition, self.folder, self._reader, profiles)

    def _patched(self, module: Module, patches: Sequence[Patch]) -> PatchedNotebook:
        path = self.folder / module.notebook
        try:
            notebook = read_notebook(path)
            states = patch_states(notebook, patches)
            conflict = any(status.state == "conflict" for status in states)
            diff = "" if conflict else preview(module.notebook, notebook.text, patches)
        except WorkshopError as error:
            failure = Failure.of(error)
            return PatchedNotebook(module.id, module.notebook, "", (), failure)
        return PatchedNotebook(module.id, module.notebook, diff, states)

    def _record_path(self) -> Path:
        name = f"{self.definition.id}-{fingerprint(self.folder)}.jsonl"
        return self.site.data / "records" / name


def contents_folder(definition: Definition, folder: str) -> str:
    """Return the path of the materials for the contents API.

    Parameters
    ----------
    folder
        The site's root as the contents API names it; empty for the server's root.
    """
    return "/".join(filter(None, (folder, definition.source.folder)))


def notebook_paths(definition: Definition, folder: str) -> dict[str, str]:
    """Return each module's notebook as a path for the contents API; see `contents_folder`."""
    start = contents_folder(definition, folder)
    return {module.id: f"{start}/{module.notebook}" for module in definition.modules}


def fingerprint(path: Path) -> str:
    """Return a short name for a folder, the same in every process."""
    return hashlib.sha256(os.fsencode(os.path.realpath(path))).hexdigest()[:16]
