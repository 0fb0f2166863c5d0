"""What cells of a real kernel printed and showed, as the server gives it back."""

import asyncio
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat

from .conftest import Client
from .kernel_session import KILL, Session

PRINTS = "import time\nfor i in range(400):\n    print('line', i)\n    time.sleep(0.005)"


async def cell_of(
    client: Client, name: str, holds: Callable[[dict[str, Any]], bool], timeout: float = 30
) -> dict[str, Any]:
    """Return the recorded cell with that id, once `holds` holds for it."""
    deadline = time.monotonic() + timeout
    while True:
        answer = await client.ask("workshops", "tiny", "outputs", "only")
        found = [cell for cell in answer["cells"] if cell["id"] == name]
        if found and holds(found[0]):
            [cell] = found
            return dict(cell)
        assert time.monotonic() < deadline, answer
        await asyncio.sleep(0.05)


def ended(cell: dict[str, Any]) -> bool:
    return not cell["running"]


def text_of(cell: dict[str, Any]) -> str:
    return "".join(output["text"] for output in cell["outputs"])


def saved(client: Client, name: str, source: str) -> None:
    """Save the notebook with another source in one cell."""
    path = client.root / "tiny" / "a notebook.ipynb"
    notebook = nbformat.read(path, as_version=4)
    [cell] = [cell for cell in notebook.cells if cell["id"] == name]
    cell["source"] = source
    nbformat.write(notebook, path)


async def test_before_anything_ran_there_is_nothing(client: Client) -> None:
    await client.prepared()
    answer = await client.ask("workshops", "tiny", "outputs", "only")
    assert answer == {"module": "only", "notebook": "tiny/a notebook.ipynb", "cells": []}


async def test_every_code_cell_is_recorded_also_one_that_is_in_no_step(
    client: Client, session: Session
) -> None:
    saved(client, "slow", "x = 5\nprint('in no step')\nx + 1")
    request = session.shell.execute("x = 5\nprint('in no step')\nx + 1")
    cell = await cell_of(client, "slow", ended)
    outputs = cell.pop("outputs")
    assert outputs == [
        {"output_type": "stream", "name": "stdout", "text": "in no step\n"},
        {
            "output_type": "execute_result",
            "execution_count": 1,
            "data": {"text/plain": "6"},
            "metadata": {},
        },
    ]
    assert cell.pop("version") >= 2
    assert cell == {
        "index": 3,
        "id": "slow",
        "run": request,
        "requester": session.shell.session.session,
        "execution_count": 1,
        "running": False,
        "lost": True,
        "file_execution_count": None,
        "source": "x = 5\nprint('in no step')\nx + 1",
    }


async def test_a_running_cell_gives_what_it_printed_so_far_and_then_the_rest(
    client: Client, session: Session
) -> None:
    session.run_edited("train", PRINTS)
    part = await cell_of(client, "train", lambda cell: len(text_of(cell)) > 100)
    assert part["running"]
    assert part["lost"]
    whole = await cell_of(client, "train", ended)
    assert text_of(whole) == "".join(f"line {i}\n" for i in range(400))
    assert text_of(whole).startswith(text_of(part))
    assert whole["version"] > part["version"]


async def test_what_a_page_has_saved_is_not_lost(client: Client, session: Session) -> None:
    session.run("setup")
    session.shell.execute("open('out.txt', 'w').write(str(x))")  # prints nothing, has a result
    cell = await cell_of(client, "save", ended)
    assert cell["lost"]
    path = client.root / "tiny" / "a notebook.ipynb"
    notebook = nbformat.read(path, as_version=4)
    [there] = [it for it in notebook.cells if it["id"] == "save"]
    there["execution_count"] = cell["execution_count"]
    there["outputs"] = [nbformat.from_dict(it) for it in cell["outputs"]]
    nbformat.write(notebook, path)
    cell = await cell_of(client, "save", ended)
    assert not cell["lost"]
    assert cell["file_execution_count"] == cell["execution_count"]


async def test_the_outputs_of_a_cell_whose_kernel_was_killed_are_kept(
    client: Client, session: Session
) -> None:
    session.run("setup")
    session.run_edited("train", "print('last words', flush=True)\n" + KILL)
    began = time.monotonic()
    snapshot = await client.until(lambda s: s["modules"][0]["steps"][1]["state"] == "failed", 10)
    assert time.monotonic() - began < 5
    assert "died" in snapshot["modules"][0]["steps"][1]["reason"]
    cell = await cell_of(client, "train", ended)
    assert text_of(cell) == "last words\n"


async def test_a_correction_of_the_closed_notebook_takes_no_outputs_away(
    client: Client, session: Session
) -> None:
    session.run("setup", "train")
    cell = await cell_of(client, "train", ended)
    assert cell["lost"]
    path = client.root / "tiny" / "a notebook.ipynb"
    path.write_text(path.read_text().replace("x = 20", "y = 20"))  # the patch fits again
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 60))
    job = await client.end_of(await client.start("patches"))
    assert job["state"] == "succeeded"
    assert "x = 20" in path.read_text()
    assert (await cell_of(client, "train", ended))["lost"]
    path.touch()  # a page saves it, and shows nothing there
    assert not (await cell_of(client, "train", ended))["lost"]


async def test_a_fresh_start_forgets_the_outputs(
    client: Client, session: Session, jp_data_dir: Path
) -> None:
    session.run("setup", "train")
    await cell_of(client, "train", ended)
    records = jp_data_dir / "monai-workshop" / "records"
    for _ in range(100):
        written = {it: it.read_text() for it in records.glob("tiny-*/only/journal.jsonl")}
        if any("accuracy" in text for text in written.values()):
            break
        await asyncio.sleep(0.1)
    else:
        raise AssertionError(written)
    [journal] = written
    body = json.dumps({"kind": "start_again", "module": "only"})
    job = await client.ask("workshops", "tiny", "jobs", method="POST", body=body)
    assert (await client.end_of(job))["state"] == "succeeded"
    assert not journal.exists()
    assert (await client.ask("workshops", "tiny", "outputs", "only"))["cells"] == []


async def test_an_unknown_module_and_a_missing_notebook_are_told(client: Client) -> None:
    await client.prepared()
    status, failure = await client.refused("workshops", "tiny", "outputs", "none")
    assert (status, failure["code"]) == (404, "unknown_module")
    (client.root / "tiny" / "a notebook.ipynb").unlink()
    status, failure = await client.refused("workshops", "tiny", "outputs", "only")
    assert (status, failure["code"]) == (409, "notebook_missing")
