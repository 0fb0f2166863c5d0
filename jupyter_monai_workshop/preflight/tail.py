"""The end of what a child process prints, however much that is."""

from __future__ import annotations

import threading
from typing import IO

_CHUNK = 64 * 1024
_KEPT = 1024 * 1024
"""Bytes that are kept, at least; what is older is forgotten."""


class Tail:
    """Reads a pipe in a thread until its end and keeps the last part.

    A child whose pipe nobody reads stands still, and one that prints a hundred megabytes
    must not fill our memory.
    """

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._kept = bytearray()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._read, name="preflight-tail", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with self._pipe:
            while chunk := self._pipe.read(_CHUNK):
                with self._lock:
                    self._kept += chunk
                    if len(self._kept) > 2 * _KEPT:
                        del self._kept[:-_KEPT]

    def text(self, *, wait: float) -> str:
        """Return what was printed last, after at most `wait` seconds.

        A process that the child left behind may keep the pipe open: it is not waited for.
        """
        self._thread.join(wait)
        with self._lock:
            return self._kept.decode(errors="replace")
