"""Checks are looked at while later cells run, and say what they found."""

import asyncio
from typing import Any

import pytest

from .conftest import CELLS, Client, Fetch
from .kernel_session import Session
from .test_observing_kernels import states

SOURCES = {**CELLS, "setup": "import math\nx = 20"}


@pytest.fixture
def session(client: Client, jp_fetch: Fetch, jp_asyncio_loop: Any) -> Any:
    session = Session(client, jp_fetch)
    jp_asyncio_loop.run_until_complete(session.open())
    yield session
    session.close()


async def test_a_step_of_run_all_is_done_while_the_later_cells_still_run(
    client: Client, session: Session
) -> None:
    path = client.root / "end"
    wait = f"import os, time\nwhile not os.path.exists({str(path)!r}): time.sleep(0.05)"
    session.run("setup")
    session.run_edited("train", wait)
    snapshot = await client.until(states("done", "running"), 20)
    module = snapshot["modules"][0]
    assert module["steps"][0]["found"] == [{"text": "x == 20", "holds": True, "found": "20"}]
    assert (module["cells"], module["cell"]) == (3, 2)
    # The question in the subshell ends, and does not make the kernel look idle.
    await asyncio.sleep(1)
    assert (await client.ask("workshops", "tiny"))["kernel"]["state"] == "busy"
    path.touch()
    snapshot = await client.until(lambda s: s["kernel"]["state"] == "idle")
    assert snapshot["modules"][0]["cell"] is None


async def test_a_check_says_what_it_found_and_what_not(client: Client, session: Session) -> None:
    session.run("setup", "train", "save")
    snapshot = await client.until(states("done", "done"))
    assert snapshot["modules"][0]["steps"][1]["found"] == [
        {"text": "Printed: accuracy", "holds": True, "found": "accuracy 0.975609756097561"},
        {"text": "The file out.txt", "holds": True, "found": ""},
    ]
    session.shell.execute("import math\nx = 21")
    snapshot = await client.until(lambda s: s["modules"][0]["steps"][0]["state"] == "failed")
    step = snapshot["modules"][0]["steps"][0]
    assert step["reason"] == "This does not hold: x == 20 (it is 21)."
    assert step["found"] == [{"text": "x == 20", "holds": False, "found": "21"}]
