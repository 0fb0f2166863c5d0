"""A new version of the materials, brought to a folder in which somebody has worked.

The catalogue of cases is ``docs/materials.md``.
"""

from .failures import ChangedMeanwhile, NotebookNotGiven, NothingToUndo, NotThere
from .report import UpdateReport
from .starting_again import start_again
from .undoing import last_update, undo_update
from .updating import update_materials

__all__ = [
    "ChangedMeanwhile",
    "NotThere",
    "NotebookNotGiven",
    "NothingToUndo",
    "UpdateReport",
    "last_update",
    "start_again",
    "undo_update",
    "update_materials",
]
