"""Reaches the server's kernels for jobs, which run in threads: on this machine or elsewhere."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from jupyter_core.utils import ensure_async
from jupyter_server.gateway.managers import GatewayKernelClient

from ..definition.models import Environment
from ..jobs.progress import Progress
from ..kernels.failures import KernelMissing
from ..kernels.in_kernel import KernelTalk, TalkClient, install_in_kernel
from ..kernels.kernel_python import KernelPython
from ..kernels.kernel_receipt import KernelReceipt
from . import gateway_kernel
from .watching import without_drive

AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True)
class RunningKernel:
    """A kernel that runs for a notebook."""

    id: str
    name: str


class ServerKernels:
    """The kernels of this server.

    Implements :class:`~jupyter_monai_workshop.kernels.access.KernelAccess`.

    Parameters
    ----------
    kernels, sessions
        The server's kernel manager and session manager.
    loop
        The loop that they live on.
    identified
        Called with the id of a kernel that packages came into, and its process.
    """

    def __init__(
        self,
        kernels: Any,
        sessions: Any,
        loop: asyncio.AbstractEventLoop,
        identified: Callable[[str, str], None],
    ) -> None:
        self._kernels = kernels
        self._sessions = sessions
        self._loop = loop
        self._identified = identified

    def install(
        self, notebook: str, environment: Environment, progress: Progress, *, before: str
    ) -> KernelReceipt:
        """See the protocol."""
        return self._wait_for(self._install(notebook, environment, progress, before), progress)

    def restart(self, notebook: str, progress: Progress) -> None:
        """See the protocol."""
        progress.report("waiting", None, "the kernel starts again")
        self._wait_for(self._restart(notebook), progress)

    async def find(self, notebook: str) -> RunningKernel | None:
        """Return the kernel that runs for the notebook, ``None`` without one."""
        for session in await ensure_async(self._sessions.list_sessions()):
            kernel = session.get("kernel")
            if kernel and without_drive(session["path"]) == notebook:
                return RunningKernel(kernel["id"], kernel["name"])
        return None

    async def python(self, kernel: RunningKernel) -> tuple[KernelPython, str]:
        """Return what the Python of a kernel has, and the identity of its process.

        Raises
        ------
        EnvironmentFailure
            If the kernel is busy, gone, or no Python with pip.
        """
        async with self._connected(kernel) as client:
            talk = KernelTalk(client, lambda: kernel.id in self._kernels)
            return await talk.python(), talk.process

    async def _install(
        self, notebook: str, environment: Environment, progress: Progress, before: str
    ) -> KernelReceipt:
        kernel = await self._found(notebook)
        async with self._connected(kernel) as client:
            receipt = await install_in_kernel(
                environment,
                client,
                kernel_name=kernel.name,
                alive=lambda: kernel.id in self._kernels,
                before=before,
                progress=progress,
            )
        if receipt.process:
            self._identified(kernel.id, receipt.process)
        return receipt

    async def _restart(self, notebook: str) -> None:
        kernel = await self._found(notebook)
        await ensure_async(self._kernels.restart_kernel(kernel.id))

    async def _found(self, notebook: str) -> RunningKernel:
        kernel = await self.find(notebook)
        if kernel is None:
            raise KernelMissing
        return kernel

    @asynccontextmanager
    async def _connected(self, kernel: RunningKernel) -> AsyncIterator[TalkClient]:
        client = self._kernels.get_kernel(kernel.id).client()
        if isinstance(client, GatewayKernelClient):
            async with gateway_kernel.connected(client) as remote:
                yield remote
            return
        # The shell channel of the Jupyter protocol, not a shell of the system.
        client.start_channels(shell=True, iopub=True, stdin=False, hb=False)  # noqa: S604
        try:
            yield client
        finally:
            client.stop_channels()

    def _wait_for(self, work: Coroutine[Any, Any, AnswerT], progress: Progress) -> AnswerT:
        """Do `work` on the loop and wait for it in this thread; a stop cancels it."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)

        def stop() -> None:
            future.cancel()

        with progress.on_cancel(stop):
            try:
                return future.result()
            except concurrent.futures.CancelledError:
                progress.raise_if_cancelled()
                raise KernelMissing from None
