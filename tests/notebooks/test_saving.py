"""Who saved a notebook last: a page, or a correction that changes no output."""

import os
from pathlib import Path

import pytest

from jupyter_monai_workshop.notebooks.saving import last_saved, note_saved


def keeps_notes(folder: Path) -> bool:
    """Return whether this disk keeps what is noted with a file."""
    try:
        os.setxattr(folder, "user.test", b"1")
    except (AttributeError, OSError):
        return False
    return True


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "n.ipynb"
    path.write_text("{}")
    return path


def test_without_a_note_a_file_was_saved_when_it_was_written(path: Path) -> None:
    assert last_saved(path) == path.stat().st_mtime_ns


def test_a_note_counts_until_somebody_else_writes_the_file(path: Path) -> None:
    written = path.stat().st_mtime_ns
    note_saved(path, 1_000)
    assert last_saved(path) == (1_000 if keeps_notes(path.parent) else written)
    os.utime(path, ns=(written, written + 5_000_000))  # written in place
    assert last_saved(path) == written + 5_000_000


def test_a_note_of_another_shape_is_passed_over(path: Path) -> None:
    if keeps_notes(path.parent):
        os.setxattr(path, "user.jupyter-monai-workshop.saved", b"yesterday")
    assert last_saved(path) == path.stat().st_mtime_ns


def test_a_file_that_is_not_there_is_told(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        last_saved(path.with_name("other.ipynb"))
