"""The organiser's version of a cell that stands beside the attendee's, and its mark."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping

MARK = "jupyter_monai_workshop"
"""Key in metadata, of cells and of notebooks, below which this package writes."""

TAG = "from-the-organiser"

_FENCED = re.compile(r"`{3,}")
_LINE_END = re.compile(r"\r\n|\r|\n")
_LANGUAGE = re.compile(r"[\w+#.-]+")


def beside_cell(cell: Mapping[str, object], *, label: str, language: str) -> dict[str, object]:
    """Return a Markdown cell that shows a cell of the organiser's and does nothing else.

    Text of Markdown is quoted, so that its headings are none of the notebook's.

    Parameters
    ----------
    label
        The sentence above it.
    language
        The language of the notebook's code; empty if it is not known.
    """
    source = str(cell["source"])
    kind = cell["cell_type"]
    if kind == "markdown" and source.strip():
        shown = "\n".join(f"> {line}" if line else ">" for line in _LINE_END.split(source))
    else:
        fence = "`" * max([3, *(len(run) + 1 for run in _FENCED.findall(source))])
        known = kind == "code" and _LANGUAGE.fullmatch(language)
        shown = f"{fence}{language if known else ''}\n{source}\n{fence}"
    of, version = _name(cell)
    result: dict[str, object] = {
        "cell_type": "markdown",
        "metadata": {MARK: {"from": "organiser", "of": of, "version": version}, "tags": [TAG]},
        "source": f"**{label}**\n\n{shown}",
    }
    if kind == "markdown" and cell.get("attachments"):
        result["attachments"] = cell["attachments"]
    return result


def is_beside(cell: Mapping[str, object]) -> bool:
    """Tell whether a cell was made by `beside_cell`."""
    return _mark(cell) is not None


def shown_beside(cells: Iterable[Mapping[str, object]], cell: Mapping[str, object]) -> bool:
    """Tell whether this version of the organiser's cell is among `cells` already.

    It is recognised by its mark, also where the attendee has edited it.
    """
    name = _name(cell)
    return any(_mark(other) == name for other in cells)


def _mark(cell: Mapping[str, object]) -> tuple[str, str] | None:
    metadata = cell.get("metadata")
    mark = metadata.get(MARK) if isinstance(metadata, dict) else None
    if not isinstance(mark, dict) or mark.get("from") != "organiser":
        return None
    return str(mark.get("of")), str(mark.get("version"))


def _name(cell: Mapping[str, object]) -> tuple[str, str]:
    """Return which cell of the organiser's it is, and which version of it."""
    text = f"{cell['cell_type']}\n{cell['source']}".encode("utf-8", "surrogatepass")
    version = hashlib.sha256(text).hexdigest()[:16]
    return str(cell.get("id") or version), version
