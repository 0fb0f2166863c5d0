"""What a running server says of the machine: the live kernel is asked, a training is measured."""

import asyncio
import itertools
import json
from pathlib import Path
from typing import Any

from jupyter_monai_workshop.server.events import SCHEMA_ID
from tests.preflight.test_kernel_half import TORCH

from .conftest import Client, Fetch
from .kernel_session import Session
from .test_observing_kernels import states

SECONDS = 8
SILENT_TRAINING = f"import time\nprint('accuracy', 1)\ntime.sleep({SECONDS})"


def running(snapshot: dict[str, Any]) -> bool:
    return any(step["state"] == "running" for step in snapshot["modules"][0]["steps"])


async def checked(client: Client) -> dict[str, Any]:
    """Look at the machine again and return the verdicts by name, and `gpu`."""
    job = await client.end_of(await client.start("preflight"))
    assert job["state"] == "succeeded", job
    preflight = (await client.ask("workshops", "tiny"))["preflight"]
    return {"gpu_used": preflight["gpu"], **{it["name"]: it for it in preflight["checks"]}}


async def test_the_live_kernel_is_asked_about_the_gpu_also_while_it_trains(
    client: Client, session: Session, tmp_path: Path
) -> None:
    (tmp_path / "torch.py").write_text(TORCH)
    before = (await checked(client))["gpu_used"]
    start = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
    reply = await session.shell.execute_interactive(
        f"{start}import torch; torch.initialized = True", timeout=60
    )
    assert reply["content"]["status"] == "ok"
    session.run("setup")
    await client.until(states("done", "ready"))
    session.run_edited("train", "import time\ntime.sleep(20)")
    await client.until(running)
    after = await checked(client)
    assert running(await client.ask("workshops", "tiny")), "it answered while the cell runs"
    # Only the kernel has that PyTorch, whose GPU works.
    assert after["gpu_used"] is True
    assert after["gpu"]["level"] == "pass"
    assert before is False or after["gpu"]["found"].startswith("Tesla T4")


async def test_a_kernel_of_another_kernelspec_is_not_asked(
    client: Client, session: Session, jp_fetch: Fetch, tmp_path: Path
) -> None:
    offer = client.server.web_app.settings["monai_workshop_offer"]
    workshop = offer.get("tiny").workshop
    await client.ask("workshops", "tiny")
    assert await asyncio.to_thread(offer._kernel_to_ask, workshop) is not None
    listed = json.loads((await jp_fetch("api", "sessions")).body)[0]
    body = json.dumps({"kernel": {"name": "python3"}})
    await jp_fetch("api", "sessions", listed["id"], method="PATCH", body=body)
    await client.ask("workshops", "tiny")
    assert await asyncio.to_thread(offer._kernel_to_ask, workshop) is None


async def test_while_a_training_runs_its_use_of_the_machine_is_told_in_few_pushes(
    client: Client, session: Session
) -> None:
    session.run("setup")
    quiet = await client.until(states("done", "ready"))
    assert quiet["usage"] is None
    pushes: list[float] = []

    async def listen(logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        pushes.append(asyncio.get_running_loop().time())

    client.server.event_logger.add_listener(schema_id=SCHEMA_ID, listener=listen)
    session.run_edited("train", SILENT_TRAINING)
    told = await client.until(lambda s: s["usage"] is not None)
    assert running(told)
    usage = told["usage"]
    assert usage["processor"] == ("gpu" if told["preflight"]["gpu"] else "cpu")
    assert usage["name"]
    assert usage["memory_total"] > usage["memory_used"] > 0
    if usage["processor"] == "cpu":
        assert 0 <= usage["busy"] <= 1
    begun = asyncio.get_running_loop().time()
    await client.until(lambda s: not running(s))
    measured = [each for each in pushes if begun + 0.5 < each < begun + SECONDS - 2.5]
    # One for each look at most, every two seconds.
    assert len(measured) <= (SECONDS - 3) / 2 + 1
    assert all(later - earlier > 0.2 for earlier, later in itertools.pairwise(pushes))
    after = await client.ask("workshops", "tiny")
    assert after["usage"] is None


async def test_a_step_without_a_training_is_not_measured(client: Client, session: Session) -> None:
    session.run_edited("setup", "import math, time\nx = 20\ntime.sleep(4)")
    await client.until(running)
    live = client.server.web_app.settings["monai_workshop_offer"].get("tiny")
    while running(await client.ask("workshops", "tiny")):
        assert live._meter._task is None
        await asyncio.sleep(0.3)


async def test_the_catalogue_says_which_kernel_serves_which_notebooks(client: Client) -> None:
    snapshot = await client.prepared()
    workshops = (await client.ask("workshops"))["workshops"]
    (tiny,) = (each for each in workshops if each["id"] == "tiny")
    assert tiny["kernel"] == snapshot["kernel"]["name"]
    (module,) = snapshot["modules"]
    assert tiny["notebooks"] == [{"module": module["id"], "path": module["notebook"]}]


async def test_a_kernel_that_dies_while_it_is_asked_costs_only_its_answer(
    client: Client, session: Session, tmp_path: Path
) -> None:
    (tmp_path / "torch.py").write_text(TORCH)
    start = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
    torch = "import torch; torch.initialized = True; torch.slow = 60\n"
    end = "import os, threading; threading.Timer(2, os._exit, [1]).start()"
    await session.shell.execute_interactive(start + torch + end, timeout=60)
    checks = await checked(client)
    assert checks["gpu"]["message"]
    assert checks["memory"]["level"] == "pass"
    await session.connect()  # Jupyter has started the kernel anew
    session.run("setup")
    await client.until(lambda s: s["modules"][0]["steps"][0]["state"] == "done")
    assert (await checked(client))["memory"]["level"] == "pass"
