"""Kernels that die, are interrupted, or whose channel is lost: states of their own."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from benchmarks.line import Line

from .conftest import Client, Fetch
from .kernel_session import Session
from .test_outputs import cell_of, ended, text_of

SLOW_TO_STOP = """\
import time
try:
    print('going', flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    time.sleep(2)
"""
WAITS = "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)"
COUNTS = "import time\nfor i in range(100):\n    print(i, flush=True)\n    time.sleep(0.05)"


def kernel_is(state: str) -> Callable[[dict[str, Any]], bool]:
    return lambda snapshot: bool(snapshot["modules"][0]["kernel"] == state)


def training_of(snapshot: dict[str, Any]) -> dict[str, Any]:
    step: dict[str, Any] = snapshot["modules"][0]["steps"][1]
    return step


async def test_without_a_kernel_there_is_none(client: Client) -> None:
    assert kernel_is("none")(await client.prepared())


async def test_an_interrupt_is_told_until_the_cell_has_stopped(
    client: Client, session: Session, jp_fetch: Fetch
) -> None:
    await client.until(kernel_is("idle"))
    session.run_edited("train", SLOW_TO_STOP)
    await cell_of(client, "train", lambda cell: text_of(cell) == "going\n")
    await client.until(kernel_is("busy"))
    await jp_fetch("api", "kernels", session.kernel, "interrupt", method="POST", body="")
    await client.until(kernel_is("interrupting"), 1.5)
    snapshot = await client.until(kernel_is("idle"))
    assert (training_of(snapshot)["state"], training_of(snapshot)["reason"]) == (
        "blocked",
        "First: “Set up”.",
    )


@pytest.mark.parametrize("restarter", [True, False])
async def test_a_killed_kernel_is_told_within_five_seconds(
    client: Client, session: Session, restarter: bool
) -> None:
    if not restarter:  # as where it is turned off, or has given up
        client.server.kernel_manager.get_kernel(session.kernel).stop_restarter()
    session.run_edited("train", WAITS)
    cell = await cell_of(client, "train", lambda cell: bool(text_of(cell)))
    killed = time.monotonic()
    os.kill(int(text_of(cell)), signal.SIGKILL)
    snapshot = await client.until(lambda s: training_of(s)["state"] == "failed", 10)
    assert time.monotonic() - killed < 5
    assert "died" in training_of(snapshot)["reason"]
    assert ended(await cell_of(client, "train", lambda cell: True))
    if not restarter:
        assert kernel_is("dead")(snapshot)


async def listens_at(line: Line) -> None:
    """Wait until somebody has connected there, and had time to say what is to be heard."""
    deadline = time.monotonic() + 30
    while line.connections == 0:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
    await asyncio.sleep(1)


async def test_a_lost_channel_is_told_and_the_run_goes_on_once_it_is_back(
    client: Client, session: Session
) -> None:
    manager = client.server.kernel_manager.get_kernel(session.kernel)
    with Line(manager.iopub_port) as line:
        manager.iopub_port = line.port  # what listens from now on, listens here
        await client.until(kernel_is("idle"))
        await listens_at(line)
        session.run_edited("train", COUNTS)
        await cell_of(client, "train", lambda cell: "10\n" in text_of(cell))
        line.reset(breaks_after=1)
        snapshot = await client.until(kernel_is("unheard"))
        assert training_of(snapshot)["state"] != "done"
        await asyncio.sleep(0.5)
        line.reset()
        snapshot = await client.until(kernel_is("busy"))
        assert training_of(snapshot)["state"] == "running"
        cell = await cell_of(client, "train", ended)
        assert "missing" in text_of(cell)
        assert text_of(cell).endswith("98\n99\n")
        await client.until(kernel_is("idle"))


async def test_a_run_that_ends_while_its_channel_is_lost_is_no_success(
    client: Client, session: Session
) -> None:
    session.run("setup")
    await client.until(lambda s: s["modules"][0]["steps"][0]["state"] == "done")
    manager = client.server.kernel_manager.get_kernel(session.kernel)
    with Line(manager.iopub_port) as line:
        manager.iopub_port = line.port
        await client.until(kernel_is("idle"))
        await listens_at(line)
        session.run_edited("train", "import time\nprint(1, flush=True)\ntime.sleep(1)\nprint(2)")
        await cell_of(client, "train", lambda cell: text_of(cell) == "1\n")
        line.reset(breaks_after=1)
        await client.until(kernel_is("unheard"))
        await asyncio.sleep(1.5)
        line.reset()
        snapshot = await client.until(kernel_is("idle"))
        assert training_of(snapshot)["state"] == "ready"
        assert "Run it again" in training_of(snapshot)["reason"]
        assert training_of(snapshot)["cells_done"] == 0
