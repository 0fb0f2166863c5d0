"""The generations of an environment: which is in use, which can go."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from ..jobs.progress import Progress, Silent
from .failures import told_plainly
from .kernel_receipt import receipt_file
from .kernelspec import KernelspecProblem, read_kernelspec
from .place import EnvironmentPlace, generation_of

LOCK_POLL_SECONDS = 0.2


def current_generation(place: EnvironmentPlace) -> Path | None:
    """Return the generation that the kernelspec names, ``None`` without one."""
    kernel = read_kernelspec(place)
    if isinstance(kernel, KernelspecProblem):
        return None
    return generation_of(Path(kernel.argv[0]), place)


def new_generation(place: EnvironmentPlace) -> Path:
    """Return the path of a generation that does not exist yet."""
    return place.environment / f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"


def sweep(place: EnvironmentPlace) -> None:
    """Remove every generation that is neither current nor used by a process.

    That takes along what a killed build left behind. Call it with the lock held.
    """
    if not place.environment.is_dir():
        return
    current = current_generation(place)
    for folder in place.environment.iterdir():
        if folder != current and not in_use(folder):
            shutil.rmtree(folder, ignore_errors=True)


def in_use(generation: Path) -> bool:
    """Return whether a process runs the Python of `generation`, or was started by one."""
    mark = os.fsencode(str(generation))
    processes = Path("/proc")
    if (processes / "self" / "environ").exists():
        return any(
            mark + b"/" in _content(process / "cmdline")
            or b"VIRTUAL_ENV=" + mark + b"\0" in _content(process / "environ")
            for process in processes.glob("[0-9]*")
        )
    try:
        listing = subprocess.run(
            ["ps", "-A", "-ww", "-o", "args="], capture_output=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return True
    return mark + b"/" in listing.stdout


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


@contextmanager
def held(place: EnvironmentPlace, progress: Progress) -> Iterator[None]:
    """Hold the place's lock during the block; waits for whoever holds it, process or thread.

    Raises
    ------
    Cancelled
        If a stop is asked for while waiting.
    FolderNotWritable
        If the lock's folder cannot be written.
    """
    with told_plainly():
        place.lock_file.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(place.lock_file)
        while True:
            progress.raise_if_cancelled()
            try:
                lock.acquire(timeout=LOCK_POLL_SECONDS)
                break
            except Timeout:
                progress.report("waiting", None, "another preparation of this environment")
    try:
        yield
    finally:
        lock.release()


def remove_environment(place: EnvironmentPlace) -> bool:
    """Remove the environment, its kernelspec and every receipt; return whether there was any.

    A kernel that runs from it keeps what it has imported, and no more. What was installed
    into a kernel's own Python is not taken from it.

    Raises
    ------
    EnvironmentFailure
        If the system does not let go of a file.
    """
    found = [place.kernelspec, place.environment, receipt_file(place)]
    found = [path for path in found if os.path.lexists(path)]
    with told_plainly():
        if found:
            with held(place, Silent()):
                for path in found:
                    _remove(path)
        place.lock_file.unlink(missing_ok=True)
    for folder in (place.kernelspec.parent, *list(place.environment.parents)[:2]):
        with suppress(OSError):  # it holds something else, or was never there
            folder.rmdir()
    return bool(found)


def _remove(path: Path) -> None:
    with suppress(FileNotFoundError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
