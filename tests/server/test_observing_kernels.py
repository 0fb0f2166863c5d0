"""Cells run in a real kernel of a real server, and what the snapshot says."""

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .conftest import Client, Fetch
from .kernel_session import KILL, SOURCES, Session


def states(*expected: str) -> Callable[[dict[str, Any]], bool]:
    return lambda snapshot: [s["state"] for s in snapshot["modules"][0]["steps"]] == list(expected)


async def test_cells_run_by_hand_turn_steps_done(client: Client, session: Session) -> None:
    session.run("setup")
    snapshot = await client.until(states("done", "ready"))
    assert snapshot["modules"][0]["session"]
    session.run("train", "save")
    snapshot = await client.until(states("done", "done"))
    assert snapshot["next"]["action"] == "finished"
    metric = snapshot["modules"][0]["steps"][1]["training"]["metrics"][0]
    assert (metric["title"], round(metric["value"], 3)) == ("Accuracy", 0.976)


async def test_a_check_that_does_not_hold_in_the_kernel_is_told(
    client: Client, session: Session
) -> None:
    session.shell.execute("import math\nx = 20")
    await client.until(states("done", "ready"))
    session.shell.execute("import math\nx = 21")  # the same cell, edited by the attendee
    snapshot = await client.until(lambda s: s["modules"][0]["steps"][0]["state"] == "failed")
    assert "x == 20" in snapshot["modules"][0]["steps"][0]["reason"]


async def test_a_failing_cell_is_told_with_its_exception(client: Client, session: Session) -> None:
    session.run("train")
    snapshot = await client.until(lambda s: s["modules"][0]["steps"][1]["state"] == "failed")
    failure = snapshot["modules"][0]["steps"][1]["failure"]
    assert "does not know" in failure["message"]
    assert "NameError: name 'x' is not defined" in failure["details"]


async def test_looking_leaves_no_trace_in_the_kernel(client: Client, session: Session) -> None:
    session.run("setup")
    await client.until(states("done", "ready"))
    reply = await session.shell.execute_interactive("In[1:]", store_history=True, timeout=20)
    assert reply["content"]["execution_count"] == 2


async def test_a_kernel_that_is_killed_in_mid_cell_is_shown_as_dead(
    client: Client, session: Session
) -> None:
    session.run("setup")
    await client.until(states("done", "ready"))
    session.run_edited("train", KILL)
    snapshot = await client.until(lambda s: s["modules"][0]["steps"][1]["state"] == "failed", 30)
    assert "died" in snapshot["modules"][0]["steps"][1]["reason"]
    await session.connect()  # Jupyter has started the kernel anew, on other ports
    session.run("setup")
    await client.until(lambda s: s["modules"][0]["steps"][0]["state"] == "done")


async def test_a_shut_down_kernel_takes_unfinished_steps_back(
    client: Client, session: Session, jp_fetch: Fetch
) -> None:
    session.run("setup")
    await client.until(states("done", "ready"))
    await jp_fetch("api", "kernels", session.kernel, method="DELETE")
    snapshot = await client.until(states("ready", "blocked"))
    assert "anew" in snapshot["modules"][0]["steps"][0]["reason"]
    assert snapshot["kernel"]["state"] == "ready"


async def test_a_later_error_does_not_take_the_proof_of_an_earlier_step(
    client: Client, session: Session
) -> None:
    session.shell.execute(SOURCES["setup"])
    session.shell.execute("import time; time.sleep(1); raise RuntimeError('later')")
    snapshot = await client.until(states("done", "ready"))
    assert snapshot["modules"][0]["steps"][0]["reason"] == ""


async def test_a_notebook_that_is_renamed_and_back_while_it_runs_goes_on(
    client: Client, session: Session, jp_fetch: Fetch
) -> None:
    session.run("setup")
    await client.until(states("done", "ready"))
    listed = json.loads((await jp_fetch("api", "sessions")).body)[0]
    session.run_edited("train", "import time\ntime.sleep(2)")
    await client.until(states("done", "running"))
    for path in ("tiny/elsewhere.ipynb", listed["path"]):
        body = json.dumps({"path": path})
        await jp_fetch("api", "sessions", listed["id"], method="PATCH", body=body)
        await client.ask("workshops", "tiny")
    snapshot = await client.until(lambda s: s["next"]["action"] != "wait")
    assert snapshot["modules"][0]["steps"][1]["state"] == "ready"
    session.run_edited("train", SOURCES["train"])
    session.run("save")
    await client.until(states("done", "done"))


async def test_another_notebook_on_the_same_kernel_does_not_make_the_workshop_deaf(
    client: Client, session: Session, jp_fetch: Fetch
) -> None:
    session.run("setup")
    await client.until(states("done", "ready"))
    body = {
        "path": "other.ipynb",
        "name": "other",
        "type": "notebook",
        "kernel": {"id": session.kernel},
    }
    await jp_fetch("api", "sessions", method="POST", body=json.dumps(body))
    await client.until(states("done", "ready"))
    session.run("train", "save")
    await client.until(states("done", "done"))


async def test_a_restart_by_the_attendee_ends_what_ran(
    client: Client, session: Session, jp_fetch: Fetch
) -> None:
    session.run("setup")
    await client.until(states("done", "ready"))
    session.run_edited("train", "import time\ntime.sleep(90)")
    await client.until(states("done", "running"))
    await jp_fetch("api", "kernels", session.kernel, "restart", method="POST", body="")
    snapshot = await client.until(lambda s: s["next"]["action"] != "wait", 30)
    # Whether the kernel still told of its interrupt or not: no success, nothing running.
    assert snapshot["modules"][0]["steps"][1]["state"] in ("failed", "blocked", "ready")


async def test_a_record_that_cannot_be_written_does_not_stop_the_steps(
    client: Client, session: Session
) -> None:
    offer = client.server.web_app.settings["monai_workshop_offer"]
    journal = offer.get("tiny").workshop.record._journal._path
    journal.mkdir(parents=True)  # a folder in its place: every write is refused, also for root
    session.run("setup", "train", "save")
    await client.until(states("done", "done"))


async def test_fresh_materials_brought_by_the_command_line_begin_anew_here_too(
    client: Client, session: Session, definitions: Path
) -> None:
    session.run("setup")
    await client.until(states("done", "ready"))
    (client.root / "tiny").rename(client.root / "kept")
    command = [sys.executable, "-m", "jupyter_monai_workshop", "prepare", "tiny"]
    options = ["--definitions", str(definitions), "--folder", str(client.root)]
    done = await asyncio.create_subprocess_exec(*command, *options, "--only", "materials,patches")
    assert await done.wait() == 0
    await client.until(states("ready", "blocked"))
