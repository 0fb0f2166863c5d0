"""In which order the cells of two changed versions of a notebook stand.

Cells that both versions have stand in the order of *theirs*, except for those that
*ours* moved. Everything else follows the cell that it followed in its own version. So
nothing is lost and nothing comes twice, however the two were turned about.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import pairwise

_MANY = 1000


@dataclass(frozen=True)
class Place:
    """One cell of the result, by its positions in the three versions.

    Attributes
    ----------
    base, ours, theirs
        Position from 0; ``None`` where that version does not have the cell.
    """

    base: int | None
    ours: int | None
    theirs: int | None


def weave(
    ours: Sequence[Place], theirs: Sequence[Place], *, text: Callable[[Place], int]
) -> list[Place]:
    """Return the places of both versions in one order.

    Parameters
    ----------
    ours, theirs
        The places of each version in its order. Those with both positions are in both.
    text
        A number for what is written in a place of one version. Cells that both added at
        one place with the same text become one; others of ours stand before theirs.
    """
    moved = _moved(ours)
    gaps: dict[Place | None, tuple[list[Place], list[Place]]] = defaultdict(lambda: ([], []))
    follower: dict[Place | None, Place] = {}
    last: Place | None = None
    for place in ours:
        if place.theirs is None:
            gaps[last][0].append(place)
            continue
        if place in moved:
            follower[last] = place
        last = place
    last = None
    for place in theirs:
        if place.ours is None:
            gaps[last][1].append(place)
        else:
            last = place
    result: list[Place] = []
    for steady in [None, *(p for p in theirs if p.ours is not None and p not in moved)]:
        node: Place | None = steady
        while True:
            if node is not None:
                result.append(node)
            if node in gaps:
                result += _mingled(*gaps[node], text)
            if node not in follower:
                break
            node = follower[node]
    return result


def longest_rise(numbers: Sequence[int]) -> list[int]:
    """Return the positions of the longest run of rising numbers, others left out."""
    ends: list[int] = []
    tops: list[int] = []
    before: list[int] = []
    for position, number in enumerate(numbers):
        length = bisect_left(tops, number)
        before.append(ends[length - 1] if length else -1)
        if length == len(ends):
            ends.append(position)
            tops.append(number)
        else:
            ends[length], tops[length] = position, number
    rise: list[int] = []
    position = ends[-1] if ends else -1
    while position >= 0:
        rise.append(position)
        position = before[position]
    return rise[::-1]


def equal_runs(one: Sequence[int], other: Sequence[int]) -> list[tuple[int, int]]:
    """Return pairs of positions that hold the same, in the order of both."""
    start, shorter = 0, min(len(one), len(other))
    while start < shorter and one[start] == other[start]:
        start += 1
    end = 0
    while end < shorter - start and one[-1 - end] == other[-1 - end]:
        end += 1
    middle = one[start : len(one) - end], other[start : len(other) - end]
    # Beyond this many, what is there very often (empty cells) starts no run of its own:
    # the time would grow with the square of its count.
    matcher = SequenceMatcher(None, *middle, autojunk=max(map(len, middle)) > _MANY)
    blocks = matcher.get_matching_blocks()
    return [
        *((n, n) for n in range(start)),
        *((start + a + n, start + b + n) for a, b, size in blocks for n in range(size)),
        *((len(one) - n, len(other) - n) for n in range(end, 0, -1)),
    ]


def _moved(ours: Sequence[Place]) -> set[Place]:
    """Return the fewest shared places without which the rest stands in the base's order."""
    known = [
        (place, place.base) for place in ours if place.base is not None and place.theirs is not None
    ]
    steady = {known[n][0] for n in longest_rise([base for _, base in known])}
    return {place for place, _ in known} - steady


def _mingled(ours: list[Place], theirs: list[Place], text: Callable[[Place], int]) -> list[Place]:
    same = equal_runs([text(place) for place in ours], [text(place) for place in theirs])
    bounds = [(-1, -1), *same, (len(ours), len(theirs))]
    result: list[Place] = []
    for (a, b), (next_a, next_b) in pairwise(bounds):
        if a >= 0:
            result.append(replace(ours[a], theirs=theirs[b].theirs))
        result += ours[a + 1 : next_a] + theirs[b + 1 : next_b]
    return result
