"""Looking at notebooks that somebody else is writing."""

import os
import time
from pathlib import Path

import nbformat
import pytest

from jupyter_monai_workshop.notebooks import NotebookUnreadable
from jupyter_monai_workshop.observing import NotebookReader


def test_a_notebook_that_is_being_saved_is_taken_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "one.ipynb"
    cell = nbformat.v4.new_code_cell("print(1)", id="a")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    reader = NotebookReader()
    before = reader.read(path)
    path.write_text(path.read_text()[:40])
    assert reader.read(path) == before
    long_ago = time.time() - 60
    os.utime(path, (long_ago, long_ago))
    with pytest.raises(NotebookUnreadable):
        reader.read(path)


def test_a_notebook_that_changed_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "one.ipynb"
    for source in ("first", "second"):
        cell = nbformat.v4.new_code_cell(source, id="a")
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
        if source == "first":
            reader = NotebookReader()
        assert reader.read(path).cells[0].source == source
