"""A real Jupyter server with the extension, in this process, and a small workshop."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from tornado.httpclient import HTTPClientError, HTTPResponse

Fetch = Callable[..., Awaitable[HTTPResponse]]

DEFINITION = """\
format: 1
id: tiny
title: Tiny workshop
summary: A workshop for tests.
text: Welcome.
source: {kind: bundled, path: files, folder: tiny}
modules:
  - id: only
    title: Only module
    text: The only one.
    notebook: a notebook.ipynb
    patches:
      - kind: ensure_line
        id: add-line
        cell: {id: setup}
        line: "x = 20"
        why: The notebook forgets x.
    steps:
      - id: setup
        title: Set up
        text: Sets x.
        cells: [{id: setup}]
        duration: 1
        check: {expressions: ["x == 20"]}
      - id: train
        title: Train
        text: Prints.
        cells: [{id: train}, {id: save}]
        duration: 2
        check: {files: [out.txt], prints: ["accuracy"]}
        training:
          patterns: ['^accuracy (?P<accuracy>\\S+)$']
          metrics: {accuracy: {title: Accuracy}}
"""

CELLS = {
    "setup": "import math\n",
    "train": "print('accuracy', x / 20.5)",
    "save": "open('out.txt', 'w').write(str(x))",
    "slow": "import time\ntime.sleep(60)",
}


def write_workshop(folder: Path) -> None:
    """Write the small workshop's definition and notebook into `folder`."""
    (folder / "files").mkdir(parents=True)
    (folder / "workshop.yaml").write_text(DEFINITION)
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source, id=name) for name, source in CELLS.items()]
    )
    nbformat.write(notebook, folder / "files" / "a notebook.ipynb")


@pytest.fixture
def definitions(tmp_path: Path) -> Path:
    folder = tmp_path / "definitions"
    write_workshop(folder / "tiny")
    return folder


@pytest.fixture
def jp_server_config(definitions: Path) -> dict[str, Any]:
    return {
        "ServerApp": {
            "jpserver_extensions": {"jupyter_monai_workshop": True},
            "reraise_server_extension_failures": True,
        },
        "MonaiWorkshopApp": {
            "trusted_folders": [str(definitions)],
            "default_workshop": "tiny",
            "base_python": sys.executable,
        },
    }


class Client:
    """Asks the extension's REST interface."""

    def __init__(self, fetch: Fetch, server: Any) -> None:
        self._fetch = fetch
        self.server = server
        self.root = Path(server.root_dir)

    async def ask(self, *path: str, **options: Any) -> Any:
        """Return the answer's JSON."""
        response = await self._fetch("monai-workshop", *path, **options)
        return json.loads(response.body)

    async def refused(self, *path: str, **options: Any) -> tuple[int, dict[str, str]]:
        """Return status and failure of a request that must not succeed."""
        with pytest.raises(HTTPClientError) as caught:
            await self._fetch("monai-workshop", *path, **options)
        assert caught.value.response is not None
        return caught.value.code, json.loads(caught.value.response.body)

    async def start(self, kind: str, workshop: str = "tiny", key: str = "") -> dict[str, Any]:
        """Start a job and return it at once."""
        body = json.dumps({"kind": kind, "key": key})
        response = await self._fetch(
            "monai-workshop", "workshops", workshop, "jobs", method="POST", body=body
        )
        assert response.code == 202
        answer: dict[str, Any] = json.loads(response.body)
        return answer

    async def end_of(self, job: dict[str, Any]) -> dict[str, Any]:
        """Wait until a job is over and return it."""
        while job["state"] == "running":
            await asyncio.sleep(0.05)
            job = await self.ask("workshops", job["workshop"], "jobs", job["id"])
        return job

    async def prepared(self) -> dict[str, Any]:
        """Prepare the small workshop and return its snapshot."""
        job = await self.end_of(await self.start("prepare"))
        assert job["state"] == "succeeded", job
        snapshot: dict[str, Any] = await self.ask("workshops", "tiny")
        return snapshot

    async def until(
        self, holds: Callable[[dict[str, Any]], bool], timeout: float = 60
    ) -> dict[str, Any]:
        """Return the first snapshot for which `holds`."""
        deadline = asyncio.get_running_loop().time() + timeout
        while True:
            snapshot: dict[str, Any] = await self.ask("workshops", "tiny")
            if holds(snapshot):
                return snapshot
            assert asyncio.get_running_loop().time() < deadline, snapshot["modules"]
            await asyncio.sleep(0.1)


@pytest.fixture
def client(jp_fetch: Fetch, jp_serverapp: Any, jp_asyncio_loop: Any) -> Any:
    jp_asyncio_loop.run_until_complete(jp_serverapp.extension_manager.start_all_extensions())
    yield Client(jp_fetch, jp_serverapp)
    jp_asyncio_loop.run_until_complete(jp_serverapp.extension_manager.stop_all_extensions())


@pytest.fixture
def session(client: Client, jp_fetch: Fetch, jp_asyncio_loop: Any) -> Any:
    from .kernel_session import Session  # which needs what is above

    session = Session(client, jp_fetch)
    jp_asyncio_loop.run_until_complete(session.open())
    yield session
    session.close()
