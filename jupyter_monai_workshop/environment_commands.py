"""The commands about a workshop's packages: ``plan``, ``pip`` and ``remove``."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

from jupyter_client.asynchronous.client import AsyncKernelClient

from .definition.models import Environment
from .errors import WorkshopError
from .jobs.progress import Progress
from .jobs.runner import Job
from .kernels import InstallPlan, place_of, remove_environment
from .kernels.failures import KernelMissing
from .kernels.in_kernel import KernelTalk, install_in_kernel
from .kernels.kernel_python import KernelPython, pip_wishes
from .kernels.kernel_receipt import KernelReceipt
from .kernels.plan import size_in_words
from .terminal import Answer, complain
from .wish import Wish
from .workshop import Workshop

Wait: TypeAlias = Callable[[Job], None]
"""Waits for a job to end."""


def plan(workshop: Workshop, wait: Wait) -> Answer:
    """Tell which packages the environment would get, how large, and from where."""
    job = workshop.start("plan")
    wait(job)
    failure, found = job.status.failure, workshop.plan
    if failure or found is None:
        if failure:
            complain(failure)
        return 1, {"ok": False, "failure": failure and failure.model_dump()}, []
    return 0, {"ok": True, "plan": found.model_dump(mode="json")}, plan_lines(found)


def plan_lines(plan: InstallPlan) -> list[str]:
    """Return a plan as lines for people, the largest package first."""
    torch = f" with torch {plan.torch}" if plan.torch else ""
    lines = [f"For Python {plan.python}{torch}: {plan.sentence()}."]
    width = max((len(f"{it.name} {it.version}") for it in plan.packages), default=0)
    for it in sorted(plan.packages, key=lambda it: -(it.size or 0)):
        size = size_in_words(it.size) if it.size is not None else "?"
        lines.append(f"  {f'{it.name} {it.version}':{width}}  {size:>10}  {it.source}")
    if plan.inherited:
        there = ", ".join(f"{name} {version}" for name, version in plan.inherited.items())
        lines.append(f"Left as they are: {there}.")
    return lines


def pip(workshop: Workshop, existing: Path | None, install: bool, wait: Wait) -> Answer:
    """Tell the line that brings a kernel's own Python the packages, or run it there.

    Parameters
    ----------
    existing
        The connection file of a kernel; ``None`` means the Python that runs this command.
    """
    if install and existing is None:
        raise KernelMissing
    return (
        _pip_install(workshop, existing, wait)
        if install and existing
        else _pip_line(workshop, existing)
    )


def _pip_line(workshop: Workshop, existing: Path | None) -> Answer:
    python = workshop.base() if existing is None else asyncio.run(_python(existing))
    wishes = pip_wishes(workshop.definition.environment, python)
    data: dict[str, object] = {
        "ok": True,
        "line": wishes.line,
        "python": python.version,
        "torch": python.torch,
    }
    return 0, data, [wishes.line or "Nothing is missing."]


def _pip_install(workshop: Workshop, existing: Path, wait: Wait) -> Answer:
    workshop.kernel_access = kernel = KernelOfFile(existing)
    job = workshop.start("install_in_kernel", wish=Wish(module=workshop.definition.modules[0].id))
    wait(job)
    failure = job.status.failure
    if failure or kernel.receipt is None:
        if failure:
            complain(failure)
        return 1, {"ok": False, "failure": failure and failure.model_dump()}, []
    installed = kernel.receipt.installed
    lines = [f"installed {pin}" for pin in installed]
    lines.append("Restart the kernel to use them." if installed else "Nothing was missing.")
    data: dict[str, object] = {"ok": True, "installed": installed, "restart": bool(installed)}
    return 0, data, lines


class KernelOfFile:
    """The one kernel that a connection file leads to, whatever notebook it serves.

    Implements :class:`~jupyter_monai_workshop.kernels.access.KernelAccess`.

    Attributes
    ----------
    receipt
        What was done in it; ``None`` before anything was.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self.receipt: KernelReceipt | None = None

    def install(
        self, notebook: str, environment: Environment, progress: Progress, *, before: str
    ) -> KernelReceipt:
        """See the protocol."""
        self.receipt = _finished(self._install(environment, progress, before), progress)
        return self.receipt

    def restart(self, notebook: str, progress: Progress) -> None:
        """Refuse: only who started a kernel can start it again."""
        raise KernelMissing

    async def _install(
        self, environment: Environment, progress: Progress, before: str
    ) -> KernelReceipt:
        async with _connected(self._file) as (client, name):
            return await install_in_kernel(
                environment,
                client,
                kernel_name=name,
                alive=self._file.exists,
                before=before,
                progress=progress,
            )


async def _python(file: Path) -> KernelPython:
    async with _connected(file) as (client, _):
        return await KernelTalk(client, file.exists).python()


@asynccontextmanager
async def _connected(file: Path) -> AsyncIterator[tuple[AsyncKernelClient, str]]:
    """Connect to the kernel of a connection file; yield the client and the kernel's name."""
    try:
        info = json.loads(await asyncio.to_thread(file.read_bytes))
        client = AsyncKernelClient()
        client.load_connection_info(info)
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise NoConnection(
            f"{file} is no connection file of a kernel.",
            hint="In a notebook, %connect_info shows the file's path.",
            details=str(error),
        ) from error
    # The shell channel of the Jupyter protocol, not a shell of the system.
    client.start_channels(shell=True, iopub=True, stdin=False, hb=False)  # noqa: S604
    try:
        yield client, str(info.get("kernel_name", ""))
    finally:
        client.stop_channels()


def _finished(work: Coroutine[Any, Any, KernelReceipt], progress: Progress) -> KernelReceipt:
    """Do `work` on a loop of its own; a stop cancels it."""

    async def guarded() -> KernelReceipt:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None

        def stop() -> None:
            loop.call_soon_threadsafe(task.cancel)

        with progress.on_cancel(stop):
            return await work

    try:
        return asyncio.run(guarded())
    except asyncio.CancelledError:
        progress.raise_if_cancelled()
        raise


class NoConnection(WorkshopError):
    """``--existing`` names no connection file of a kernel."""

    code = "no_connection"


class NoEnvironment(WorkshopError):
    """What ``remove`` is told cannot be the name of a workshop."""

    code = "unknown_workshop"


def remove(name: str, jupyter_data: Path) -> Answer:
    """Remove a workshop's Python environment and kernel; all else stays.

    The workshop need not be on offer any more.
    """
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise NoEnvironment(
            f"{name!r} is no name of a workshop.", hint="“jupyter monai-workshop list” tells them."
        )
    place = place_of(name, jupyter_data)
    removed = remove_environment(place)
    message = (
        "The Python environment and its kernel are removed. Notebooks and data are untouched."
        if removed
        else "There was no Python environment to remove."
    )
    return 0, {"ok": True, "removed": removed}, [message]
