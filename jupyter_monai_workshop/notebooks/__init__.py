"""Notebooks: finding a cell, patching its source, and telling which cell was executed.

A file is never written anew as a whole: patches change the few characters that they
are about, so that ``git diff`` shows them and nothing else.
"""

from .addresses import AddressConflict, find_cell
from .edits import PatchConflict, SourceEdit, edit_source, revert_source
from .files import NotebookIsLink, NotebookNotWritten, patch_file, unpatch_file
from .matching import match_cell
from .patches import (
    PatchState,
    PatchStatus,
    apply_patches,
    patch_states,
    preview,
    revert_patches,
)
from .reading import (
    Cell,
    Notebook,
    NotebookMissing,
    NotebookTooLarge,
    NotebookUnreadable,
    parse_notebook,
    read_notebook,
)

__all__ = [
    "AddressConflict",
    "Cell",
    "Notebook",
    "NotebookIsLink",
    "NotebookMissing",
    "NotebookNotWritten",
    "NotebookTooLarge",
    "NotebookUnreadable",
    "PatchConflict",
    "PatchState",
    "PatchStatus",
    "SourceEdit",
    "apply_patches",
    "edit_source",
    "find_cell",
    "match_cell",
    "parse_notebook",
    "patch_file",
    "patch_states",
    "preview",
    "read_notebook",
    "revert_patches",
    "revert_source",
    "unpatch_file",
]
