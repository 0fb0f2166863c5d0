"""Which cell of one version of a notebook is which cell of another.

Ids say it where both versions have them. Otherwise the text does: the same text in the
same order, then the same text elsewhere, then, between neighbours that are known, text
that is alike. Outputs play no part, so the time depends on the sources alone.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from .weaving import equal_runs, longest_rise

_LIKE = 0.4
"""From this likeness on (0 to 1), a cell between the same neighbours is an edited one."""

_COMPARED = 10_000
"""How many characters of a source are compared."""

_PAIRS = 50_000
"""About how many pairs of cells are compared in one gap."""

_WIDE = 1_000_000
"""From this many pairs of cells on, likeness in a gap is not asked for at all."""

_TOKEN = re.compile(r"\w+|[^\w\s]+")


@dataclass(frozen=True)
class Piece:
    """What is compared of a cell.

    Attributes
    ----------
    source
        With the same line breaks in every version.
    alone
        Never taken for an edited version of another cell.
    """

    id: str | None
    kind: str
    source: str
    alone: bool = False

    @property
    def text(self) -> tuple[str, str]:
        """Kind and source."""
        return self.kind, self.source


def align(
    base: Sequence[Piece], other: Sequence[Piece], *, apart: Collection[int] = ()
) -> dict[int, int]:
    """Return for cells of `base` the position of the same cell in `other`.

    No cell is named twice. Cells that are not named are in one of the two only.

    Parameters
    ----------
    apart
        Positions in `other` that are taken for a cell of `base` by their id only.
    """
    pairs = _by_id(base, other)
    ids_count = bool(pairs)

    def may_be_the_same(one: int, two: int) -> bool:
        ids_differ = ids_count and base[one].id is not None and other[two].id is not None
        return not ids_differ and two not in apart

    def may_be_made_anew(one: int, two: int) -> bool:
        # JupyterLab gives a cell whose type is changed a new id.
        return two not in apart and bool(base[one].source.strip())

    def may_be_edited(one: int, two: int) -> bool:
        alone = base[one].alone or other[two].alone
        return not alone and base[one].kind == other[two].kind and may_be_the_same(one, two)

    everywhere = [n for n in range(len(base)) if n not in pairs], _left(other, pairs)
    _equal(base, other, everywhere, pairs, lambda piece: piece.text, may_be_the_same)
    _moved(base, other, pairs, lambda piece: piece.text, may_be_the_same)
    _moved(base, other, pairs, lambda piece: piece.source, may_be_the_same)
    for gap in _gaps(base, other, pairs):
        _equal(base, other, gap, pairs, lambda piece: piece.source, may_be_made_anew)
    for ones, twos in _gaps(base, other, pairs):
        _alike(base, other, ones, twos, pairs, may_be_edited)
    for ones, twos in _gaps(base, other, pairs):
        if [base[n].kind for n in ones] == [other[n].kind for n in twos]:
            same_place = zip(ones, twos, strict=True)
            pairs.update(pair for pair in same_place if may_be_edited(*pair))
    return pairs


def _by_id(base: Sequence[Piece], other: Sequence[Piece]) -> dict[int, int]:
    places = _places_of_ids(other)
    pairs = {n: places[id] for id, n in _places_of_ids(base).items() if id in places}
    texts = {piece.text for piece in base}, {piece.text for piece in other}
    right = astray = 0
    for a, b in pairs.items():
        if base[a].text == other[b].text:
            right += 1
        elif base[a].text in texts[1] and other[b].text in texts[0]:
            astray += 1
    # Some programs number the cells by their place, so that one more at the top gives
    # every cell below it another's id.
    return pairs if right >= astray else {}


def _places_of_ids(pieces: Sequence[Piece]) -> dict[str, int]:
    """Return where each id is, without ids that stand at two cells."""
    counts = Counter(piece.id for piece in pieces)
    return {piece.id: n for n, piece in enumerate(pieces) if piece.id and counts[piece.id] == 1}


def _equal(
    base: Sequence[Piece],
    other: Sequence[Piece],
    gap: tuple[list[int], list[int]],
    pairs: dict[int, int],
    key: Callable[[Piece], Hashable],
    may_be: Callable[[int, int], bool],
) -> None:
    """Pair cells of one gap that say the same, in order."""
    ones, twos = gap
    numbers: dict[Hashable, int] = {}
    first = [numbers.setdefault(key(base[n]), len(numbers)) for n in ones]
    second = [numbers.setdefault(key(other[n]), len(numbers)) for n in twos]
    equal = [(ones[a], twos[b]) for a, b in equal_runs(first, second)]
    pairs.update(pair for pair in equal if may_be(*pair))


def _moved(
    base: Sequence[Piece],
    other: Sequence[Piece],
    pairs: dict[int, int],
    key: Callable[[Piece], Hashable],
    may_be: Callable[[int, int], bool],
) -> None:
    """Pair cells that say the same wherever they are, save for empty ones."""
    waiting: dict[Hashable, deque[int]] = defaultdict(deque)
    for n in _left(other, pairs):
        waiting[key(other[n])].append(n)
    for n, piece in enumerate(base):
        found = waiting.get(key(piece))
        if n not in pairs and found and piece.source.strip() and may_be(n, found[0]):
            pairs[n] = found.popleft()


def _left(other: Sequence[Piece], pairs: dict[int, int]) -> list[int]:
    taken = set(pairs.values())
    return [n for n in range(len(other)) if n not in taken]


def _gaps(
    base: Sequence[Piece], other: Sequence[Piece], pairs: dict[int, int]
) -> Iterator[tuple[list[int], list[int]]]:
    """Give the cells without a partner that lie between the same two neighbours."""
    known = sorted(pairs.items())
    steady = [known[n] for n in longest_rise([b for _, b in known])]
    taken = set(pairs.values())
    for (a, b), (next_a, next_b) in pairwise([(-1, -1), *steady, (len(base), len(other))]):
        ones = [n for n in range(a + 1, next_a) if n not in pairs]
        twos = [n for n in range(b + 1, next_b) if n not in taken]
        if ones and twos:
            yield ones, twos


def _alike(
    base: Sequence[Piece],
    other: Sequence[Piece],
    ones: list[int],
    twos: list[int],
    pairs: dict[int, int],
    may_be: Callable[[int, int], bool],
) -> None:
    """Pair cells of one gap so that, in order, they are as alike as can be in all."""
    if len(ones) * len(twos) > _WIDE:
        return
    numbers: dict[tuple[str, str, int], int] = {}
    words = [
        [_Words(pieces[n].source, numbers) for n in gap]
        for pieces, gap in ((base, ones), (other, twos))
    ]
    width = len(twos) + 1
    reach = max(_PAIRS // len(ones), 1)
    best = [[0.0] * width for _ in range(len(ones) + 1)]
    paired: set[tuple[int, int]] = set()
    for a, one in enumerate(ones):
        # In a gap of very many cells only those at about the same height are compared.
        middle = a * len(twos) // len(ones)
        for b, two in enumerate(twos):
            score = max(best[a][b + 1], best[a + 1][b])
            if abs(b - middle) <= reach and may_be(one, two):
                likeness = words[0][a].likeness(words[1][b])
                if likeness >= _LIKE and best[a][b] + likeness > score:
                    score = best[a][b] + likeness
                    paired.add((a, b))
            best[a + 1][b + 1] = score
    a, b = len(ones) - 1, len(twos) - 1
    while a >= 0 and b >= 0:
        if (a, b) in paired:
            pairs[ones[a]] = twos[b]
            a, b = a - 1, b - 1
        elif best[a][b + 1] >= best[a + 1][b]:
            a -= 1
        else:
            b -= 1


class _Words:
    """A source by the pairs of neighbours among its words and signs.

    Parameters
    ----------
    numbers
        A number for each pair that was met, and for its second time, and so on.
    """

    def __init__(self, source: str, numbers: dict[tuple[str, str, int], int]) -> None:
        times: Counter[tuple[str, str]] = Counter()
        self.pairs: set[int] = set()
        for pair in pairwise(["", *_TOKEN.findall(source[:_COMPARED]), ""]):
            times[pair] += 1
            self.pairs.add(numbers.setdefault((*pair, times[pair]), len(numbers)))

    def likeness(self, other: _Words) -> float:
        """Return how much two sources share, 0 to 1."""
        few, all = min(len(self.pairs), len(other.pairs)), len(self.pairs) + len(other.pairs)
        return 2 * len(self.pairs & other.pairs) / all if 2 * few >= _LIKE * all else 0.0
