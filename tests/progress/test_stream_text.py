"""What a page shows of carriage returns, backspaces and escape sequences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_monai_workshop.progress import stream_text
from jupyter_monai_workshop.progress.stream_text import Stored, StreamText

from .folding import folded, nothing_stored


def shown(*pieces: str) -> str:
    text = StreamText()
    for piece in pieces:
        text.add(piece)
    return text.text(nothing_stored)


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        # As JupyterLab's output area shows them.
        (["one\n", "two\n"], "one\ntwo\n"),
        (["one", "\rtwo"], "two"),
        (["longer\rlong"], "longer"),
        (["10%\r20%\r30%\n", "done\n"], "30%\ndone\n"),
        (["a\r", "b"], "b"),
        (["kept\r"], "kept"),
        (["kept\r", "\n"], "kept\n"),
        (["kept\r\n"], "kept\n"),
        (["first\nsecond\rSEC"], "first\nSECond"),
        (["abc\rx\ny"], "xbc\ny"),
        (["ab\b\bc"], "c"),
        (["ab\bc"], "ac"),
        (["\b\ba"], "a"),
        (["a\n\bb"], "a\nb"),
        (["abcd\rx", "\b"], "cd"),  # the place's own character goes too
        (["\x1b[31mred\x1b[0m\n"], "\x1b[31mred\x1b[0m\n"),
        (["\x1b[2Kstill there"], "\x1b[2Kstill there"),
        (["\x1b[1Aup"], "\x1b[1Aup"),
        (["tab\there\x0bthere"], "tab\there\x0bthere"),
        (["é\rè"], "è"),
        (["😀!\rab"], "ab!"),  # a character beyond U+FFFF takes two places
        (["😀!\ra"], "a\ufffd!"),
        (["😀\b!"], "\ufffd!"),
        (["😀", " and 😀\n"], "😀 and 😀\n"),
    ],
)
def test_a_table_of_what_a_page_shows(pieces: list[str], expected: str) -> None:
    assert shown(*pieces) == expected


TEXTS = st.text(alphabet="ab\n\r\b x", max_size=12)


@given(st.lists(TEXTS, max_size=6))
def test_folding_is_what_going_character_by_character_gives(pieces: list[str]) -> None:
    assert shown(*pieces) == folded("".join(pieces))


@given(st.lists(st.tuples(TEXTS, st.booleans()), max_size=8))
def test_what_is_new_since_a_place_gives_the_same_text_again(
    pieces: list[tuple[str, bool]],
) -> None:
    text, again, written = StreamText(), StreamText(), 0
    for piece, write in [*pieces, ("", True)]:
        text.add(piece)
        if write:
            place, ended = text.since(written)
            again.go_on(text.start, place, ended, text.line, text.column)
            written = text.end
    assert again.text(nothing_stored) == text.text(nothing_stored)
    again.add("\rmore")
    text.add("\rmore")
    assert again.text(nothing_stored) == text.text(nothing_stored)


def test_text_without_end_keeps_its_newest_lines_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stream_text, "KEPT_TEXT", 1000)
    text = StreamText()
    for number in range(10_000):
        text.add(f"line {number}\n")
        assert text.held <= 1020
    notice, *lines = text.text(nothing_stored).splitlines()
    assert lines == [f"line {number}" for number in range(10_000 - len(lines), 10_000)]
    whole = sum(len(f"line {number}\n") for number in range(10_000))
    cut = whole - sum(len(line) + 1 for line in lines)
    assert notice == f"[{cut:,} characters before this were too many to be kept.]"


def test_a_line_without_end_is_kept_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_text, "KEPT_TEXT", 1000)
    monkeypatch.setattr(stream_text, "LONGEST_LINE", 300)
    text = StreamText()
    for _ in range(5000):
        text.add("." * 7)
        assert text.held <= 1400
    assert text.text(nothing_stored).endswith("." * 900)


def test_text_that_lies_in_a_file_is_gone_on_with() -> None:
    files: dict[str, str] = {}
    text = StreamText()
    text.add("one\ntwo\nthr")
    ended = text.ended_lines()
    files["a"] = ended
    text.put_away(Stored("a", len(ended)), text.end)
    assert text.held == 3
    text.add("ee\rTHR\nfour\n")
    assert text.text(lambda stored: files[stored.sha256]) == "one\ntwo\nTHRee\nfour\n"


def test_text_that_has_grown_meanwhile_is_not_put_away() -> None:
    text = StreamText()
    text.add("one\n")
    ended, end = text.ended_lines(), text.end
    text.add("two\n")
    text.put_away(Stored("a", len(ended)), end)
    assert text.text(nothing_stored) == "one\ntwo\n"


def test_text_whose_file_is_gone_says_so() -> None:
    def missing(stored: Stored) -> str:
        raise FileNotFoundError(stored.sha256)

    text = StreamText()
    text.add("one\n")
    text.put_away(Stored("a", 4), text.end)
    text.add("two\n")
    assert text.text(missing).endswith("cannot be read any more.]\ntwo\n")
