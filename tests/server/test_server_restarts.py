"""A server that is killed and started again, while a kernel that is not its own lives on.

Jupyter lets a server adopt kernels of others by their connection files. Such a kernel has no
session after a restart until a page makes one, which is when it is known which notebook it
serves.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml
from jupyter_client.manager import start_new_kernel

from benchmarks.server import Server, jupyter

from .conftest import CELLS, DEFINITION

COUNTS = """\
import itertools, pathlib, time
for i in itertools.count():
    print('line', i, flush=True)
    time.sleep(0.05)
    if pathlib.Path(STOP).exists():
        break
print('last line')
"""
ENDS_SOON = "import time\nprint('accuracy 1', flush=True)\ntime.sleep(5)\nprint('accuracy 2')"


class Desk:
    """A kernel of its own, and a server that can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kernels = folder / "kernels"
        self.kernels.mkdir()
        self.manager, self.client = start_new_kernel(kernel_name="python3")
        info = json.loads(Path(self.manager.connection_file).read_text())
        info["kernel_name"] = "python3"
        (self.kernels / "mine.json").write_text(json.dumps(info))
        self.stack = ExitStack()
        self.server = self.start()

    def start(self) -> Server:
        """Start the server, and make the session that a page makes when it opens."""
        definition = yaml.safe_load(DEFINITION)
        options = {"allow_external_kernels": True, "external_connection_dir": str(self.kernels)}
        server = self.stack.enter_context(jupyter(self.folder / "server", definition, options))
        wait(lambda: answers(server))
        return server

    def open_notebook(self) -> None:
        [kernel] = list(self.server.ask("/api/kernels"))
        path = "tiny/a notebook.ipynb"
        self.server.ask(
            "/api/sessions",
            {"path": path, "name": path, "type": "notebook", "kernel": {"id": kernel["id"]}},
        )

    def kill_server(self) -> None:
        self.server.kill()
        self.stack.close()

    def module(self) -> dict[str, Any]:
        snapshot: Any = self.server.ask("/monai-workshop/workshops/tiny")
        module: dict[str, Any] = snapshot["modules"][0]
        return module

    def cell(self, name: str) -> dict[str, Any]:
        answer: Any = self.server.ask("/monai-workshop/workshops/tiny/outputs/only")
        return next((cell for cell in answer["cells"] if cell["id"] == name), {})

    def text(self, name: str) -> str:
        return "".join(output["text"] for output in self.cell(name).get("outputs", ()))

    def close(self) -> None:
        self.stack.close()
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def answers(server: Server) -> bool:
    try:
        server.ask("/monai-workshop/status")
    except (RuntimeError, OSError):  # it does not listen yet, or the extension has not begun
        return False
    return True


def wait(holds: Callable[[], Any], timeout: float = 40) -> None:
    deadline = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    files = tmp_path / "server" / "definitions" / "course" / "files"
    files.mkdir(parents=True)
    sources = {**CELLS, "train": ENDS_SOON, "slow": COUNTS}
    cells = [nbformat.v4.new_code_cell(source, id=name) for name, source in sources.items()]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), files / "a notebook.ipynb")
    desk = Desk(tmp_path)
    job = desk.server.start("tiny", "prepare")
    wait(lambda: desk.server.states("tiny", {"all": job}) == {"all": "succeeded"})
    desk.open_notebook()
    wait(lambda: desk.module()["kernel"] == "idle")
    yield desk
    desk.close()


def test_a_run_goes_on_over_a_restart_of_the_server(desk: Desk) -> None:
    stop = desk.folder / "stop"
    desk.client.execute(f"STOP = {str(stop)!r}")
    desk.client.execute(COUNTS)
    wait(lambda: "line 40\n" in desk.text("slow"))
    desk.kill_server()
    desk.server = desk.start()
    before = desk.cell("slow")
    assert not before["running"], "it is not known yet whether the kernel lives"
    assert "line 20\n" in desk.text("slow")
    desk.open_notebook()
    wait(lambda: desk.cell("slow")["running"])
    assert desk.module()["kernel"] == "busy"
    stop.touch()
    wait(lambda: not desk.cell("slow")["running"])
    text = desk.text("slow")
    assert text.startswith("line 0\nline 1\n")
    assert text.endswith("last line\n")
    assert "missing" in text
    assert desk.cell("slow")["run"] == before["run"]


def test_a_run_that_ended_without_a_server_is_no_success(desk: Desk) -> None:
    desk.client.execute(CELLS["setup"] + "x = 20")
    wait(lambda: desk.module()["steps"][0]["state"] == "done")
    desk.client.execute(ENDS_SOON)
    wait(lambda: desk.text("train"))
    time.sleep(1.5)  # outputs are written once a second
    desk.kill_server()
    time.sleep(5)
    desk.server = desk.start()
    desk.open_notebook()
    wait(lambda: desk.module()["kernel"] == "idle")
    setup, train = desk.module()["steps"]
    assert setup["state"] == "done", "what ended while somebody heard it still counts"
    assert train["state"] == "ready"
    assert train["reason"] == "The server was away when this ended. Run it again."
    assert train["cells_done"] == 0
    cell = desk.cell("train")
    assert not cell["running"]
    assert desk.text("train").startswith("accuracy 1\n")
