"""Which workshop the panel opens on."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable
from pathlib import Path
from typing import Protocol
from uuid import uuid4

FIRST = "first-light"
"""The workshop for somebody who has never chosen one."""


class _Names(Container[str], Iterable[str], Protocol): ...


class Selected:
    """The last used workshop, kept in a small file.

    Parameters
    ----------
    default
        The administrator's choice; may be empty.
    """

    def __init__(self, path: Path, default: str) -> None:
        self._path = path
        self._default = default

    def among(self, names: _Names) -> str:
        """Return the choice that is offered: last used, administrator's, first-light, any."""
        for name in (self._last(), self._default, FIRST):
            if name in names:
                return name
        return next(iter(names), "")

    def put(self, name: str) -> None:
        """Remember `name` as the last used."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_name(f"{self._path.name}.{uuid4().hex}")
        try:
            fresh.write_text(json.dumps({"workshop": name}), encoding="utf-8")
            fresh.replace(self._path)
        finally:
            fresh.unlink(missing_ok=True)

    def _last(self) -> str:
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            return str(kept["workshop"])
        except (OSError, ValueError, KeyError, TypeError):
            return ""
