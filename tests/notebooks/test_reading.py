"""What can be read is read; what cannot says why, and what to do."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from jupyter_monai_workshop.notebooks import (
    Cell,
    NotebookMissing,
    NotebookTooLarge,
    NotebookUnreadable,
    parse_notebook,
    read_notebook,
)

MARKDOWN = {"cell_type": "markdown", "metadata": {}, "source": ["# A\n", "text"]}
CODE = {"cell_type": "code", "id": "c", "metadata": {}, "outputs": [], "source": "x = 1"}


def text_of(**fields: object) -> str:
    return json.dumps({"cells": [MARKDOWN, CODE], "nbformat": 4, "nbformat_minor": 5} | fields)


def test_sources_are_read_as_a_string_or_as_lines() -> None:
    notebook = parse_notebook(text_of())
    assert notebook.cells == (
        Cell(0, None, "markdown", "# A\ntext", "A"),
        Cell(1, "c", "code", "x = 1", "A"),
    )
    assert notebook.nbformat == (4, 5)
    assert notebook.text == text_of()


def test_a_byte_order_mark_and_odd_spacing_are_read() -> None:
    text = "\ufeff\n " + text_of().replace(":", " :\t").replace("[", "[\r\n ") + " \n"
    assert len(parse_notebook(text).cells) == 2


def test_of_a_key_written_twice_the_last_counts() -> None:
    text = '{"cells": 1, "cells": [{"cell_type": "code", "source": "a", "source": "b"}]'
    notebook = parse_notebook(text + ', "nbformat": 3, "nbformat": 4}')
    assert [cell.source for cell in notebook.cells] == ["b"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        (" \n", "the file is empty"),
        ("import monai\n", "not valid JSON (line 1, column 1)"),
        ('{"cells": [}', "not valid JSON"),
        ('{"cells": [] "nbformat": 4}', "not valid JSON"),
        ('{"cells": [],}', "not valid JSON"),
        ('{"cells": [1, ]}', "not valid JSON"),
        ('{"cells" []}', "not valid JSON"),
        ("{cells: []}", "not valid JSON"),
        (text_of()[:-1], "not valid JSON"),
        (text_of() + "}", "not valid JSON"),
        (text_of().replace("x = 1", "x = \n1"), "not valid JSON"),
        ("[]", "version"),
        ("7", "version"),
        ("{}", "version"),
        (text_of(nbformat="4"), "version"),
        (text_of(nbformat=True), "version"),
        (text_of(nbformat_minor=[]), "version"),
        (text_of(nbformat=3), "old notebook format 3"),
        (text_of(nbformat=5), "newer than this program knows"),
        (text_of(cells={}), "no list of cells"),
        (text_of(cells=[MARKDOWN, None]), "cell 2 is not an object"),
        (text_of(cells=[{"source": ""}]), "cell 1 has no text as cell_type"),
        (text_of(cells=[{"cell_type": "code"}]), "cell 1 has no text as source"),
        (text_of(cells=[{"cell_type": "code", "source": 1}]), "cell 1 has no text as source"),
        (text_of(cells=[{"cell_type": "code", "source": ["a", 1]}]), "no text as source"),
        ('{"cells": ' + "[" * 200_000, "too long or nested too deep"),
    ],
)
def test_what_is_not_a_notebook_says_why(text: str, message: str) -> None:
    with pytest.raises(NotebookUnreadable) as error:
        parse_notebook(text)
    assert error.value.code == "notebook_unreadable"
    assert error.value.message.startswith("This notebook ")
    assert message in error.value.message
    assert error.value.hint


def test_an_unfinished_merge_is_recognised() -> None:
    with pytest.raises(NotebookUnreadable) as error:
        parse_notebook('{\n<<<<<<< HEAD\n "cells": [],\n=======\n')
    assert "merge" in error.value.hint


def test_a_file_is_read_and_named_in_messages(tmp_path: Path) -> None:
    path = tmp_path / "End to End.ipynb"
    path.write_bytes(text_of().replace("\n", "\r\n").encode())
    assert len(read_notebook(path).cells) == 2
    path.write_text("nonsense")
    with pytest.raises(NotebookUnreadable, match=r"^End to End\.ipynb is not valid JSON"):
        read_notebook(path)
    path.write_bytes(b'\xff\xfe{"')
    with pytest.raises(NotebookUnreadable, match="not UTF-8"):
        read_notebook(path)


def test_no_file_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(NotebookMissing) as error:
        read_notebook(tmp_path / "gone.ipynb")
    assert error.value.code == "notebook_missing"
    assert str(tmp_path) not in error.value.message
    with pytest.raises(NotebookUnreadable, match="not a file"):
        read_notebook(tmp_path)


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "huge.ipynb"
    path.touch()
    os.truncate(path, 100_000_001)
    with pytest.raises(NotebookTooLarge) as error:
        read_notebook(path)
    assert error.value.code == "notebook_too_large"
