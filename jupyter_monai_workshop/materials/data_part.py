"""What has arrived of a file so far, on the disk and as a digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from ..jobs.progress import Progress
from .http_reading import Answer

_CHUNK = 1 << 20


class Part:
    """A file that grows, its digest, and the note of where it comes from."""

    def __init__(self, path: Path, checksum: str) -> None:
        self._path = path
        self._note = path.with_suffix(".json")
        self._algorithm = checksum.partition(":")[0]
        self._digest = self._fresh_digest()
        self._hashed = 0

    @property
    def size(self) -> int:
        """Bytes that have arrived."""
        try:
            return self._path.stat().st_size
        except FileNotFoundError:
            return 0

    def origin(self) -> tuple[str, str]:
        """Return the fingerprint of the address and the validator; empty if not known."""
        try:
            address, validator = json.loads(self._note.read_text(encoding="utf-8"))
            return str(address), str(validator)
        except (OSError, ValueError, TypeError):
            return "", ""

    def note(self, address: str, validator: str) -> None:
        """Write down where the next bytes come from."""
        fresh = self._note.with_suffix(".fresh")
        fresh.write_text(json.dumps([address, validator]), encoding="utf-8")
        fresh.replace(self._note)

    def restart(self) -> None:
        """Throw away what has arrived."""
        self._path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)
        self._digest, self._hashed = self._fresh_digest(), 0

    def append(self, pieces: Answer, arrived: Callable[[int], None]) -> None:
        """Write what comes; `arrived` is told the new size after each piece."""
        with self._path.open("ab", buffering=0) as file:
            size = self.size
            for piece in pieces.pieces():
                rest = memoryview(piece)
                while rest:
                    rest = rest[file.write(rest) :]
                if self._hashed == size:
                    self._digest.update(piece)
                    self._hashed += len(piece)
                size += len(piece)
                arrived(size)

    def digest(self, progress: Progress) -> str:
        """Return the digest of all that is there; reads what this process did not write."""
        if self._hashed != self.size:
            self._digest, self._hashed = self._fresh_digest(), 0
            with self._path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    progress.raise_if_cancelled()
                    self._digest.update(chunk)
                    self._hashed += len(chunk)
        return f"{self._algorithm}:{self._digest.hexdigest()}"

    def _fresh_digest(self) -> hashlib._Hash:
        return hashlib.new(self._algorithm or "sha256", usedforsecurity=False)
