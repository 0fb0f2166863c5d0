"""A small workshop, and a real kernel whose messages go into a log."""

import queue
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel

from jupyter_monai_workshop.definition.models import Definition, Module, Step
from jupyter_monai_workshop.observing import NotebookReader, locator
from jupyter_monai_workshop.progress.evidence import StepOutput
from jupyter_monai_workshop.progress.journal import Journal
from jupyter_monai_workshop.progress.kernel_log import KernelLog
from jupyter_monai_workshop.progress.record import Record

CELLS = {
    "hello": "print('hello')",
    "train": "for i in range(3):\n    print(f'{i + 1}/3, loss: {1 / (i + 1):.4f}')",
    "boom": "raise ValueError('no such file')",
    "picture": (
        "from IPython.display import Image, display\n"
        "display({'image/png': 'AAAA', 'text/plain': 'a picture'}, raw=True)"
    ),
    "sleep": "import time\nprint('sleeping', flush=True)\ntime.sleep(30)",
}


def definition() -> Definition:
    return Definition.model_validate(
        {
            "format": 1,
            "id": "small",
            "title": "Small",
            "summary": "s",
            "text": "t",
            "source": {"kind": "bundled", "path": "files", "folder": "small"},
            "modules": [
                {
                    "id": "one",
                    "title": "One",
                    "text": "t",
                    "notebook": "one.ipynb",
                    "steps": [
                        {
                            "id": name,
                            "title": name.title(),
                            "text": "t",
                            "cells": [{"id": name}],
                            "duration": 1,
                            **more,
                        }
                        for name, more in STEPS.items()
                    ],
                }
            ],
        }
    )


STEPS: dict[str, dict[str, object]] = {
    "hello": {"check": {"prints": ["^hello$"]}},
    "train": {
        "training": {
            "patterns": [r"^(?P<step>\d+)/(?P<steps>\d+), loss: (?P<loss>\S+)$"],
            "metrics": {"loss": {"title": "Loss", "better": "lower"}},
        }
    },
    "boom": {},
    "picture": {"check": {"image": True}},
    "sleep": {},
}


@dataclass
class Lab:
    """A notebook, a kernel, and the log that listens to it."""

    module: Module
    record: Record
    log: KernelLog
    client: Any
    manager: Any
    journal: Path
    finished: list[tuple[Step, StepOutput]] = field(default_factory=list)

    def run(self, name: str, *, wait: bool = True) -> None:
        """Run a cell and let the log hear all of it, until the kernel is idle again."""
        message = self.client.execute(CELLS[name])
        while wait:
            heard = self.hear(20)
            if (
                heard["parent_header"].get("msg_id") == message
                and heard["msg_type"] == "status"
                and heard["content"]["execution_state"] == "idle"
            ):
                return

    def hear(self, timeout: float) -> dict[str, Any]:
        heard: dict[str, Any] = self.client.get_iopub_msg(timeout=timeout)
        self.log.handle(heard)
        return heard

    def hear_until(self, holds: Callable[[], bool]) -> None:
        end = time.monotonic() + 20
        while not holds():
            assert time.monotonic() < end, "it never came"
            try:
                self.hear(0.5)
            except queue.Empty:
                continue


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source, id=name) for name, source in CELLS.items()]
    )
    path = tmp_path / "one.ipynb"
    nbformat.write(notebook, path)
    module = definition().modules[0]
    record = Record(Journal(tmp_path / "record.jsonl"))
    manager, client = start_new_kernel()
    finished: list[tuple[Step, StepOutput]] = []
    log = KernelLog(
        module,
        record,
        locator(module, path, NotebookReader()),
        changed=lambda: None,
        finished=lambda step, output: finished.append((step, output)),
    )
    yield Lab(module, record, log, client, manager, tmp_path / "record.jsonl", finished)
    client.stop_channels()
    manager.shutdown_kernel(now=True)
