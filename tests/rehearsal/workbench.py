"""Workshops that a test writes, and the command that rehearses them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
import psutil

KERNEL = "python3"
"""The kernel of the interpreter that runs the tests, which needs no preparation."""


def write_workshop(
    folder: Path, modules: Mapping[str, Sequence[tuple[str, str, str]]], more: str = ""
) -> Path:
    """Write a workshop whose steps have one cell each.

    Parameters
    ----------
    modules
        For each module its steps: id, source of the cell, and further YAML of the step.
    """
    lines = [
        "format: 1",
        "id: made",
        "title: Made by a test",
        "summary: A workshop for tests.",
        "text: Welcome.",
        "source: {kind: bundled, path: files, folder: made}",
        more,
        "modules:",
    ]
    (folder / "files").mkdir(parents=True)
    for module, steps in modules.items():
        lines += [f"  - id: {module}", f"    title: Module {module}", "    text: A module."]
        lines += [f"    notebook: {module}.ipynb", "    steps:"]
        cells = []
        for name, source, yaml in steps:
            lines += [f"      - id: {name}", f"        title: Step {name}", "        text: Run it."]
            lines += [f"        cells: [{{id: {name}}}]", "        duration: 1"]
            lines += [textwrap.indent(yaml, " " * 8)] if yaml else []
            cells.append(nbformat.v4.new_code_cell(source, id=name))
        notebook = nbformat.v4.new_notebook(cells=cells)
        nbformat.write(notebook, folder / "files" / f"{module}.ipynb")
    (folder / "workshop.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def environment(data: Path) -> dict[str, str]:
    """Return the variables for a command with its own Jupyter data folder."""
    return {**os.environ, "JUPYTER_DATA_DIR": str(data)}


def heed_ctrl_c() -> None:
    """Let a child heed Ctrl-C; a suite that runs in the background hands on that it is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def command(*arguments: object) -> list[str]:
    """Return the command line of a rehearsal."""
    return [sys.executable, "-m", "jupyter_monai_workshop", "rehearse", *map(str, arguments)]


def rehearse(
    *arguments: object, data: Path, timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    done = subprocess.run(
        command(*arguments),
        env=environment(data),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert "Traceback (most recent call last)" not in done.stderr, done.stderr
    return done


def rehearsed(*arguments: object, data: Path, status: int) -> dict[str, Any]:
    """Rehearse, and return what it found, by the module's id."""
    done = rehearse(*arguments, "--json", "-", data=data)
    assert done.returncode == status, done.stdout + done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return {it["module"]: it for it in answer["results"]}


def processes_with(text: str) -> list[psutil.Process]:
    """Return the processes whose command line or folder has `text` in it."""
    found = []
    for process in psutil.process_iter():
        try:
            if text in " ".join(process.cmdline()) or text in process.cwd():
                found.append(process)
        except psutil.Error:
            continue
    return found


def definitions_of(folder: Path, modules: Mapping[str, Sequence[tuple[str, str, str]]]) -> Path:
    """Write a workshop below `folder` and return what ``--definitions`` takes."""
    return write_workshop(folder / "definitions" / "made", modules).parent
