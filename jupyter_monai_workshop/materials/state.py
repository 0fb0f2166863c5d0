"""What lies in the target folder now. Looks only: no network, no child process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path


@dataclass(frozen=True)
class MaterialsState:
    """Whether the materials are there.

    Attributes
    ----------
    present
        Whether the whole, verified materials of a version of ours are in the target
        folder. Edits by the attendee do not change that.
    message
        One plain sentence for the panel.
    commit
        The commit that is there, for materials from git.
    outdated
        Whether it is another version than the workshop names now. It goes on working until
        somebody asks for the update.
    """

    present: bool
    message: str
    commit: str = ""
    outdated: bool = False


class Holding(Enum):
    """What a target folder holds."""

    NOTHING = "nothing"
    OURS = "ours"
    OTHER_VERSION = "other version"
    BY_HAND = "by hand"
    SOMETHING_ELSE = "something else"


def describe(holding: Holding, target: Path, commit: str = "") -> MaterialsState:
    """Return the state that tells `holding`."""
    name = target.name
    match holding:
        case Holding.OURS:
            return MaterialsState(True, "The materials are here.", commit)
        case Holding.NOTHING:
            return MaterialsState(False, "The materials are not here yet.")
        case Holding.OTHER_VERSION:
            return MaterialsState(
                True, "A newer version of the materials is there.", commit, outdated=True
            )
        case Holding.BY_HAND:
            return MaterialsState(
                False, f"The folder “{name}” is a clone made by hand; it can be used as it is."
            )
        case Holding.SOMETHING_ELSE:
            return MaterialsState(False, f"The folder “{name}” holds something else.")


def look(target: Path, inside: Callable[[Path], Holding]) -> Holding:
    """Return what `target` holds; `inside` looks into a folder that is not empty."""
    if target.is_symlink() and not target.exists():
        return Holding.SOMETHING_ELSE
    if not target.exists():
        return Holding.NOTHING
    if not target.is_dir():
        return Holding.SOMETHING_ELSE
    if not any(target.iterdir()):
        return Holding.NOTHING
    return inside(target)
