"""Where the recorded outputs of one notebook lie: a journal, and files for large content."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from .output_entries import Entry
from .outputs import NbOutput
from .stream_text import Stored

_REWRITTEN_FROM = 32_000_000
"""Bytes from which on the journal is written anew when most of it is outdated."""


class OutputFiles:
    """The files of one notebook's recorded outputs. One process writes at a time.

    Parameters
    ----------
    folder
        Holds ``journal.jsonl`` and, named by checksum, the large contents.

    Attributes
    ----------
    written
        Bytes written since the journal was last written as a whole.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.written = 0
        self._whole = 0
        self._journal = folder / "journal.jsonl"

    def entries(self) -> Iterator[Entry]:
        """Yield the journal's entries in order; a torn line is passed over."""
        try:
            with self._journal.open("rb") as file:
                for line in file:
                    self.written += len(line)
                    try:
                        entry = json.loads(line)
                    except ValueError:
                        continue
                    if isinstance(entry, dict):
                        yield entry
        except FileNotFoundError:
            return

    def append(self, entries: Sequence[Entry]) -> None:
        """Write entries at the end of the journal.

        Raises
        ------
        OSError
            If that cannot be.
        """
        if not entries:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        text = _lines(entries)
        with self._journal.open("ab+") as file:
            if end := file.seek(0, os.SEEK_END):
                file.seek(end - 1)
                # A process that was killed in the middle of a line has left it torn.
                text = b"\n" * (file.read(1) != b"\n") + text
            file.write(text)
        self.written += len(text)

    @property
    def outdated(self) -> bool:
        """Whether the journal has grown so much that it should be written anew."""
        return self.written > max(_REWRITTEN_FROM, 4 * self._whole)

    @property
    def gone(self) -> bool:
        """Whether the journal, once written, is no longer there: a fresh start."""
        return self.written > 0 and not self._journal.exists()

    def rewrite(self, entries: Sequence[Entry], stored: set[str]) -> None:
        """Write the journal anew, and drop the contents that are not in `stored`.

        Raises
        ------
        OSError
            If that cannot be; the journal is as it was then.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        beside = self._journal.with_name("journal.new")
        text = _lines(entries)
        beside.write_bytes(text)
        beside.replace(self._journal)
        self.written, self._whole = 0, len(text)
        for path in self.folder.iterdir():
            if path.name not in (self._journal.name, *stored):
                path.unlink(missing_ok=True)

    def store(self, content: str | NbOutput) -> Stored:
        """Write content to a file of its own, if it is not there yet.

        Raises
        ------
        OSError
            If that cannot be.
        """
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        data = text.encode("utf-8", "replace")
        stored = Stored(sha256(data).hexdigest(), len(text))
        path = self.folder / stored.sha256
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            beside = path.with_name("content.new")
            beside.write_bytes(data)
            beside.replace(path)
            self.written += len(data)
        return stored

    def load(self, stored: Stored) -> str:
        """Return content that lies in a file.

        Raises
        ------
        OSError
            If it cannot be read.
        """
        return (self.folder / stored.sha256).read_bytes().decode()

    def forget(self) -> None:
        """Begin anew, without the journal."""
        self._journal.unlink(missing_ok=True)
        self.written = self._whole = 0


def _lines(entries: Sequence[Entry]) -> bytes:
    return b"".join(_line(entry) for entry in entries)


def _line(entry: dict[str, Any]) -> bytes:
    # Halves of characters, as a line that is still overwritten can hold, need escapes.
    try:
        return json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(entry, separators=(",", ":")).encode() + b"\n"
