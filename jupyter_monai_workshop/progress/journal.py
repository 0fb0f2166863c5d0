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
        self._seen: tuple[int, int] | None = None

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
            known = self._seen == _mark(os.fstat(file.fileno()))
            file.write(b"\n" * torn + line.encode() + b"\n")
            file.flush()
            if known or end == 0:
                self._seen = _mark(os.fstat(file.fileno()))

    def changed_elsewhere(self) -> bool:
        """Return whether the file holds something that was neither read nor written here."""
        try:
            return self._seen != _mark(self._path.stat())
        except OSError:  # not there, or its folder cannot be read
            return self._seen is not None

    def set_aside(self) -> None:
        """Begin anew; the old lines stay beside the file under the name ``….old``."""
        if self._path.exists():
            self._path.replace(self._path.with_name(self._path.name + ".old"))
        self._seen = None

    def entries(self) -> Iterator[dict[str, object]]:
        """Yield the whole entries in the order in which they were written."""
        try:
            with self._path.open("rb") as file:
                text = file.read()
                self._seen = _mark(os.fstat(file.fileno()))
        except FileNotFoundError:
            self._seen = None
            return
        for line in text.split(b"\n"):
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict):
                yield entry


def _mark(stat: os.stat_result) -> tuple[int, int]:
    return stat.st_ino, stat.st_size
