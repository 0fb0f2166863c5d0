"""An address means exactly one code cell, or it is a conflict that says so."""

from __future__ import annotations

import json

import pytest

from jupyter_monai_workshop.definition.models import CellAddress
from jupyter_monai_workshop.notebooks import AddressConflict, Notebook, find_cell, parse_notebook

CELLS = [
    ("code", "import this", "c0"),
    ("markdown", "# Workshop\n\nWelcome.\n## Setup", "m1"),
    ("code", "install()", "c2"),
    ("markdown", "No heading here.\n```python\n# not a heading\n```", "m3"),
    ("code", "import that", "c4"),
    ("markdown", "#### **0.1 Installation** ##  ", "m5"),
    ("raw", "train()", "r6"),
    ("code", "train()", "c7"),
    ("code", "train() + 1", "c8"),
]


def notebook_of(*cells: tuple[str, str, str]) -> Notebook:
    return parse_notebook(
        json.dumps(
            {
                "cells": [
                    {"cell_type": kind, "source": source, "id": id} for kind, source, id in cells
                ],
                "nbformat": 4,
                "nbformat_minor": 5,
            }
        )
    )


@pytest.mark.parametrize(
    ("address", "index"),
    [
        (CellAddress(id="c4"), 4),
        (CellAddress(contains="import that"), 4),
        (CellAddress(heading="Setup", contains="install"), 2),
        (CellAddress(heading="## Setup", contains="that"), 4),
        (CellAddress(heading="0.1 Installation", contains="+ 1"), 8),
        (CellAddress(heading=" **0.1 Installation** ", id="c7"), 7),
        (CellAddress(contains="import", id="c0"), 0),
    ],
)
def test_an_address_finds_its_cell(address: CellAddress, index: int) -> None:
    assert find_cell(notebook_of(*CELLS), address).index == index


@pytest.mark.parametrize(
    ("address", "matches"),
    [
        (CellAddress(heading="Setup"), (2, 4)),
        (CellAddress(heading="0.1 Installation"), (7, 8)),
        (CellAddress(contains="import"), (0, 4)),
        (CellAddress(heading="Workshop"), ()),
        (CellAddress(heading="setup"), ()),
        (CellAddress(id="m1"), ()),
        (CellAddress(id="r6"), ()),
        (CellAddress(id="c2", contains="train"), ()),
        (CellAddress(heading="not a heading"), ()),
    ],
)
def test_none_or_several_is_a_conflict(address: CellAddress, matches: tuple[int, ...]) -> None:
    with pytest.raises(AddressConflict) as conflict:
        find_cell(notebook_of(*CELLS), address)
    assert conflict.value.matches == matches
    assert conflict.value.code == "address_conflict"
    assert conflict.value.hint


def test_a_conflict_says_what_was_looked_for_and_where_it_matched() -> None:
    with pytest.raises(AddressConflict) as several:
        find_cell(notebook_of(*CELLS), CellAddress(heading="# Setup"))
    assert several.value.message == (
        '2 code cells match the heading "Setup": cells 3, 5 from the top.'
    )
    with pytest.raises(AddressConflict) as none:
        find_cell(notebook_of(*CELLS), CellAddress(id="x", contains="y"))
    assert none.value.message == 'No code cell matches the id "x", the text "y".'


@pytest.mark.parametrize(
    ("markdown", "heading"),
    [
        ("# One\n## Two\ntext", "Two"),
        ("   ### Indented", "Indented"),
        ("    # Code by indentation", ""),
        ("#Tag", ""),
        ("####### Seven", ""),
        ("# *Emphasis*", "Emphasis"),
        ("# Closed ##", "Closed"),
        ("#\tTabbed", "Tabbed"),
        ("#", ""),
        ("# One\r\n## Zwölf\r\n", "Zwölf"),
        ("# Kept\n```\n# in a fence\n```", "Kept"),
        ("# Kept\n~~~\n```\n# still in it\n~~~", "Kept"),
        ("````\n```\n# still in it\n````\n# Out", "Out"),
        ("# Kept\n```\n``` python\n# still in it\n```", "Kept"),
        ("# Kept\n```\n# never closed", "Kept"),
        ("``` inline ``` code\n# Heading", "Heading"),
    ],
)
def test_the_heading_of_a_cell(markdown: str, heading: str) -> None:
    notebook = notebook_of(("markdown", markdown, "m"), ("code", "1", "c"))
    assert [cell.heading for cell in notebook.cells] == [heading, heading]
