"""The REST interface on a real server."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from jupyter_monai_workshop.progress.record import StepTraining
from jupyter_monai_workshop.server.openapi import document

from .conftest import Client, Fetch


def validate(answer: object, model: str) -> None:
    schemas = document()["components"]["schemas"]
    text = json.dumps({"$ref": f"#/$defs/{model}", "$defs": schemas})
    schema = json.loads(text.replace("#/components/schemas/", "#/$defs/"))
    Draft202012Validator(schema).validate(answer)


async def test_the_catalogue_lists_what_is_offered_and_marks_what_opens_first(
    client: Client,
) -> None:
    catalogue = await client.ask("workshops")
    validate(catalogue, "Catalogue")
    names = [entry["id"] for entry in catalogue["workshops"]]
    assert {"first-light", "rsna-2023", "tiny"} <= set(names)
    assert [e["id"] for e in catalogue["workshops"] if e["selected"]] == ["tiny"]


async def test_the_last_used_workshop_is_remembered(client: Client) -> None:
    body = json.dumps({"workshop": "first-light"})
    validate(await client.ask("selection", method="PUT", body=body), "Selection")
    assert await client.ask("selection") == {"workshop": "first-light"}
    code, _ = await client.refused("selection", method="PUT", body='{"workshop": "no"}')
    assert code == 404
    assert await client.ask("selection") == {"workshop": "first-light"}


async def test_reading_a_snapshot_starts_nothing(client: Client) -> None:
    for name in ("tiny", "first-light", "rsna-2023"):
        snapshot = await client.ask("workshops", name)
        validate(snapshot, "Snapshot")
        assert snapshot["jobs"] == []
        assert snapshot["next"]["action"] == "prepare"
    assert list(client.root.iterdir()) == []


async def test_the_number_grows_only_when_something_changed(client: Client) -> None:
    first = await client.ask("workshops", "tiny")
    second = await client.ask("workshops", "tiny")
    assert second["number"] == first["number"]
    await client.end_of(await client.start("materials"))
    third = await client.ask("workshops", "tiny")
    assert third["number"] > first["number"]
    assert third["server"] == first["server"]


async def test_prepare_brings_materials_patches_and_environment(client: Client) -> None:
    snapshot = await client.prepared()
    validate(snapshot, "Snapshot")
    assert {part["name"]: part["state"] for part in snapshot["preparation"]} == {
        "materials": "done",
        "patches": "done",
        "environment": "done",
    }
    assert "x = 20" in (client.root / "tiny" / "a notebook.ipynb").read_text()
    assert snapshot["next"] == {"action": "run", "module": "only", "step": "setup"}
    assert snapshot["modules"][0]["notebook"] == "tiny/a notebook.ipynb"
    specs = client.server.kernel_spec_manager.find_kernel_specs()
    assert snapshot["kernel"]["name"] in specs


async def test_a_request_that_is_sent_again_starts_nothing_twice(client: Client) -> None:
    first = await client.start("materials", key="same")
    await client.end_of(first)
    assert (await client.start("materials", key="same"))["id"] == first["id"]
    assert (await client.start("materials"))["id"] != first["id"]


async def test_patches_are_shown_before_they_are_applied(client: Client) -> None:
    await client.end_of(await client.start("materials"))
    before = await client.ask("workshops", "tiny", "patches")
    validate(before, "Patches")
    assert [patch["state"] for patch in before["patches"]] == ["pending"]
    assert "+" in before["notebooks"][0]["diff"]
    await client.end_of(await client.start("patches"))
    after = await client.ask("workshops", "tiny", "patches")
    assert [patch["state"] for patch in after["patches"]] == ["applied"]
    assert after["notebooks"][0]["diff"] == ""


async def test_what_the_attendee_wrote_survives_a_second_prepare(client: Client) -> None:
    await client.prepared()
    path = client.root / "tiny" / "a notebook.ipynb"
    text = path.read_text().replace("import math", "import math  # mine")
    path.write_text(text)
    await client.end_of(await client.start("prepare"))
    assert path.read_text() == text


async def test_a_target_that_holds_other_things_fails_with_a_hint_and_is_left_alone(
    client: Client,
) -> None:
    (client.root / "tiny").mkdir()
    (client.root / "tiny" / "mine.txt").write_text("precious")
    job = await client.end_of(await client.start("prepare"))
    assert job["state"] == "failed"
    assert job["failure"]["hint"]
    assert (client.root / "tiny" / "mine.txt").read_text() == "precious"
    snapshot = await client.ask("workshops", "tiny")
    parts = {part["name"]: part["state"] for part in snapshot["preparation"]}
    assert parts == {"materials": "failed", "patches": "blocked", "environment": "done"}


async def test_a_job_can_be_asked_to_stop(client: Client) -> None:
    job = await client.start("environment")
    asked = await client.ask("workshops", "tiny", "jobs", job["id"], method="DELETE")
    validate(asked, "JobStatus")
    ended = await asyncio.wait_for(client.end_of(job), 2)
    assert ended["state"] == "cancelled"
    assert (await client.end_of(await client.start("environment")))["state"] == "succeeded"


async def test_preflight_is_answered_and_looked_at_again_by_a_job(client: Client) -> None:
    before = await client.ask("workshops", "tiny", "preflight")
    validate(before, "PreflightAnswer")
    await client.end_of(await client.start("preflight"))
    after = await client.ask("workshops", "tiny", "preflight")
    assert after["preflight"]["checked"] > before["preflight"]["checked"]
    assert {check["name"] for check in after["preflight"]["checks"]} >= {"gpu", "disk"}


BAD_BODIES = ["", "not json", "[]", "{}", '{"kind": "format-disk"}', '{"kind": "patches", "x": 1}']


@pytest.mark.parametrize("body", BAD_BODIES)
async def test_a_body_that_does_not_fit_is_refused_with_a_hint(client: Client, body: str) -> None:
    path = ("workshops", "tiny", "jobs")
    code, failure = await client.refused(*path, method="POST", body=body)
    validate(failure, "Failure")
    assert (code, failure["code"]) == (400, "bad_request")
    assert failure["hint"]


@pytest.mark.parametrize(
    "path",
    [
        ("workshops", "none"),
        ("workshops", "none", "patches"),
        ("workshops", "none", "preflight"),
        ("workshops", "..%2F..%2Fetc"),
        ("workshops", "tiny", "jobs", "0"),
        ("nothing", "here"),
    ],
)
async def test_what_is_not_there_is_said_not_to_be_there(
    client: Client, path: tuple[str, ...]
) -> None:
    code, failure = await client.refused(*path)
    validate(failure, "Failure")
    assert code == 404
    assert failure["message"]


async def test_the_description_is_served(client: Client) -> None:
    assert await client.ask("openapi.json") == document()


async def test_the_events_say_the_newest_number(client: Client) -> None:
    heard: list[dict[str, Any]] = []

    async def listen(logger: object, schema_id: str, data: dict[str, Any]) -> None:
        heard.append(data)

    schema = "https://events.jupyter.org/jupyter_monai_workshop/snapshot/v1"
    client.server.event_logger.add_listener(schema_id=schema, listener=listen)
    await client.ask("workshops", "tiny")
    await client.end_of(await client.start("materials"))
    snapshot = await client.ask("workshops", "tiny")
    await asyncio.sleep(0.5)
    assert max(data["number"] for data in heard) >= snapshot["number"]
    assert set(heard[0]) == {"workshop", "number", "server"}


async def test_pushes_are_at_most_four_a_second_however_fast_things_change(
    client: Client,
) -> None:
    heard: list[float] = []
    loop = asyncio.get_running_loop()

    async def listen(logger: object, schema_id: str, data: dict[str, Any]) -> None:
        heard.append(loop.time())

    await client.ask("workshops", "tiny")
    schema = "https://events.jupyter.org/jupyter_monai_workshop/snapshot/v1"
    client.server.event_logger.add_listener(schema_id=schema, listener=listen)
    live = client.server.web_app.settings["monai_workshop_offer"].get("tiny")
    for number in range(150):
        entry = StepTraining(module="only", step="train", counts={"step": number})
        live.workshop.record.put(entry, lasting=False)
        live.touch()
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.5)
    assert len(heard) >= 5, "three seconds of changes, and hardly a push"
    for first, later in zip(heard, heard[4:], strict=False):
        assert later - first >= 0.9


async def test_a_fetch_without_the_extension_prefix_is_none_of_ours(
    client: Client, jp_fetch: Fetch
) -> None:
    response = await jp_fetch("api", "status")
    assert response.code == 200


def test_the_front_ends_copy_of_the_description_is_up_to_date() -> None:
    copy = Path(__file__).parents[2] / "src" / "core" / "openapi.json"
    assert json.loads(copy.read_text()) == document(), "run: make types"


@pytest.mark.parametrize("content", ["", "not json", '{"cells": 3, "nbformat": 4}', "[]"])
async def test_a_notebook_that_cannot_be_read_blocks_its_module_and_nothing_else(
    client: Client, content: str
) -> None:
    await client.end_of(await client.start("materials"))
    path = client.root / "tiny" / "a notebook.ipynb"
    path.write_text(content)
    job = await client.end_of(await client.start("patches"))
    assert job["state"] == "failed"
    assert job["failure"]["hint"]
    snapshot = await client.ask("workshops", "tiny")
    validate(snapshot, "Snapshot")
    parts = {part["name"]: part["state"] for part in snapshot["preparation"]}
    assert (parts["materials"], parts["patches"]) == ("done", "failed")
    assert {step["state"] for step in snapshot["modules"][0]["steps"]} == {"blocked"}
    preview = await client.ask("workshops", "tiny", "patches")
    assert preview["notebooks"][0]["failure"]["message"]
    assert path.read_text() == content
