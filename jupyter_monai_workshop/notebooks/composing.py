"""A notebook's text from its values: valid ids, and written the way Jupyter writes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def compose(fields: Mapping[str, object], cells: Iterable[Mapping[str, object]]) -> str:
    """Return the text of a notebook file.

    Parameters
    ----------
    fields
        All of the notebook but its cells.
    cells
        With each source as one string.
    """
    written = [{**cell, "source": str(cell["source"]).splitlines(True)} for cell in cells]
    text = json.dumps(
        {**fields, "cells": written},
        ensure_ascii=False,
        indent=1,
        sort_keys=True,
        separators=(",", ": "),
    )
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        # Half a character, as broken output may hold, can be written as an escape only.
        text = _LONE_SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return f"{text}\n"


def with_ids(
    cells: Sequence[dict[str, object]], *, first: Iterable[int], needed: bool
) -> list[dict[str, object]]:
    """Return the cells so that each id is valid and no two are the same.

    New ids are made of what the cell says: the same cells get the same ids.

    Parameters
    ----------
    first
        Positions of the cells whose ids stay, when others have the same.
    needed
        Whether the notebook's format has ids. Where it has none, none are added.
    """
    result = list(cells)
    present = {id for cell in cells if isinstance(id := cell.get("id"), str)}
    taken: set[str] = set()
    leading = set(first)
    for n in sorted(range(len(cells)), key=lambda n: n not in leading):
        cell, id = cells[n], cells[n].get("id")
        if id is None and not needed:
            continue
        if not isinstance(id, str) or not _ID.fullmatch(id) or id in taken:
            id = _new_id(cell, present | taken)
            result[n] = {**cell, "id": id}
        taken.add(id)
    return result


def _new_id(cell: Mapping[str, object], used: set[str]) -> str:
    text = f"{cell.get('id')}\n{cell['cell_type']}\n{cell['source']}"
    attempt = 0
    while True:
        seed = f"{attempt}\n{text}".encode("utf-8", "surrogatepass")
        id = hashlib.sha256(seed).hexdigest()[:8]
        if id not in used:
            return id
        attempt += 1
