"""What observing costs: a cell that prints 200,000 lines, without and with the observer.

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
from collections.abc import Iterator
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
_RUN_SECONDS = 300.0

CELLS = {
    "buffered": "for number in range(LINES):\n    print('step', number, 'of', LINES)",
    "flushed": "for number in range(LINES):\n    print('step', number, 'of', LINES, flush=True)",
}
"""The cells, by how they print."""

TITLES = {
    "buffered": "as a loop of print() does it",
    "flushed": "with every line flushed",
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="rounds of the buffered cell")
    parser.add_argument("--flushed-rounds", type=int, default=3, help="rounds of the flushed cell")
    parser.add_argument("--lines", type=int, default=LINES, help="lines that the cells print")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, _end)
    figures: Figures = {"processors": os.cpu_count(), "lines": options.lines}
    rounds = {"buffered": options.rounds, "flushed": options.flushed_rounds}
    with tempfile.TemporaryDirectory(prefix="benchmark-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with (
            jupyter(folder / "without", None) as without,
            jupyter(folder / "with", _definition(folder / "with")) as observing,
        ):
            figures |= _measure(folder, without, observing, rounds, options.lines)
    print(json.dumps(figures))


def _measure(
    folder: Path, without: Server, observing: Server, rounds: dict[str, int], lines: int
) -> Figures:
    _write_notebook(folder / "without" / "root" / "printing", lines)
    time.sleep(5)  # other extensions look around after the server has started
    job = observing.start("course", "materials")
    while "running" in observing.states("course", {"materials": job}).values():
        time.sleep(0.1)
    with (
        _Kernel(without, folder / "without") as plain,
        _Kernel(observing, folder / "with") as observed,
        _counting_pushes(observing) as pushes,
    ):
        time.sleep(3)  # the server matches kernels to notebooks every two seconds
        for code in CELLS.values():
            for kernel in (plain, observed):
                kernel.run(code, lines)
        _assert_observed(observing, lines)
        before = _memory(observing)
        times = {
            name: _in_turn(plain, observed, CELLS[name], lines, count)
            for name, count in rounds.items()
            if count
        }
        growth = _memory(observing) - before
        _assert_observed(observing, lines)
    return _told(times, pushes, growth, lines)


def _told(
    times: dict[str, list[tuple[float, float]]], pushes: _Pushes, growth: float, lines: int
) -> Figures:
    figures: Figures = {}
    ratios = {}
    for name, pairs in times.items():
        without = statistics.median(pair[0] for pair in pairs)
        observed = statistics.median(pair[1] for pair in pairs)
        ratios[name] = observed / without
        figures[f"{name}_without_seconds"] = round(without, 3)
        figures[f"{name}_with_seconds"] = round(observed, 3)
        figures[f"{name}_ratio"] = round(ratios[name], 4)
        print(
            f"{lines:,} lines, {TITLES[name]}, in {len(pairs)} rounds: {without:.2f} s without "
            f"the observer, {observed:.2f} s with it, {100 * (ratios[name] - 1):+.1f} %."
        )
    print(f"In no second were more than {pushes.most} snapshots pushed, {pushes.count} in all.")
    print(f"The server's memory grew by {growth:.1f} MB from the second round to the last.")
    return {
        **figures,
        "overhead_ratio": round(max(ratios.values()), 4),
        "pushes_per_second": pushes.most,
        "memory_growth_mb": round(growth, 1),
    }


def _in_turn(
    plain: _Kernel, observed: _Kernel, code: str, lines: int, rounds: int
) -> list[tuple[float, float]]:
    """Return pairs of seconds without and with the observer; who begins changes."""
    pairs = []
    for number in range(rounds):
        order = (plain, observed) if number % 2 else (observed, plain)
        seconds = {kernel: kernel.run(code, lines) for kernel in order}
        pairs.append((seconds[plain], seconds[observed]))
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
        self._client = BlockingKernelClient(connection_file=str(connection))
        self._client.load_connection_file()

    def __enter__(self) -> _Kernel:
        self._client.start_channels(shell=True, iopub=False, stdin=False, hb=False, control=False)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.stop_channels()

    def run(self, code: str, lines: int) -> float:
        """Run a cell and return how long it took, in seconds."""
        source = f"LINES = {lines}\n{code}"
        began = time.perf_counter()
        reply = self._client.execute(source, reply=True, timeout=_RUN_SECONDS)
        seconds = time.perf_counter() - began
        if reply["content"]["status"] != "ok":
            raise RuntimeError(f"the cell failed: {reply['content']}")
        return seconds


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


def _assert_observed(server: Server, lines: int) -> None:
    """Make sure that the observer has every line; what is not done costs nothing."""
    deadline = time.monotonic() + 20
    while True:
        answer: Any = server.ask("/monai-workshop/workshops/course/outputs/lesson")
        printed = [
            output["text"]
            for cell in answer["cells"]
            if not cell["running"]
            for output in cell["outputs"]
        ]
        expected = "".join(f"step {number} of {lines}\n" for number in range(lines))
        if len(printed) == len(CELLS) and all(text == expected for text in printed):
            return
        if time.monotonic() > deadline:
            lengths = [len(text) for text in printed]
            raise RuntimeError(f"the observer has {lengths} characters, not {len(expected)} each")
        time.sleep(0.2)


def _memory(server: Server) -> float:
    """Return the memory that the server holds, in MB."""
    time.sleep(3)  # what is being written is written by then
    status = Path(f"/proc/{server.pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1000


def _definition(folder: Path) -> dict[str, object]:
    """Return a workshop of one notebook, written below `folder`."""
    _write_notebook(folder / "definitions" / "course" / "files", LINES)
    steps = [
        {
            "id": name,
            "title": name,
            "text": "Prints.",
            "cells": [{"id": name}],
            "duration": 1,
            "training": {"patterns": [r"^step (?P<step>\d+) of (?P<steps>\d+)$"], "metrics": {}},
        }
        for name in CELLS
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


def _write_notebook(folder: Path, lines: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    cells = [
        nbformat.v4.new_code_cell(f"LINES = {lines}\n{code}", id=name)
        for name, code in CELLS.items()
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / _NOTEBOOK)


def _end(signal_number: int, frame: object) -> NoReturn:
    raise SystemExit(128 + signal_number)


if __name__ == "__main__":
    main()
