"""Whatever the organiser and the attendee do to a notebook, nothing written is lost."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import count

import nbformat
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_monai_workshop.notebooks import merge_notebooks

Cells = list[dict[str, object]]

SOURCES = [
    "",
    "import monai\nmonai.config.print_config()",
    "# Your code here",
    "model = UNet(spatial_dims=3, in_channels=1, out_channels=2)\nmodel.to(device)",
    "model = UNet(spatial_dims=3, in_channels=1, out_channels=3)\nmodel.to(device)",
    "max_epochs = 4",
    "max_epochs = 40",
    "plt.imshow(image[0])\nplt.show()",
    "## Loss\nDice loss, see `losses`.",
    "## Loss\nDice loss and cross entropy.\n```python\nloss = DiceCELoss()\n```",
]
KINDS = ["code", "code", "code", "markdown", "raw"]


def cell_of(kind: str, source: str, id: str | None) -> dict[str, object]:
    cell: dict[str, object] = {"cell_type": kind, "metadata": {}, "source": source}
    if kind == "code":
        cell |= {"outputs": [], "execution_count": None}
    return cell if id is None else {**cell, "id": id}


def text_of(cells: Cells, ids: bool, metadata: dict[str, object] | None = None) -> str:
    minor = 5 if ids else 4
    written = [{**cell, "source": str(cell["source"]).splitlines(True)} for cell in cells]
    value = {"cells": written, "metadata": metadata or {}, "nbformat": 4, "nbformat_minor": minor}
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def cells_of(text: str) -> Cells:
    return [{**cell, "source": "".join(cell["source"])} for cell in json.loads(text)["cells"]]


def written(cell: dict[str, object]) -> tuple[object, object]:
    return cell["cell_type"], cell["source"]


def is_marked(cell: dict[str, object]) -> bool:
    metadata = cell["metadata"]
    assert isinstance(metadata, dict)
    return "from-the-organiser" in metadata.get("tags", [])


@st.composite
def notebooks(draw: st.DrawFn) -> tuple[bool, str, str, str]:
    """Draw what the organiser gave, what the attendee made of it, and the new version.

    With ids or without them; the first of the four says which.
    """
    ids = draw(st.booleans())
    fresh = count()

    def new(mark: str) -> dict[str, object]:
        id = f"{mark}{next(fresh)}" if ids else None
        return cell_of(draw(st.sampled_from(KINDS)), draw(st.sampled_from(SOURCES)), id)

    def edited(cells: Cells, mark: str, edits: int) -> Cells:
        cells = [dict(cell) for cell in cells]
        for n in range(edits):
            if not cells:
                cells.append(new(mark))
                continue
            at = draw(st.integers(0, len(cells) - 1))
            doing = draw(st.sampled_from(["change", "write", "add", "drop", "move", "copy", "run"]))
            if doing == "change":
                cells[at]["source"] = draw(st.sampled_from(SOURCES))
            elif doing == "write":
                cells[at]["source"] = f"{cells[at]['source']}\n{mark} = {n}"
            elif doing == "add":
                cells.insert(at, new(draw(st.sampled_from([mark, "same"]))))
            elif doing == "drop":
                del cells[at]
            elif doing == "move":
                cells.insert(draw(st.integers(0, len(cells) - 1)), cells.pop(at))
            elif doing == "copy":
                cells.insert(at, {**cells[at], **({"id": f"{mark}{next(fresh)}"} if ids else {})})
            elif cells[at]["cell_type"] == "code":
                output = {"output_type": "stream", "name": "stdout", "text": [f"{mark} {n}\n"]}
                cells[at] |= {"outputs": [output], "execution_count": n + 1}
        return cells

    base = edited([new("base") for _ in range(draw(st.integers(0, 6)))], "base", 0)
    fresh_of_both = next(fresh)
    ours = edited(base, "mine", draw(st.integers(0, 5)))
    # Both may hit upon the same ids, as copies of copies do.
    fresh = count(fresh_of_both)
    theirs = edited(base, "new", draw(st.integers(0, 5)))
    return ids, text_of(base, ids), text_of(ours, ids), text_of(theirs, ids)


many = settings(max_examples=200, deadline=None)


@many
@given(notebooks())
def test_every_line_that_the_attendee_wrote_is_in_the_result(
    drawn: tuple[bool, str, str, str],
) -> None:
    _, base, ours, theirs = drawn
    result = Counter(written(cell) for cell in cells_of(merge_notebooks(base, ours, theirs).text))
    given_once = Counter(written(cell) for cell in cells_of(base))
    own = Counter(written(cell) for cell in cells_of(ours)) - given_once
    assert own <= result


@many
@given(notebooks())
def test_every_source_of_the_organiser_is_in_the_result_unless_its_cell_was_taken_out(
    drawn: tuple[bool, str, str, str],
) -> None:
    ids, base, ours, theirs = drawn
    given_once = {cell.get("id"): cell["source"] for cell in cells_of(base)}
    kept_ids = {cell.get("id") for cell in cells_of(ours)}
    new_ids = {cell.get("id") for cell in cells_of(theirs)}
    if not (ids and given_once.keys() & kept_ids and given_once.keys() & new_ids):
        return
    result = cells_of(merge_notebooks(base, ours, theirs).text)
    shown = {cell["source"] for cell in result}
    marked = "\n".join(unquoted(str(cell["source"])) for cell in result if is_marked(cell))
    for cell in cells_of(theirs):
        taken_out = cell["id"] in given_once and cell["id"] not in kept_ids
        if cell["source"] not in given_once.values() and not taken_out:
            assert cell["source"] in shown or unquoted(str(cell["source"])) in marked


def unquoted(text: str) -> str:
    return re.sub(r"^> ?", "", text, flags=re.MULTILINE)


@many
@given(notebooks())
def test_if_the_organiser_changed_nothing_the_file_stays_byte_for_byte(
    drawn: tuple[bool, str, str, str],
) -> None:
    _, base, ours, _ = drawn
    reformatted = json.dumps(json.loads(base), indent=4) + "\n\n"
    assert merge_notebooks(base, ours, base).text == ours
    assert merge_notebooks(base, ours, reformatted).text == ours


@many
@given(notebooks())
def test_if_the_attendee_changed_nothing_the_organiser_s_file_comes(
    drawn: tuple[bool, str, str, str],
) -> None:
    _, base, _, theirs = drawn
    saved_again = json.dumps(json.loads(base), indent=2)
    if theirs != base:
        assert merge_notebooks(base, base, theirs).text == theirs
    if json.loads(theirs) != json.loads(base):
        assert merge_notebooks(base, saved_again, theirs).text == theirs


@many
@given(notebooks())
def test_if_the_attendee_only_ran_cells_the_organiser_s_cells_come_with_the_outputs(
    drawn: tuple[bool, str, str, str],
) -> None:
    ids, base, _, theirs = drawn
    output = {"output_type": "stream", "name": "stdout", "text": ["of the attendee\n"]}
    run = cells_of(base)
    for cell in run:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [output], "execution_count": 1}
    result = cells_of(merge_notebooks(base, text_of(run, ids), theirs).text)
    assert [written(cell) for cell in result] == [written(cell) for cell in cells_of(theirs)]
    for cell in result:
        if cell.get("outputs") == [output]:
            assert written(cell) in [written(before) for before in cells_of(base)]


@many
@given(notebooks())
def test_merging_the_same_change_again_changes_nothing(drawn: tuple[bool, str, str, str]) -> None:
    _, base, ours, theirs = drawn
    once = merge_notebooks(base, ours, theirs).text
    assert merge_notebooks(base, once, theirs).text == once


@many
@given(notebooks())
def test_merging_again_without_the_note_loses_and_doubles_nothing_beside(
    drawn: tuple[bool, str, str, str],
) -> None:
    ids, base, ours, theirs = drawn
    once = cells_of(merge_notebooks(base, ours, theirs).text)
    again = cells_of(merge_notebooks(base, text_of(once, ids), theirs).text)
    # A copy of what was given cannot always be told from what was given.
    own = Counter(written(cell) for cell in once if "mine" in str(cell["source"]))
    assert own <= Counter(map(written, again))
    marked = [[written(cell) for cell in cells if is_marked(cell)] for cells in (once, again)]
    assert Counter(marked[0]) <= Counter(marked[1])


@many
@given(notebooks(), st.booleans())
def test_the_result_is_a_valid_notebook_as_jupyter_writes_it(
    drawn: tuple[bool, str, str, str], upgraded: bool
) -> None:
    ids, base, ours, theirs = drawn
    if upgraded and not ids:
        cells = [{**cell, "id": f"u{n}"} for n, cell in enumerate(cells_of(ours))]
        ours = text_of(cells, True)
    text = merge_notebooks(base, ours, theirs).text
    notebook = nbformat.from_dict(json.loads(text))
    nbformat.validate(notebook)
    assert nbformat.writes(nbformat.reads(text, as_version=4)) + "\n" == text
    found = [cell["id"] for cell in cells_of(text) if "id" in cell]
    assert len(found) == len(set(found))
    assert len(found) in (0, len(notebook.cells))
    assert not re.search(r"^(<<<<<<<|=======|>>>>>>>)", text, re.MULTILINE)


@many
@given(notebooks())
def test_later_updates_leave_marked_cells_alone(drawn: tuple[bool, str, str, str]) -> None:
    ids, base, ours, theirs = drawn
    once = merge_notebooks(base, ours, theirs).text
    later = cells_of(theirs)
    later.append(cell_of("code", "later = True", "later" if ids else None))
    twice = merge_notebooks(theirs, once, text_of(later, ids)).text
    marked = [cell for cell in cells_of(once) if is_marked(cell)]
    assert [cell for cell in cells_of(twice) if is_marked(cell)] == marked
