"""Which outputs a notebook file lacks: every case, with the file as it lies on the disk."""

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from jupyter_monai_workshop.progress.giving_back import (
    GivenBack,
    NotebookFile,
    give_back,
    notebook_file,
)
from jupyter_monai_workshop.progress.output_entries import CellOutputs

from .folding import nothing_stored

START = datetime(2026, 1, 1, 12, 0, tzinfo=timezone.utc)
END = START + timedelta(minutes=1)
BEFORE = START - timedelta(minutes=1)
DURING = START + timedelta(seconds=30)
AFTER = END + timedelta(seconds=1)

OUTPUT = {"output_type": "stream", "name": "stdout", "text": ["one\n", "two\n"]}
PART = {"output_type": "stream", "name": "stdout", "text": ["one\n"]}
OTHER = {"output_type": "stream", "name": "stdout", "text": ["three\n"]}


def run(source: str = "f()", **more: Any) -> CellOutputs:
    values: dict[str, Any] = {
        "run": "r",
        "requester": "page",
        "index": 0,
        "id": "a",
        "source": source,
        "process": "p",
        "execution_count": 3,
        "started": START,
        "touched": END,
        "ended": END,
    }
    made = CellOutputs(**{**values, **more})
    made.area.handle("stream", {"name": "stdout", "text": "one\ntwo\n"})
    return made


def cell(source: str = "f()", id: str | None = "a", **more: Any) -> dict[str, Any]:
    made = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": source,
        **more,
    }
    return made if id is None else {"id": id, **made}


def file(saved: datetime, *cells: dict[str, Any]) -> NotebookFile:
    minor = 5 if all("id" in cell for cell in cells) else 4
    text = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": minor})
    return notebook_file(text, saved, name="n.ipynb")


def given(*runs: CellOutputs, there: NotebookFile) -> list[GivenBack]:
    return list(give_back(runs, there, nothing_stored))


ENDED: list[tuple[str, datetime, dict[str, Any], bool]] = [
    ("nothing was saved since before the run", BEFORE, {}, True),
    ("a page saved in mid-run, with nothing yet", DURING, {}, True),
    ("a page saved in mid-run, with a part", DURING, {"outputs": [PART]}, True),
    (
        "the file has an older run's output",
        BEFORE,
        {"outputs": [OTHER], "execution_count": 2},
        True,
    ),
    (
        "the file has the same text, with an older count",
        BEFORE,
        {"outputs": [OUTPUT], "execution_count": 2},
        True,
    ),
    (
        "the page was there, and saved",
        AFTER,
        {"outputs": [OUTPUT], "execution_count": 3},
        False,
    ),
    (
        "the page was there, and the clocks are coarse",
        DURING,
        {"outputs": [OUTPUT], "execution_count": 3},
        False,
    ),
    ("the attendee cleared the outputs and saved", AFTER, {}, False),
    (
        "the file has something newer, from a kernel that nobody heard",
        AFTER,
        {"outputs": [OTHER], "execution_count": 4},
        False,
    ),
    (
        "something newer from a new kernel that counts from one",
        AFTER,
        {"outputs": [OTHER], "execution_count": 1},
        False,
    ),
    (
        "the server saved a part once more, after the page had gone",
        AFTER,
        {"outputs": [PART]},
        True,
    ),
    ("the server saved all but the count", AFTER, {"outputs": [OUTPUT]}, True),
    ("a newer run was going on when the page saved", AFTER, {"outputs": [OTHER]}, False),
    ("a page saved more than the run said", AFTER, {"outputs": [OUTPUT, OTHER]}, False),
    (
        "a page saved the part of a run that was stopped",
        AFTER,
        {"outputs": [PART], "execution_count": 3},
        False,
    ),
    ("a save in the very moment of the end", END, {}, False),
]


@pytest.mark.parametrize(
    ("saved", "fields", "lost"), [it[1:] for it in ENDED], ids=[it[0] for it in ENDED]
)
def test_after_a_run_has_ended(saved: datetime, fields: dict[str, Any], lost: bool) -> None:
    [it] = given(run(), there=file(saved, cell(**fields)))
    assert it.lost is lost
    assert it.cell.execution_count == fields.get("execution_count")


@pytest.mark.parametrize("saved", [BEFORE, DURING])
@pytest.mark.parametrize(
    ("fields", "lost"),
    [
        ({}, True),
        ({"outputs": [PART]}, True),
        ({"outputs": [OTHER], "execution_count": 2}, True),
        ({"outputs": [OUTPUT]}, False),
    ],
)
def test_while_a_cell_runs(saved: datetime, fields: dict[str, Any], lost: bool) -> None:
    going = run(ended=None, running=True)
    [it] = given(going, there=file(saved, cell(**fields)))
    assert it.lost is lost


def test_a_run_whose_end_nobody_heard_is_judged_by_its_last_word() -> None:
    unheard = run(ended=None)
    assert [it.lost for it in given(unheard, there=file(DURING, cell()))] == [True]
    assert [it.lost for it in given(unheard, there=file(AFTER, cell()))] == [False]


def test_what_a_thread_prints_after_the_end_is_lost_to_a_file_saved_before() -> None:
    late = run(touched=AFTER + timedelta(minutes=1))
    there = file(AFTER, cell(outputs=[PART], execution_count=3))
    assert [it.lost for it in given(late, there=there)] == [True]


def test_a_cell_without_output_lacks_only_its_count() -> None:
    quiet = CellOutputs("r", "page", 0, "a", "f()", "p", 3, START, END, END)
    assert [it.lost for it in given(quiet, there=file(BEFORE, cell()))] == [True]
    there = file(BEFORE, cell(execution_count=3))
    assert [it.lost for it in given(quiet, there=there)] == [False]


def test_an_image_and_a_table_are_the_same_however_their_text_is_cut_up() -> None:
    shown = run()
    shown.area.handle("clear_output", {})
    data = {"image/png": "AAAA\n", "text/html": "<b>\n</b>", "application/json": [1, 2]}
    shown.area.handle("display_data", {"data": data, "metadata": {}})
    written = {"image/png": "AAAA", "text/html": ["<b>\n", "</b>"], "application/json": [1, 2]}
    output = {"output_type": "display_data", "metadata": {}, "data": written}
    there = file(BEFORE, cell(outputs=[output], execution_count=3))
    assert [it.lost for it in given(shown, there=there)] == [False]


def test_a_cell_that_has_moved_is_found_by_its_id() -> None:
    there = file(BEFORE, cell("new()", "b"), cell("f()", "a"))
    assert [it.cell.cell.index for it in given(run(), there=there)] == [1]


def test_a_cell_that_is_gone_is_not_given_back() -> None:
    assert given(run(), there=file(BEFORE, cell("f()", "b"))) == []


def test_without_ids_a_cell_is_found_by_its_source_from_its_place_on() -> None:
    cells = [cell("f()", None), cell("new()", None), cell("f()", None)]
    runs = [run(id=None, run="1"), run(id=None, run="2", index=2)]
    found = given(*runs, there=file(BEFORE, *cells))
    assert [(it.cell.cell.index, it.run.run) for it in found] == [(0, "1"), (2, "2")]


def test_of_two_runs_of_one_cell_the_newer_counts() -> None:
    newer = run(id=None, index=1, run="2", started=START + timedelta(seconds=5))
    older = run(id=None, index=0, run="1")
    found = given(newer, older, there=file(BEFORE, cell("x", None), cell("f()", None)))
    assert [it.run.run for it in found] == ["2"]
