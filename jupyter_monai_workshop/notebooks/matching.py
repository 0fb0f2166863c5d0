"""Which cell of a notebook was executed, told from the code alone."""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher
from itertools import pairwise

from .reading import Cell, Notebook

SIMILAR = 0.6
"""From this similarity on (0 to 1), code counts as an edited version of a cell."""

CLEAR_LEAD = 0.1
"""The best must exceed the second best by this much, or by half of what that lacks to 1."""

# Comparing in order takes time that grows with the square of the length; counting pairs
# of neighbours does not, but is too coarse for a few words. So long code is judged by its
# pairs, and short code in order, against the cells that are likeliest by their pairs.
_SHORT = 150
_COMPARED = 5

_TOKEN = re.compile(r"\w+|[^\w\s]+")


def match_cell(notebook: Notebook, code: str, *, after: int = -1) -> Cell | None:
    """Return the code cell whose source was executed, or ``None`` if that cannot be told.

    A cell with the same source is meant, white space at the end of lines aside. Of
    several, it is the first below the cell with index `after`, else the first of all.
    Where none is the same, it is the one that is clearly the most similar, if any: a
    cell that was edited but not saved.
    """
    wanted = _bare(code)
    if not wanted:
        return None
    cells = [(cell, _bare(cell.source)) for cell in notebook.cells if cell.kind == "code"]
    equal = [cell for cell, source in cells if source == wanted]
    if equal:
        return next((cell for cell in equal if cell.index > after), equal[0])
    return _most_similar([(cell, source) for cell, source in cells if source], wanted)


def _bare(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.splitlines()).strip("\n")


def _most_similar(cells: list[tuple[Cell, str]], wanted: str) -> Cell | None:
    tokens = _TOKEN.findall(wanted)
    ratios = []
    for cell, source in cells:
        other = _TOKEN.findall(source)
        ratios.append((_shared_pairs(tokens, other), cell, other))
    ratios.sort(key=lambda ratio: ratio[0], reverse=True)
    if len(tokens) <= _SHORT:
        ratios = [
            (SequenceMatcher(None, tokens, other, autojunk=False).ratio(), cell, other)
            for _, cell, other in ratios[:_COMPARED]
        ]
        ratios.sort(key=lambda ratio: ratio[0], reverse=True)
    if not ratios or ratios[0][0] < SIMILAR:
        return None
    best, cell, _ = ratios[0]
    second = ratios[1][0] if len(ratios) > 1 else 0.0
    lead = best - second
    return cell if lead >= CLEAR_LEAD or lead >= (1 - second) / 2 else None


def _shared_pairs(one: list[str], other: list[str]) -> float:
    """Return how much two token lists share, 0 to 1, by the pairs of neighbours in them."""
    pairs, others = (Counter(pairwise(["", *tokens, ""])) for tokens in (one, other))
    return 2 * sum((pairs & others).values()) / (len(one) + len(other) + 2)
