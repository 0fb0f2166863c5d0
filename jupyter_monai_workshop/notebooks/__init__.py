"""Notebooks: cells found, patched, merged, and matched to what was executed.

Patches never write a file anew as a whole: they change the few characters that they
are about, so that ``git diff`` shows them and nothing else. Only a merge that brings
something writes all of a notebook, the way Jupyter does.
"""

from .addresses import AddressConflict, find_cell
from .changes import CellChange, PlacedEdit, placed
from .edits import PatchConflict, SourceEdit, edit_source, revert_source
from .files import NotebookIsLink, NotebookNotWritten, change_files, patch_file, unpatch_file
from .matching import match_cell
from .merging import MergedNotebook, merge_notebooks
from .parameters import ParameterConflict, ParameterUnfit, Plain
from .patches import (
    PatchState,
    PatchStatus,
    applied_patches,
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
    open_notebook,
    parse_notebook,
    read_notebook,
)
from .rewriting import change_text
from .settings import Originals
from .versions import NotebookUnmergeable

__all__ = [
    "AddressConflict",
    "Cell",
    "CellChange",
    "MergedNotebook",
    "Notebook",
    "NotebookIsLink",
    "NotebookMissing",
    "NotebookNotWritten",
    "NotebookTooLarge",
    "NotebookUnmergeable",
    "NotebookUnreadable",
    "Originals",
    "ParameterConflict",
    "ParameterUnfit",
    "PatchConflict",
    "PatchState",
    "PatchStatus",
    "PlacedEdit",
    "Plain",
    "SourceEdit",
    "applied_patches",
    "apply_patches",
    "change_files",
    "change_text",
    "edit_source",
    "find_cell",
    "match_cell",
    "merge_notebooks",
    "open_notebook",
    "parse_notebook",
    "patch_file",
    "patch_states",
    "placed",
    "preview",
    "read_notebook",
    "revert_patches",
    "revert_source",
    "unpatch_file",
]
