"""An append-only file of JSON lines that survives a killed process."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path


class Journal:
    """Lines of JSON objects in one file.

    A process that is killed while it writes leaves a torn last line. Reading skips it,
    and the next append begins on a line of its own, so nothing else is lost.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, entry: dict[str, object]) -> None:
        """Write one entry and hand it to the system."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
        with self._path.open("ab+") as file:
            end = file.seek(0, os.SEEK_END)
            torn = False
            if end:
                file.seek(end - 1)
                torn = file.read(1) != b"\n"
            file.write(b"\n" * torn + line.encode() + b"\n")

    def set_aside(self) -> None:
        """Begin anew; the old lines stay beside the file under the name ``….old``."""
        if self._path.exists():
            self._path.replace(self._path.with_name(self._path.name + ".old"))

    def entries(self) -> Iterator[dict[str, object]]:
        """Yield the whole entries in the order in which they were written."""
        try:
            text = self._path.read_bytes()
        except FileNotFoundError:
            return
        for line in text.split(b"\n"):
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict):
                yield entry
