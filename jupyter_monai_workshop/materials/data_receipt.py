"""The receipt of a data set: the file that is written last and tells what is there."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import asdict, dataclass
from pathlib import Path

from ..definition.models import Data, DataSet

RECEIPT = ".monai-workshop-data.json"
"""The file in a kept folder that says that the folder is whole."""

_FORMAT = 1
_MOST = 200
_FOLDER = -1
_SAME_TIME = 2 * 10**9
"""Two seconds in nanoseconds: some disks round times that much."""

Seen = tuple[str, int, int]
"""Path, size in bytes (-1 for a folder) and time of change in nanoseconds."""


@dataclass(frozen=True)
class Receipt:
    """What was brought.

    Attributes
    ----------
    checksum, unpack
        What was served, as :func:`identity` tells it.
    replacement
        Fingerprint of what stood in for the addresses of the definition; empty if nothing did.
    checked
        Whether the checksum was compared.
    in_place
        A folder elsewhere that is used as it is; empty if the files are beside the receipt.
    spread
        Files and folders, at most some hundreds, spread over all that was written.
    """

    checksum: str
    unpack: str
    replacement: str = ""
    checked: bool = True
    in_place: str = ""
    spread: tuple[Seen, ...] = ()

    @classmethod
    def read(cls, folder: Path) -> Receipt | None:
        """Return the receipt in `folder`, or ``None`` if there is no readable one."""
        try:
            told = json.loads((folder / RECEIPT).read_text(encoding="utf-8"))
            if told.pop("format") != _FORMAT:
                return None
            spread = tuple((str(path), int(size), int(time)) for path, size, time in told["spread"])
            return cls(**{**told, "spread": spread})
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def write(self, folder: Path) -> None:
        """Write the receipt into `folder`, in one step."""
        fresh = folder / f"{RECEIPT}.fresh"
        fresh.write_text(json.dumps({"format": _FORMAT, **asdict(self)}), encoding="utf-8")
        fresh.replace(folder / RECEIPT)

    def serves(self, data: Data) -> bool:
        """Return whether this is the receipt of `data` as it is defined now."""
        return (self.checksum, self.unpack) == identity(data)

    def holds(self, folder: Path) -> bool:
        """Return whether what the receipt tells is there, as far as a quick look shows."""
        if self.in_place:
            return _has_something(Path(self.in_place))
        return all(_unchanged(folder, seen) for seen in self.spread)


def identity(data: Data) -> tuple[str, str]:
    """Return what makes the contents of `data` what they are: a proof, and what is taken of it."""
    if isinstance(data, DataSet):
        return data.checksum, data.unpack
    return f"commit:{data.commit}", data.path


def spread_over(tree: Path, *, most: int = _MOST) -> tuple[Seen, ...]:
    """Return files and folders spread evenly over `tree`, at most `most` of each kind."""
    folders, files = Sampler(most), Sampler(most)
    for here, names, file_names in os.walk(tree):
        for name in names:
            folders.add(os.path.relpath(os.path.join(here, name), tree))  # noqa: PTH118
        for name in file_names:
            files.add(os.path.relpath(os.path.join(here, name), tree))  # noqa: PTH118
    return tuple(_seen(tree, path) for path in (*folders.kept, *files.kept))


class Sampler:
    """Keeps an even spread of what it is given, without keeping everything."""

    def __init__(self, most: int) -> None:
        self.kept: list[str] = []
        self._most = most
        self._stride = 1
        self._given = 0

    def add(self, path: str) -> None:
        """Take every so many-th path; take fewer once there are too many."""
        if self._given % self._stride == 0:
            self.kept.append(path)
        self._given += 1
        if len(self.kept) > self._most:
            del self.kept[1::2]
            self._stride *= 2


def _seen(tree: Path, path: str) -> Seen:
    status = (tree / path).lstat()
    is_folder = stat.S_ISDIR(status.st_mode)
    return path, _FOLDER if is_folder else status.st_size, status.st_mtime_ns


def _unchanged(folder: Path, before: Seen) -> bool:
    try:
        _, size, time = _seen(folder, before[0])
    except OSError:
        return False
    # A folder's time changes when the attendee adds a file to it, which is no damage.
    return size == before[1] and (size == _FOLDER or abs(time - before[2]) <= _SAME_TIME)


def _has_something(folder: Path) -> bool:
    try:
        return any(folder.iterdir())
    except OSError:
        return False
