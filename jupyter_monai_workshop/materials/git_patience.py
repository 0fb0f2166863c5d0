"""How long a broken connection is tried again."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from ..jobs.progress import Progress


@dataclass(frozen=True)
class GitPatience:
    """How a fetch behaves on a bad network.

    Attributes
    ----------
    pauses
        Seconds to wait before each new try at one address after its connection broke; when
        they are used up, the next address has its turn. A try that brought something new
        begins them anew.
    silence
        Seconds without a byte from an HTTP server after which a try is over.
    """

    pauses: tuple[float, ...] = (1, 2, 4, 8)
    silence: float = 60


def pause(seconds: float, progress: Progress) -> None:
    """Wait, and tell so.

    Raises
    ------
    Cancelled
        As soon as a stop is asked for.
    """
    progress.report(
        "waiting", message=f"The connection broke. Trying again in {seconds:g} seconds."
    )
    stop = threading.Event()
    with progress.on_cancel(stop.set):
        progress.raise_if_cancelled()  # it may have been asked for before it could be heard here
        stop.wait(seconds)
    progress.raise_if_cancelled()
