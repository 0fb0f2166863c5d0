"""The kernels that run, as far as work on them needs to reach them."""

from __future__ import annotations

from typing import Protocol

from ..definition.models import Environment
from ..jobs.progress import Progress
from .failures import KernelMissing
from .kernel_receipt import KernelReceipt


class KernelAccess(Protocol):
    """Reaches the kernel of a notebook; called in the threads of jobs."""

    def install(
        self, notebook: str, environment: Environment, progress: Progress, *, before: str
    ) -> KernelReceipt:
        """Install into the kernel of the notebook at that path of the contents API.

        Parameters
        ----------
        before
            The kernel process that packages came into before; it must be restarted, too.

        Raises
        ------
        EnvironmentFailure
            :class:`KernelMissing` if no kernel runs for it, else as
            :func:`~jupyter_monai_workshop.kernels.in_kernel.install_in_kernel`.
        Cancelled
            If a stop was asked for.
        """

    def restart(self, notebook: str, progress: Progress) -> None:
        """Restart the kernel of the notebook; what it holds is lost.

        Raises
        ------
        KernelMissing
            If none runs for it.
        """


class NoKernels:
    """A place from which no kernel can be reached, such as the command line."""

    def install(
        self, notebook: str, environment: Environment, progress: Progress, *, before: str
    ) -> KernelReceipt:
        """Refuse."""
        raise KernelMissing

    def restart(self, notebook: str, progress: Progress) -> None:
        """Refuse."""
        raise KernelMissing
