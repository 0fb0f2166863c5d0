"""How long a Jupyter server takes to answer while the extension fetches and downloads."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.history import CELL, NOTEBOOK, History
from benchmarks.line import Line
from benchmarks.server import Server, jupyter
from tests.git_server import GitServer
from tests.http_server import Generated, HttpServer, Mood

REQUESTS = 200
DATA_SIZE = 500_000_000

_WORKSHOP = "course"
_JOBS = ("materials", "data")
_ANSWER_SECONDS = 60.0
_END_SECONDS = 600.0
_SETTLING_SECONDS = 5.0
"""Other extensions look around after the server has started."""


class EndedEarly(Exception):
    """A job ended before the requests during it did."""


@dataclass(frozen=True)
class Responsiveness:
    """Times of requests in milliseconds.

    Attributes
    ----------
    idle
        On a server that has nothing to do.
    busy
        While the fetch and the download run.
    to_the_end
        From then on until both have ended: unpacking, writing and checking.
    """

    idle: tuple[float, ...]
    busy: tuple[float, ...]
    to_the_end: tuple[float, ...]


def measure_responsiveness(history: History, folder: Path, rate: float) -> Responsiveness:
    """Ask a server before, during and after a fetch of everything and a large download.

    Parameters
    ----------
    rate
        Bytes per second that the repository and the data set come with, each.

    Raises
    ------
    EndedEarly
        If a job ended before the requests during it did.
    RuntimeError
        If a job failed, or the server did.
    """
    data = Generated(DATA_SIZE)
    with (
        GitServer(history.repository) as repository,
        Line(repository.port, rate=rate) as line,
        HttpServer({"/data.bin": data}, always=Mood(pace=rate)) as files,
    ):
        address = f"http://127.0.0.1:{line.port}/{history.repository.name}"
        definition = _definition(history, address, files.url("/data.bin"), data)
        with jupyter(folder, definition) as server, server.asking() as ask:
            time.sleep(_SETTLING_SECONDS)
            ask(20)
            idle = ask(REQUESTS)
            jobs = {kind: server.start(_WORKSHOP, kind) for kind in _JOBS}
            _wait_until_arriving(line, files, server, jobs)
            busy = ask(REQUESTS)
            if ended := [
                kind for kind, state in server.states(_WORKSHOP, jobs).items() if state != "running"
            ]:
                raise EndedEarly(f"{', '.join(ended)} ended before {REQUESTS} requests did")
            to_the_end: list[float] = []
            deadline = time.monotonic() + _END_SECONDS
            while (
                "running" in server.states(_WORKSHOP, jobs).values() and time.monotonic() < deadline
            ):
                to_the_end += ask(20)
            if (states := server.states(_WORKSHOP, jobs)) != dict.fromkeys(_JOBS, "succeeded"):
                raise RuntimeError(f"the jobs ended as {states}")
    return Responsiveness(tuple(idle), tuple(busy), tuple(to_the_end))


def told(responsiveness: Responsiveness) -> dict[str, float]:
    """Return the figures, by name."""
    figures: dict[str, float] = {}
    for name, times in (
        ("status", responsiveness.busy),
        ("status_to_the_end", responsiveness.to_the_end),
        ("status_idle", responsiveness.idle),
    ):
        figures[f"{name}_slowest_ms"] = round(max(times), 1)
        figures[f"{name}_median_ms"] = round(statistics.median(times), 1)
        figures[f"{name}_requests"] = len(times)
    return figures


def _wait_until_arriving(
    line: Line, files: HttpServer, server: Server, jobs: Mapping[str, str]
) -> None:
    """Wait until contents of both, the repository and the data set, are on their way."""
    deadline = time.monotonic() + _ANSWER_SECONDS
    while line.moved < 1_000_000 or files.sent < 1_000_000:
        states = server.states(_WORKSHOP, jobs)
        if time.monotonic() > deadline or set(states.values()) != {"running"}:
            raise RuntimeError(f"the jobs did not begin to receive: {states}")
        time.sleep(0.02)


def _definition(
    history: History, repository: str, address: str, data: Generated
) -> dict[str, object]:
    """Return a workshop with the whole newest commit and one data set."""
    step = {
        "id": "run",
        "title": "Run",
        "text": "Prints.",
        "cells": [{"id": CELL}],
        "duration": 1,
    }
    module = {
        "id": "lesson",
        "title": "Lesson",
        "text": "One lesson.",
        "notebook": NOTEBOOK,
        "steps": [step],
    }
    source = {"kind": "git", "urls": [repository], "commit": history.commit, "folder": "course"}
    data_set = {
        "id": "data",
        "title": "Data",
        "urls": [address],
        "size": data.size,
        "checksum": data.digest("sha256"),
    }
    return {
        "format": 1,
        "id": _WORKSHOP,
        "title": "Course",
        "summary": "A workshop to measure with.",
        "text": "Welcome.",
        "source": source,
        "data": [data_set],
        "modules": [module],
    }
