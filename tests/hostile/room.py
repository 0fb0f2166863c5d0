"""A real server with every hostile definition, repository and folder in its reach."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nbformat

from tests.git_server import git
from tests.hostile.definitions import GOOD, HOSTILE
from tests.hostile.repositories import BUNDLES, HARMLESS, REFUSED, commit_of

MOST_FILES = 20_000_000
"""The server's quota of materials and data, in bytes."""

QUICK = 3.0
"""Seconds in which a server in good health answers."""

_TOKEN = "a-token-for-tests"
_OUTSIDE = {"linked": "outside", "linked-round": "linked-round", "linked-system": "/etc"}


@dataclass
class Answer:
    """What the server answered."""

    status: int
    body: Any


@dataclass
class Room:
    """The server, its root, and the marks that nothing may leave.

    Attributes
    ----------
    mark
        A file that hostile commands would make.
    outside
        A folder beside the root that nothing may be written to.
    """

    folder: Path
    port: int = 0

    @property
    def root(self) -> Path:
        return self.folder / "root"

    @property
    def outside(self) -> Path:
        return self.folder / "outside"

    @property
    def repository(self) -> Path:
        """Holds every hostile commit."""
        return self.folder / "repository"

    @property
    def mark(self) -> Path:
        return self.folder / "MARK"

    def ask(
        self, method: str, path: str, body: bytes | None = None, *, timeout: float = 60
    ) -> Answer:
        """Send a request as it is, and return the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.putrequest(method, "/" + path, skip_accept_encoding=True)
            connection.putheader("Authorization", f"token {_TOKEN}")
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        try:
            return Answer(response.status, json.loads(content))
        except ValueError:
            return Answer(response.status, content)

    def workshop(self, name: str) -> Answer:
        """Ask for a workshop's snapshot."""
        return self.ask("GET", f"monai-workshop/workshops/{quote(name)}")

    def job(self, workshop: str, kind: str, **details: object) -> dict[str, Any]:
        """Start a job and return how it ended."""
        path = f"monai-workshop/workshops/{workshop}/jobs"
        answer = self.ask("POST", path, json.dumps({"kind": kind, **details}).encode())
        assert answer.status == 202, answer
        job: dict[str, Any] = answer.body
        deadline = time.monotonic() + 120
        while job["state"] == "running":
            assert time.monotonic() < deadline, job
            time.sleep(0.05)
            job = self.ask("GET", f"{path}/{job['id']}").body
        return job

    def check_health(self) -> None:
        """See that the server answers well and soon, and that nothing was done outside."""
        for path, holds in (
            ("api/status", lambda body: "started" in body),
            ("monai-workshop/workshops", lambda body: len(body["workshops"]) > 3),
            ("monai-workshop/workshops/tiny", lambda body: body["next"]["action"] == "prepare"),
        ):
            begun = time.monotonic()
            answer = self.ask("GET", path, timeout=10)
            assert answer.status == 200, (path, answer)
            assert holds(answer.body), (path, answer)
            assert time.monotonic() - begun < QUICK, path
        assert not self.mark.exists(), "a hostile command was run"
        assert list(self.outside.iterdir()) == [], "something was written outside"

    def write(self) -> None:
        """Write everything that the server will find."""
        self.root.mkdir()
        self.outside.mkdir()
        for name, hostile in HOSTILE.items():
            folder = self._definition(name)
            content = hostile.content.replace(b"MARK", os.fsencode(self.mark))
            (folder / "workshop.yaml").write_bytes(content.replace(b"id: ID", b"id: " + _id(name)))
        for name, (change, _) in BUNDLES.items():
            change(self._bundled(name))
        for name in ("tiny", *_OUTSIDE):
            self._bundled(name)
        for name, leads_to in _OUTSIDE.items():
            target = self.folder / leads_to if leads_to == "outside" else leads_to
            (self.root / name).symlink_to(target)
        self._bundled("stranger", below="strangers")
        self.repository.mkdir()
        git(self.repository, "init", "--quiet", "--initial-branch=main")
        for name, (make, _) in REFUSED.items():
            commit = commit_of(self.repository, make())
            sparse = ", sparse: [one.ipynb, sub/inner]" if name == "path-in-submodule" else ""
            self._from_git(name, commit, sparse)
        for name, tree in HARMLESS.items():
            self._from_git(name, commit_of(self.repository, tree))
        commit = commit_of(self.repository, HARMLESS["filter"])
        self._from_git("by-hand", commit)
        self._hostile_clone("by-hand", commit)
        self._from_git("no-such-commit", "1" * 40)
        gone = (self.folder / "nothing").as_uri()
        self._from_git("no-such-repository", "1" * 40, url=gone)
        for host in ("refused.example", "allowed.example.refused.example", "xallowed.example"):
            url = f"https://{host}/x"
            self._from_git(f"host-{host.replace('.', '-')}", "1" * 40, url=url)
        self._from_git("protocol", "1" * 40, url="git://allowed.example/x")

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server and wait until it answers."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        data = self.folder / "jupyter"
        habits = self.folder / "gitconfig"
        touch = f"touch {self.mark}"
        template = self.folder / "template" / "hooks"
        template.mkdir(parents=True)
        _script(template / "post-checkout", touch)
        habits.write_text(
            "".join(
                f'[filter "{name}"]\n\tsmudge = {touch}\n\tclean = {touch}\n\trequired = true\n'
                for name in ("evil", "lfs")
            )
            + f"[init]\n\ttemplateDir = {template.parent}\n"
        )
        folders = {"trusted_folders": "definitions", "definition_folders": "strangers"}
        settings = {
            **{name: [str(self.folder / folder)] for name, folder in folders.items()},
            "protocols": ["file", "https"],
            "hosts": ["allowed.example"],
            "disabled": ["private_sources", "parameters"],
            "most_files": MOST_FILES,
            "message": "<script>alert(1)</script> Welcome.",
        }
        config = json.dumps({"MonaiWorkshopApp": settings})
        (self.folder / "settings.json").write_text(config)
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyter_server", "--allow-root"),
                *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={self.port}"),
                *("--ServerApp.port_retries=0", f"--IdentityProvider.token={_TOKEN}"),
                f"--ServerApp.root_dir={self.root}",
                "--ServerApp.jpserver_extensions={'jupyter_monai_workshop': True}",
                f"--config={self.folder / 'settings.json'}",
            ],
            env={
                **os.environ,
                "GIT_CONFIG_GLOBAL": str(habits),
                "JUPYTER_CONFIG_DIR": str(self.folder / "config"),
                "JUPYTER_DATA_DIR": str(data),
                "JUPYTER_RUNTIME_DIR": str(data / "runtime"),
                "JUPYTER_PREFER_ENV_PATH": "0",
            },
            stdout=(self.folder / "log").open("wb"),
            stderr=subprocess.STDOUT,
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            try:
                if self.ask("GET", "monai-workshop/workshops", timeout=5).status == 200:
                    return process
            except OSError:
                pass
            time.sleep(0.2)
        process.kill()
        raise AssertionError((self.folder / "log").read_text(errors="replace")[-4000:])

    def _definition(self, name: str, below: str = "definitions") -> Path:
        folder = self.folder / below / name
        folder.mkdir(parents=True)
        return folder

    def _bundled(self, name: str, below: str = "definitions") -> Path:
        folder = self._definition(name, below)
        text = GOOD.replace("id: ID", f"id: {name}").replace("folder: here", f"folder: {name}")
        (folder / "workshop.yaml").write_text(text)
        files = folder / "files"
        files.mkdir()
        cells = [nbformat.v4.new_code_cell("x = 1", id="a")]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), files / "one.ipynb")
        return files

    def _from_git(self, name: str, commit: str, more: str = "", url: str = "") -> None:
        url = url or self.repository.as_uri()
        source = f"{{kind: git, urls: ['{url}'], commit: '{commit}', folder: {name}{more}}}"
        text = GOOD.replace("{kind: bundled, path: files, folder: here}", source)
        text = text.replace("id: ID", f"id: {name}")
        (self._definition(name) / "workshop.yaml").write_text(text)

    def _hostile_clone(self, name: str, commit: str) -> None:
        """Lay a clone where the materials go, whose settings would run commands."""
        target = self.root / name
        options = ("--quiet", "--branch", commit, "--single-branch")
        git(self.folder, "clone", *options, str(self.repository), str(target))
        hooks = target / ".git" / "evil"
        hooks.mkdir()
        for hook in ("reference-transaction", "post-checkout", "post-index-change"):
            _script(hooks / hook, f"touch {self.mark}")
            _script(target / ".git" / "hooks" / hook, f"touch {self.mark}")
        touch = f"touch {self.mark}; false"
        for key in (
            *("core.fsmonitor", "core.sshCommand", "core.gitProxy", "core.askPass"),
            *("core.alternateRefsCommand", "core.pager", "core.editor", "diff.external"),
            *("filter.evil.clean", "filter.evil.smudge", "filter.evil.process"),
            *("remote.origin.uploadpack", "diff.evil.command", "diff.evil.textconv"),
            *("gpg.program", "alias.ls-tree", "uploadpack.packObjectsHook"),
        ):
            git(target, "config", key, touch)
        git(target, "config", "credential.helper", f"!{touch}")
        git(target, "config", "core.hooksPath", str(hooks))
        git(target, "config", "remote.origin.url", f"ext::{touch}")
        git(target, "config", "core.worktree", str(self.outside))


def code_of(problem: dict[str, Any], name: str) -> bool:
    """Tell whether a problem of the catalogue is about the definition of that name."""
    told = problem["message"] + problem["details"]
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", told) is not None


def _id(name: str) -> bytes:
    return name[:64].strip("-").encode()


def _script(path: Path, command: str) -> None:
    path.write_text(f"#!/bin/sh\n{command}\n")
    path.chmod(0o755)
