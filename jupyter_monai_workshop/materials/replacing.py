"""Putting a file in its place in one step, so that whoever is killed leaves it old or new."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from secrets import token_hex

_CHUNK = 1 << 20


def write_new(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a file that is not there yet, and see it onto the disk.

    Parameters
    ----------
    mode
        Permission bits, taken as they are.
    """
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        path.chmod(mode)
        os.fsync(file.fileno())


def copy_new(old: Path, path: Path, mode: int = 0o644) -> None:
    """Write a copy of `old` that is not there yet, and see it onto the disk."""
    with old.open("rb") as source, path.open("xb") as file:
        shutil.copyfileobj(source, file, _CHUNK)
        file.flush()
        path.chmod(mode)
        os.fsync(file.fileno())


def put(ready: Path, path: Path) -> None:
    """Make the finished file or link `ready` be at `path`, whatever file was there before.

    Where the two are on different disks, it is copied beside `path` first.
    """
    try:
        ready.replace(path)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        near = path.with_name(f".monai-workshop-{token_hex(6)}.tmp")
        try:
            if ready.is_symlink():
                near.symlink_to(ready.readlink())
            else:
                copy_new(ready, near, ready.stat().st_mode & 0o7777)
            near.replace(path)
        finally:
            near.unlink(missing_ok=True)
        ready.unlink()
    sync_folder(path.parent)


def replace_file(path: Path, content: bytes, scratch: Path, mode: int = 0o644) -> None:
    """Write a file by way of the folder `scratch`, which is on the same disk."""
    ready = scratch / token_hex(8)
    write_new(ready, content, mode)
    put(ready, path)


def sync_folder(folder: Path) -> None:
    """Make new names in `folder` outlast a power cut, where the system can promise that."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)
