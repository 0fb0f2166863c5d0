"""Brings data sets in children that can be killed at an exact point.

Reads one order as a line of JSON, writes one line of JSON as its answer, and so on. Each
order is done in a fork of this process, so that many are quick; the fork counts what it
asks of the operating system and ends itself by SIGKILL when it was told to.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from jupyter_monai_workshop.definition.models import Data, DataSet, GitDataSet
from jupyter_monai_workshop.jobs.progress import Phase, Silent
from jupyter_monai_workshop.materials import data_sets, http_reading  # noqa: F401
from jupyter_monai_workshop.materials.downloading import Patience

_ANY: TypeAdapter[DataSet | GitDataSet] = TypeAdapter(Data)
_COUNTED = ("open", "os.", "shutil.", "socket.connect")


class _Fate:
    """Counts steps, and kills at one of them."""

    def __init__(self, kill_at: int) -> None:
        self.steps = 0
        self._kill_at = kill_at

    def step(self) -> None:
        self.steps += 1
        if self.steps == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith(_COUNTED):
            self.step()


class _Watching(Silent):
    """Progress whose every word is a step too."""

    def __init__(self, fate: _Fate) -> None:
        self._fate = fate

    def report(self, phase: Phase, fraction: float | None = None, message: str = "") -> None:
        self._fate.step()

    def raise_if_cancelled(self) -> None:
        self._fate.step()


def _bring(order: dict[str, Any], answer: int) -> None:
    fate = _Fate(order["kill_at"])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.addaudithook(fate.heard)
    state = data_sets.bring_data(
        _ANY.validate_python(order["data"]),
        Path(order["root"]),
        protocols=("http",),
        progress=_Watching(fate),
        patience=Patience(timeout=20),
    )
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    told = {"steps": fate.steps, "present": state.present, "grown_kib": grown}
    os.write(answer, json.dumps(told).encode())


def main() -> None:
    for line in sys.stdin:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            _bring(json.loads(line), writing)
            os._exit(0)
        os.close(writing)
        _, status = os.waitpid(child, 0)
        told = os.read(reading, 65536)
        os.close(reading)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        print(json.dumps({"killed": killed, **json.loads(told or b"{}")}), flush=True)


if __name__ == "__main__":
    main()
