"""Child processes in groups of their own, all of which a stop reaches."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from ..jobs.progress import Progress

LAST_LINES = 30
GRACE_SECONDS = 0.7
"""Between asking a child process to stop and ending it; a cancel answers within two seconds."""


def run_in_group(
    command: Sequence[str],
    *,
    environ: Mapping[str, str],
    folder: Path,
    progress: Progress,
    on_line: Callable[[str], None] = lambda line: None,
    kept: int = LAST_LINES,
) -> tuple[int, list[str]]:
    """Run `command` in a process group of its own and return its status and last lines.

    Parameters
    ----------
    kept
        How many lines at most.

    Raises
    ------
    Cancelled
        If a stop was asked for, also when it came too late to matter.
    """
    with in_group(command, environ=environ, folder=folder, progress=progress) as process:
        return told_by(process, progress, on_line=on_line, kept=kept)


def told_by(
    process: subprocess.Popen[str],
    progress: Progress,
    *,
    on_line: Callable[[str], None] = lambda line: None,
    kept: int = LAST_LINES,
) -> tuple[int, list[str]]:
    """Wait until `process` ends, and return its status and last lines.

    Raises
    ------
    Cancelled
        If a stop was asked for.
    """
    assert process.stdout is not None
    lines: deque[str] = deque(maxlen=kept)
    for line in process.stdout:
        lines.append(redacted(line.rstrip()))
        on_line(lines[-1])
    status = process.wait()
    progress.raise_if_cancelled()
    return status, list(lines)


@contextmanager
def in_group(
    command: Sequence[str],
    *,
    environ: Mapping[str, str],
    folder: Path,
    progress: Progress,
    stdin: int = subprocess.DEVNULL,
) -> Iterator[subprocess.Popen[str]]:
    """Start `command` in a process group of its own, and wait for its end with the block.

    A stop reaches every process of the group: first a request to end, then the end. So
    does leaving the block before the process has ended by itself.

    Raises
    ------
    Cancelled
        If a stop was asked for before.
    """
    progress.raise_if_cancelled()
    with subprocess.Popen(
        list(command),
        cwd=folder,
        env=dict(environ),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            with progress.on_cancel(lambda: _stop(process)):
                # The stop may have been asked for before anybody listened for it.
                progress.raise_if_cancelled()
                yield process
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[str]) -> None:
    if process.returncode is None:
        _signal(process, "SIGTERM")
        timer = threading.Timer(GRACE_SECONDS, _signal, (process, "SIGKILL"))
        timer.daemon = True
        timer.start()


def _signal(process: subprocess.Popen[str], name: str) -> None:
    if process.returncode is not None:
        return
    # Not polled: while nobody has waited for the leader its number names this group only,
    # and its children may outlive it.
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, getattr(signal, name))
        else:
            process.kill()


def redacted(text: str) -> str:
    """Return `text` without the user names and passwords of its addresses."""
    return re.sub(r"(\b[a-z][a-z0-9+.-]*://)[^/\s@]+@", r"\1***@", text, flags=re.IGNORECASE)
