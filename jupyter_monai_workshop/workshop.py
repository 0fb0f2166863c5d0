"""One workshop on this machine: observe it, act on it.

The panel, the command line and rehearsals all come through here, so what one can do,
the others can do by the same code.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from jupyter_client.connect import KernelConnectionInfo

from .allowing import Allowance
from .definition.loading import LoadedDefinition
from .definition.models import Module
from .errors import Cancelled, WorkshopError
from .jobs.job import JobKind, JobStatus
from .jobs.progress import Progress
from .jobs.runner import Job, JobRunner
from .jobs.steady import Share
from .kernels import InstallPlan, build_environment, plan_environment
from .kernels.failures import KernelsElsewhere
from .kernels.kernel_receipt import read_kernel_receipt, write_kernel_receipt
from .materials import Login, bring_data, bring_materials
from .notebooks import NotebookMissing, patch_file
from .observed import ObservedWorkshop, fingerprint
from .preflight import Usage, read_nvml
from .preflight.verdict import Preflight
from .preparing import prepare
from .progress.deriving import derive
from .progress.facts import Facts, KernelFacts
from .progress.record import Record
from .progress.report import report_html
from .reporting import cell_sources, report_facts, write_report
from .site import Site
from .updates import start_again, undo_update, update_materials
from .wish import NO_WISH, Wish

_ON_THE_FOLDER: tuple[JobKind, ...] = (
    *("materials", "patches", "update", "undo", "start_again"),
    *("parameters", "profile", "solution", "report"),
)
"""Work that changes the folder of the materials, one after the other."""


class Workshop(ObservedWorkshop):
    """A definition at home in a folder of this machine, and what can be done there.

    Parameters
    ----------
    runner
        Runs the work.
    """

    def __init__(
        self,
        loaded: LoadedDefinition,
        site: Site,
        runner: JobRunner,
        *,
        folder: str = "",
        live_kernel: Callable[[], KernelConnectionInfo | None] = lambda: None,
    ) -> None:
        super().__init__(loaded, site, folder=folder, live_kernel=live_kernel)
        self._runner = runner
        self._allowance = Allowance(
            self.definition,
            site,
            self.trust,
            folder=self.folder,
            data_root=self._data_root,
            place=self.place,
        )

    def look(
        self,
        kernels: Mapping[str, KernelFacts] | None = None,
        usage: Usage | None = None,
        jobs: tuple[JobStatus, ...] | None = None,
    ) -> Facts:
        """Return what is true now; see :meth:`ObservedWorkshop.look`."""
        known = self._runner.statuses(self.definition.id) if jobs is None else jobs
        return super().look(kernels, usage, known)

    def start(self, kind: JobKind, *, key: str = "", wish: Wish = NO_WISH) -> Job:
        """Start a job, or return the one that does the same already.

        Parameters
        ----------
        key
            The caller's name for the request; see :meth:`JobRunner.start`.

        Raises
        ------
        UnknownModule, UnknownParameter, UnknownProfile, UnknownStep
            If something is meant that the workshop does not have.
        ParameterUnfit
            If a parameter cannot have the value.
        TokenUnfit
            If the token cannot be one.
        NotTrusted, FeatureDisabled, QuotaExceeded, FolderOutside
            If it may not be done here.
        """
        self._allowance.check(kind, wish)
        login = wish.login
        self._editor.check(kind, wish)
        works: dict[JobKind, Callable[[Progress], None]] = {
            "prepare": lambda progress: prepare(
                progress,
                [part for part in wish.parts if part != "data" or self.definition.data],
                start=lambda kind: self.start(kind, wish=wish),
                is_running=lambda kind: self._runner.is_running(kind, self.definition.id),
                profile=bool(wish.profile),
            ),
            "materials": partial(self._bring_materials, login),
            "data": self._bring_data,
            "patches": self._apply_patches,
            "environment": self._build_environment,
            "plan": self._plan_environment,
            "preflight": self._check_machine,
            "update": partial(self._update, wish.restore_deleted, login),
            "undo": self._undo,
            "report": partial(self._write_report, self.record.copy(), wish.source),
        }
        subject = task = ""
        on_module = {
            "start_again": self._start_again,
            "install_in_kernel": self._install_in_kernel,
            "restart_kernel": self._restart_kernel,
        }
        if kind in on_module:
            module = self.module(wish.module)
            works[kind], subject = partial(on_module[kind], module), module.id
        if kind in ("parameters", "profile", "solution"):
            works[kind] = partial(self._editor.make, kind, wish)
            subject = wish.profile if kind == "profile" else wish.module
            task = json.dumps([wish.module, wish.step, dict(wish.values)])
        if kind == "prepare":
            task = wish.profile
        targets: dict[JobKind, Path] = {
            "data": self._data_root,
            **dict.fromkeys(_ON_THE_FOLDER, self.folder),
        }
        lock = self._lock(targets[kind]) if kind in targets else None
        return self._runner.start(
            kind, self.definition.id, works[kind], lock=lock, key=key, subject=subject, task=task
        )

    def _update(self, restore_deleted: bool, login: Login | None, progress: Progress) -> None:
        update_materials(
            self._allowance.source(),
            self.folder,
            definition_folder=self._definition_folder,
            patches=self._patches(),
            parameters=self._parameters(),
            kept=self.site.kept,
            arriving=self.site.arriving,
            restore_deleted=restore_deleted,
            mirrors=self.site.mirrors,
            protocols=self.site.protocols,
            login=login,
            progress=self._allowance.bringing_materials(progress),
        )

    def _undo(self, progress: Progress) -> None:
        undo_update(self.definition.source, self.folder, kept=self.site.kept, progress=progress)

    def _start_again(self, module: Module, progress: Progress) -> None:
        profile = next((it.id for it in self._observe_profiles() if it.serves), "")
        start_again(
            self.definition.source,
            self.folder,
            module.notebook,
            definition_folder=self._definition_folder,
            patches=module.patches,
            progress=progress,
        )
        if profile:
            wish = Wish(module=module.id, profile=profile)
            with suppress(WorkshopError):  # the snapshot says that the profile is not on
                self._editor.make("profile", wish, progress)
        self.record.forget_module(module.id)
        self.output_files(module).forget()

    def _write_report(self, record: Record, source: bool, progress: Progress) -> None:
        progress.report("writing", None, "")
        snapshot = derive(self.look(), record, number=0, server="")
        notebooks = {module.id: module.notebook for module in self.definition.modules}
        facts = report_facts(
            snapshot,
            record,
            python=self.python(),
            sources=cell_sources(snapshot, self.folder, notebooks) if source else {},
        )
        write_report(self.folder, self.definition.title, report_html(snapshot, facts))

    def _bring_materials(self, login: Login | None, progress: Progress) -> None:
        fresh = not self._observe_materials().present
        bring_materials(
            self._allowance.source(),
            self.folder,
            definition_folder=self._definition_folder,
            arriving=self.site.arriving,
            mirrors=self.site.mirrors,
            protocols=self.site.protocols,
            login=login,
            progress=self._allowance.bringing_materials(progress),
        )
        if fresh:
            self.record.start_again()
            for module in self.definition.modules:
                self.output_files(module).forget()

    def _bring_data(self, progress: Progress) -> None:
        total = sum(data.size for data in self.definition.data)
        done = 0
        failures: list[WorkshopError] = []
        progress = self._allowance.bringing_data(progress)
        for data in self.definition.data:
            try:
                bring_data(
                    self._allowance.data(data),
                    self._data_root,
                    replacement=self.site.data_copies.get(data.id, ""),
                    check_replacement=self.site.check_copies,
                    protocols=self.site.protocols,
                    progress=Share(progress, done / total, data.size / total, title=data.title),
                )
            except Cancelled:
                raise
            except WorkshopError as failure:
                failures.append(failure)  # the others may still come
            done += data.size
        if failures:
            raise failures[0]

    def _apply_patches(self, progress: Progress) -> None:
        failures: list[WorkshopError] = []
        modules = [module for module in self.definition.modules if module.patches]
        for number, module in enumerate(modules):
            progress.raise_if_cancelled()
            progress.report("writing", number / len(modules), module.title)
            try:
                patch_file(self.folder / module.notebook, module.patches)
            except NotebookMissing:
                continue  # deleted by the attendee; it comes back only if asked
            except WorkshopError as error:
                failures.append(error)
        if failures:
            raise failures[0]

    def _install_in_kernel(self, module: Module, progress: Progress) -> None:
        notebook = self.notebook_path(module)
        earlier = self._kernel_receipt or read_kernel_receipt(self.place)
        receipt = self.kernel_access.install(
            notebook,
            self._environment(),
            progress,
            before=earlier.process if earlier else "",
        )
        self._kernel_receipt = receipt
        with suppress(OSError):  # where nothing can be written, this server remembers
            write_kernel_receipt(self.place, receipt)
        restart = "Restart the kernel to use them." if receipt.process else ""
        count = len(receipt.installed)
        done = "1 package installed." if count == 1 else f"{count} packages installed."
        progress.report("verifying", 1.0, f"{done} {restart}".strip())

    def _restart_kernel(self, module: Module, progress: Progress) -> None:
        self.kernel_access.restart(self.notebook_path(module), progress)

    def _build_environment(self, progress: Progress) -> None:
        state = self._observe_environment()
        if state.served:
            progress.report("looking", 1.0, state.message)
            return
        if self.site.kernels_elsewhere:
            raise KernelsElsewhere
        build_environment(
            self._environment(),
            self.place,
            title=self.definition.title,
            base_python=self.site.base_python,
            gpu=read_nvml().state == "ok",
            wheels=self.site.wheels,
            on_plan=self._before_install,
            progress=self._allowance.building_environment(progress),
        )

    def _plan_environment(self, progress: Progress) -> None:
        plan = plan_environment(
            self._environment(),
            self.site.data,
            base_python=self.site.base_python,
            gpu=read_nvml().state == "ok",
            wheels=self.site.wheels,
            progress=progress,
        )
        self._note_plan(plan)
        progress.report("resolving", 1.0, plan.sentence())

    def _before_install(self, plan: InstallPlan) -> None:
        self._note_plan(plan)
        self._allowance.check_plan(plan)

    def _note_plan(self, plan: InstallPlan) -> None:
        self.plan = plan

    def check_machine(self, progress: Progress) -> Preflight:
        """Look at the machine thoroughly; see :meth:`MachineCheck.look`."""
        return self._machine.look(self._parts(), progress)

    def _check_machine(self, progress: Progress) -> None:
        self.check_machine(progress)

    def _lock(self, target: Path) -> Path:
        return self.site.data / "locks" / f"{fingerprint(target)}.lock"
