"""The OpenAPI document is true of a real server, whatever it is asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.server import Server, jupyter
from jupyter_monai_workshop.server.openapi import document

from .conftest import DEFINITION, write_workshop

EXAMPLES = int(os.environ.get("OPENAPI_EXAMPLES", "5"))
"""Cases that are made up for each operation, beside those at the limits of the schema."""

CONFIGURATION = """\
# An operation that never got past the first question has not been tested.
[warnings]
fail-on = WARNINGS

[dictionaries.workshops]
values = ["tiny"]
[dictionaries.modules]
values = ["only"]
[dictionaries.jobs]
values = ["JOB"]
[dictionaries.digests]
values = ["DIGEST"]
[parameters]
"body.digest" = {dictionary = "digests", probability = 0.8}
"path.workshop" = {dictionary = "workshops", probability = 0.9}
"path.module" = {dictionary = "modules", probability = 0.8}
"path.job" = {dictionary = "jobs", probability = 0.9}
"query.module" = {dictionary = "modules", probability = 0.8}
"body.module" = {dictionary = "modules", probability = 0.8}

# No schema can tell which values a parameter of a workshop may have.
[[operations]]
include-operation-id = "start_job"
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 404]
# The server forgets a job when fifty others have ended after it.
[[operations]]
include-operation-id = ["get_job", "stop_job"]
warnings = false
[[operations]]
include-operation-id = "trust_workshop"
checks.positive_data_acceptance.expected-statuses = ["2xx", 404, 409]
[[operations]]
include-operation-id = "find_edits"
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 404]
"""


@pytest.mark.alone
@pytest.mark.timeout(120 + EXAMPLES * 15)
def test_every_answer_is_as_the_document_says(tmp_path: Path) -> None:
    """Good, bad and senseless requests to every operation, and along the links between them."""
    write_workshop(tmp_path / "server" / "definitions" / "course")
    (tmp_path / "openapi.json").write_text(json.dumps(document()))
    definition = yaml.safe_load(DEFINITION)
    offered = {
        "offered": ["tiny"],
        "default_workshop": "tiny",
        "trusted_folders": [],
        "definition_folders": [str(tmp_path / "server" / "definitions")],
    }
    with jupyter(tmp_path / "server", definition, extension=offered) as server:
        until(lambda: started(server))
        digest = server.ask("/monai-workshop/workshops/tiny")["trust"]["digest"]
        server.ask("/monai-workshop/workshops/tiny/trust", {"digest": digest})
        job = server.start("tiny", "prepare")
        finish(server, job)
        # The last release for Python 3.10 also warns of operations that it did get to.
        warnings = "true" if sys.version_info >= (3, 11) else "false"
        configuration = CONFIGURATION.replace("WARNINGS", warnings)
        configuration = configuration.replace("JOB", job).replace("DIGEST", digest)
        (tmp_path / "schemathesis.toml").write_text(configuration)
        done = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run", "openapi.json"),
                *("--url", f"{server.address}/monai-workshop", "--no-color", "--no-shrink"),
                *("--header", f"Authorization: token {server.token}", "--checks", "all"),
                # To delete a job is to stop it; how it ended can still be asked.
                *("--exclude-checks", "use_after_free"),
                *("--generation-deterministic", "--continue-on-failure"),
                "--generation-with-security-parameters=false",
                *("--max-examples", str(EXAMPLES), "--request-timeout", "20"),
            ],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        for status in jobs(server):
            finish(server, str(status["id"]))
        assert server.ask("/monai-workshop/status")["version"]
    log = (tmp_path / "server" / "server.log").read_text()
    assert "Traceback" not in log, log


def jobs(server: Server) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.ask("/monai-workshop/workshops/tiny")["jobs"]
    return found


def finish(server: Server, job: str) -> None:
    """Wait until a job has ended, however it does."""
    path = f"/monai-workshop/workshops/tiny/jobs/{job}"
    until(lambda: server.ask(path)["state"] != "running")


def started(server: Server) -> bool:
    try:
        return bool(server.ask("/monai-workshop/status"))
    except (OSError, RuntimeError):
        return False


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)
