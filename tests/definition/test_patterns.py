"""Which regular expressions are taken from a definition: those whose search ends."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_monai_workshop.definition.patterns import (
    MOST_SEARCHED,
    PatternUnfit,
    check_search,
    searchable,
)

ENDLESS = [
    r"(a+)+$",
    r"(a*)*$",
    r"(?:a|a)*b",
    r"(?:.|a)*b",
    r"(?:a|aa)+$",
    r"(\w+\s?)*$",
    r"(?:(?:a+)b?)*c",
    r"([a-z]+)*\d",
    r"(?i)([a-z]+[A-Z])*\d",
    r"(?:a?){40}a{40}",
    r"(a{1,30}){1,30}b",
    r"((a{0,3}){3}){3}b",
    r".*.*.*.*x",
    r"\s+\s+\s+\s+x",
    r".*?.*?.*?.*?=x",
    r"(?=(a+)+b)",
    r"(?:.|ü)*ü(?:.|ü)*!",
    "a?" * 40 + "a" * 40,
    "(?:.|a)" * 30,
]

USUAL = [
    r"^epoch (?P<epoch>\d+)/(?P<epochs>\d+), .*loss: (?P<loss>\S+)",
    r"(?P<step>\d+)/(?P<steps>\d+), train_loss: (?P<loss>\d+\.\d+)",
    r"^(?:\d+, ?)*\d+$",
    r"CUDA out of memory",
    r"(?:foo|bar)+x",
    r"No module named '(?P<name>[^']+)'",
    r"[Aa]ccuracy\s*[:=]\s*(?P<accuracy>[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?)",
    r"\b\d{4}-\d{2}-\d{2}\b",
    r"^\s*(?P<epoch>\d+)\s+(?P<loss>\S+)\s+(?P<dice>\S+)\s*$",
]


@pytest.mark.parametrize("pattern", ENDLESS)
def test_what_could_search_without_end_is_refused(pattern: str) -> None:
    with pytest.raises(PatternUnfit, match="without end"):
        check_search(pattern)


@pytest.mark.parametrize("pattern", USUAL)
def test_what_people_write_is_taken(pattern: str) -> None:
    check_search(pattern)


PIECES = st.sampled_from(
    ["a", "b", ".", r"\d", r"\w", "[ab]", "[^a]", "(?:a|b)", "(?:a|ab)", r"\s", "(b)", "^"]
)
REPEATS = st.sampled_from(["", "", "*", "+", "?", "{2,9}", "*?"])


@st.composite
def expressions(draw: st.DrawFn, depth: int = 2) -> str:
    parts = []
    for _ in range(draw(st.integers(1, 4))):
        piece = draw(PIECES)
        if depth and draw(st.booleans()):
            piece = f"(?:{draw(expressions(depth - 1))})"
        parts.append(piece + ("" if piece == "^" else draw(REPEATS)))
    return "".join(parts)


@given(expressions(), st.text("ab1 ", min_size=30, max_size=60))
def test_what_is_taken_searches_any_short_line_at_once(pattern: str, text: str) -> None:
    try:
        check_search(pattern)
    except PatternUnfit:
        return
    begun = time.perf_counter()
    re.search(pattern, "a" * 60 + text + "!")
    assert time.perf_counter() - begun < 1


def test_long_lines_are_cut_and_others_left() -> None:
    line = "x" * (MOST_SEARCHED + 5)
    assert searchable(f"a\n{line}\nb\n") == f"a\n{line[:MOST_SEARCHED]}\nb\n"
    assert searchable("short\n") == "short\n"
