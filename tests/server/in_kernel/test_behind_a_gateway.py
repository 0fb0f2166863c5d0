"""Kernels on another machine: behind a gateway, which a second Jupyter server plays."""

from __future__ import annotations

import asyncio
import io
import json
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import psutil
import pytest
from jupyter_server.gateway.gateway_client import GatewayClient
from tornado.httpclient import AsyncHTTPClient

from tests.kernels.workbench import BasePython
from tests.server.conftest import Client, Fetch

from .conftest import environment_of, kernels, open_notebook, post

TOKEN = "token-of-the-gateway"


@pytest.fixture
def token() -> str:
    """What the gateway asks for; most ask for nothing, but are not to be reached by others."""
    return ""


@pytest.fixture
def gateway(token: str, kernelspec: str, jp_data_dir: Path, tmp_path: Path) -> Iterator[str]:
    """A Jupyter server that only runs kernels; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = (
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--ServerApp.open_browser=False",
        "--ServerApp.jpserver_extensions={}",
        f"--ServerApp.root_dir={tmp_path}",
        f"--KernelSpecManager.kernel_dirs={jp_data_dir / 'kernels'}",
        f"--IdentityProvider.token={token}",
        "--ServerApp.disable_check_xsrf=True",
        "--allow-root",
    )
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(
        [sys.executable, "-m", "jupyter_server", *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            wait_until_it_answers(server, url)
            yield url
        finally:
            server.terminate()


def wait_until_it_answers(server: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urlopen(f"{url}/api"):
                return
        except URLError:
            assert server.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)


@pytest.fixture
def jp_server_config(
    jp_server_config: dict[str, Any], gateway: str, token: str
) -> Iterator[dict[str, Any]]:
    GatewayClient.clear_instance()
    jp_server_config["GatewayClient"] = {"url": gateway, "auth_token": token}
    yield jp_server_config
    GatewayClient.clear_instance()


@pytest.fixture
def client(client: Client, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[Client]:
    yield client
    # The server's own fixture does so only when the gateway has ended.
    jp_asyncio_loop.run_until_complete(client.server.kernel_manager.shutdown_all())


async def test_the_packages_come_into_a_kernel_behind_a_gateway(
    client: Client,
    jp_fetch: Fetch,
    kernelspec: str,
    image: BasePython,
    gateway: str,
) -> None:
    prepared = await client.end_of(await client.start("prepare"))
    assert prepared["failure"]["code"] == "kernels_elsewhere"
    kernel = await open_notebook(client, jp_fetch, kernelspec)
    answer = await AsyncHTTPClient().fetch(f"{gateway}/api/kernels")
    assert [it["id"] for it in json.loads(answer.body)] == [kernel]

    offer = await client.ask("workshops", "tiny", "pip", params={"module": "only"})
    assert (offer["kernel"], offer["torch"]) == (kernel, "2.8.0")
    assert not (image.packages / "monai").exists()
    job = await post(client, "install_in_kernel")
    assert job["state"] == "succeeded", job
    assert (image.packages / "monai").exists()
    await client.until(lambda it: environment_of(it)["remedy"] == "restart_kernel")
    # There is nothing more to install, but still a kernel to restart.
    assert (await post(client, "install_in_kernel"))["state"] == "succeeded"
    snapshot = await client.ask("workshops", "tiny")
    assert environment_of(snapshot)["remedy"] == "restart_kernel"
    assert [it["id"] for it in await kernels(jp_fetch)] == [kernel]

    restarted = await post(client, "restart_kernel")
    assert restarted["state"] == "succeeded", restarted
    snapshot = await client.until(lambda it: environment_of(it)["state"] == "done")
    assert snapshot["kernel"]["name"] == kernelspec
    assert snapshot["modules"][0]["steps"][0]["state"] == "ready"


async def test_a_stop_reaches_what_runs_behind_the_gateway(
    client: Client, jp_fetch: Fetch, kernelspec: str, tmp_path: Path
) -> None:
    write_endless_package(tmp_path / "wheels")
    await client.start("prepare")
    await open_notebook(client, jp_fetch, kernelspec)
    body = json.dumps({"kind": "install_in_kernel", "module": "only"})
    job = await client.ask("workshops", "tiny", "jobs", method="POST", body=body)
    await until(lambda: (tmp_path / "begun").exists())
    builder = int((tmp_path / "begun").read_text())
    assert psutil.pid_exists(builder)
    await client.ask("workshops", "tiny", "jobs", job["id"], method="DELETE")
    ended = await asyncio.wait_for(client.end_of(job), 5)
    assert ended["state"] == "cancelled"
    await until(lambda: not psutil.pid_exists(builder))


def write_endless_package(folder: Path) -> None:
    """Write sources of a package whose build never ends, and says which process builds."""
    settings = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    begun = str(folder.parent / "begun")
    backend = (
        "import os, time\n"
        "def prepare_metadata_for_build_wheel(*_, **__):\n"
        f"    open({begun!r}, 'w').write(str(os.getpid()))\n"
        "    time.sleep(600)\n"
    )
    with tarfile.open(folder / "fire-0.8.0.tar.gz", "w:gz") as archive:
        for name, text in {"pyproject.toml": settings, "backend.py": backend}.items():
            member = tarfile.TarInfo(f"fire-0.8.0/{name}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))


async def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("token", [TOKEN])
async def test_a_gateway_that_lets_nobody_talk_to_its_kernels(
    client: Client, jp_fetch: Fetch, kernelspec: str
) -> None:
    # jupyter_server tells its token when it starts a kernel, but not to talk to one.
    await client.start("prepare")
    await open_notebook(client, jp_fetch, kernelspec)
    job = await post(client, "install_in_kernel")
    assert job["failure"]["code"] == "kernel_unreachable"
    assert "403" in job["failure"]["details"]
    status, failure = await client.refused("workshops", "tiny", "pip", params={"module": "only"})
    assert (status, failure["code"]) == (409, "kernel_unreachable")
