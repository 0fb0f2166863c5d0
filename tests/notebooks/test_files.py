"""A patched file is whole at every moment, and what was there is never lost."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import CellAddress, EnsureLine
from jupyter_monai_workshop.notebooks import (
    CellChange,
    Notebook,
    NotebookIsLink,
    NotebookMissing,
    NotebookNotWritten,
    NotebookUnreadable,
    PatchConflict,
    SourceEdit,
    change_files,
    files,
    patch_file,
    read_notebook,
    unpatch_file,
)

TEXT = """{
 "cells": [
  {"cell_type": "code", "source": [
    "a = 1\\n",
    "b = 2"
  ]}
 ],
 "nbformat": 4, "nbformat_minor": 4
}"""
PATCHED = TEXT.replace('"b = 2"', '"b = 2\\n",\n    "c = 3"')


def patch(address: str = "a = 1") -> EnsureLine:
    cell = CellAddress(contains=address)
    return EnsureLine(kind="ensure_line", id="p", cell=cell, line="c = 3", why="w")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "A notebook.ipynb"
    file.write_bytes(TEXT.encode())
    return file


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_a_file_is_patched_once_and_taken_back_exactly(path: Path) -> None:
    path.chmod(0o640)
    assert patch_file(path, [patch()])
    assert path.read_bytes() == PATCHED.encode()
    once = path.stat()
    assert not patch_file(path, [patch()])
    assert path.stat().st_mtime_ns == once.st_mtime_ns
    assert path.stat().st_ino == once.st_ino
    assert once.st_mode & 0o777 == 0o640
    assert unpatch_file(path, [patch()])
    assert path.read_bytes() == TEXT.encode()
    assert not unpatch_file(path, [patch()])
    assert names(path.parent) == [path.name]


def test_line_breaks_and_byte_order_mark_survive(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    assert patch_file(path, [patch()])
    assert path.read_bytes() == b"\xef\xbb\xbf" + PATCHED.replace("\n", "\r\n").encode()


def test_a_conflict_leaves_the_file_alone(path: Path) -> None:
    before = path.stat()
    with pytest.raises(PatchConflict, match=r"does not fit A notebook\.ipynb"):
        patch_file(path, [patch(), patch("nowhere")])
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert names(path.parent) == [path.name]


def test_what_is_not_a_notebook_is_left_alone(path: Path) -> None:
    path.write_text("nonsense")
    with pytest.raises(NotebookUnreadable):
        patch_file(path, [patch()])
    assert path.read_text() == "nonsense"
    with pytest.raises(NotebookMissing):
        patch_file(path.with_name("gone.ipynb"), [patch()])


def test_a_symbolic_link_is_not_written_through(path: Path) -> None:
    link = path.with_name("link.ipynb")
    link.symlink_to(path.name)
    with pytest.raises(NotebookIsLink) as error:
        patch_file(link, [patch()])
    assert error.value.code == "notebook_is_link"
    assert link.is_symlink()
    assert path.read_bytes() == TEXT.encode()


def test_what_another_program_writes_meanwhile_is_patched_too(path: Path) -> None:
    seen: list[str] = []

    def change(text: str) -> str:
        if not seen:
            path.write_text(TEXT.replace("a = 1", "a = 1 # saved meanwhile"))
        seen.append(text)
        return text + "\n"

    assert files._rewrite_file(path, change)
    assert len(seen) == 2
    assert path.read_text() == TEXT.replace("a = 1", "a = 1 # saved meanwhile") + "\n"
    assert names(path.parent) == [path.name]


def test_a_file_that_is_written_all_the_time_is_left_to_its_writer(path: Path) -> None:
    count = iter(range(100))

    def change(text: str) -> str:
        path.write_text(TEXT + "\n" * next(count))
        return text + "changed"

    with pytest.raises(NotebookNotWritten, match="keeps writing"):
        files._rewrite_file(path, change)
    assert path.read_text() == TEXT + "\n" * (next(count) - 1)
    assert names(path.parent) == [path.name]


PATCH_WITH_NO_ROOM = """
import resource, sys
from pathlib import Path
from jupyter_monai_workshop.definition.models import EnsureLine
from jupyter_monai_workshop.notebooks import NotebookNotWritten, patch_file

patch = EnsureLine.model_validate_json(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    patch_file(Path(sys.argv[1]), [patch])
except NotebookNotWritten as error:
    print(error.code, error.hint)
"""


def test_no_room_on_the_disk_leaves_the_file_as_it_was(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PATCH_WITH_NO_ROOM, str(path), patch().model_dump_json()],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.startswith("notebook_not_written Free some disk space")
    assert path.read_bytes() == TEXT.encode()
    assert names(path.parent) == [path.name]


PATCH_FOR_EVER = """
import sys
from pathlib import Path
from jupyter_monai_workshop.definition.models import EnsureLine
from jupyter_monai_workshop.notebooks import patch_file, unpatch_file

patch = EnsureLine.model_validate_json(sys.argv[2])
print("ready", flush=True)
while True:
    patch_file(Path(sys.argv[1]), [patch])
    unpatch_file(Path(sys.argv[1]), [patch])
"""


def test_a_kill_at_any_moment_leaves_a_whole_file(path: Path) -> None:
    for delay in (0.0, 0.003, 0.011, 0.05):
        with subprocess.Popen(
            [sys.executable, "-c", PATCH_FOR_EVER, str(path), patch().model_dump_json()],
            stdout=subprocess.PIPE,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            time.sleep(delay)
            os.kill(process.pid, signal.SIGKILL)
        assert path.read_bytes() in (TEXT.encode(), PATCHED.encode())


def comment(cell: int) -> Callable[[Notebook], list[CellChange]]:
    """Return a plan that puts a comment before a cell's source."""
    return lambda notebook: [CellChange(cell, SourceEdit(0, 0, "# new\n"), "New.")]


def test_several_files_change_together(tmp_path: Path) -> None:
    paths = [tmp_path / "a.ipynb", tmp_path / "b.ipynb", tmp_path / "c.ipynb"]
    for path in paths:
        path.write_text(TEXT)
    changed = change_files(
        {paths[0]: comment(0), paths[1]: lambda notebook: [], paths[2]: comment(0)}
    )
    assert changed == (paths[0], paths[2])
    assert [read_notebook(path).cells[0].source.startswith("# new") for path in paths] == [
        True,
        False,
        True,
    ]


def test_a_file_that_cannot_be_written_leaves_those_before_it_as_they_were(
    tmp_path: Path,
) -> None:
    first, folder = tmp_path / "a.ipynb", tmp_path / "gone"
    folder.mkdir()
    second = folder / "b.ipynb"
    for path in (first, second):
        path.write_text(TEXT)
    before = first.read_bytes()

    def losing_its_folder(notebook: Notebook) -> list[CellChange]:
        shutil.rmtree(folder)
        return comment(0)(notebook)

    with pytest.raises(NotebookNotWritten) as caught:
        change_files({first: comment(0), second: losing_its_folder})
    assert caught.value.hint
    assert first.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.ipynb"]


def test_a_file_that_something_else_keeps_writing_leaves_the_others_as_they_were(
    tmp_path: Path,
) -> None:
    first, second = tmp_path / "a.ipynb", tmp_path / "b.ipynb"
    for path in (first, second):
        path.write_text(TEXT)
    before = first.read_bytes()
    written: list[str] = []

    def written_meanwhile(notebook: Notebook) -> list[CellChange]:
        written.append(TEXT + " " * (len(written) + 1))
        second.write_text(written[-1])
        return comment(0)(notebook)

    with pytest.raises(NotebookNotWritten, match=r"b\.ipynb"):
        change_files({first: comment(0), second: written_meanwhile})
    assert first.read_bytes() == before
    assert second.read_text() == written[-1]
