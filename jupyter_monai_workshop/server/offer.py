"""Everything that a running server knows of its workshops, behind the handlers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo

from ..definition.catalogue import DefinitionCatalogue
from ..definition.models import Module, Step
from ..jobs.job import Failure, JobStatus
from ..jobs.runner import JobRunner
from ..kernels import place_of
from ..kernels.looking import Looked, look_at_expressions
from ..observed import notebook_paths
from ..progress.evidence import StepOutput
from ..progress.facts import KernelFacts
from ..progress.findings import found_in_kernel, unmet_by, unmet_in_kernel
from ..progress.giving_back import GivenBack
from ..progress.kernel_log import KernelLog
from ..progress.record import StepFindings
from ..progress.snapshot import Catalogue, CatalogueEntry, CatalogueNotebook
from ..site import Site
from ..workshop import Workshop
from .awake import Busy, StudioActivity
from .keeping import OutputKeeper
from .kernel_access import ServerKernels
from .live import LOOK_INTERVAL, LiveWorkshop, new_server_identity
from .patience import patiently
from .selection import Selected
from .watching import KernelWatcher

_log = logging.getLogger(__name__)


class Offer:
    """The workshops that this server offers, alive.

    Parameters
    ----------
    folder
        Path of the site's root for the contents API, relative to the server's root.
    message
        What the administrator tells everybody, as Markdown.
    push
        Called on the event loop with workshop, number and server identity.
    activity
        Tells Studio that the space is in use.

    Attributes
    ----------
    kernels
        Reaches the kernels that run.
    """

    def __init__(
        self,
        catalogue: DefinitionCatalogue,
        site: Site,
        *,
        folder: str,
        default: str,
        message: str = "",
        kernels: Any,
        sessions: Any,
        push: Callable[[str, int, str], None],
        activity: StudioActivity,
    ) -> None:
        self.server = new_server_identity()
        self.runner = JobRunner(self._job_changed)
        self._catalogue = catalogue
        self._site = site
        self._folder = folder
        self._selected = Selected(site.data / "selection.json", default)
        self._message = message
        self._push = push
        self._activity = activity
        self._busy_since: dict[str, datetime] = {}
        self._live: dict[str, LiveWorkshop] = {}
        self._keepers: dict[Path, OutputKeeper] = {}
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended = False
        self._watcher = KernelWatcher(
            kernels, sessions, new_log=self._new_log, changed=self._kernel_changed
        )
        self.kernels = ServerKernels(kernels, sessions, self._loop, self._watcher.identify)

    # What the handlers ask

    def get(self, name: str) -> LiveWorkshop:
        """Return the workshop with that id.

        Raises
        ------
        UnknownWorkshop
            If none is offered under that id.
        """
        if name not in self._live:
            loaded = self._catalogue.get(name)
            workshop = Workshop(
                loaded,
                self._site,
                self.runner,
                folder=self._folder,
                live_kernel=lambda: self._kernel_to_ask(workshop),
            )
            workshop.kernel_access = self.kernels
            self._live[name] = LiveWorkshop(
                workshop,
                server=self.server,
                kernels=lambda: self._kernels_of(workshop),
                push=lambda name, number: self._push(name, number, self.server),
                awake=lambda: self._activity.until(workshop.definition.id),
            )
        return self._live[name]

    async def outputs(self, name: str, module: str) -> tuple[GivenBack, ...]:
        """Return the last run of every cell of a module's notebook, with its outputs.

        Raises
        ------
        UnknownWorkshop, UnknownModule
            If there is none under that id.
        WorkshopError
            If the notebook is not there or cannot be read.
        """
        workshop = self.get(name).workshop
        return await self._keeper(workshop, workshop.module(module)).given_back()

    async def match_kernels(self) -> None:
        """Learn which kernels serve which notebooks now."""
        await self._watcher.match()

    @property
    def selected(self) -> str:
        """The workshop to open first: the last used, else the default, else any."""
        return self._selected.among(self._catalogue.definitions)

    def select(self, name: str) -> None:
        """Remember the workshop last used.

        Raises
        ------
        UnknownWorkshop
            If none is offered under that id.
        """
        self._catalogue.get(name)
        self._selected.put(name)

    def catalogue(self) -> Catalogue:
        """Return what is offered, and why some definitions are not."""
        selected = self.selected
        entries = tuple(
            CatalogueEntry(
                id=definition.id,
                title=definition.title,
                summary=definition.summary,
                modules=len(definition.modules),
                kernel=place_of(definition.id, self._site.jupyter_data).name,
                notebooks=tuple(
                    CatalogueNotebook(module=module, path=path)
                    for module, path in notebook_paths(definition, self._folder).items()
                ),
                expected=sum(s.duration.gpu for m in definition.modules for s in m.steps),
                selected=definition.id == selected,
            )
            for definition in (it.definition for it in self._catalogue.definitions.values())
        )
        problems = tuple(Failure.of(problem) for problem in self._catalogue.problems)
        return Catalogue(workshops=entries, problems=problems, message=self._message)

    # Life

    def begin(self, events: Any) -> None:
        """Start listening to kernels."""
        self._watcher.listen_for_starts(events)
        self._spawn(self._look_around())

    async def end(self) -> None:
        """Stop listening, and stop every job without leaving debris."""
        self._ended = True
        for task in self._tasks:
            task.cancel()
        for live in self._live.values():
            live.close()
        await self._watcher.close()
        for keeper in self._keepers.values():
            await keeper.close()
        await asyncio.to_thread(self.runner.cancel_all)

    async def _look_around(self) -> None:
        while True:
            await asyncio.sleep(LOOK_INTERVAL)
            try:
                await self.match_kernels()
                await self._keep_awake()
            except Exception:
                _log.exception("looking at the kernels of notebooks failed")
            for live in self._live.values():
                if live.watched:
                    live.touch()

    # Kernels

    async def _new_log(self, kernel_id: str, path: str) -> KernelLog | None:
        live, module = self._notebook(path)
        if live is None or module is None:
            return None
        workshop = live.workshop
        keeper = self._keeper(workshop, module)
        await keeper.load()
        log = KernelLog(
            module,
            workshop.record,
            workshop.locator(module),
            changed=live.touch,
            finished=lambda step, output: self._check(live, log, kernel_id, step, output),
            outputs=keeper.log(),
            failures=workshop.definition.failures,
        )
        return log

    def _keeper(self, workshop: Workshop, module: Module) -> OutputKeeper:
        files = workshop.output_files(module)
        if files.folder not in self._keepers:
            notebook = workshop.folder / module.notebook
            self._keepers[files.folder] = OutputKeeper(files, notebook)
        return self._keepers[files.folder]

    def _notebook(self, path: str) -> tuple[LiveWorkshop | None, Module | None]:
        """Return the workshop and module whose notebook has that path."""
        for name in self._catalogue.definitions:
            live = self.get(name)
            for module in live.workshop.definition.modules:
                if live.workshop.notebook_path(module) == path:
                    return live, module
        return None, None

    def _kernels_of(self, workshop: Workshop) -> dict[str, KernelFacts]:
        found = {}
        for module in workshop.definition.modules:
            log = self._watcher.log_of(workshop.notebook_path(module))
            if log:
                found[module.id] = KernelFacts(state=log.state, process=log.process)
        return found

    def _kernel_to_ask(self, workshop: Workshop) -> KernelConnectionInfo | None:
        """Return a live kernel of the workshop's own kernelspec, one that works first.

        A kernel that trains holds memory of the GPU, which others would take for a
        stranger's. Called in threads.
        """
        paths = [workshop.notebook_path(module) for module in workshop.definition.modules]
        logs = [(path, self._watcher.log_of(path)) for path in paths]
        alive = [(path, log) for path, log in logs if log and log.state != "dead"]
        for path, _log in sorted(alive, key=lambda each: each[1].state != "busy"):
            connection = self._watcher.connection_serving(path, workshop.place.name)
            if connection:
                return connection
        return None

    async def _keep_awake(self) -> None:
        """Tell Studio which workshops work, and the pages if that has changed."""
        busy: dict[str, Busy] = {}
        seen: dict[str, datetime] = {}
        for name, live in self._live.items():
            definition = live.workshop.definition
            for module, kernel in self._kernels_of(live.workshop).items():
                if kernel.state in ("idle", "dead"):
                    continue
                key = f"{name}/{module}"
                seen[key] = self._busy_since.get(key, datetime.now(timezone.utc))
                since = live.workshop.record.running_since(module) or seen[key]
                candidate = Busy(since, definition.awake_hours)
                if name not in busy or candidate.until > busy[name].until:
                    busy[name] = candidate
        self._busy_since = seen
        before = {name: self._activity.until(name) for name in self._live}
        await self._activity.follow(busy)
        for name, live in self._live.items():
            if self._activity.until(name) != before.get(name):
                live.touch()

    def _kernel_changed(self, path: str) -> None:
        live, _ = self._notebook(path)
        if live:
            live.touch()

    def _check(
        self, live: LiveWorkshop, log: KernelLog, kernel_id: str, step: Step, output: StepOutput
    ) -> None:
        """Look at what a step that ran has left; ask the kernel if the check wants it."""
        found = output.found()
        findings = StepFindings(
            module=log.module.id,
            step=step.id,
            process=log.process,
            complete=not step.check.expressions,
            unmet=unmet_by(found),
            found=found,
        )
        live.workshop.record.put(findings, lasting=findings.complete)
        live.touch()
        if step.check.expressions:
            self._spawn(self._ask(live, log, kernel_id, step, findings))

    async def _ask(
        self, live: LiveWorkshop, log: KernelLog, kernel_id: str, step: Step, findings: StepFindings
    ) -> None:
        looked: tuple[Looked, ...] | None = None
        connection = self._watcher.connection_of(kernel_id)
        unmet = ("The kernel ended before the result could be looked at.",)
        try:
            if not await asyncio.to_thread(lambda: live.workshop.trust.given):
                unmet = ("The result was not looked at: the workshop is not trusted.",)
            elif connection:
                looked = await patiently(
                    lambda progress: look_at_expressions(
                        connection, step.check.expressions, progress=progress
                    ),
                    alive=lambda: log.process == findings.process and not self._ended,
                )
        except Exception:
            _log.exception("asking the kernel about step %s failed", step.id)
        if live.workshop.record.findings.get((log.module.id, step.id)) is not findings:
            return  # the step ran again meanwhile
        done = findings.model_copy(
            update={
                "complete": True,
                "unmet": findings.unmet + (unmet if looked is None else unmet_in_kernel(looked)),
                "found": findings.found + found_in_kernel(looked or ()),
            }
        )
        live.workshop.record.put(done, lasting=True)
        live.touch()

    # Threads and tasks

    def _job_changed(self, status: JobStatus) -> None:
        live = self._live.get(status.workshop)
        if live and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(live.touch)

    def _spawn(self, coroutine: Any) -> None:
        task: asyncio.Task[None] = self._loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
