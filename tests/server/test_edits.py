"""Edits of notebooks by REST: planned for a page, or made in the file."""

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from .conftest import Client
from .test_rest import validate

DEFINITION = """\
format: 1
id: tiny
title: Tiny workshop
summary: A workshop for tests.
text: Welcome.
source: {kind: bundled, path: files, folder: tiny}
profiles:
  - id: quick
    title: Quick
    text: Less of everything.
    suits: no-gpu
    modules:
      one:
        parameters: {epochs: 1, rate: 0.01}
        patches:
          - {kind: replace, id: few, cell: {id: data}, old: glob(d), new: "glob(d)[:3]", why: Few.}
        durations: {train: 3}
      two:
        patches:
          - {kind: ensure_line, id: small, cell: {id: net}, line: size = 8, why: Small.}
modules:
  - id: one
    title: One
    text: The first.
    notebook: one.ipynb
    patches:
      - {kind: ensure_line, id: fix, cell: {id: data}, line: "x = 20", why: It forgets x.}
    parameters:
      - id: epochs
        variable: epoch_num
        title: Epochs
        cell: {id: train}
        choices: [{value: 4, effect: Long.}, {value: 1, effect: Short.}]
      - id: rate
        variable: rate
        title: Learning rate
        cell: {id: train}
        choices: [{value: 1.0e-5}, {value: 0.01}]
    steps:
      - {id: data, title: Data, text: Data., cells: [{id: data}], duration: 1}
      - {id: train, title: Train, text: Train., cells: [{id: train}], duration: 100}
  - id: two
    title: Two
    text: The second.
    notebook: two.ipynb
    steps:
      - {id: net, title: Net, text: Net., cells: [{id: net}], duration: 1}
      - id: task
        title: Task
        text: Do it.
        cells: [{id: task}, {id: other}]
        duration: 1
        solve:
          - {cell: {id: task}, source: "answer = 42", hint: Deep thought.}
          - {cell: {id: other}, source: "other = 1"}
"""

ONE = {
    "data": "from glob import glob\nfiles = glob(d)\n",
    "train": "!echo 'begin\nepoch_num = 4  # Übung\nrate = 1e-5; print(rate)",
}
TWO = {"net": "net = 1", "task": "answer = ???", "other": "other = 2  # mine"}


def write_notebook(path: Path, cells: dict[str, str]) -> None:
    made = [nbformat.v4.new_code_cell(source, id=name) for name, source in cells.items()]
    nbformat.write(nbformat.v4.new_notebook(cells=made), path)


@pytest.fixture
def definitions(tmp_path: Path) -> Path:
    folder = tmp_path / "definitions" / "tiny"
    (folder / "files").mkdir(parents=True)
    (folder / "workshop.yaml").write_text(DEFINITION)
    write_notebook(folder / "files" / "one.ipynb", ONE)
    write_notebook(folder / "files" / "two.ipynb", TWO)
    return folder.parent


async def edits(client: Client, cells: dict[str, str], **request: Any) -> dict[str, Any]:
    listed = [{"id": name, "kind": "code", "source": it} for name, it in cells.items()]
    body = json.dumps({"cells": listed, **request})
    answer: dict[str, Any] = await client.ask(
        "workshops", "tiny", "edits", method="POST", body=body
    )
    validate(answer, "Edits")
    return answer


def edited(cells: dict[str, str], answer: dict[str, Any]) -> dict[str, str]:
    """Return the cells after the edits, made one by one in the order of the answer."""
    assert answer["failure"] is None
    result = dict(cells)
    for edit in answer["edits"]:
        source = result[edit["id"]]
        result[edit["id"]] = source[: edit["start"]] + edit["text"] + source[edit["end"] :]
        assert list(cells)[edit["index"]] == edit["id"]
        assert edit["why"]
    return result


async def job(client: Client, **request: Any) -> dict[str, Any]:
    body = json.dumps(request)
    started = await client.ask("workshops", "tiny", "jobs", method="POST", body=body)
    return await client.end_of(started)


async def brought(client: Client) -> Path:
    await client.end_of(await client.start("materials"))
    await client.end_of(await client.start("patches"))
    return client.root / "tiny"


def sources(path: Path) -> dict[str, str]:
    notebook = nbformat.read(path, as_version=4)
    return {cell["id"]: cell["source"] for cell in notebook.cells}


async def test_planning_needs_no_materials_and_changes_nothing(client: Client) -> None:
    answer = await edits(client, ONE, module="one", purpose="patches")
    assert edited(ONE, answer)["data"] == "from glob import glob\nfiles = glob(d)\nx = 20\n"
    assert list(client.root.iterdir()) == []


async def test_a_parameter_changes_only_the_characters_of_its_value(client: Client) -> None:
    answer = await edits(client, ONE, module="one", purpose="parameters", values={"epochs": 1})
    [edit] = answer["edits"]
    assert ONE["train"][edit["start"] : edit["end"]] == "4"
    assert edited(ONE, answer)["train"] == ONE["train"].replace("= 4", "= 1")


async def test_what_is_so_already_needs_no_edit(client: Client) -> None:
    answer = await edits(client, ONE, module="one", purpose="parameters", values={"epochs": 4})
    assert answer == {"edits": [], "failure": None}


async def test_unsaved_words_in_the_same_cell_stay(client: Client) -> None:
    mine = ONE | {"train": "# 𝄞 mine\n" + ONE["train"] + "\nprint('mine')"}
    answer = await edits(client, mine, module="one", purpose="profile", profile="quick")
    after = edited(mine, answer)
    assert after["train"] == mine["train"].replace("= 4", "= 1").replace("1e-5", "0.01")
    assert after["data"] == mine["data"].replace("glob(d)", "glob(d)[:3]")


async def test_edits_of_a_cell_go_from_the_last_place_to_the_first(client: Client) -> None:
    answer = await edits(client, ONE, module="one", purpose="profile", profile="quick")
    starts = [edit["start"] for edit in answer["edits"] if edit["id"] == "train"]
    assert starts == sorted(starts, reverse=True)
    assert len(starts) == 2


async def test_a_profile_taken_back_leaves_the_page_as_it_was(client: Client) -> None:
    await brought(client)
    answer = await edits(client, ONE, module="one", purpose="profile", profile="quick")
    on = edited(ONE, answer)
    assert on != ONE
    assert edited(on, await edits(client, on, module="one", purpose="profile")) == ONE


async def test_only_an_open_exercise_gets_its_solution(client: Client) -> None:
    answer = await edits(client, TWO, module="two", purpose="solution", step="task")
    assert edited(TWO, answer) == TWO | {"task": "answer = 42"}


async def test_a_conflict_is_told_and_nothing_is_to_be_edited(client: Client) -> None:
    twice = ONE | {"train": "epoch_num = 4\nepoch_num += 1\nrate = 1"}
    answer = await edits(client, twice, module="one", purpose="profile", profile="quick")
    assert answer["edits"] == []
    assert answer["failure"]["code"] == "parameter_conflict"
    assert answer["failure"]["hint"]


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        ({"module": "three", "purpose": "patches"}, 404, "unknown_module"),
        ({"module": "one", "purpose": "parameters", "values": {"x": 1}}, 404, "unknown_parameter"),
        ({"module": "one", "purpose": "profile", "profile": "x"}, 404, "unknown_profile"),
        ({"module": "one", "purpose": "solution", "step": "x"}, 404, "unknown_step"),
        (
            {"module": "one", "purpose": "parameters", "values": {"epochs": "x"}},
            400,
            "parameter_unfit",
        ),
        ({"module": "one", "purpose": "delete"}, 400, "bad_request"),
    ],
)
async def test_what_the_workshop_does_not_have_is_refused(
    client: Client, request_: dict[str, Any], status: int, code: str
) -> None:
    listed = [{"id": name, "kind": "code", "source": it} for name, it in ONE.items()]
    body = json.dumps({"cells": listed, **request_})
    answer = await client.refused("workshops", "tiny", "edits", method="POST", body=body)
    assert (answer[0], answer[1]["code"]) == (status, code)
    if request_["purpose"] in ("parameters", "profile", "solution"):
        wish = {name: it for name, it in request_.items() if name != "purpose"}
        body = json.dumps({"kind": request_["purpose"], **wish})
        answer = await client.refused("workshops", "tiny", "jobs", method="POST", body=body)
        assert (answer[0], answer[1]["code"]) == (status, code)
    assert list(client.root.iterdir()) == []


async def test_jobs_make_the_same_edits_in_the_files_and_take_them_back(client: Client) -> None:
    folder = await brought(client)
    before = {it.name: it.read_bytes() for it in folder.glob("*.ipynb")}
    planned = edited(
        sources(folder / "one.ipynb"),
        await edits(
            client, sources(folder / "one.ipynb"), module="one", purpose="profile", profile="quick"
        ),
    )
    assert (await job(client, kind="profile", profile="quick"))["state"] == "succeeded"
    assert sources(folder / "one.ipynb") == planned
    assert sources(folder / "two.ipynb")["net"] == "net = 1\nsize = 8"
    assert (await job(client, kind="profile"))["state"] == "succeeded"
    assert {it.name: it.read_bytes() for it in folder.glob("*.ipynb")} == before


async def test_a_parameter_and_a_solution_are_written_into_the_file(client: Client) -> None:
    folder = await brought(client)
    done = await job(client, kind="parameters", module="one", values={"epochs": 1, "rate": 0.01})
    assert done["state"] == "succeeded"
    assert sources(folder / "one.ipynb")["train"] == (
        "!echo 'begin\nepoch_num = 1  # Übung\nrate = 0.01; print(rate)"
    )
    assert (await job(client, kind="solution", module="two", step="task"))["state"] == "succeeded"
    assert sources(folder / "two.ipynb") == TWO | {"task": "answer = 42"}


async def test_a_profile_that_fits_one_notebook_only_changes_none(client: Client) -> None:
    folder = await brought(client)
    broken = sources(folder / "one.ipynb") | {"train": "epoch_num = 4\nrate = 1e-5\nrate = 2"}
    write_notebook(folder / "one.ipynb", broken)
    before = {it.name: it.read_bytes() for it in folder.glob("*.ipynb")}
    ended = await job(client, kind="profile", profile="quick")
    assert ended["state"] == "failed"
    assert ended["failure"]["code"] == "parameter_conflict"
    assert {it.name: it.read_bytes() for it in folder.glob("*.ipynb")} == before


async def test_a_profile_for_one_module_leaves_the_other_notebook(client: Client) -> None:
    folder = await brought(client)
    assert (await job(client, kind="profile", profile="quick", module="two"))["state"] == (
        "succeeded"
    )
    assert sources(folder / "one.ipynb")["train"] == ONE["train"]
    assert sources(folder / "two.ipynb")["net"] == "net = 1\nsize = 8"


async def test_without_materials_the_jobs_say_so(client: Client) -> None:
    ended = await job(client, kind="profile", profile="quick")
    assert (ended["state"], ended["failure"]["code"]) == ("failed", "no_notebooks")
    ended = await job(client, kind="parameters", module="one", values={"epochs": 1})
    assert (ended["state"], ended["failure"]["code"]) == ("failed", "notebook_missing")


async def snapshot(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = await client.ask("workshops", "tiny")
    validate(found, "Snapshot")
    return found


async def profile(client: Client) -> dict[str, Any]:
    [found] = (await snapshot(client))["profiles"]
    return dict(found)


async def test_the_snapshot_tells_each_value_and_what_it_was(client: Client) -> None:
    await brought(client)
    await job(client, kind="parameters", module="one", values={"rate": 0.01})
    data, train = (await snapshot(client))["modules"][0]["steps"]
    assert data["parameters"] == []
    assert train["parameters"] == [
        {
            "id": "epochs",
            "title": "Epochs",
            "variable": "epoch_num",
            "value": 4,
            "original": 4,
            "choices": [{"value": 4, "effect": "Long."}, {"value": 1, "effect": "Short."}],
            "problem": "",
        },
        {
            "id": "rate",
            "title": "Learning rate",
            "variable": "rate",
            "value": 0.01,
            "original": 1e-5,
            "choices": [{"value": 1e-5, "effect": ""}, {"value": 0.01, "effect": ""}],
            "problem": "",
        },
    ]


async def test_a_value_that_cannot_be_set_says_why(client: Client) -> None:
    folder = await brought(client)
    cells = sources(folder / "one.ipynb")
    write_notebook(folder / "one.ipynb", cells | {"train": "epoch_num = f()\nrate = 1e-5"})
    epochs = (await snapshot(client))["modules"][0]["steps"][1]["parameters"][0]
    assert (epochs["value"], epochs["original"]) == (None, 4)
    assert "epoch_num" in epochs["problem"]


async def test_the_snapshot_tells_what_is_left_to_do(client: Client) -> None:
    await brought(client)
    net, task = (await snapshot(client))["modules"][1]["steps"]
    assert net["exercises"] == []
    assert [(it["cell"]["id"], it["open"], it["hint"]) for it in task["exercises"]] == [
        ("task", True, "Deep thought."),
        ("other", False, ""),
    ]
    await job(client, kind="solution", module="two", step="task")
    task = (await snapshot(client))["modules"][1]["steps"][1]
    assert [it["open"] for it in task["exercises"]] == [False, False]


async def test_a_profile_is_seen_in_the_notebooks_alone(client: Client) -> None:
    assert (await profile(client))["state"] == "off"
    folder = await brought(client)
    assert (await profile(client))["state"] == "off"
    await job(client, kind="profile", profile="quick")
    found = await snapshot(client)
    assert found["profiles"][0]["state"] == "on"
    parts = {part["name"]: part for part in found["preparation"]}
    assert (parts["patches"]["state"], parts["patches"]["message"]) == (
        "done",
        "3 corrections made.",
    )
    cells = sources(folder / "two.ipynb")
    write_notebook(folder / "two.ipynb", cells | {"net": "net = 1"})
    assert (await profile(client))["state"] == "part"
    await job(client, kind="profile")
    assert (await profile(client))["state"] == "off"


async def test_choosing_one_of_its_values_is_not_choosing_a_profile(client: Client) -> None:
    await brought(client)
    await job(client, kind="parameters", module="one", values={"epochs": 1})
    assert (await profile(client))["state"] == "off"


async def test_a_value_chosen_after_the_profile_stays_when_it_is_taken_back(
    client: Client,
) -> None:
    folder = await brought(client)
    await job(client, kind="profile", profile="quick")
    await job(client, kind="parameters", module="one", values={"epochs": 3})
    assert (await profile(client))["state"] == "part"
    await job(client, kind="profile")
    assert sources(folder / "one.ipynb")["train"] == ONE["train"].replace("= 4", "= 3")


async def test_steps_take_as_long_as_the_profile_says(client: Client) -> None:
    async def expected() -> float:
        steps = (await snapshot(client))["modules"][0]["steps"]
        return float(steps[1]["expected"])

    await brought(client)
    assert await expected() == 100
    await job(client, kind="profile", profile="quick")
    assert await expected() == 3
    await job(client, kind="parameters", module="one", values={"epochs": 3})
    assert await expected() == 3
    await job(client, kind="profile")
    assert await expected() == 100


async def test_a_profile_is_recommended_only_where_it_suits_and_is_not_on(client: Client) -> None:
    await brought(client)
    found = await snapshot(client)
    gpu = found["preflight"]["gpu"]
    assert found["profiles"][0]["recommended"] == (not gpu)
    await job(client, kind="profile", profile="quick")
    assert not (await profile(client))["recommended"]


async def test_a_deleted_notebook_does_not_keep_the_profile_from_the_other(
    client: Client,
) -> None:
    folder = await brought(client)
    (folder / "two.ipynb").unlink()
    assert (await job(client, kind="profile", profile="quick"))["state"] == "succeeded"
    assert (await profile(client))["state"] == "on"
    assert not (folder / "two.ipynb").exists()


async def test_everything_can_be_got_ready_with_a_profile(client: Client) -> None:
    ended = await job(client, kind="prepare", profile="quick")
    assert ended["state"] == "succeeded", ended
    found = await snapshot(client)
    assert found["profiles"][0]["state"] == "on"
    assert {part["state"] for part in found["preparation"]} == {"done"}


async def test_the_corrections_of_a_profile_that_is_on_are_listed(client: Client) -> None:
    async def listed() -> list[str]:
        answer = await client.ask("workshops", "tiny", "patches")
        return [patch["id"] for patch in answer["patches"]]

    await brought(client)
    assert await listed() == ["fix"]
    await job(client, kind="profile", profile="quick")
    assert await listed() == ["fix", "few", "small"]


async def test_a_notebook_that_starts_again_keeps_the_profile(client: Client) -> None:
    folder = await brought(client)
    await job(client, kind="profile", profile="quick")
    cells = sources(folder / "one.ipynb")
    write_notebook(folder / "one.ipynb", cells | {"train": cells["train"] + "\nmine = 1"})
    assert (await job(client, kind="start_again", module="one"))["state"] == "succeeded"
    assert sources(folder / "one.ipynb") == cells
    assert (await profile(client))["state"] == "on"
    await job(client, kind="profile")
    assert sources(folder / "one.ipynb") == ONE | {"data": ONE["data"] + "x = 20\n"}
