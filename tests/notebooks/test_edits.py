"""What each kind of patch does to a source, and how it is taken back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_monai_workshop.definition.models import CellAddress, EnsureLine, Replace
from jupyter_monai_workshop.notebooks import PatchConflict, edit_source, revert_source

ANY = CellAddress(contains="x")


def ensure(line: str, after: str = "") -> EnsureLine:
    return EnsureLine(kind="ensure_line", id="p", cell=ANY, line=line, after=after, why="w")


def swap(old: str, new: str) -> Replace:
    return Replace(kind="replace", id="p", cell=ANY, old=old, new=new, why="w")


@pytest.mark.parametrize(
    ("before", "patch", "after"),
    [
        ("", ensure("new"), "new"),
        ("a", ensure("new"), "a\nnew"),
        ("a\n", ensure("new"), "a\nnew\n"),
        ("a\n\n  \n", ensure("new"), "a\nnew\n\n  \n"),
        ("\n\n", ensure("new"), "new\n\n\n"),
        ("  ", ensure("new"), "new\n  "),
        ("a\r\nb", ensure("new"), "a\r\nb\r\nnew"),
        ("a\r\nb\r\n", ensure("new"), "a\r\nb\r\nnew\r\n"),
        ("a\nb\nc", ensure("new", "a"), "a\nnew\nb\nc"),
        ("pip 1\npip 2\nend", ensure("new", "pip"), "pip 1\npip 2\nnew\nend"),
        ("if x:\n    a", ensure("    new"), "if x:\n    a\n    new"),
        ("newer", ensure("new"), "newer\nnew"),
        ("n = 10", swap("10", "2"), "n = 2"),
        ("n = 10", swap("10", "min(10, cpus)"), "n = min(10, cpus)"),
        ("glob(d)", swap("glob(d)", "glob(d)[:150]"), "glob(d)[:150]"),
        ("glob(d)[:150]", swap("glob(d)[:150]", "glob(d)"), "glob(d)"),
        ("a\nb", swap("a", "a1\na2"), "a1\na2\nb"),
    ],
)
def test_a_patch_makes_its_change_and_takes_it_back(
    before: str, patch: EnsureLine | Replace, after: str | None
) -> None:
    if after is None:
        with pytest.raises(PatchConflict, match="taken back"):
            edit_source(before, patch)
        return
    assert revert_source(before, patch) is None
    assert edit_source(before, patch) == after
    assert edit_source(after, patch) is None
    assert revert_source(after, patch) == before


@pytest.mark.parametrize(
    ("source", "patch"),
    [
        ("a\n  new  \nb", ensure("new")),
        ("a\nnew", ensure("  new")),
        ("new", ensure("new", "not there")),
        ("n = 2", swap("10", "2")),
        ("x = 1 + 1", swap("x = 1", "x = 1 + 1")),
    ],
)
def test_what_is_there_already_is_left(source: str, patch: EnsureLine | Replace) -> None:
    assert edit_source(source, patch) is None


@pytest.mark.parametrize(
    ("source", "patch", "message"),
    [
        ("a\nb", ensure("new", "not there"), 'no line with "not there"'),
        ("n = 10\nm = 10", swap("10", "2"), "2 times"),
        ("aaa", swap("aa", "b"), "2 times"),
        ("n = 3", swap("10", "2"), 'neither "10" nor "2"'),
        ("n = 10, m = 2", swap("10", "2"), "cannot be told|taken back"),
        ("aab", swap("ab", "b"), "taken back"),
    ],
)
def test_what_does_not_fit_is_a_conflict(
    source: str, patch: EnsureLine | Replace, message: str
) -> None:
    with pytest.raises(PatchConflict, match=message) as conflict:
        edit_source(source, patch)
    assert conflict.value.code == "patch_conflict"
    assert conflict.value.hint


def test_of_two_equal_lines_none_is_removed() -> None:
    with pytest.raises(PatchConflict, match="2 times"):
        revert_source("new\na\nnew", ensure("new"))


def test_what_a_person_wrote_meanwhile_stays() -> None:
    patched = edit_source("a\nb\n", ensure("new"))
    assert patched == "a\nb\nnew\n"
    assert revert_source("a changed\nb\n    new\nadded\n", ensure("new")) == (
        "a changed\nb\nadded\n"
    )


short = st.text("ab\n ", max_size=8)


@given(
    source=short,
    old=st.text("ab\n ", min_size=1, max_size=3),
    new=st.text("ab\n ", min_size=1, max_size=8),
)
def test_a_replacement_that_is_made_is_stable_and_reversible(
    source: str, old: str, new: str
) -> None:
    try:
        after = edit_source(source, swap(old, new))
    except PatchConflict:
        return
    if after is not None:
        assert source.count(old) >= 1
        assert edit_source(after, swap(old, new)) is None
        assert revert_source(after, swap(old, new)) == source


@given(source=st.text("ab\r\n ", max_size=12), after=st.sampled_from(["", "a", "b "]))
def test_a_line_that_is_added_is_stable_and_reversible(source: str, after: str) -> None:
    try:
        result = edit_source(source, ensure("new", after))
    except PatchConflict:
        assert after not in source
        return
    assert result is not None
    assert edit_source(result, ensure("new", after)) is None
    assert revert_source(result, ensure("new", after)) == source
