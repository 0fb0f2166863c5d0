"""When a notebook was last saved by somebody else than this program.

A file that was corrected here is newer than what its cells show. The time at which a page
saved it last is kept with the file, as an extended attribute, and counts as long as nobody
has written the file since. Where a system or a disk has no such attributes, the file's own
time is all that is known.
"""

from __future__ import annotations

import os
from pathlib import Path

_NAME = "user.jupyter-monai-workshop.saved"


def last_saved(path: Path) -> int:
    """Return when somebody else saved the file at `path`, in nanoseconds since 1970.

    Raises
    ------
    OSError
        If there is no such file.
    """
    written = path.stat().st_mtime_ns
    try:
        note = os.getxattr(path, _NAME).decode()
        ours, saved = map(int, note.split())
    except (AttributeError, OSError, ValueError):  # not on this system; not here; not ours
        return written
    return saved if ours == written else written


def note_saved(path: Path, saved: int) -> None:
    """Note with a file that was written here when somebody else saved it last."""
    try:
        os.setxattr(path, _NAME, f"{path.stat().st_mtime_ns} {saved}".encode())
    except (AttributeError, OSError):
        return
