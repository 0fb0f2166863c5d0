"""One cell of three versions: what it says, what its run gave, and its metadata."""

from __future__ import annotations

from collections.abc import Collection, Mapping

_WRITTEN_BY_A_RUN = frozenset({"execution", "ExecuteTime"})
_RUN = ("outputs", "execution_count")
_MISSING = object()


def content(cell: Mapping[str, object]) -> tuple[object, str, object]:
    """Return what a person writes into a cell: its kind, source and attachments."""
    source = str(cell["source"]).replace("\r\n", "\n")
    return cell["cell_type"], source, cell.get("attachments") or {}


def merge_cell(
    base: Mapping[str, object] | None, ours: Mapping[str, object], theirs: Mapping[str, object]
) -> dict[str, object]:
    """Return the one cell that comes of two versions of it.

    Where both changed what it says, it says what `ours` says. Outputs stay with the
    source that they belong to. The id is the organiser's, if they gave it one, so that
    later versions are recognised by it.

    Parameters
    ----------
    base
        ``None`` where both added the cell, with the same content.
    """
    before = content(theirs if base is None else base)
    follows = content(ours) == before != content(theirs)
    result = dict(theirs if follows else ours)
    untouched = base is not None and content(ours) == before == content(theirs)
    if base is not None and untouched and all(ours.get(k) == base.get(k) for k in _RUN):
        result.update({key: theirs[key] for key in _RUN if key in theirs})
    id = theirs.get("id") or ours.get("id")
    if id:
        result["id"] = id
    metadata = merge_values(
        _metadata(base) if base is not None else {}, _metadata(ours), _metadata(theirs)
    )
    if follows:
        for key in _WRITTEN_BY_A_RUN:
            metadata.pop(key, None)
            if key in _metadata(theirs):
                metadata[key] = _metadata(theirs)[key]
    if metadata or "metadata" in result:
        result["metadata"] = metadata
    return result


def merge_values(
    base: Mapping[str, object],
    ours: Mapping[str, object],
    theirs: Mapping[str, object],
    *,
    whole: Collection[str] = (),
) -> dict[str, object]:
    """Return an object's keys with the changes of both; where they differ, those of `ours`.

    Parameters
    ----------
    whole
        Keys whose values are not taken apart, as their parts belong together.
    """
    result: dict[str, object] = {}
    for key in [*ours, *(key for key in theirs if key not in ours)]:
        was, mine, new = (side.get(key, _MISSING) for side in (base, ours, theirs))
        if mine == was:
            value = new
        elif new == was or key in whole or not (isinstance(mine, dict) and isinstance(new, dict)):
            value = mine
        else:
            value = merge_values(was if isinstance(was, dict) else {}, mine, new)
        if value is not _MISSING:
            result[key] = value
    return result


def _metadata(cell: Mapping[str, object]) -> Mapping[str, object]:
    metadata = cell.get("metadata", {})
    assert isinstance(metadata, dict)
    return metadata
