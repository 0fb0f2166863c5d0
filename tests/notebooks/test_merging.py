"""The organiser changed a notebook, and so did the attendee: what then."""

from __future__ import annotations

import json
from collections.abc import Mapping

import nbformat
import pytest

from jupyter_monai_workshop.definition.models import CellAddress
from jupyter_monai_workshop.notebooks import (
    MergedNotebook,
    NotebookUnmergeable,
    NotebookUnreadable,
    find_cell,
    merge_notebooks,
    parse_notebook,
)

Cell = dict[str, object]

TITLE = "# Loss\nWhich loss to take."
IMPORTS = "import monai\nimport torch"
MODEL = "model = UNet(spatial_dims=3, in_channels=1, out_channels=2)"
NEWER_MODEL = "model = UNet(spatial_dims=3, in_channels=4, out_channels=3)"
MY_MODEL = "model = SwinUNETR(img_size=96, in_channels=1, out_channels=2)"
TRAIN = "for epoch in range(4):\n    train(model)\n"
PLOT = "plt.plot(losses)\nplt.show()"
LABEL = "**The organiser's new version of the cell above. Yours was kept.**"


def code(source: str, id: str = "", outputs: str = "", **more: object) -> Cell:
    printed = {"output_type": "stream", "name": "stdout", "text": [outputs]}
    cell = {
        "cell_type": "code",
        "metadata": {},
        "source": source,
        "outputs": [printed] if outputs else [],
        "execution_count": 3 if outputs else None,
        **more,
    }
    return {**cell, "id": id} if id else cell


def prose(source: str, id: str = "", **more: object) -> Cell:
    cell = {"cell_type": "markdown", "metadata": {}, "source": source, **more}
    return {**cell, "id": id} if id else cell


def notebook(
    *cells: Cell, metadata: Mapping[str, object] | None = None, minor: int | None = None
) -> str:
    """Write a notebook as Jupyter does; of format 4.5 if its cells have ids."""
    value = {
        "cells": [{**cell, "source": str(cell["source"]).splitlines(True)} for cell in cells],
        "metadata": metadata or {},
        "nbformat": 4,
        "nbformat_minor": (5 if any("id" in cell for cell in cells) else 4)
        if minor is None
        else minor,
    }
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def cells_of(merged: MergedNotebook) -> list[Cell]:
    value = json.loads(merged.text)
    nbformat.validate(nbformat.from_dict(value))
    return [{**cell, "source": "".join(cell["source"])} for cell in value["cells"]]


def sources_of(merged: MergedNotebook) -> list[object]:
    return [cell["source"] for cell in cells_of(merged)]


def outputs_of(cell: Cell) -> str:
    outputs = cell["outputs"]
    assert isinstance(outputs, list)
    return "".join("".join(output["text"]) for output in outputs)


def counts(merged: MergedNotebook) -> tuple[int, int, int]:
    return merged.followed, merged.kept, merged.beside


@pytest.fixture(params=["with ids", "without ids"])
def ids(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "with ids")


@pytest.fixture
def base(ids: bool) -> list[Cell]:
    return [
        prose(TITLE, "title" if ids else ""),
        code(IMPORTS, "imports" if ids else ""),
        code(MODEL, "model" if ids else ""),
        code(TRAIN, "train" if ids else ""),
        code(PLOT, "plot" if ids else ""),
    ]


def changed(cells: list[Cell], at: int, **values: object) -> list[Cell]:
    return [{**cell, **values} if n == at else cell for n, cell in enumerate(cells)]


def merged(base: list[Cell], ours: list[Cell], theirs: list[Cell]) -> MergedNotebook:
    """Merge, and hold what is true of every merge."""
    texts = notebook(*base), notebook(*ours), notebook(*theirs)
    result = merge_notebooks(*texts)
    assert merge_notebooks(texts[0], result.text, texts[2]).text == result.text
    assert nbformat.writes(nbformat.reads(result.text, as_version=4)) + "\n" == result.text
    return result


def test_changed_nothing__did_anything__the_file_byte_for_byte(base: list[Cell]) -> None:
    given = notebook(*base)
    ours = json.dumps(json.loads(notebook(*changed(base, 2, source=MY_MODEL))), indent=7)
    assert merge_notebooks(given, ours, given) == MergedNotebook(ours)
    saved_elsewhere = json.dumps(json.loads(given))
    assert merge_notebooks(given, ours, saved_elsewhere) == MergedNotebook(ours)


def test_did_anything__changed_nothing__the_organiser_s_file(base: list[Cell]) -> None:
    theirs = json.dumps(json.loads(notebook(*changed(base, 2, source=NEWER_MODEL))), indent=7)
    result = merge_notebooks(notebook(*base), notebook(*base), theirs)
    assert result.text == theirs
    assert counts(result) == (1, 0, 0)


def test_changed_a_cell__did_not__the_organiser_s_cell(base: list[Cell]) -> None:
    ours = changed(base, 4, source=PLOT + "\nprint(1)")
    result = merged(base, ours, changed(base, 2, source=NEWER_MODEL))
    assert sources_of(result) == [TITLE, IMPORTS, NEWER_MODEL, TRAIN, PLOT + "\nprint(1)"]
    assert counts(result) == (1, 1, 0)


def test_changed_a_cell__ran_it__the_outputs_of_the_old_source_go(base: list[Cell]) -> None:
    when = {"execution": {"iopub.execute_input": "2023-10-06T10:00:00Z"}, "mine": True}
    ours = changed(base, 2, **code(MODEL, outputs="of 2 channels", metadata=when))
    if "id" in base[2]:
        ours[2]["id"] = base[2]["id"]
    cell = cells_of(merged(base, ours, changed(base, 2, source=NEWER_MODEL)))[2]
    assert outputs_of(cell) == ""
    assert cell["execution_count"] is None
    assert cell["metadata"] == {"mine": True}


def test_changed_other_cells__ran_a_cell__its_outputs_stay(base: list[Cell]) -> None:
    ours = [{**c, "outputs": code("", outputs="ran")["outputs"]} for c in base[1:]]
    theirs = changed(base, 2, source=NEWER_MODEL)
    result = cells_of(merged(base, [base[0], *ours], theirs))
    assert [outputs_of(cell) for cell in result[1:]] == ["ran", "", "ran", "ran"]


def test_published_new_outputs__did_not_run__the_organiser_s_outputs(base: list[Cell]) -> None:
    outputs = code("", outputs="published")["outputs"]
    ours = changed(base, 2, source=MY_MODEL)
    result = cells_of(merged(base, ours, changed(base, 3, outputs=outputs)))
    assert outputs_of(result[3]) == "published"


def test_published_new_outputs__ran__the_attendee_s_outputs(base: list[Cell]) -> None:
    mine, new = (code("", outputs=text)["outputs"] for text in ("mine", "published"))
    theirs = changed(changed(base, 3, outputs=new), 2, source=NEWER_MODEL)
    result = cells_of(merged(base, changed(base, 3, outputs=mine), theirs))
    assert outputs_of(result[3]) == "mine"


def test_changed_other_cells__changed_a_cell__it_stays_whole(base: list[Cell]) -> None:
    mine = code("", outputs="mine")
    ours = changed(
        base,
        2,
        source=MY_MODEL,
        outputs=mine["outputs"],
        execution_count=9,
        metadata={"collapsed": True},
    )
    result = cells_of(merged(base, ours, changed(base, 3, source=TRAIN + "save(model)")))
    assert result[2] == ours[2]


def test_changed_a_cell__changed_it_alike__one_cell_with_the_attendee_s_outputs(
    base: list[Cell],
) -> None:
    outputs = code("", outputs="mine")["outputs"]
    ours = changed(base, 2, source=NEWER_MODEL, outputs=outputs)
    theirs = changed(changed(base, 2, source=NEWER_MODEL), 4, source="new")
    result = merged(base, ours, theirs)
    assert sources_of(result) == [TITLE, IMPORTS, NEWER_MODEL, TRAIN, "new"]
    assert outputs_of(cells_of(result)[2]) == "mine"
    assert counts(result) == (1, 1, 0)


def test_changed_a_cell__changed_it_otherwise__the_organiser_s_stands_below_marked(
    base: list[Cell],
) -> None:
    ours = changed(base, 2, source=MY_MODEL)
    result = merged(base, ours, changed(base, 2, source=NEWER_MODEL))
    shown = f"{LABEL}\n\n```python\n{NEWER_MODEL}\n```"
    assert sources_of(result) == [TITLE, IMPORTS, MY_MODEL, shown, TRAIN, PLOT]
    assert counts(result) == (0, 1, 1)
    mark = cells_of(result)[3]
    assert mark["cell_type"] == "markdown"
    metadata = mark["metadata"]
    assert isinstance(metadata, dict)
    assert metadata["tags"] == ["from-the-organiser"]
    assert metadata["jupyter_monai_workshop"]["from"] == "organiser"
    if "id" in base[2]:
        assert metadata["jupyter_monai_workshop"]["of"] == "model"
        assert mark["id"] not in {cell["id"] for cell in base}


def test_text_that_both_changed_is_quoted_so_that_its_heading_is_none_of_the_notebook(
    base: list[Cell],
) -> None:
    ours = changed(base, 0, source=TITLE + "\nI take Dice.")
    picture = {"loss.png": {"image/png": "AAAA"}}
    theirs = changed(base, 0, source="# Losses\n\nWhich loss?", attachments=picture)
    result = merged(base, ours, theirs)
    mark = cells_of(result)[1]
    assert mark["source"] == f"{LABEL}\n\n> # Losses\n>\n> Which loss?"
    assert mark["attachments"] == picture
    found = find_cell(parse_notebook(result.text), CellAddress(heading="Loss", contains="import"))
    assert found.source == IMPORTS


def test_code_with_fences_in_it_is_fenced_by_a_longer_one(base: list[Cell]) -> None:
    report = 'print("""\n````\n```text\n""")'
    result = merged(base, changed(base, 2, source=MY_MODEL), changed(base, 2, source=report))
    assert f"\n\n`````python\n{report}\n`````" in str(sources_of(result)[3])


def test_the_caller_s_words_stand_above_and_the_notebook_s_language_is_used() -> None:
    r = {"language_info": {"name": "R"}, "kernelspec": {"name": "ir", "display_name": "R"}}
    given, mine, new = (notebook(code(source), metadata=r) for source in ("a", "a1", "a2"))
    result = merge_notebooks(given, mine, new, label="From Ben")
    assert sources_of(result)[1] == "**From Ben**\n\n```R\na2\n```"


def test_took_a_cell_out__did_not_change_it__it_goes(base: list[Cell]) -> None:
    ours = changed(changed(base, 2, source=MY_MODEL), 3, **code(TRAIN, outputs="ran"))
    result = merged(base, ours, base[:3] + base[4:])
    assert sources_of(result) == [TITLE, IMPORTS, MY_MODEL, PLOT]
    assert counts(result) == (1, 1, 0)


def test_took_a_cell_out__changed_it__it_stays(base: list[Cell]) -> None:
    ours = changed(base, 2, source=MODEL + ".to(device)")
    theirs = changed([*base[:2], *base[3:]], 3, source="new")
    result = merged(base, ours, theirs)
    assert sources_of(result) == [TITLE, IMPORTS, MODEL + ".to(device)", TRAIN, "new"]


@pytest.mark.parametrize("source", [TRAIN, TRAIN.replace("4", "40")])
def test_did_anything_with_a_cell__took_it_out__it_does_not_come_back(
    base: list[Cell], source: str
) -> None:
    theirs = changed(changed(base, 3, source=source), 0, source="# New")
    result = merged(base, [*base[:3], base[4]], theirs)
    assert sources_of(result) == ["# New", IMPORTS, MODEL, PLOT]


def test_added_cells__added_cells_elsewhere__each_below_its_cell(
    base: list[Cell], ids: bool
) -> None:
    theirs = [*base[:2], code("seed = 0", "n1" if ids else ""), *base[2:]]
    ours = [prose("my title", "m1" if ids else ""), *base, code("", "m2" if ids else "")]
    result = merged(base, ours, theirs)
    expected = ["my title", TITLE, IMPORTS, "seed = 0", MODEL, TRAIN, PLOT, ""]
    assert sources_of(result) == expected
    assert counts(result) == (1, 2, 0)


def test_added_a_cell__added_one_there__the_attendee_s_first(base: list[Cell], ids: bool) -> None:
    theirs = [*base[:2], code("seed = 0", "n1" if ids else ""), *base[2:]]
    ours = [*base[:2], code("print(torch)", "m1" if ids else ""), *base[2:]]
    result = merged(base, ours, theirs)
    assert sources_of(result) == [TITLE, IMPORTS, "print(torch)", "seed = 0", MODEL, TRAIN, PLOT]


def test_added_a_cell__added_the_same_there__one_cell(base: list[Cell], ids: bool) -> None:
    theirs = [*base[:2], code("seed = 0", "n1" if ids else ""), *base[2:], code("new")]
    if ids:
        theirs[-1]["id"] = "n2"
    ours = [*base[:2], code("seed = 0", "m1" if ids else "", "ran"), *base[2:]]
    result = merged(base, ours, theirs)
    assert sources_of(result) == [TITLE, IMPORTS, "seed = 0", MODEL, TRAIN, PLOT, "new"]
    assert outputs_of(cells_of(result)[2]) == "ran"


def test_moved_a_cell__did_not__the_organiser_s_order(base: list[Cell]) -> None:
    ours = changed(base, 2, source=MODEL + "\nmine = 1")
    title, imports, model, train, plot = base
    result = merged(base, ours, [title, imports, plot, model, train])
    assert sources_of(result) == [TITLE, IMPORTS, PLOT, MODEL + "\nmine = 1", TRAIN]


def test_changed_a_cell__moved_it__the_organiser_s_cell_at_the_attendee_s_place(
    base: list[Cell],
) -> None:
    title, imports, model, train, plot = base
    theirs = changed(base, 4, source="plt.plot(losses)\nplt.savefig('loss.png')")
    result = merged(base, [title, plot, imports, model, train], theirs)
    assert sources_of(result) == [TITLE, theirs[4]["source"], IMPORTS, MODEL, TRAIN]


def test_moved_a_cell__moved_another__both_are_moved_and_none_is_lost(base: list[Cell]) -> None:
    title, imports, model, train, plot = base
    ours = [title, train, imports, model, plot]
    result = merged(base, ours, [title, model, imports, train, plot])
    assert sources_of(result) == [TITLE, TRAIN, MODEL, IMPORTS, PLOT]


def test_added_a_cell_with_an_id__used_that_id__both_stay_with_ids_of_their_own() -> None:
    base = [prose(TITLE, "title")]
    ours = [*base, code("mine = 1", "copied")]
    theirs = [*base, code("new = 1", "copied")]
    result = merged(base, ours, theirs)
    assert sources_of(result) == [TITLE, "mine = 1", "new = 1"]
    found = [cell["id"] for cell in cells_of(result)]
    assert found[2] == "copied"
    assert len(set(found)) == 3


def test_changed_text_of_a_cell__changed_its_type__both_are_there(base: list[Cell]) -> None:
    as_raw = {**prose(TRAIN), "cell_type": "raw"}
    if "id" in base[3]:
        as_raw["id"] = "new-id"
    ours = [*base[:3], as_raw, base[4]]
    result = merged(base, ours, changed(base, 3, source=TRAIN.replace("4", "40")))
    assert sources_of(result)[3] == TRAIN
    assert cells_of(result)[3]["cell_type"] == "raw"
    assert TRAIN.replace("4", "40") in str(sources_of(result)[4])
    assert counts(result) == (0, 1, 1)


def test_changed_a_picture__changed_nothing_there__the_organiser_s_picture(
    base: list[Cell],
) -> None:
    def pictured(data: str) -> list[Cell]:
        return changed(base, 0, attachments={"a.png": {"image/png": data}})

    ours = changed(pictured("old"), 2, source=MY_MODEL)
    result = cells_of(merged(pictured("old"), ours, pictured("new")))
    assert result[0]["attachments"] == {"a.png": {"image/png": "new"}}


def test_metadata_of_a_cell_is_merged_key_by_key(base: list[Cell]) -> None:
    given = changed(base, 1, metadata={"a": 1, "b": 1, "c": 1, "jupyter": {"x": 1, "y": 1}})
    ours = changed(base, 1, metadata={"a": 2, "b": 2, "c": 1, "jupyter": {"x": 2, "y": 1}})
    theirs = changed(base, 1, metadata={"a": 3, "b": 1, "jupyter": {"x": 1, "y": 3}, "tags": []})
    cell = cells_of(merged(given, ours, theirs))[1]
    assert cell["metadata"] == {"a": 2, "b": 2, "jupyter": {"x": 2, "y": 3}, "tags": []}


def test_the_attendee_s_kernel_stays_and_other_metadata_of_the_notebook_follows(
    base: list[Cell],
) -> None:
    def with_kernel(name: str, cells: list[Cell], **more: object) -> str:
        kernel = {"name": name, "display_name": name.title(), "language": "python"}
        return notebook(*cells, metadata={"kernelspec": kernel, **more})

    result = merge_notebooks(
        with_kernel("python3", base, title="old"),
        with_kernel("monai", changed(base, 2, source=MY_MODEL), title="old"),
        with_kernel("conda", changed(base, 3, source="new"), title="new"),
    )
    metadata = json.loads(result.text)["metadata"]
    assert metadata["kernelspec"]["display_name"] == "Monai"
    assert metadata["title"] == "new"


def test_gave_ids_to_cells__changed_a_cell__it_gets_the_organiser_s_id() -> None:
    base = [prose(TITLE), code(IMPORTS), code(MODEL)]
    ours = [prose(TITLE), code(IMPORTS), code(MODEL + "\nmine = 1"), code("mine = 2")]
    theirs = [prose(TITLE, "t"), code("import monai", "i"), code(MODEL, "m")]
    result = merged(base, ours, theirs)
    assert sources_of(result) == [TITLE, "import monai", MODEL + "\nmine = 1", "mine = 2"]
    assert [cell["id"] for cell in cells_of(result)][:3] == ["t", "i", "m"]
    assert json.loads(result.text)["nbformat_minor"] == 5


def test_gave_no_ids__saved_with_ids__they_stay_and_new_cells_get_some() -> None:
    base = [prose(TITLE), code(IMPORTS), code(MODEL)]
    ours = [prose(TITLE, "t"), code(IMPORTS, "i"), code(MODEL + "\nmine = 1", "m")]
    theirs = [prose(TITLE), code("import monai"), code(MODEL), code(TRAIN)]
    result = merged(base, ours, theirs)
    assert sources_of(result) == [TITLE, "import monai", MODEL + "\nmine = 1", TRAIN]
    assert [cell["id"] for cell in cells_of(result)][:3] == ["t", "i", "m"]


def test_gave_all_cells_new_ids__changed_a_cell__cells_are_told_by_their_text() -> None:
    base = [prose(TITLE, "a1"), code(IMPORTS, "a2"), code(MODEL, "a3")]
    ours = [*base[:2], code(MODEL + "\nmine = 1", "a3")]
    theirs = [prose(TITLE, "b1"), code(IMPORTS + "\nnew = 1", "b2"), code(MODEL, "b3")]
    result = merged(base, ours, theirs)
    assert sources_of(result) == [TITLE, IMPORTS + "\nnew = 1", MODEL + "\nmine = 1"]


def test_ids_that_number_the_cells_by_their_place_are_not_believed() -> None:
    def numbered(*sources: str) -> list[Cell]:
        return [code(source, f"cell-{n}") for n, source in enumerate(sources)]

    base = numbered(IMPORTS, MODEL, TRAIN, PLOT)
    ours = numbered(IMPORTS, MODEL + "\nmine = 1", TRAIN, PLOT)
    result = merged(base, ours, numbered("new = 1", IMPORTS, MODEL, TRAIN, PLOT))
    assert sources_of(result) == ["new = 1", IMPORTS, MODEL + "\nmine = 1", TRAIN, PLOT]


def test_a_filled_in_cell_is_the_cell_that_was_to_be_filled_in(ids: bool) -> None:
    todo = code("# Your code here", "todo" if ids else "")
    base = [code(IMPORTS, "i" if ids else ""), todo, code(PLOT, "p" if ids else "")]
    ours = changed(base, 1, source=TRAIN)
    result = merged(base, ours, changed(base, 1, source="# Your code here, in two lines"))
    assert sources_of(result)[:2] == [IMPORTS, TRAIN]
    assert counts(result) == (0, 1, 1)


def test_equal_cells_without_ids_are_told_apart_by_their_place() -> None:
    show = code("plt.show()")
    base = [code(IMPORTS), show, code(MODEL), show, code(TRAIN), show]
    ours = changed(base, 3, source="plt.show()\nmine = 1")
    theirs = changed(base, 5, source="plt.show()\nnew = 1")
    sources = sources_of(merged(base, ours, theirs))
    assert sources[3::2] == ["plt.show()\nmine = 1", "plt.show()\nnew = 1"]
    assert len(sources) == 6


def test_line_breaks_of_another_system_are_no_change() -> None:
    base = [code(IMPORTS.replace("\n", "\r\n")), code(TRAIN)]
    ours = [code(IMPORTS), code(TRAIN + "mine = 1")]
    theirs = [code("import monai"), code(TRAIN)]
    assert sources_of(merge_notebooks(*(notebook(*cells) for cells in (base, ours, theirs)))) == [
        "import monai",
        TRAIN + "mine = 1",
    ]


def test_a_source_may_be_one_string_and_text_beyond_ascii_is_written_as_it_is() -> None:
    base = json.loads(notebook(code("größe = 1"), code(TRAIN), code(PLOT)))
    for cell in base["cells"]:
        cell["source"] = "".join(cell["source"])
    given = json.dumps(base)
    ours = notebook(code("größe = 1"), code(TRAIN + "x = '🩻'\n"), code(PLOT))
    text = merge_notebooks(given, ours, given.replace("losses", "history")).text
    assert json.loads(text)["cells"][1]["source"][-1] == "x = '🩻'\n"
    assert "größe" in text
    assert "history" in text


def test_half_a_character_in_an_output_is_no_obstacle(base: list[Cell]) -> None:
    ours = notebook(*changed(base, 3, **code(TRAIN, outputs="HALF"))).replace("HALF", "\\ud83e")
    theirs = notebook(*changed(base, 2, source=NEWER_MODEL))
    text = merge_notebooks(notebook(*base), ours, theirs).text
    assert b"\\ud83e" in text.encode()


def test_the_same_change_again_brings_back_nothing_and_leaves_what_was_done_since(
    base: list[Cell],
) -> None:
    given, ours = notebook(*base), notebook(*changed(base, 2, source=MY_MODEL))
    new = notebook(*changed(changed(base, 2, source=NEWER_MODEL), 3, source="new = 1"))
    once = json.loads(merge_notebooks(given, ours, new).text)
    del once["cells"][3]
    once["cells"][3]["source"] = ["new = 1\n", "mine = 1"]
    since = json.dumps(once)
    assert merge_notebooks(given, since, new).text == since


def test_without_the_note_a_marked_cell_is_recognised_even_if_it_was_edited(
    base: list[Cell],
) -> None:
    given, ours = notebook(*base), notebook(*changed(base, 2, source=MY_MODEL))
    new = notebook(*changed(base, 2, source=NEWER_MODEL))
    once = json.loads(merge_notebooks(given, ours, new).text)
    once["metadata"] = {}
    once["cells"][3]["source"] = ["read it\n", "took nothing from it"]
    result = merge_notebooks(given, json.dumps(once), new)
    assert len(cells_of(result)) == 6
    assert counts(result) == (0, 2, 0)


def test_a_later_version_leaves_marked_cells_alone_and_marks_what_differs_again(
    base: list[Cell],
) -> None:
    first = changed(base, 2, source=NEWER_MODEL)
    once = merge_notebooks(
        notebook(*base), notebook(*changed(base, 2, source=MY_MODEL)), notebook(*first)
    )
    other = changed(first, 3, source="new = 1")
    twice = merge_notebooks(notebook(*first), once.text, notebook(*other))
    assert sources_of(twice) == [*sources_of(once)[:4], "new = 1", PLOT]
    again = changed(other, 2, source=NEWER_MODEL + "  # 3 classes")
    thrice = merge_notebooks(notebook(*other), twice.text, notebook(*again))
    assert sources_of(once)[3] in sources_of(thrice)
    assert counts(thrice) == (0, 2, 1)
    assert len(cells_of(thrice)) == 7


def test_what_is_unknown_or_no_notebook_is_not_merged(base: list[Cell]) -> None:
    given = notebook(*base)
    new = notebook(*changed(base, 2, source=NEWER_MODEL))
    mine = notebook(*changed(base, 2, source=MY_MODEL))
    assert merge_notebooks(None, given, given).text == given
    with pytest.raises(NotebookUnmergeable, match="not known which version"):
        merge_notebooks(None, mine, new)
    for broken in ("", "{", "[]", '{"cells": [], "nbformat": 3}', mine[:-20]):
        with pytest.raises(NotebookUnreadable, match=r"^train\.ipynb"):
            merge_notebooks(given, broken, new, name="train.ipynb")
        with pytest.raises(NotebookUnmergeable, match=r"The organiser's new version of train"):
            merge_notebooks(given, mine, broken, name="train.ipynb")
        with pytest.raises(NotebookUnmergeable, match=r"The version that train\.ipynb was made"):
            merge_notebooks(broken, mine, new, name="train.ipynb")
    no_metadata = json.dumps({**json.loads(mine), "metadata": []})
    with pytest.raises(NotebookUnmergeable, match="metadata"):
        merge_notebooks(given, no_metadata, new)


def test_hundreds_of_cells_with_large_outputs_are_merged_by_their_sources_alone() -> None:
    lines = [f"value_{n} = {n}\n" for n in range(3000)]
    base = [code("".join(lines[n * 10 : n * 10 + 10])) for n in range(300)]
    ours = [{**cell, **code(str(cell["source"]), outputs="x" * 20_000)} for cell in base]
    for n in range(0, 300, 3):
        ours[n]["source"] = f"{ours[n]['source']}mine = {n}"
    theirs = [{**cell, "source": f"new = {n}\n{cell['source']}"} for n, cell in enumerate(base)]
    result = merge_notebooks(notebook(*base), notebook(*ours), notebook(*theirs))
    assert counts(result) == (200, 100, 100)
