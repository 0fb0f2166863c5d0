"""The record of a real kernel's outputs is what nbclient collects for the same code.

Two things differ honestly, and are evened out here: nbclient keeps the pieces of a stream
as they came, JupyterLab's output area joins them; and nbclient leaves carriage returns and
backspaces in the text, JupyterLab folds them.
"""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
import pytest
import zmq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbclient import NotebookClient

from jupyter_monai_workshop.progress import output_record
from jupyter_monai_workshop.progress.journal import Journal
from jupyter_monai_workshop.progress.kernel_log import KernelLog, LocatedCell
from jupyter_monai_workshop.progress.output_files import OutputFiles
from jupyter_monai_workshop.progress.output_log import OutputLog
from jupyter_monai_workshop.progress.output_record import OutputRecord
from jupyter_monai_workshop.progress.record import Record
from jupyter_monai_workshop.server.kernel_messages import MessageReader
from jupyter_monai_workshop.server.listening import Address

from .conftest import definition
from .folding import folded

TEXTS = st.text(alphabet="ab\n\r\b é", min_size=1, max_size=10)
NAMES = st.sampled_from(["one", "two"])
STREAMS = st.tuples(st.sampled_from(["stdout", "stderr"]), TEXTS, st.booleans()).map(
    lambda it: f"sys.{it[0]}.write({it[1]!r}); {'sys.stdout.flush(); sys.stderr.flush()' * it[2]}"
)
SHOWN = st.tuples(TEXTS, st.none() | NAMES).map(
    lambda it: f"display({{'text/plain': {it[0]!r}}}, raw=True, display_id={it[1]!r})"
)
UPDATES = st.tuples(TEXTS, NAMES).map(
    lambda it: f"update_display({{'text/plain': {it[0]!r}}}, raw=True, display_id={it[1]!r})"
)
CLEARS = st.booleans().map(lambda wait: f"clear_output(wait={wait})")
LARGE = st.sampled_from(["print('x' * 3000)", "display({'text/plain': 'y' * 3000}, raw=True)"])
LAST = st.sampled_from(["pass", "1 + 1", "'text'", "raise ValueError('no')", "1 / 0"])
IMPORTS = "import sys; from IPython.display import clear_output, display, update_display\n"

CELLS = st.tuples(st.lists(STREAMS | SHOWN | UPDATES | CLEARS | LARGE, max_size=6), LAST).map(
    lambda it: IMPORTS + "\n".join([*it[0], it[1]])
)


class Kernel:
    """One kernel that lives through all examples, and a channel that hears it."""

    def __init__(self) -> None:
        first = NotebookClient(nbformat.v4.new_notebook())
        self.manager: Any = first.create_kernel_manager()
        first.start_new_kernel()
        self.client: Any = first.start_new_kernel_client()
        address = Address.of(self.manager.get_connection_info())
        self.reader = MessageReader(address.key, address.scheme)
        self.socket = listening(address)
        while not self.socket.poll(200):
            self.client.kernel_info()

    def runner(self, notebook: Any) -> NotebookClient:
        """Return an nbclient that runs the cells of a notebook here."""
        runner = NotebookClient(notebook, km=self.manager, allow_errors=True)
        runner.kc = self.client
        runner.reset_execution_trackers()
        return runner

    def hear(self, log: KernelLog, after: Any) -> None:
        """Hand on what has come, until the kernel is idle again; call `after` each time."""
        began, ended = False, False
        deadline = time.monotonic() + 20
        while not ended:
            assert time.monotonic() < deadline
            if not self.socket.poll(1000):
                continue
            while self.socket.poll(0):
                self.reader.feed(self.socket.recv_multipart())
            for message in self.reader.batch():
                began = began or message["header"]["msg_type"] == "execute_input"
                log.handle(message)
                ended = began and log.state == "idle"
            after()

    def close(self) -> None:
        self.client.stop_channels()
        asyncio.run(self.manager.shutdown_kernel(now=True))
        self.socket.close(0)


def listening(address: Address) -> Any:
    """Return a socket that hears a kernel."""
    socket: Any = zmq.Context.instance().socket(zmq.SUB)
    socket.rcvhwm = 0
    socket.subscribe(b"")
    socket.connect(address.url)
    return socket


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    kernel = Kernel()
    yield kernel
    kernel.close()


def as_a_page_has_it(outputs: list[Any]) -> list[dict[str, Any]]:
    """Even out what nbclient and JupyterLab honestly differ in."""
    joined: list[dict[str, Any]] = []
    for output in outputs:
        last = joined[-1] if joined else {}
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            last["text"] += output["text"]
        else:
            joined.append(dict(output))
    for output in joined:
        if output["output_type"] == "stream":
            output["text"] = folded(output["text"])
    return joined


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cells=st.lists(CELLS, min_size=1, max_size=3), rewrite=st.booleans(), writes=st.booleans())
def test_record_and_journal_hold_what_nbclient_collects(
    kernel: Kernel,
    monkeypatch: pytest.MonkeyPatch,
    cells: list[str],
    rewrite: bool,
    writes: bool,
) -> None:
    monkeypatch.setattr(output_record, "LARGE", 2000)
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(f"# {i}\n{source}") for i, source in enumerate(cells)]
    )
    with TemporaryDirectory() as name:
        folder = Path(name)
        files, record = OutputFiles(folder / "outputs"), OutputRecord()
        log = KernelLog(
            definition().modules[0],
            Record(Journal(folder / "record.jsonl")),
            lambda code, _: LocatedCell(int(code[2:].partition("\n")[0]), None),
            changed=lambda: None,
            finished=lambda step, output: None,
            outputs=OutputLog(record, lambda at_once: None),
        )

        def write() -> None:
            for large in record.large():
                record.put_away(large, files.store(large.content))
            files.append(record.news())
            if rewrite:
                files.rewrite(record.everything(), record.stored())

        runner = kernel.runner(notebook)
        for index, cell in enumerate(notebook.cells):
            runner.execute_cell(cell, index)
            kernel.hear(log, write if writes else lambda: None)
        write()
        replayed = OutputRecord()
        replayed.replay(OutputFiles(files.folder).entries())
        for kept in (record, replayed):
            for run in kept.runs.values():
                cell = notebook.cells[run.index]
                assert run.area.nbformat(files.load) == as_a_page_has_it(cell.outputs)
                assert run.execution_count == cell.execution_count
                assert run.ended is not None
            assert len(kept.runs) == len(cells)
