"""What is there of a data set now. Looks only: no network, no hashing, nothing written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..definition.models import Data, DataSet
from .data_copy import DataCopy
from .data_failures import megabytes
from .data_receipt import Receipt, identity


@dataclass(frozen=True)
class DataState:
    """Whether a data set is there.

    Attributes
    ----------
    present
        Whether the whole, checked data set is in its folder. Files that the attendee
        adds do not change that.
    message
        One plain sentence for the panel.
    folder
        The folder that the environment variable names; ``None`` while it is not there.
    """

    present: bool
    message: str
    folder: Path | None


def data_folder(data: Data, root: Path, replacement: str = "") -> Path:
    """Return the folder where `data` is or will be.

    That is one below `root`, named by its id and checksum or commit, so another version is
    another folder; or the folder that is its `replacement` (as for :func:`bring_data`).
    """
    copy = DataCopy.of(data, replacement)
    if copy.in_place and copy.path is not None:
        return copy.path
    proof, _ = identity(data)
    return root / f"{data.id}-{proof.partition(':')[2][:12]}"


def arriving_folder(folder: Path) -> Path:
    """Return the hidden folder beside `folder` in which it grows."""
    return folder.with_name(f".{folder.name}.arriving")


def part_file(folder: Path) -> Path:
    """Return the file that holds what has arrived so far of the data set for `folder`."""
    return arriving_folder(folder) / "file.part"


def observe_data(data: Data, root: Path) -> DataState:
    """Look whether `data` is in its folder below `root`.

    Reads the receipt, which is written last, and the sizes and times of a spread of files;
    takes a few milliseconds also for a hundred thousand files.
    """
    folder = data_folder(data, root)
    receipt = Receipt.read(folder)
    if receipt is None:
        return DataState(False, _how_far(data, folder), None)
    used = Path(receipt.in_place) if receipt.in_place else folder
    whole = receipt.holds(folder) and receipt.serves(data)
    if not whole or not all(_is_there(used / path) for path in data.provides):
        return DataState(False, f"The data set “{data.title}” is incomplete or was changed.", None)
    if not receipt.replacement:
        return DataState(True, f"The data set “{data.title}” is here.", used)
    unchecked = "" if receipt.checked else "; it was not checked"
    return DataState(True, f"A copy stands in for the data set “{data.title}”{unchecked}.", used)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a folder above it may not be read
        return False


def _how_far(data: Data, folder: Path) -> str:
    try:
        arrived = min(part_file(folder).stat().st_size, data.size)
    except OSError:
        arrived = 0
    if not arrived:
        return f"The data set “{data.title}” is not here yet."
    size = megabytes(data.size)
    if not isinstance(data, DataSet) or data.size_is != "exact":
        size = f"about {size}"
    return (
        f"The data set “{data.title}” is not here yet; {megabytes(arrived)} of {size} have arrived."
    )
