"""Why an update, its undoing or a fresh start cannot be: told in plain words."""

from __future__ import annotations

from pathlib import Path

from ..errors import WorkshopError


class NotThere(WorkshopError):
    """The materials are not in the folder, so they cannot be brought up to date."""

    code = "materials_not_there"

    def __init__(self, target: Path) -> None:
        super().__init__(
            f"The folder “{target.name}” does not hold the workshop's materials.",
            hint="Get the materials first.",
        )


class NothingToUndo(WorkshopError):
    """There was no update, or it was taken back already."""

    code = "nothing_to_undo"

    def __init__(self) -> None:
        super().__init__(
            "There is no update that could be taken back.",
            hint="Only the last update can be taken back, and only once. To get a notebook as "
            "the organiser made it, use “Start again”.",
        )


class ChangedMeanwhile(WorkshopError):
    """Something else keeps writing the files that the work is about."""

    code = "changed_meanwhile"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"Something else keeps writing “{path}”.",
            hint="Save and close the notebook, wait a moment and try again. Nothing is lost.",
        )


class NotebookNotGiven(WorkshopError):
    """The version that is there has no such notebook, or it cannot be had any more."""

    code = "notebook_not_given"

    def __init__(self, notebook: str, *, hint: str) -> None:
        super().__init__(
            f"“{notebook}” cannot be had as the organiser made it.",
            hint=hint,
        )


class InTheWay(WorkshopError):
    """A folder that the work needs was replaced by something else."""

    code = "in_the_way"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"“{path}” is no folder any more, so nothing can be put into it.",
            hint="Rename it, then try again.",
        )
