"""A real git server on the loopback, and a repository in the bootcamp's shape to serve.

``with GitServer(repository) as server: … server.url …`` speaks smart HTTP by
``git http-backend``. It can refuse filters, speak the old protocol, ask for a login, lead
elsewhere, answer with an HTTP error, and fall silent in the middle of a transfer.
"""

from __future__ import annotations

import base64
import json
import os
import random
import select
import socket
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType

SPARSE = "MONAICore"
END_TO_END = "MONAICore/MONAI End-to-End Workflow - Solution.ipynb"
AUTO3DSEG = "MONAICore/Auto3DSeg Hello World.ipynb"
SLIDES = "MONAI Slides.pdf"

_IDENTITY = {
    "GIT_AUTHOR_NAME": "Organiser",
    "GIT_AUTHOR_EMAIL": "organiser@example.org",
    "GIT_COMMITTER_NAME": "Organiser",
    "GIT_COMMITTER_EMAIL": "organiser@example.org",
    "GIT_CONFIG_GLOBAL": os.devnull,
}


def git(folder: Path, *arguments: str, date: str = "2024-06-17T12:00:00Z") -> str:
    """Run git in `folder` as the organiser would, and return what it prints."""
    dates = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env={**os.environ, **_IDENTITY, **dates},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def commit_all(repository: Path, message: str) -> str:
    """Commit everything in the work tree and return the commit."""
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", message)
    return git(repository, "rev-parse", "HEAD").strip()


def build_bootcamp(path: Path) -> str:
    """Build a repository in the bootcamp's shape in `path`; return its newest commit.

    The newest commit has two notebooks whose paths have spaces (one of nbformat 4.5 with
    cell ids, one of 4.4 without) and pictures below ``MONAICore``, and slides and another
    course outside of it. The commit before it has other notebooks and another picture.
    """
    path.mkdir(parents=True)
    git(path, "init", "--quiet", "--initial-branch=main")
    _write(path / "README.md", "# A bootcamp\n")
    _write(path / ".gitignore", "helloworld_work_dir/\n")
    _write(path / ".gitattributes", "*.png binary\n")
    _noise(path / SLIDES, 1_500_000)
    _noise(path / "MONAICore/before.png", 300_000)
    _notebook(path / END_TO_END, minor=5, lines=("import monai",))
    commit_all(path, "A first version")

    (path / "MONAICore/before.png").unlink()
    _noise(path / "MONAICore/transforms chain.png", 250_000)
    _noise(path / "MONAIDeploy/images/workflow.png", 400_000)
    _notebook(path / "MONAIDeploy/00_basic_operators.ipynb", minor=5, lines=("deploy = True",))
    _notebook(
        path / END_TO_END,
        minor=5,
        lines=('!python -c "import monai" || pip install "monai"', "epoch_num = 4"),
    )
    _notebook(
        path / AUTO3DSEG,
        minor=4,
        lines=('!python -c "import monai" || pip install "monai[nibabel, tqdm]"', "num_fold = 1"),
    )
    return commit_all(path, "The pinned version, naïvely")


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _noise(file: Path, size: int) -> None:
    """Write bytes that do not compress, the same ones every time."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(random.Random(file.name).randbytes(size))


def _notebook(file: Path, *, minor: int, lines: tuple[str, ...]) -> None:
    """Write a notebook as nbformat does: one space of indent, a newline at the end."""
    heading: dict[str, object] = {
        "cell_type": "markdown",
        "metadata": {},
        "source": ["## 0.1 Installation – über"],
    }
    code: list[dict[str, object]] = [
        {
            "cell_type": "code",
            "execution_count": None,
            "metadata": {},
            "outputs": [],
            "source": [line],
        }
        for line in lines
    ]
    cells = [heading, *code]
    if minor >= 5:
        cells = [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(cells)]
    kernelspec = {"display_name": "Elsewhere", "language": "python", "name": "monai_fix"}
    notebook = {
        "cells": cells,
        "metadata": {"kernelspec": kernelspec, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": minor,
    }
    text = json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False)
    _write(file, text + "\n")


class GitServer:
    """Serves one repository over smart HTTP while its context lasts.

    Parameters
    ----------
    repository
        A work tree or a bare repository.
    filters
        Whether the server offers partial clones.
    protocol
        Newest git protocol that it speaks: 2, or 0 as old servers do.
    answer
        An HTTP status to give to everything, in the place of an answer.
    stall_after
        Number of bytes of one answer after which the server falls silent.
    password
        What the server wants to hear before it gives anything, under whatever name.
    leads_to
        The address, up to the path, to which the server redirects.

    Attributes
    ----------
    requests
        Method and path of every request.
    logins
        Name and password of every request that had them.
    stalled
        Set once the server has fallen silent.
    left
        Set once the client has given up on a silent server.
    """

    def __init__(
        self,
        repository: Path,
        *,
        filters: bool = True,
        protocol: int = 2,
        answer: int | None = None,
        stall_after: int | None = None,
        password: str = "",
        leads_to: str = "",
    ) -> None:
        self.requests: list[str] = []
        self.logins: list[str] = []
        self.stalled = threading.Event()
        self.left = threading.Event()
        self._closing = threading.Event()
        self._repository = repository
        self._protocol = protocol
        self._answer = answer
        self._stall_after = stall_after
        self._password = password
        self._leads_to = leads_to
        self._environment = {
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROJECT_ROOT": str(repository.parent),
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "uploadpack.allowFilter",
            "GIT_CONFIG_VALUE_0": "true" if filters else "false",
        }
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer._serve(self)

            def do_POST(self) -> None:
                outer._serve(self)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """The address of the repository."""
        return f"http://127.0.0.1:{self.port}/{self._repository.name}"

    def __enter__(self) -> GitServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        path, _, query = handler.path.partition("?")
        self.requests.append(f"{handler.command} {path}")
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        login = _login_of(handler)
        if login:
            self.logins.append(login)
        answer = self._answer
        if self._password and login.partition(":")[2] != self._password:
            answer = 401
        elif self._leads_to:
            answer = 302
        if answer is not None:
            handler.send_response(answer)
            if answer == 401:
                handler.send_header("WWW-Authenticate", 'Basic realm="git"')
            if answer == 302:
                handler.send_header("Location", self._leads_to + handler.path)
            handler.end_headers()
            return
        environment = {
            **os.environ,
            **self._environment,
            "REQUEST_METHOD": handler.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": handler.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": handler.headers.get("Content-Encoding", ""),
            "REMOTE_ADDR": "127.0.0.1",
        }
        if self._protocol >= 2:
            environment["GIT_PROTOCOL"] = handler.headers.get("Git-Protocol", "")
        with subprocess.Popen(
            ["git", "http-backend"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as backend:
            output, _ = backend.communicate(body)
        head, _, content = output.partition(b"\r\n\r\n")
        headers = [line.split(": ", 1) for line in head.decode("latin-1").split("\r\n")]
        status = next((value for name, value in headers if name.lower() == "status"), "200")
        handler.send_response(int(status.split()[0]))
        for name, value in headers:
            if name.lower() != "status":
                handler.send_header(name, value)
        handler.end_headers()
        self._send(handler, content)

    def _send(self, handler: BaseHTTPRequestHandler, content: bytes) -> None:
        try:
            if self._stall_after is not None and len(content) > self._stall_after:
                handler.wfile.write(content[: self._stall_after])
                handler.wfile.flush()
                self.stalled.set()
                self._wait_for_the_end(handler.connection)
            else:
                handler.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client was stopped

    def _wait_for_the_end(self, connection: socket.socket) -> None:
        """Say nothing until the client leaves or the server closes."""
        while not self._closing.is_set():
            readable, _, _ = select.select([connection], [], [], 0.02)
            if readable and not connection.recv(1):
                self.left.set()
                return


def _login_of(handler: BaseHTTPRequestHandler) -> str:
    kind, _, login = handler.headers.get("Authorization", "").partition(" ")
    return base64.b64decode(login).decode("utf-8") if kind == "Basic" else ""
