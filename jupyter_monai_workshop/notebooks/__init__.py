"""Notebooks: cells found, patched, merged, and matched to what was executed.

Patches never write a file anew as a whole: they change the few characters that they
are about, so that ``git diff`` shows them and nothing else. Only a merge that brings
something writes all of a notebook, the way Jupyter does.
"""

from .addresses import AddressConflict, find_cell
from .edits import PatchConflict, SourceEdit, edit_source, revert_source
from .files import NotebookIsLink, NotebookNotWritten, patch_file, unpatch_file
from .matching import match_cell
from .merging import MergedNotebook, merge_notebooks
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
from .versions import NotebookUnmergeable

__all__ = [
    "AddressConflict",
    "Cell",
    "MergedNotebook",
    "Notebook",
    "NotebookIsLink",
    "NotebookMissing",
    "NotebookNotWritten",
    "NotebookTooLarge",
    "NotebookUnmergeable",
    "NotebookUnreadable",
    "PatchConflict",
    "PatchState",
    "PatchStatus",
    "SourceEdit",
    "apply_patches",
    "edit_source",
    "find_cell",
    "match_cell",
    "merge_notebooks",
    "parse_notebook",
    "patch_file",
    "patch_states",
    "preview",
    "read_notebook",
    "revert_patches",
    "revert_source",
    "unpatch_file",
]
