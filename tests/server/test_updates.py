"""Update, undo and start again over the REST interface, on a real server with real files."""

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from .conftest import CELLS, Client

NOTEBOOK = "a notebook.ipynb"


def sources(path: Path) -> list[str]:
    return [cell.source for cell in nbformat.read(path, nbformat.NO_CONVERT).cells]


def organiser_changes(definitions: Path, **cells: str) -> None:
    """Give the bundled notebook new cells, as a new release of the package would."""
    path = definitions / "tiny" / "files" / NOTEBOOK
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(source, id=name)
            for name, source in {**CELLS, **cells}.items()
        ]
    )
    nbformat.write(notebook, path)


def attendee_changes(path: Path, cell: str, source: str) -> None:
    notebook = nbformat.read(path, nbformat.NO_CONVERT)
    next(it for it in notebook.cells if it.id == cell).source = source
    nbformat.write(notebook, path)


async def do(client: Client, kind: str, **wishes: object) -> dict[str, Any]:
    """Start a job with its wishes and return it once it is over."""
    response = await client._fetch(
        "monai-workshop",
        *("workshops", "tiny", "jobs"),
        method="POST",
        body=json.dumps({"kind": kind, **wishes}),
    )
    assert response.code == 202
    return await client.end_of(json.loads(response.body))


async def test_a_newer_version_is_offered_and_nothing_is_blocked(
    client: Client, definitions: Path
) -> None:
    await client.prepared()
    organiser_changes(definitions, save="open('out.txt', 'w').write('new')")
    snapshot = await client.ask("workshops", "tiny")
    assert snapshot["materials"] == {"outdated": True, "update": None}
    assert snapshot["preparation"][0]["state"] == "done"
    assert snapshot["next"]["action"] == "run"
    job = await do(client, "prepare")
    assert job["state"] == "succeeded"
    path = client.root / "tiny" / NOTEBOOK
    assert "new" not in sources(path)[2], "preparing again does not update unasked"


async def test_an_update_keeps_the_attendees_cell_and_its_undo_brings_the_old_bytes(
    client: Client, definitions: Path
) -> None:
    await client.prepared()
    path = client.root / "tiny" / NOTEBOOK
    attendee_changes(path, "train", "print('accuracy', 1.0)  # mine")
    before = path.read_bytes()
    organiser_changes(definitions, save="open('out.txt', 'w').write('new')")
    job = await do(client, "update")
    assert job["state"] == "succeeded", job
    merged = sources(path)
    assert merged[1] == "print('accuracy', 1.0)  # mine"
    assert merged[2] == "open('out.txt', 'w').write('new')"
    assert "x = 20" in merged[0], "an applied patch stays applied"
    snapshot = await client.ask("workshops", "tiny")
    assert snapshot["materials"]["outdated"] is False
    assert snapshot["materials"]["update"]["merged"] == [NOTEBOOK]
    assert snapshot["materials"]["update"]["can_undo"] is True

    job = await do(client, "undo")
    assert job["state"] == "succeeded", job
    assert path.read_bytes() == before
    snapshot = await client.ask("workshops", "tiny")
    assert snapshot["materials"]["outdated"] is True
    job = await do(client, "undo")
    assert (job["state"], job["failure"]["code"]) == ("failed", "nothing_to_undo")


async def test_starting_again_keeps_the_attendees_copy_and_forgets_what_ran(
    client: Client,
) -> None:
    await client.prepared()
    path = client.root / "tiny" / NOTEBOOK
    pristine = path.read_bytes()
    attendee_changes(path, "train", "print('mine')")
    mine = path.read_bytes()
    job = await do(client, "start_again", module="only")
    assert (job["state"], job["subject"]) == ("succeeded", "only")
    assert path.read_bytes() == pristine
    kept = [it for it in path.parent.glob("*.ipynb") if it != path]
    assert [it.read_bytes() for it in kept] == [mine]


async def test_a_deleted_notebook_is_told_and_comes_back_only_if_asked(client: Client) -> None:
    await client.prepared()
    path = client.root / "tiny" / NOTEBOOK
    pristine = path.read_bytes()
    path.unlink()
    snapshot = await client.ask("workshops", "tiny")
    assert snapshot["modules"][0]["absent"] is True
    assert [part["state"] for part in snapshot["preparation"]] == ["done"] * 3
    assert (await do(client, "prepare"))["state"] == "succeeded"
    assert not path.exists()
    assert (await do(client, "start_again", module="only"))["state"] == "succeeded"
    assert path.read_bytes() == pristine


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"kind": "start_again"}, 404, "unknown_module"),
        ({"kind": "start_again", "module": "no-such"}, 404, "unknown_module"),
        ({"kind": "materials", "token": "two words"}, 400, "token_unfit"),
        ({"kind": "pack"}, 400, "bad_request"),
        ({"kind": "update", "restore_deleted": "perhaps"}, 400, "bad_request"),
    ],
)
async def test_wishes_that_make_no_sense_are_refused(
    client: Client, body: dict[str, object], status: int, code: str
) -> None:
    path = ("workshops", "tiny", "jobs")
    found, failure = await client.refused(*path, method="POST", body=json.dumps(body))
    assert (found, failure["code"]) == (status, code)
    assert "two words" not in json.dumps(failure)
