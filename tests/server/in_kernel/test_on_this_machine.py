"""Where no environment can be made: into the kernel, on consent, and a restart on another."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from tests.kernels.workbench import BasePython
from tests.server.conftest import Client, Fetch
from tests.server.test_rest import validate

from .conftest import environment_of, kernels, open_notebook, post


async def test_from_the_failure_to_a_kernel_that_has_everything(
    client: Client, jp_fetch: Fetch, kernelspec: str, image: BasePython
) -> None:
    prepared = await client.end_of(await client.start("prepare"))
    assert prepared["failure"]["code"] == "installer_missing"
    snapshot = await client.ask("workshops", "tiny")
    assert environment_of(snapshot)["remedy"] == "install_in_kernel"

    without = await post(client, "install_in_kernel")
    assert without["failure"]["code"] == "kernel_missing"

    kernel = await open_notebook(client, jp_fetch, kernelspec)
    offer = await client.ask("workshops", "tiny", "pip", params={"module": "only"})
    validate(offer, "PipOffer")
    assert offer == {
        "line": "%pip install monai==1.5.2 fire torch==2.8.0",
        "kernel": kernel,
        "python": sys.version.split()[0],
        "torch": "2.8.0",
    }
    assert not (image.packages / "monai").exists()

    job = await post(client, "install_in_kernel")
    assert job["state"] == "succeeded", job
    assert job["message"] == "2 packages installed. Restart the kernel to use them."
    assert (image.packages / "monai").exists()
    snapshot = await client.until(lambda it: environment_of(it)["remedy"] == "restart_kernel")
    validate(snapshot, "Snapshot")
    assert environment_of(snapshot)["state"] == "blocked"
    assert snapshot["modules"][0]["steps"][0]["state"] == "blocked"
    assert [it["id"] for it in await kernels(jp_fetch)] == [kernel]

    restarted = await post(client, "restart_kernel")
    assert restarted["state"] == "succeeded", restarted
    snapshot = await client.until(lambda it: environment_of(it)["state"] == "done")
    assert snapshot["kernel"]["name"] == kernelspec
    assert environment_of(snapshot)["remedy"] == ""
    assert snapshot["modules"][0]["steps"][0]["state"] == "ready"
    # Preparing again finds it, and needs no uv.
    again = await client.end_of(await client.start("prepare"))
    assert again["state"] == "succeeded", again


async def test_without_a_kernel_the_line_is_for_the_python_of_the_image(client: Client) -> None:
    offer = await client.ask("workshops", "tiny", "pip", params={"module": "only"})
    assert offer["kernel"] == ""
    assert offer["line"] == "%pip install monai==1.5.2 fire torch==2.8.0"
    code, failure = await client.refused("workshops", "tiny", "pip", params={"module": "no"})
    assert (code, failure["code"]) == (404, "unknown_module")


async def test_a_data_folder_that_cannot_be_written(
    client: Client, jp_fetch: Fetch, kernelspec: str, jp_data_dir: Path
) -> None:
    (jp_data_dir / "monai-workshop").write_text("in the way")
    job = await client.end_of(await client.start("environment"))
    assert job["failure"]["code"] == "folder_not_writable"
    snapshot = await client.ask("workshops", "tiny")
    assert environment_of(snapshot)["remedy"] == "install_in_kernel"
    await open_notebook(client, jp_fetch, kernelspec)
    assert (await post(client, "install_in_kernel"))["state"] == "succeeded"
    assert (await post(client, "restart_kernel"))["state"] == "succeeded"
    # The server remembers what it could not write down.
    await client.until(lambda it: environment_of(it)["state"] == "done")
    assert (jp_data_dir / "monai-workshop").read_text() == "in the way"


async def test_a_stop_while_the_kernel_is_busy(
    client: Client, jp_fetch: Fetch, kernelspec: str
) -> None:
    kernel = await open_notebook(client, jp_fetch, kernelspec)
    shell = client.server.kernel_manager.get_kernel(kernel).client()
    shell.start_channels()
    try:
        await shell.wait_for_ready(timeout=60)
        shell.execute("import time; time.sleep(600)")
        await asyncio.sleep(0.5)
        body = json.dumps({"kind": "install_in_kernel", "module": "only"})
        job = await client.ask("workshops", "tiny", "jobs", method="POST", body=body)
        await asyncio.sleep(0.5)
        await client.ask("workshops", "tiny", "jobs", job["id"], method="DELETE")
        ended = await asyncio.wait_for(client.end_of(job), 2)
        assert ended["state"] == "cancelled"
    finally:
        shell.stop_channels()


async def test_what_would_be_installed_is_told_by_a_job_and_an_answer(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "uv")
    assert await client.ask("workshops", "tiny", "plan") == {"plan": None}
    job = await client.end_of(await client.start("plan"))
    assert job["state"] == "succeeded", job
    assert job["message"].startswith("2 packages, ")
    answer = await client.ask("workshops", "tiny", "plan")
    validate(answer, "PlanAnswer")
    assert [it["name"] for it in answer["plan"]["packages"]] == ["fire", "monai"]
    assert all(it["size"] for it in answer["plan"]["packages"])
    snapshot = await client.ask("workshops", "tiny")
    assert environment_of(snapshot)["state"] == "ready"
