"""Patches change the lines they are about and not one character more of the file."""

from __future__ import annotations

import difflib
import json
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from jupyter_monai_workshop.definition.models import CellAddress, EnsureLine, Patch, Replace
from jupyter_monai_workshop.notebooks import (
    NotebookUnreadable,
    PatchConflict,
    apply_patches,
    edit_source,
    parse_notebook,
    patch_states,
    preview,
    revert_patches,
)

NEW = '!python -c "import fire" || pip install -U "fire"'
HERE = CellAddress(heading="Here")


def ensure(line: str = NEW, after: str = "", cell: CellAddress = HERE, id: str = "p") -> EnsureLine:
    return EnsureLine(kind="ensure_line", id=id, cell=cell, line=line, after=after, why="w")


def swap(old: str, new: str, cell: CellAddress = HERE, id: str = "p") -> Replace:
    return Replace(kind="replace", id=id, cell=cell, old=old, new=new, why="w")


class Style(NamedTuple):
    """How a program writes notebooks."""

    indent: int | str | None = 1
    ascii: bool = False
    separators: tuple[str, str] | None = None
    crlf: bool = False
    end: str = "\n"
    bom: bool = False
    lines: bool = True
    sort_keys: bool = True

    def write(self, sources: list[str]) -> str:
        """Write a notebook whose second cell stands under the heading ``Here``."""
        cells: list[dict[str, object]] = [
            {"cell_type": "markdown", "metadata": {"ö": "🩻"}, "source": self.source("# Here")}
        ]
        for n, source in enumerate(sources):
            if n:
                other = {"cell_type": "markdown", "source": self.source(f"## Part {n}")}
                cells.append(other | {"metadata": {}})
            code = {"source": self.source(source), "cell_type": "code", "metadata": {}}
            cells.append(code | {"execution_count": None, "outputs": [{"text": ["source"]}]})
        notebook = {"nbformat": 4, "nbformat_minor": 4, "metadata": {"source": []}, "cells": cells}
        text = json.dumps(
            notebook,
            indent=self.indent,
            ensure_ascii=self.ascii,
            separators=self.separators,
            sort_keys=self.sort_keys,
        )
        text = ("\ufeff" if self.bom else "") + text + self.end
        return text.replace("\n", "\r\n") if self.crlf else text

    def source(self, source: str) -> object:
        if not self.lines:
            return source
        return [line for line in source.replace("\n", "\n\0").split("\0") if line]


styles = st.builds(
    Style,
    indent=st.sampled_from([1, 2, 4, "\t", None]),
    ascii=st.booleans(),
    separators=st.sampled_from([None, (",", ":")]),
    crlf=st.booleans(),
    end=st.sampled_from(["", "\n", "\n\n"]),
    bom=st.booleans(),
    lines=st.booleans(),
    sort_keys=st.booleans(),
).filter(lambda style: style.indent is None or style.separators is None)

lines = st.text(st.sampled_from('ab  ="\\/\t\x1b\x7f\u2028é漢🩻{}[],'), max_size=8)
sources = st.builds(
    lambda lines, at_break, end: at_break.join(lines) + end,
    st.lists(lines, max_size=5),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "\n", "\n\n"]),
)


@st.composite
def replacements(draw: st.DrawFn, source: str) -> Replace:
    """A patch that replaces some piece of the source."""
    start = draw(st.integers(0, len(source) - 1))
    end = draw(st.integers(start + 1, min(len(source), start + 12)))
    return swap(source[start:end], draw(sources.filter(bool)))


@given(style=styles, first=sources, second=sources)
def test_a_line_is_added_as_the_program_that_wrote_the_file_would_have_written_it(
    style: Style, first: str, second: str
) -> None:
    expected = edit_source(first, ensure())
    assert expected is not None
    text = style.write([first, second])
    patched = apply_patches(text, [ensure()])
    assert patched == style.write([expected, second])
    assert apply_patches(patched, [ensure()]) == patched
    assert revert_patches(patched, [ensure()]) == text
    assert revert_patches(text, [ensure()]) == text


@settings(max_examples=300)
@given(style=styles, first=sources.filter(bool), second=sources, data=st.data())
def test_text_is_replaced_as_the_program_that_wrote_the_file_would_have_written_it(
    style: Style, first: str, second: str, data: st.DataObject
) -> None:
    patch = data.draw(replacements(first))
    try:
        expected = edit_source(first, patch)
    except PatchConflict:
        assume(False)
    text = style.write([first, second])
    patched = apply_patches(text, [patch])
    assert patched == style.write([first if expected is None else expected, second])
    assert apply_patches(patched, [patch]) == patched
    if expected is not None:
        assert revert_patches(patched, [patch]) == text


@given(style=styles.filter(lambda style: style.indent is not None), source=sources)
def test_a_line_shows_as_one_added_line_or_two_where_the_comma_asks_for_it(
    style: Style, source: str
) -> None:
    text = style.write([source, "other"])
    last_line = (edit_source(source, ensure()) or "").removesuffix("\n").split("\n")[-1]
    changes = [
        line[0]
        for line in preview("n", text, [ensure()]).split("\n")
        if line.startswith(("+", "-")) and line[:3] not in ("---", "+++")
    ]
    if not style.lines:
        assert changes == ["-", "+"]
    elif not source:
        assert changes == ["-", "+", "+", "+"]  # [] becomes an array of one line
    elif last_line.strip() == NEW:
        assert changes == ["-", "+", "+"]  # the line that was the last gets a comma
    else:
        assert changes == ["+"]


spaces = st.text(" \t\n\r", max_size=3)


@st.composite
def odd_sources(draw: st.DrawFn, joined: str) -> str:
    """The JSON of a source, cut, spaced and escaped as nobody does."""
    cuts = sorted(draw(st.lists(st.integers(0, len(joined)), max_size=4)))
    pieces = [joined[a:b] for a, b in zip([0, *cuts], [*cuts, len(joined)], strict=True)]
    if not joined and draw(st.booleans()):
        pieces = []
    written = []
    for piece in pieces:
        text = json.dumps(piece, ensure_ascii=draw(st.booleans()))
        if draw(st.booleans()):
            text = text.replace("/", "\\/").replace("a", "\\u0061")
        written.append(draw(spaces) + text + draw(spaces))
    return "[" + (",".join(written) if written else draw(spaces)) + "]"


@settings(max_examples=300)
@given(style=styles, source=sources, data=st.data())
def test_however_a_source_is_written_adding_a_line_keeps_it_and_is_reversible(
    style: Style, source: str, data: st.DataObject
) -> None:
    text = Style(indent=None, separators=style.separators).write(["marker"])
    written = data.draw(odd_sources(source))
    assert text.count('["marker"]') == 1
    text = text.replace('["marker"]', written)
    patched = apply_patches(text, [ensure()])
    expected = json.loads(text)
    expected["cells"][1]["source"] = edit_source(source, ensure())
    actual = json.loads(patched)
    actual["cells"][1]["source"] = "".join(actual["cells"][1]["source"])
    assert actual == expected
    assert revert_patches(patched, [ensure()]) == text


@settings(max_examples=300)
@given(source=sources.filter(bool), data=st.data())
def test_however_a_source_is_written_a_replacement_changes_that_source_alone(
    source: str, data: st.DataObject
) -> None:
    patch = data.draw(replacements(source))
    try:
        expected = edit_source(source, patch)
    except PatchConflict:
        assume(False)
    written = data.draw(odd_sources(source))
    before, _, after = Style(indent=None).write(["marker"]).partition('["marker"]')
    patched = apply_patches(before + written + after, [patch])
    assert patched.startswith(before)
    assert patched.endswith(after)
    value = json.loads(patched[len(before) : len(patched) - len(after)])
    assert "".join(value) == (source if expected is None else expected)
    if expected is not None:
        back = revert_patches(patched, [patch])
        assert [cell.source for cell in parse_notebook(back).cells][1] == source


@pytest.mark.parametrize(
    ("before", "patch", "after"),
    [
        ("[]", ensure("n"), '["n"]'),
        ("[ ]", ensure("n"), '[ "n" ]'),
        ("[\n]", ensure("n"), '[\n"n"\n]'),
        ('[""]', ensure("n"), '["", "n"]'),
        ('""', ensure("n"), '"n"'),
        ('"a"', ensure("é"), '"a\\né"'),
        ('["\\u00fc"]', ensure("é"), '["\\u00fc\\n", "\\u00e9"]'),
        ('["\\\\u00fc"]', ensure("é"), '["\\\\u00fc\\n", "é"]'),
        ('["a\\n","b\\n" , "c"]', ensure("n", "b"), '["a\\n","b\\n" , "n\\n" , "c"]'),
        ('["a\\nb"]', ensure("n", "a"), '["a\\n", "n\\nb"]'),
        ('["ab", "cd"]', swap("b", "x"), '["ax", "cd"]'),
        ('["ab", "cd"]', swap("b", "x\n"), '["ax\\n", "cd"]'),
        ('["ab\\n", "cd"]', swap("b\n", "x"), '["axcd"]'),
        ('["\\u0061\\/b"]', swap("b", "c"), '["\\u0061\\/c"]'),
        ('["\\ud83e\\ude7b", "b"]', swap("b", "c"), '["\\ud83e\\ude7b", "c"]'),
    ],
)
def test_a_source_keeps_its_manner(before: str, patch: Patch, after: str) -> None:
    head, _, tail = Style(indent=None, ascii=True).write(["marker"]).partition('["marker"]')
    head = head.replace("\\u00f6", "o").replace("\\ud83e\\ude7b", "x")
    patched = apply_patches(head + before + tail, [patch])
    assert patched == head + after + tail


@pytest.mark.parametrize("before", ["[]", "[ ]", "[\n]", '[""]', '["", ""]', '[\t"" ]', '""'])
def test_an_empty_source_comes_back_as_it_was(before: str) -> None:
    for style in (Style(indent=None), Style(indent=1), Style(indent=0)):
        head, _, tail = style._replace(lines=False).write(["marker"]).partition('"marker"')
        patched = apply_patches(head + before + tail, [ensure()])
        assert patched != head + before + tail
        assert revert_patches(patched, [ensure()]) == head + before + tail


def test_a_preview_is_a_diff_that_git_applies(tmp_path: Path) -> None:
    for style in (Style(), Style(end=""), Style(crlf=True), Style(indent=None, end="")):
        path = tmp_path / "Hello World.ipynb"
        text = style.write(["a\nb", "c"])
        path.write_bytes(text.encode())
        patches: list[Patch] = [ensure(), ensure(cell=CellAddress(heading="Part 1"), id="q")]
        (tmp_path / "diff").write_bytes(preview(path.name, text, patches).encode())
        subprocess.run(["git", "apply", "diff"], cwd=tmp_path, check=True, timeout=30)
        assert path.read_bytes().decode() == apply_patches(text, patches)


def test_a_preview_of_no_change_is_empty() -> None:
    text = Style().write([NEW])
    assert preview("n", text, [ensure()]) == ""
    assert preview("n", text, []) == ""


def test_the_added_line_is_all_that_differs() -> None:
    text = Style().write(["a\nb", "c"])
    diff = list(difflib.unified_diff(text.split("\n"), apply_patches(text, [ensure()]).split("\n")))
    assert [line for line in diff[2:] if line[0] in "+-"] == [
        '-    "b"',
        '+    "b\\n",',
        '+    "!python -c \\"import fire\\" || pip install -U \\"fire\\""',
    ]
    text = Style().write(["a\nb\n\n", "c"])
    diff = list(difflib.unified_diff(text.split("\n"), apply_patches(text, [ensure()]).split("\n")))
    assert [line for line in diff[2:] if line[0] in "+-"] == [
        '+    "!python -c \\"import fire\\" || pip install -U \\"fire\\"\\n",',
    ]


def test_states_before_and_after() -> None:
    patches: list[Patch] = [ensure(), swap("10", "2", id="q")]
    text = Style().write(["n = 10"])
    before = patch_states(parse_notebook(text), patches)
    assert [(status.id, status.state) for status in before] == [("p", "pending"), ("q", "pending")]
    after = patch_states(parse_notebook(apply_patches(text, patches)), patches)
    assert [status.state for status in after] == ["applied", "applied"]
    assert {status.why for status in after} == {"w"}


def test_one_conflict_keeps_all_patches_out() -> None:
    text = Style().write(["n = 10", "m = 1\nm = 1"])
    part = CellAddress(heading="Part 1")
    nowhere = CellAddress(heading="Nowhere")
    patches: list[Patch] = [
        ensure(),
        swap("m = 1", "m = 2", part, "q"),
        ensure(cell=nowhere, id="r"),
    ]
    states = patch_states(parse_notebook(text), patches)
    assert [status.state for status in states] == ["pending", "conflict", "conflict"]
    assert states[1].message == 'The cell has "m = 1" 2 times; it must be there once.'
    assert states[2].message == 'No code cell matches the heading "Nowhere".'
    with pytest.raises(PatchConflict) as conflict:
        apply_patches(text, patches, name="a.ipynb")
    assert conflict.value.message.startswith(
        "2 patches do not fit a.ipynb, so nothing was changed. The cell has"
    )
    assert conflict.value.details.splitlines()[1] == f"r: {states[2].message}"
    with pytest.raises(PatchConflict):
        preview("a.ipynb", text, patches)
    with pytest.raises(PatchConflict):
        revert_patches(text, patches)


def test_an_address_of_several_cells_is_a_conflict() -> None:
    text = Style().write(["same", "same"])
    (status,) = patch_states(parse_notebook(text), [ensure(cell=CellAddress(contains="same"))])
    assert status.state == "conflict"
    assert status.message == '2 code cells match the text "same": cells 2, 4 from the top.'
    assert status.hint


def test_a_cell_addressed_by_the_text_that_is_replaced_is_found_again() -> None:
    patch = swap("workers = 10", "workers = 2", CellAddress(contains="workers = 10"))
    text = Style().write(["workers = 10", "other"])
    patched = apply_patches(text, [patch])
    assert patched == Style().write(["workers = 2", "other"])
    assert apply_patches(patched, [patch]) == patched
    assert [status.state for status in patch_states(parse_notebook(patched), [patch])] == [
        "applied"
    ]
    assert revert_patches(patched, [patch]) == text


def test_a_replacement_after_which_its_cell_cannot_be_told_is_a_conflict() -> None:
    patch = swap("workers = 10", "workers = 2", CellAddress(contains="workers = 10"))
    text = Style().write(["workers = 10", "workers = 2"])
    (status,) = patch_states(parse_notebook(text), [patch])
    assert status.state == "conflict"
    with pytest.raises(PatchConflict, match="could not be told"):
        apply_patches(text, [patch])


def test_patches_follow_one_another_and_are_taken_back_in_reverse() -> None:
    patches: list[Patch] = [
        ensure("import fire"),
        ensure("import os", "fire", CellAddress(contains="import fire"), "q"),
        swap("fire\n", "fire as f\n", CellAddress(contains="import os"), "r"),
    ]
    text = Style().write(["a\n\n", "b"])
    states = patch_states(parse_notebook(text), patches)
    assert [status.state for status in states] == ["conflict", "pending", "pending"]
    patches[0] = ensure("import fire  # cli")
    patches[2] = swap("import os", "import os, sys", CellAddress(contains="import os"), "r")
    patches[1] = swap("cli", "command line", CellAddress(contains="import fire"), "q")
    states = patch_states(parse_notebook(text), patches)
    assert [status.state for status in states] == ["conflict", "pending", "conflict"]
    assert states[0].message == "A later patch of the workshop undoes this one."


def test_a_patch_may_build_on_an_earlier_one() -> None:
    patches: list[Patch] = [
        ensure("import fire"),
        ensure("import os", "import fire", CellAddress(contains="import fire"), "q"),
    ]
    text = Style().write(["a\n\n", "b"])
    patched = apply_patches(text, patches)
    assert patched == Style().write(["a\nimport fire\nimport os\n\n", "b"])
    assert apply_patches(patched, patches) == patched
    assert revert_patches(patched, patches) == text
    assert apply_patches(revert_patches(patched, patches[1:]), patches) == patched


def test_an_attendees_own_edits_stay_when_patches_are_taken_back() -> None:
    patches: list[Patch] = [ensure(), swap("n = 10", "n = 2", id="q")]
    patched = apply_patches(Style().write(["n = 10", "b"]), patches)
    edited = patched.replace("n = 2", "n = 2 # mine").replace('"b"', '"b, mine"')
    assert edited != patched
    assert revert_patches(edited, patches) == Style().write(["n = 10 # mine", "b, mine"])


@pytest.mark.parametrize("text", ["", "nonsense", "{}", Style().write(["a"])[:-3]])
def test_what_is_not_a_notebook_is_not_patched(text: str) -> None:
    for change in (apply_patches, revert_patches):
        with pytest.raises(NotebookUnreadable):
            change(text, [ensure()])
