"""A workshop with a data set, on a real server, with the file on a real HTTP server."""

import hashlib
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.http_server import HttpServer, Mood

from .conftest import DEFINITION, Client, write_workshop

PATH = "/pictures.tar.gz"


def archive() -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as tar:
        for name in ("one.txt", "two.txt"):
            content = name.encode() * 1000
            member = tarfile.TarInfo(f"pictures/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return held.getvalue()


ARCHIVE = archive()


@pytest.fixture
def http() -> Iterator[HttpServer]:
    with HttpServer({PATH: ARCHIVE}, moods=[Mood(status=500)]) as server:
        yield server


@pytest.fixture
def definitions(tmp_path: Path, http: HttpServer) -> Path:
    folder = tmp_path / "definitions"
    write_workshop(folder / "tiny")
    data = f"""\
data:
  - id: pictures
    title: Pictures
    urls: ["{http.url(PATH)}"]
    size: {len(ARCHIVE)}
    checksum: sha256:{hashlib.sha256(ARCHIVE).hexdigest()}
    unpack: tar
    provides: [pictures]
    variable: PICTURES
modules:
"""
    text = DEFINITION.replace("modules:\n", data).replace(
        "    patches:\n", "    data: [pictures]\n    patches:\n"
    )
    (folder / "tiny" / "workshop.yaml").write_text(text)
    return folder


@pytest.fixture
def jp_server_config(jp_server_config: dict[str, Any]) -> dict[str, Any]:
    jp_server_config["MonaiWorkshopApp"]["protocols"] = ["https", "http"]
    return jp_server_config


async def test_data_is_a_part_of_preparing_and_the_kernel_knows_where_it_is(
    client: Client,
) -> None:
    before = await client.ask("workshops", "tiny")
    parts = [part["name"] for part in before["preparation"]]
    assert parts == ["materials", "data", "patches", "environment"]
    snapshot = await client.prepared()
    assert {part["state"] for part in snapshot["preparation"]} == {"done"}
    assert snapshot["next"]["action"] == "run"
    spec = client.server.kernel_spec_manager.get_kernel_spec(snapshot["kernel"]["name"])
    folder = Path(spec.env["PICTURES"])
    assert sorted(path.name for path in (folder / "pictures").iterdir()) == ["one.txt", "two.txt"]


async def test_a_second_prepare_downloads_nothing(client: Client, http: HttpServer) -> None:
    await client.prepared()
    asked = len(http.requests)
    await client.end_of(await client.start("prepare"))
    assert len(http.requests) == asked


async def test_steps_wait_for_data_that_is_not_there(client: Client) -> None:
    for part in ("materials", "patches", "environment"):
        await client.end_of(await client.start(part))
    snapshot = await client.ask("workshops", "tiny")
    assert snapshot["next"]["action"] == "prepare"
    step = snapshot["modules"][0]["steps"][0]
    assert step["state"] == "blocked"
    assert "Pictures" in step["reason"]


async def test_data_that_cannot_be_had_stops_nothing_else(client: Client, http: HttpServer) -> None:
    http.files.clear()
    job = await client.end_of(await client.start("prepare"))
    assert job["state"] == "failed"
    assert job["failure"]["hint"]
    snapshot = await client.ask("workshops", "tiny")
    parts = {part["name"]: part["state"] for part in snapshot["preparation"]}
    assert parts == {
        "materials": "done",
        "data": "failed",
        "patches": "done",
        "environment": "done",
    }
