"""How long a Jupyter server takes to answer while the extension fetches and downloads."""

from __future__ import annotations

import http.client
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit

from benchmarks.contenders import environment
from benchmarks.history import CELL, NOTEBOOK, History
from benchmarks.line import Line
from tests.git_server import GitServer
from tests.http_server import Generated, HttpServer, Mood

REQUESTS = 200
DATA_SIZE = 500_000_000

_WORKSHOP = "course"
_JOBS = ("materials", "data")
_ASKING = Path(__file__).with_name("asking.py")
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
        with _jupyter(folder, definition) as server, server.asking() as ask:
            time.sleep(_SETTLING_SECONDS)
            ask(20)
            idle = ask(REQUESTS)
            jobs = {kind: server.start(kind) for kind in _JOBS}
            _wait_until_arriving(line, files, server, jobs)
            busy = ask(REQUESTS)
            if ended := [kind for kind, state in server.states(jobs).items() if state != "running"]:
                raise EndedEarly(f"{', '.join(ended)} ended before {REQUESTS} requests did")
            to_the_end: list[float] = []
            deadline = time.monotonic() + _END_SECONDS
            while "running" in server.states(jobs).values() and time.monotonic() < deadline:
                to_the_end += ask(20)
            if (states := server.states(jobs)) != dict.fromkeys(_JOBS, "succeeded"):
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


class _Server:
    """A running Jupyter server."""

    def __init__(self, address: str, token: str) -> None:
        self._address = address.rstrip("/")
        self._token = token

    def ask(self, path: str, body: Mapping[str, str] | None = None) -> dict[str, object]:
        """Return the JSON at `path`, or what posting `body` there answers."""
        parts = urlsplit(self._address + path)
        connection = http.client.HTTPConnection(parts.netloc, timeout=_ANSWER_SECONDS)
        try:
            connection.request(
                "GET" if body is None else "POST",
                parts.path,
                None if body is None else json.dumps(body),
                {"Authorization": f"token {self._token}"},
            )
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status >= 300:
            raise RuntimeError(f"{path} answered {answer.status}: {content!r}")
        found: dict[str, object] = json.loads(content)
        return found

    def start(self, kind: str) -> str:
        """Start a job and return its id."""
        return str(self.ask(f"/monai-workshop/workshops/{_WORKSHOP}/jobs", {"kind": kind})["id"])

    def states(self, jobs: Mapping[str, str]) -> dict[str, str]:
        """Return the states of jobs by kind."""
        path = f"/monai-workshop/workshops/{_WORKSHOP}/jobs"
        return {kind: str(self.ask(f"{path}/{job}")["state"]) for kind, job in jobs.items()}

    @contextmanager
    def asking(self) -> Iterator[_Asking]:
        """Give a process that asks for the server's status as often as told."""
        with subprocess.Popen(
            [sys.executable, str(_ASKING), self._address + "/api/status"],
            env={**os.environ, "ASKING_TOKEN": self._token},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield _Asking(process)
            finally:
                process.kill()


class _Asking:
    """The other end of ``asking.py``: away from here, so that no server waits for a client."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __call__(self, times: int) -> list[float]:
        """Return the times of so many requests, in milliseconds."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(times, file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("asking for the status failed")
        found: list[float] = json.loads(line)
        return found


@contextmanager
def _jupyter(folder: Path, definition: Mapping[str, object]) -> Iterator[_Server]:
    """Run a Jupyter server with the extension and `definition` below `folder`."""
    token = token_hex(16)
    course = folder / "definitions" / _WORKSHOP
    for path in (course, folder / "config", folder / "root"):
        path.mkdir(parents=True)
    # JSON is YAML.
    (course / "workshop.yaml").write_text(json.dumps(definition), encoding="utf-8")
    settings = {
        "ServerApp": {
            "jpserver_extensions": {"jupyter_monai_workshop": True},
            "ip": "127.0.0.1",
            "port": 0,
            "open_browser": False,
            "allow_root": True,
            "root_dir": str(folder / "root"),
        },
        "IdentityProvider": {"token": token},
        "MonaiWorkshopApp": {
            "definition_folders": [str(folder / "definitions")],
            "protocols": ["http"],
        },
    }
    config = folder / "config" / "jupyter_server_config.json"
    config.write_text(json.dumps(settings), encoding="utf-8")
    config.chmod(0o600)
    places = {
        f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")
    }
    log = folder / "server.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [sys.executable, "-m", "jupyter_server"],
            env={**environment(folder), **places},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # a Ctrl-C here is no question there
        ) as process,
    ):
        try:
            yield _Server(_address(process, folder / "runtime", log), token)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _address(process: subprocess.Popen[bytes], runtime: Path, log: Path) -> str:
    """Return the address of the server once it has written it down."""
    note = runtime / f"jpserver-{process.pid}.json"
    deadline = time.monotonic() + _ANSWER_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            return str(json.loads(note.read_text(encoding="utf-8"))["url"])
        except (OSError, ValueError):
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{log.read_text(errors='replace')}")


def _wait_until_arriving(
    line: Line, files: HttpServer, server: _Server, jobs: Mapping[str, str]
) -> None:
    """Wait until contents of both, the repository and the data set, are on their way."""
    deadline = time.monotonic() + _ANSWER_SECONDS
    while line.moved < 1_000_000 or files.sent < 1_000_000:
        states = server.states(jobs)
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
