"""Disks that come and go, on machines that let a test mount one."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager


@contextmanager
def mount(command: Sequence[str]) -> Iterator[bool]:
    """Mount by `command`, whose last word is the folder; tell whether that was allowed."""
    try:
        mounted = subprocess.run(command, capture_output=True).returncode == 0
    except FileNotFoundError:
        mounted = False
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", command[-1]], check=True)
