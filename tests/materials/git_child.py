"""Brings materials from git in children that are killed at a moment or at an exact step.

Reads one order as a line of JSON, writes one line of JSON as its answer, and so on. Each
order is done in a fork of this process, so that many are quick. Only the fork is killed; a
git that it started lives on as an orphan, as it does when a server is killed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import git.cmd  # noqa: F401

from jupyter_monai_workshop.definition.models import GitSource
from jupyter_monai_workshop.jobs.progress import Phase, Progress, Silent
from jupyter_monai_workshop.jobs.runner import JobRunner
from jupyter_monai_workshop.materials import GitPatience, bring_materials

_COUNTED = ("open", "os.", "shutil.", "subprocess.")


class _Fate(Silent):
    """Progress that counts steps, and kills at one of them."""

    def __init__(self, kill_at: int) -> None:
        self.steps = 0
        self._kill_at = kill_at

    def step(self) -> None:
        self.steps += 1
        if self.steps == self._kill_at:
            _die()

    def heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        # What git prints comes at any time, so only this thread's steps are the same each time.
        if event.startswith(_COUNTED) and threading.current_thread() is threading.main_thread():
            self.step()

    def report(self, phase: Phase, fraction: float | None = None, message: str = "") -> None:
        if threading.current_thread() is threading.main_thread():
            self.step()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _bring(order: dict[str, Any], progress: Progress) -> None:
    bring_materials(
        GitSource.model_validate(order["source"]),
        Path(order["target"]),
        definition_folder=Path(),
        arriving=Path(order["arriving"]),
        protocols=("http",),
        patience=GitPatience(pauses=()),
        progress=progress,
    )


def _work(order: dict[str, Any], answer: int) -> None:
    if order["lock"]:
        job = JobRunner().start(
            "materials", "course", lambda p: _bring(order, p), lock=Path(order["lock"])
        )
        status = job.wait(120)
        os.write(answer, json.dumps({"state": status.state}).encode())
        return
    fate = _Fate(order["kill_at"])
    sys.addaudithook(fate.heard)
    if order["kill_after"]:
        timer = threading.Timer(order["kill_after"], _die)
        timer.daemon = True
        timer.start()
    _bring(order, fate)
    os.write(answer, json.dumps({"state": "succeeded", "steps": fate.steps}).encode())


def main() -> None:
    for line in sys.stdin:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                _work(json.loads(line), writing)
            finally:
                os._exit(0)
        os.close(writing)
        _, status = os.waitpid(child, 0)
        told = os.read(reading, 65536)
        os.close(reading)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        print(json.dumps({"killed": killed, **json.loads(told or b"{}")}), flush=True)


if __name__ == "__main__":
    main()
