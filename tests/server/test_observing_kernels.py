"""Cells run in a real kernel of a real server, and what the snapshot says."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import CELLS, Client, Fetch

KILL = "__import__('os').kill(__import__('os').getpid(), 9)"
SOURCES = {**CELLS, "setup": "import math\nx = 20"}


class Session:
    """A kernel session of the workshop's notebook, driven as a page would."""

    def __init__(self, client: Client, fetch: Fetch) -> None:
        self._client = client
        self._fetch = fetch
        self.kernel = ""

    async def open(self) -> None:
        snapshot = await self._client.prepared()
        body = {
            "path": snapshot["modules"][0]["notebook"],
            "name": "a notebook.ipynb",
            "type": "notebook",
            "kernel": {"name": snapshot["kernel"]["name"]},
        }
        response = await self._fetch("api", "sessions", method="POST", body=json.dumps(body))
        self.kernel = json.loads(response.body)["kernel"]["id"]
        manager = self._client.server.kernel_manager.get_kernel(self.kernel)
        self.shell = manager.client()
        self.shell.start_channels()
        await self.shell.wait_for_ready(timeout=60)

    def run(self, *names: str) -> None:
        for name in names:
            self.shell.execute(SOURCES[name])

    def close(self) -> None:
        self.shell.stop_channels()


@pytest.fixture
def session(client: Client, jp_fetch: Fetch, jp_asyncio_loop: Any) -> Any:
    session = Session(client, jp_fetch)
    jp_asyncio_loop.run_until_complete(session.open())
    yield session
    session.close()


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
    assert "NameError" in snapshot["modules"][0]["steps"][1]["failure"]["message"]


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
    path = client.root / "tiny" / "a notebook.ipynb"
    path.write_text(path.read_text().replace("print('accuracy', x / 20.5)", KILL))
    session.shell.execute(KILL)
    snapshot = await client.until(lambda s: s["modules"][0]["steps"][1]["state"] == "failed", 30)
    assert "died" in snapshot["modules"][0]["steps"][1]["reason"]


async def test_a_shut_down_kernel_takes_unfinished_steps_back(
    client: Client, session: Session, jp_fetch: Fetch
) -> None:
    session.run("setup")
    await client.until(states("done", "ready"))
    await jp_fetch("api", "kernels", session.kernel, method="DELETE")
    snapshot = await client.until(states("ready", "blocked"))
    assert "anew" in snapshot["modules"][0]["steps"][0]["reason"]
    assert snapshot["kernel"]["state"] == "ready"
