"""A Jupyter server of its own for a benchmark, and asking it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from benchmarks.contenders import environment

_ASKING = Path(__file__).with_name("asking.py")
_ANSWER_SECONDS = 60.0


class Server:
    """A running Jupyter server.

    Attributes
    ----------
    address, token, pid
        Where it answers, what it wants to be told for that, and its process.
    """

    def __init__(self, address: str, token: str, pid: int) -> None:
        self.address = address.rstrip("/")
        self.token = token
        self.pid = pid

    def ask(self, path: str, body: Mapping[str, object] | None = None) -> Any:
        """Return the JSON at `path`, or what posting `body` there answers."""
        parts = urlsplit(self.address + path)
        connection = http.client.HTTPConnection(parts.netloc, timeout=_ANSWER_SECONDS)
        try:
            connection.request(
                "GET" if body is None else "POST",
                parts.path,
                None if body is None else json.dumps(body),
                {"Authorization": f"token {self.token}"},
            )
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status >= 300:
            raise RuntimeError(f"{path} answered {answer.status}: {content!r}")
        return json.loads(content)

    def kill(self) -> None:
        """End the server's process without a word."""
        os.kill(self.pid, signal.SIGKILL)

    def start(self, workshop: str, kind: str) -> str:
        """Start a job and return its id."""
        return str(self.ask(f"/monai-workshop/workshops/{workshop}/jobs", {"kind": kind})["id"])

    def states(self, workshop: str, jobs: Mapping[str, str]) -> dict[str, str]:
        """Return the states of jobs by kind."""
        path = f"/monai-workshop/workshops/{workshop}/jobs"
        return {kind: str(self.ask(f"{path}/{job}")["state"]) for kind, job in jobs.items()}

    @contextmanager
    def asking(self) -> Iterator[_Asking]:
        """Give a process that asks for the server's status as often as told."""
        with subprocess.Popen(
            [sys.executable, str(_ASKING), self.address + "/api/status"],
            env={**os.environ, "ASKING_TOKEN": self.token},
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
def jupyter(
    folder: Path,
    definition: Mapping[str, object] | None,
    options: Mapping[str, object] = MappingProxyType({}),
    extension: Mapping[str, object] = MappingProxyType({}),
) -> Iterator[Server]:
    """Run a Jupyter server below `folder`, with the extension if there is a `definition`.

    Parameters
    ----------
    options, extension
        More settings of the server and of the extension, by name.
    """
    token = token_hex(16)
    course = folder / "definitions" / "course"
    for path in (course, folder / "config", folder / "root"):
        path.mkdir(parents=True, exist_ok=True)
    if definition is not None:
        # JSON is YAML.
        (course / "workshop.yaml").write_text(json.dumps(definition), encoding="utf-8")
    settings = {
        "ServerApp": {
            "jpserver_extensions": {"jupyter_monai_workshop": definition is not None},
            "ip": "127.0.0.1",
            "port": 0,
            "open_browser": False,
            "allow_root": True,
            "root_dir": str(folder / "root"),
            **options,
        },
        "IdentityProvider": {"token": token},
        "MonaiWorkshopApp": {
            "trusted_folders": [str(folder / "definitions")],
            "protocols": ["http"],
            **extension,
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
            yield Server(_address(process, folder / "runtime", log), token, process.pid)
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
