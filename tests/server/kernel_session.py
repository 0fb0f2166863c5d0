"""A kernel session of the small workshop's notebook, driven as a page would."""

import asyncio
import json

import nbformat

from .conftest import CELLS, Client, Fetch

KILL = "import os, time\ntime.sleep(1)\nos.kill(os.getpid(), 9)"
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
        await self.connect()

    async def connect(self) -> None:
        """Connect to the kernel as it is now; one that is started anew gets other ports."""
        manager = self._client.server.kernel_manager.get_kernel(self.kernel)
        for patience in (10, 10, 10, 30):
            await asyncio.sleep(1)
            self.shell = manager.client()
            self.shell.start_channels()
            try:
                await self.shell.wait_for_ready(timeout=patience)
                return
            except RuntimeError:
                self.shell.stop_channels()
        raise AssertionError("the kernel does not answer")

    def run(self, *names: str) -> None:
        for name in names:
            self.shell.execute(SOURCES[name])

    def run_edited(self, name: str, source: str) -> None:
        """Save the notebook with another source in a cell, and run that cell."""
        path = self._client.root / "tiny" / "a notebook.ipynb"
        notebook = nbformat.read(path, as_version=4)
        [cell] = [cell for cell in notebook.cells if cell["id"] == name]
        cell["source"] = source
        nbformat.write(notebook, path)
        self.shell.execute(source)

    def close(self) -> None:
        self.shell.stop_channels()
