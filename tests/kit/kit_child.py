"""Packs and opens kits in children that are killed at an exact point.

Reads one order as a line of JSON, writes one line of JSON as its answer, and so on. Each
order is done in a fork of this process; the fork counts what it asks of the operating
system and ends itself by SIGKILL when it was told to.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from jupyter_monai_workshop.definition.models import Definition
from jupyter_monai_workshop.jobs.progress import Phase, Silent
from jupyter_monai_workshop.kernels.interpreter import ask_interpreter
from jupyter_monai_workshop.kit.archive import members_of, write_archive
from jupyter_monai_workshop.kit.manifest import Manifest
from jupyter_monai_workshop.kit.opening import open_kit

_COUNTED = ("open", "os.", "shutil.")


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


def _do(order: dict[str, Any], progress: _Watching) -> None:
    file = Path(order["file"])
    if order["what"] == "open":
        open_kit(
            file,
            Path(order["folder"]),
            Definition.model_validate(order["definition"]),
            base_python=Path(sys.executable),
            progress=progress,
        )
        return
    files = {name: Path(path) for name, path in order["files"].items()}
    manifest = Manifest.model_validate(order["manifest"])
    manifest = manifest.model_copy(update={"members": members_of(files, progress)})
    write_archive(manifest, files, file, progress)


def _child(order: dict[str, Any], answer: int) -> None:
    fate = _Fate(order["kill_at"])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.addaudithook(fate.heard)
    _do(order, _Watching(fate))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    os.write(answer, json.dumps({"steps": fate.steps, "grown_kib": grown}).encode())


def main() -> None:
    ask_interpreter(Path(sys.executable))
    for line in sys.stdin:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            _child(json.loads(line), writing)
            os._exit(0)
        os.close(writing)
        _, status = os.waitpid(child, 0)
        told = os.read(reading, 65536)
        os.close(reading)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        print(json.dumps({"killed": killed, **json.loads(told or b"{}")}), flush=True)


if __name__ == "__main__":
    main()
