"""Changes that follow one another, put together for a page."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_monai_workshop.notebooks import CellChange, SourceEdit, open_notebook, placed
from jupyter_monai_workshop.notebooks.changes import one_by_one, with_changes

SOURCES = st.lists(st.text("ab\n𝄞", max_size=12), min_size=1, max_size=3)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[str], list[CellChange]]:
    """Draw cells and changes that follow one another."""
    sources = draw(SOURCES)
    now, changes = list(sources), []
    for number in range(draw(st.integers(0, 6))):
        index = draw(st.integers(0, len(sources) - 1))
        start = draw(st.integers(0, len(now[index])))
        end = draw(st.integers(start, len(now[index])))
        edit = SourceEdit(start, end, draw(st.text("abc\n", max_size=4)))
        changes.append(CellChange(index, edit, f"{number}."))
        now[index] = edit.applied_to(now[index])
    return sources, changes


@settings(deadline=None)
@given(histories())
def test_put_together_they_give_what_they_give_one_by_one(
    history: tuple[list[str], list[CellChange]],
) -> None:
    sources, changes = history
    notebook = open_notebook((None, "code", source) for source in sources)
    wanted = [cell.source for cell in with_changes(notebook, changes).cells]
    edits = placed(notebook, changes)
    found = list(sources)
    for it in edits:
        found[it.index] = it.edit.applied_to(found[it.index])
    assert found == wanted
    assert [it.index for it in edits] == sorted(it.index for it in edits)
    for one, other in pairwise(edits):
        # From the last place to the first, so that no edit moves the place of another.
        assert one.index < other.index or other.edit.end < one.edit.start


@settings(deadline=None)
@given(histories())
def test_every_edit_changes_something_and_says_why(
    history: tuple[list[str], list[CellChange]],
) -> None:
    sources, changes = history
    notebook = open_notebook((None, "code", source) for source in sources)
    for it in placed(notebook, changes):
        replaced = sources[it.index][it.edit.start : it.edit.end]
        assert replaced != it.edit.text
        assert set(it.why.split()) <= {change.why for change in changes if change.index == it.index}


def test_far_apart_they_stay_apart() -> None:
    notebook = open_notebook([("x", "code", "one two three")])
    changes = [
        CellChange(0, SourceEdit(0, 3, "1"), "First."),
        CellChange(0, SourceEdit(6, 11, "3"), "Last."),
    ]
    found = [(it.id, it.edit, it.why) for it in placed(notebook, changes)]
    assert found == [
        ("x", SourceEdit(8, 13, "3"), "Last."),
        ("x", SourceEdit(0, 3, "1"), "First."),
    ]


def test_what_is_changed_and_changed_back_is_no_edit() -> None:
    notebook = open_notebook([(None, "code", "n = 4")])
    there = CellChange(0, SourceEdit(4, 5, "2"), "There.")
    back = CellChange(0, SourceEdit(4, 5, "4"), "Back.")
    assert placed(notebook, [there, back]) == ()


def test_a_plan_sees_what_the_one_before_it_leaves() -> None:
    notebook = open_notebook([(None, "code", "")])

    def add(now: object) -> list[CellChange]:
        assert isinstance(now, type(notebook))
        at = len(now.cells[0].source)
        return [CellChange(0, SourceEdit(at, at, "x"), "More.")]

    assert [change.edit.start for change in one_by_one([add, add], notebook)] == [0, 1]
