"""Regular expressions of a definition: those that could search without end are refused.

Python's matcher tries every way in which repeats can share a text. A repeat of something
that itself repeats, or several repeats in a row that accept the same letters, make it try
more ways than anybody can wait for. What is counted here is how many repeats of an
expression can share letters with what follows them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any, TypeAlias

# What reads expressions has no public name, and has changed it.
_NEW = sys.version_info >= (3, 11)
_parser: Any = import_module("re._parser" if _NEW else "sre_parse")
_constants: Any = import_module("re._constants" if _NEW else "sre_constants")

MOST_LETTERS = 2000
"""Characters that a regular expression of a definition may have."""

MOST_SHARING = 2
"""How many of its repeats may share letters with what follows them."""

_MOST_CHOICES = 10
"""How many short repeats and alternatives may do so."""

_FEW = 3
"""A repeat of at most so many times is a short one."""

MOST_SEARCHED = 2000
"""Characters of one line that are looked at."""

Letters: TypeAlias = frozenset[str]

_OTHER = "é"
"""Stands for every letter that is not ASCII."""

_ALL: Letters = frozenset({*map(chr, range(128)), _OTHER})
"""What two parts of an expression share, they share among these."""

_TOO_LONG = re.compile(rf"([^\n]{{{MOST_SEARCHED}}})[^\n]+")


class PatternUnfit(ValueError):
    """The expression is none, or could search without end."""


@lru_cache(maxsize=1024)
def check_search(pattern: str) -> None:
    """Accept `pattern` if it is a regular expression whose search ends in good time.

    Raises
    ------
    PatternUnfit
        If it is not.
    """
    if len(pattern) > MOST_LETTERS:
        raise PatternUnfit(f"It has more than {MOST_LETTERS} characters.")
    try:
        re.compile(pattern)
        parsed = _parser.parse(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise PatternUnfit(f"Not a regular expression: {error}.") from None
    sharing = _Sharing()
    sharing.look(parsed, frozenset())
    if sharing.nested:
        raise PatternUnfit("A repeat inside a repeat could search without end.")
    if sharing.repeats > MOST_SHARING or sharing.choices > _MOST_CHOICES:
        raise PatternUnfit(
            "Too many of its repeats accept the same letters as what follows them, "
            "so it could search without end."
        )


def searchable(text: str) -> str:
    """Return `text` as expressions of a definition are searched in it: long lines are cut."""
    return _TOO_LONG.sub(r"\1", text) if len(text) > MOST_SEARCHED else text


class _Sharing:
    """Counts, in one expression, what shares letters with what follows.

    Attributes
    ----------
    repeats, choices
        Long repeats; short repeats and alternatives.
    nested
        Whether one that varies is itself repeated.
    """

    def __init__(self) -> None:
        self.repeats = 0
        self.choices = 0
        self.nested = False

    def look(self, items: Iterable[Any], after: Letters, *, times: int = 1) -> None:
        """Look at a sequence that comes `times` times, and is followed by one of `after`."""
        sequence = list(items)
        for index, (operator, argument) in enumerate(sequence):
            rest, may_end = _first(sequence[index + 1 :])
            following = rest | after if may_end else rest
            if str(operator) in ("MAX_REPEAT", "MIN_REPEAT"):
                self._repeat(argument, following, times)
                continue
            branches = list(_parts(operator, argument))
            if len(branches) > 1 and _overlap(branches):
                self._note(times)
            for part in branches:
                self.look(part, following, times=times)

    def _repeat(self, argument: Any, following: Letters, times: int) -> None:
        least, most, part = int(argument[0]), int(argument[1]), argument[2]
        own, _ = _first(part)
        if least != most and own & following:
            self._note(times, long=most > _FEW)
        # What comes round again is followed by itself, too.
        again = own if most > 1 else frozenset[str]()
        self.look(part, following | again, times=times * most)

    def _note(self, times: int, *, long: bool = False) -> None:
        self.nested = self.nested or times > _FEW
        self.repeats += long
        self.choices += not long


def _parts(operator: Any, argument: Any) -> Iterable[Sequence[Any]]:
    """Yield the sequences inside of one item that is no repeat."""
    name = str(operator)
    if name == "SUBPATTERN":
        yield argument[3]
    elif name == "BRANCH":
        yield from argument[1]
    elif name in ("ASSERT", "ASSERT_NOT"):
        yield argument[1]
    elif name == "ATOMIC_GROUP":
        yield argument
    elif name == "POSSESSIVE_REPEAT":
        yield argument[2]
    elif name == "GROUPREF_EXISTS":
        yield from (part for part in argument[1:] if part is not None)


def _overlap(branches: Sequence[Sequence[Any]]) -> bool:
    seen: Letters = frozenset()
    for branch in branches:
        letters, may_end = _first(branch)
        if may_end or letters & seen:
            return True
        seen |= letters
    return False


def _first(items: Iterable[Any]) -> tuple[Letters, bool]:
    """Return the letters with which a sequence can begin, and whether it can be empty."""
    letters: Letters = frozenset()
    for operator, argument in items:
        own, may_be_empty = _first_of(operator, argument)
        letters |= own
        if not may_be_empty:
            return letters, False
    return letters, True


def _first_of(operator: Any, argument: Any) -> tuple[Letters, bool]:
    name = str(operator)
    if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        own, empty = _first(argument[2])
        return own, empty or int(argument[0]) == 0
    if name in ("LITERAL", "NOT_LITERAL", "IN", "ANY"):
        return _accepted(operator, argument), False
    if name in ("SUBPATTERN", "ATOMIC_GROUP"):
        return _first(next(iter(_parts(operator, argument))))
    if name in ("BRANCH", "GROUPREF_EXISTS"):
        found = [_first(part) for part in _parts(operator, argument)]
        return frozenset[str]().union(*(own for own, _ in found)), any(it for _, it in found)
    # Places (``^``, ``\b``), looks ahead: nothing is used up. A group again: any letter.
    return (_ALL, True) if name == "GROUPREF" else (frozenset(), True)


def _accepted(operator: Any, argument: Any) -> Letters:
    """Return the letters that one item accepts, upper and lower case as one."""
    name = str(operator)
    if name == "ANY":
        return _ALL
    if name == "LITERAL":
        return _both_cases({_letter(argument)})
    if name == "NOT_LITERAL":
        return _ALL - {_letter(argument)} | {_OTHER}
    negated = bool(argument) and str(argument[0][0]) == "NEGATE"
    members: Letters = frozenset[str]().union(
        *(_member(kind, value) for kind, value in argument[int(negated) :])
    )
    return _ALL - members | {_OTHER} if negated else _both_cases(members)


def _member(kind: Any, value: Any) -> Letters:
    name = str(kind)
    if name == "LITERAL":
        return frozenset({_letter(value)})
    if name == "RANGE":
        low, high = value
        return frozenset({_letter(code) for code in (*range(low, min(high, 127) + 1), high)})
    of_class = re.compile(_CLASSES.get(value, "(?s:.)"))
    return frozenset(letter for letter in _ALL if of_class.fullmatch(letter))


def _letter(code: int) -> str:
    return chr(code) if code < 128 else _OTHER


def _both_cases(letters: Iterable[str]) -> Letters:
    """Return letters in both cases, for an expression may say that case does not count."""
    return frozenset(case for letter in letters for case in (letter.lower(), letter.upper())) | {
        *letters
    }


_CLASSES = {
    _constants.CATEGORY_DIGIT: r"\d",
    _constants.CATEGORY_NOT_DIGIT: r"\D",
    _constants.CATEGORY_SPACE: r"\s",
    _constants.CATEGORY_NOT_SPACE: r"\S",
    _constants.CATEGORY_WORD: r"\w",
    _constants.CATEGORY_NOT_WORD: r"\W",
}
