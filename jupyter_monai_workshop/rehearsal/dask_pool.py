"""The same tasks on the workers of a Dask cluster. Dask is asked for only here."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from ..errors import WorkshopError
from .module_rehearsal import rehearse_module
from .results import ModuleResult
from .task import Task
from .telling import Line, Told


class DaskUnavailable(WorkshopError):
    """Dask is not installed, or its scheduler cannot be reached."""

    code = "dask_unavailable"


@dataclass(frozen=True)
class DaskLine:
    """A line over the scheduler's events, which outlive a worker.

    Attributes
    ----------
    topic
        Name of the events, and of the event that means stop.
    """

    topic: str

    def here(self) -> Line:
        """Return the line of the worker whose task this is."""
        from distributed import Event, get_client, get_worker

        return _WorkerLine(self.topic, get_worker(), Event(self.topic, client=get_client()))

    def tell(self, told: Told) -> None:
        """Do nothing: only a worker tells."""

    def stopped(self) -> bool:
        """Return false: only a worker is stopped."""
        return False


@dataclass(frozen=True)
class _WorkerLine:
    topic: str
    worker: Any
    event: Any

    def here(self) -> Line:
        return self

    def tell(self, told: Told) -> None:
        # Dask writes the worker's address into what it is given.
        self.worker.log_event(self.topic, {"told": told.model_dump(mode="json")})

    def stopped(self) -> bool:
        try:
            return bool(self.event.is_set())
        except Exception:  # the scheduler is gone, and with it everybody who waits
            return True


class DaskPool:
    """The workers of a Dask cluster.

    The scheduler gives the tasks of a lost worker to others by itself.

    Parameters
    ----------
    gpu
        Whether each task takes a resource ``GPU`` of its worker.
    """

    def __init__(self, client: Any, *, gpu: bool) -> None:
        from distributed import Event

        self._line = DaskLine(f"monai-workshop-rehearsal-{uuid4().hex}")
        self._client = client
        self._told: list[Told] = []
        self._stop = Event(self._line.topic, client=client)
        client.subscribe_topic(self._line.topic, self._hear)
        resources = {"resources": {"GPU": 1}} if gpu and _offers_gpus(client) else {}
        self._executor: Executor = client.get_executor(pure=False, **resources)

    def submit(self, task: Task) -> Future[ModuleResult]:
        """Give a task to a worker."""
        return self._executor.submit(rehearse_module, task, self._line)

    def heard(self) -> Iterator[Told]:
        """Yield everything that was told since the beginning, each task's in order."""
        return iter(tuple(self._told))

    def stop(self) -> None:
        """Ask every task to stop; returns at once."""
        self._stop.set()

    def gave_up(self, error: BaseException) -> bool:
        """Return whether a task failed because it lost too many workers."""
        from distributed.scheduler import KilledWorker

        return isinstance(error, KilledWorker)

    def close(self) -> None:
        """Forget the events; the cluster stays as it was."""
        self._client.unsubscribe_topic(self._line.topic)

    def _hear(self, event: tuple[float, Any]) -> None:
        self._told.append(Told.model_validate(event[1]["told"]))


@contextmanager
def dask_pool(address: str, *, gpu: bool) -> Iterator[DaskPool]:
    """Give the cluster whose scheduler has that address.

    Raises
    ------
    DaskUnavailable
        If Dask is not installed, or nobody answers there.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise DaskUnavailable(
            "Dask is not installed.", hint="Install it: pip install 'jupyter_monai_workshop[dask]'."
        ) from error
    try:
        client = Client(address, timeout=20)
    except (OSError, ValueError) as error:
        raise DaskUnavailable(
            f"No Dask scheduler answers at {address}.",
            hint="Look at the address, such as tcp://10.0.0.5:8786, and at the firewall.",
            details=str(error),
        ) from error
    with client:
        pool = DaskPool(client, gpu=gpu)
        try:
            yield pool
        finally:
            pool.close()


def _offers_gpus(client: Any) -> bool:
    """Return whether workers say that they have GPUs; yes while there is none yet."""
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    return not workers or any(worker.get("resources", {}).get("GPU") for worker in workers)
