"""The process of a kernel, and those that it has started."""

from __future__ import annotations

import contextlib
import os
import signal

from .cell_client import CellClient


def process_group(client: CellClient) -> int:
    """Return the process group that the kernel leads, 0 where there are none."""
    provisioner = client.km.provisioner if client.km else None
    return int(getattr(provisioner, "pgid", None) or 0)


def is_alive(client: CellClient) -> bool:
    """Return whether the kernel's process runs."""
    process = getattr(client.km.provisioner, "process", None) if client.km else None
    return process is not None and process.poll() is None


def end_group(group: int) -> None:
    """End what a kernel has started and left behind, such as a training of its own."""
    if group and group != os.getpgrp():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
