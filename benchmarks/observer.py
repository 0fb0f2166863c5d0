"""What observing costs: a cell that prints 200,000 lines, without and with the observer.

Printed as a loop does it, a kernel sends its lines in pieces. With every line flushed it
sends each by itself, to everybody who listens; a tenth of the lines is enough for that.

``python benchmarks/observer.py`` starts two Jupyter servers on the loopback, one with the
extension and one without, and runs the same cell in a kernel of each, in turn. It prints
the figures in words and, as its last line, as one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

import nbformat
from jupyter_client.blocking.client import BlockingKernelClient
from tornado.websocket import websocket_connect

# Beside the package these scripts need each other.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.server import Server, jupyter

Figures: TypeAlias = dict[str, float | int | None]

LINES = 200_000

_NOTEBOOK = "printing.ipynb"
_JOBS = "/monai-workshop/workshops/course/jobs/"
_RUN_SECONDS = 300.0
_SETTLING_SECONDS = 0.5
_WARM_UP = 3
"""Rounds before those that count, after which the server has the memory that it needs."""

TITLES = {
    "buffered": "as a loop of print() does it",
    "flushed": "with every line flushed",
}

FLUSHED_SHARE = 0.1
"""Share of the lines that the flushed cell prints."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=21, help="rounds of the buffered cell")
    parser.add_argument("--flushed-rounds", type=int, default=7, help="rounds of the flushed cell")
    parser.add_argument("--lines", type=int, default=LINES, help="lines that the cells print")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, _end)
    figures: Figures = {"processors": os.cpu_count(), "lines": options.lines}
    cells = _cells(options.lines)
    with tempfile.TemporaryDirectory(prefix="benchmark-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with (
            jupyter(folder / "without", None) as without,
            jupyter(folder / "with", _definition(folder / "with", cells)) as observing,
        ):
            rounds = {"buffered": options.rounds, "flushed": options.flushed_rounds}
            figures |= _measure(folder, without, observing, cells, rounds)
    print(json.dumps(figures))


@dataclass(frozen=True)
class _Cell:
    """A cell that prints."""

    name: str
    lines: int

    @property
    def source(self) -> str:
        """The code."""
        flush = ", flush=True" if self.name == "flushed" else ""
        step = f"print('step', number, 'of', {self.lines}{flush})"
        return f"for number in range({self.lines}):\n    {step}"

    @property
    def text(self) -> str:
        """What it prints."""
        return "".join(f"step {number} of {self.lines}\n" for number in range(self.lines))


@dataclass(frozen=True)
class _Cost:
    """What one run took.

    Attributes
    ----------
    clock
        Seconds of the clock.
    kernel, server
        Seconds of processor time in each process.
    memory
        What the server holds afterwards, in MB.
    """

    clock: float
    kernel: float
    server: float
    memory: float


def _cells(lines: int) -> tuple[_Cell, ...]:
    return _Cell("buffered", lines), _Cell("flushed", max(1, int(FLUSHED_SHARE * lines)))


def _measure(
    folder: Path,
    without: Server,
    observing: Server,
    cells: Sequence[_Cell],
    rounds: Mapping[str, int],
) -> Figures:
    _write_notebook(folder / "without" / "root" / "printing", cells)
    time.sleep(5)  # other extensions look around after the server has started
    job = observing.start("course", "materials")
    while (state := observing.states("course", {"materials": job})["materials"]) == "running":
        time.sleep(0.1)
    if state != "succeeded":
        raise RuntimeError(f"the materials did not come: {observing.ask(_JOBS + job)}")
    with (
        _Kernel(without, folder / "without") as plain,
        _Kernel(observing, folder / "with") as observed,
        _counting_pushes(observing) as pushes,
    ):
        time.sleep(3)  # the server matches kernels to notebooks every two seconds
        for cell in _WARM_UP * tuple(cells):
            for kernel in (plain, observed):
                kernel.run(cell)
        _unheard_lines(observing, cells)
        costs = {cell: _in_turn(plain, observed, cell, rounds[cell.name]) for cell in cells}
        unheard = _unheard_lines(observing, cells)
    return _told(costs, pushes, unheard)


def _told(
    costs: Mapping[_Cell, Sequence[tuple[_Cost, _Cost]]],
    pushes: _Pushes,
    unheard: int,
) -> Figures:
    figures: Figures = {}
    for cell, pairs in costs.items():
        without = statistics.median(pair[0].clock for pair in pairs)
        observed = statistics.median(pair[1].clock for pair in pairs)
        kernel = statistics.median(pair[1].kernel for pair in pairs) / statistics.median(
            pair[0].kernel for pair in pairs
        )
        server = statistics.median(pair[1].server - pair[0].server for pair in pairs)
        figures |= {
            f"{cell.name}_without_seconds": round(without, 3),
            f"{cell.name}_with_seconds": round(observed, 3),
            f"{cell.name}_ratio": round(observed / without, 4),
            f"{cell.name}_kernel_processor_ratio": round(kernel, 4),
            f"{cell.name}_server_processor_seconds": round(server, 3),
        }
        print(
            f"{cell.lines:,} lines, {TITLES[cell.name]}, median of {len(pairs)} rounds: "
            f"{without:.2f} s without the observer, {observed:.2f} s with it, "
            f"{100 * (observed / without - 1):+.1f} %. The kernel used "
            f"{100 * (kernel - 1):+.1f} % of processor time, the server {server:+.2f} s."
        )
    print(f"In no second were more than {pushes.most} snapshots pushed, {pushes.count} in all.")
    memory = [pair[1].memory for pairs in costs.values() for pair in pairs]
    third = -(-len(memory) // 3)
    growth = statistics.median(memory[-third:]) - statistics.median(memory[:third])
    print(
        f"The server held {min(memory):.0f} to {max(memory):.0f} MB, in the last third of the "
        f"rounds {growth:+.1f} MB of what it held in the first."
    )
    print(f"Of the last round, {unheard:,} lines were not heard.")
    return {
        **figures,
        "overhead_ratio": figures["buffered_ratio"],
        "pushes_per_second": pushes.most,
        "memory_growth_mb": round(growth, 1),
        "memory_most_mb": round(max(memory), 1),
        "lines_not_heard": unheard,
    }


def _in_turn(
    plain: _Kernel, observed: _Kernel, cell: _Cell, rounds: int
) -> list[tuple[_Cost, _Cost]]:
    """Return pairs of costs without and with the observer; who begins changes."""
    pairs = []
    for number in range(rounds):
        order = (plain, observed) if number % 2 else (observed, plain)
        costs = {kernel: kernel.run(cell) for kernel in order}
        pairs.append((costs[plain], costs[observed]))
    return pairs


class _Kernel:
    """A kernel of the notebook's session, asked directly, with no page listening."""

    def __init__(self, server: Server, folder: Path) -> None:
        session: Any = server.ask(
            "/api/sessions",
            {
                "path": f"printing/{_NOTEBOOK}",
                "name": _NOTEBOOK,
                "type": "notebook",
                "kernel": {"name": "python3"},
            },
        )
        connection = folder / "runtime" / f"kernel-{session['kernel']['id']}.json"
        self._server = server
        self._client = BlockingKernelClient(connection_file=str(connection))
        self._client.load_connection_file()

    def __enter__(self) -> _Kernel:
        self._client.start_channels(shell=True, iopub=False, stdin=False, hb=False, control=False)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.stop_channels()

    def run(self, cell: _Cell) -> _Cost:
        """Run a cell and return what it took."""
        before, server, began = self._processor(), _processor(self._server), time.perf_counter()
        reply = self._client.execute(cell.source, reply=True, timeout=_RUN_SECONDS)
        clock = time.perf_counter() - began
        if reply["content"]["status"] != "ok":
            raise RuntimeError(f"the cell failed: {reply['content']}")
        kernel = self._processor() - before
        time.sleep(_SETTLING_SECONDS)  # what it does about the end belongs to it
        used = _processor(self._server) - server
        return _Cost(clock, kernel, used, _memory(self._server))

    def _processor(self) -> float:
        """Return the processor time that the kernel has used, in seconds."""
        asked = {"time": "__import__('time').process_time()"}
        reply = self._client.execute(
            "", silent=True, user_expressions=asked, reply=True, timeout=_RUN_SECONDS
        )
        return float(reply["content"]["user_expressions"]["time"]["data"]["text/plain"])


@dataclass
class _Pushes:
    """When snapshots were pushed."""

    times: list[float] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many there were."""
        return len(self.times)

    @property
    def most(self) -> int:
        """How many there were in any second, at most."""
        return max(
            (sum(1 for it in self.times if 0 <= it - first < 1) for first in self.times),
            default=0,
        )


@contextmanager
def _counting_pushes(server: Server) -> Iterator[_Pushes]:
    """Listen to the events' socket as a page does."""
    pushes, ready, ended = _Pushes(), threading.Event(), threading.Event()

    async def listen() -> None:
        address = server.address.replace("http", "ws", 1)
        url = f"{address}/api/events/subscribe?token={server.token}"
        connection = await websocket_connect(url)
        ready.set()
        while not ended.is_set():
            try:
                message = await asyncio.wait_for(asyncio.shield(reading(connection)), 0.5)
            except asyncio.TimeoutError:
                continue
            if message is None:
                return
            if "jupyter_monai_workshop" in str(message):
                pushes.times.append(time.monotonic())
        connection.close()

    pending: list[asyncio.Future[Any]] = []

    def reading(connection: Any) -> asyncio.Future[Any]:
        if not pending or pending[0].done():
            pending[:] = [asyncio.ensure_future(connection.read_message())]
        return pending[0]

    thread = threading.Thread(target=lambda: asyncio.run(listen()), daemon=True)
    thread.start()
    if not ready.wait(20):
        raise RuntimeError("the events' socket did not open")
    try:
        yield pushes
    finally:
        ended.set()
        thread.join(5)


def _unheard_lines(server: Server, cells: Sequence[_Cell]) -> int:
    """Return how many lines the observer lacks; what is not done costs nothing.

    A kernel drops messages for everybody who does not take them at once, which can happen
    on a machine that has far too much to do.

    Raises
    ------
    RuntimeError
        If it has not even a half of them.
    """
    deadline = time.monotonic() + 20
    while True:
        answer = server.ask("/monai-workshop/workshops/course/outputs/lesson")
        ended = {cell["id"]: cell for cell in answer["cells"] if not cell["running"]}
        if len(ended) == len(cells):
            break
        if time.monotonic() > deadline:
            raise RuntimeError(f"the observer knows the end of {list(ended)} only")
        time.sleep(0.2)
    missing = 0
    for cell in cells:
        heard = "".join(output["text"] for output in ended[cell.name]["outputs"])
        missing += cell.lines - heard.count("\n")
        if heard.count("\n") < cell.lines / 2 or (heard.count("\n") == cell.lines) != (
            heard == cell.text
        ):
            raise RuntimeError(f"the observer has other lines than {cell.name} prints")
    return missing


def _processor(server: Server) -> float:
    """Return the processor time that the server has used, in seconds."""
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(server: Server) -> float:
    """Return the memory that the server holds, in MB."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1000


def _definition(folder: Path, cells: Sequence[_Cell]) -> dict[str, object]:
    """Return a workshop of one notebook, written below `folder`."""
    _write_notebook(folder / "definitions" / "course" / "files", cells)
    steps = [
        {
            "id": cell.name,
            "title": cell.name,
            "text": "Prints.",
            "cells": [{"id": cell.name}],
            "duration": 1,
            "training": {"patterns": [r"^step (?P<step>\d+) of (?P<steps>\d+)$"], "metrics": {}},
        }
        for cell in cells
    ]
    return {
        "format": 1,
        "id": "course",
        "title": "Course",
        "summary": "A workshop to measure with.",
        "text": "Welcome.",
        "source": {"kind": "bundled", "path": "files", "folder": "printing"},
        "modules": [
            {
                "id": "lesson",
                "title": "Lesson",
                "text": "One lesson.",
                "notebook": _NOTEBOOK,
                "steps": steps,
            }
        ],
    }


def _write_notebook(folder: Path, cells: Sequence[_Cell]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    made = [nbformat.v4.new_code_cell(cell.source, id=cell.name) for cell in cells]
    nbformat.write(nbformat.v4.new_notebook(cells=made), folder / _NOTEBOOK)


def _end(signal_number: int, frame: object) -> NoReturn:
    raise SystemExit(128 + signal_number)


if __name__ == "__main__":
    main()
