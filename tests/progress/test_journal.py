"""The journal loses nothing but the line that a kill tore."""

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from jupyter_monai_workshop.progress.journal import Journal

entry = st.dictionaries(st.text(max_size=5), st.text() | st.integers() | st.booleans(), max_size=4)


@given(before=st.lists(entry, min_size=1, max_size=6), after=entry, cut=st.integers(0, 400))
def test_a_torn_last_line_costs_only_itself(
    before: list[dict[str, object]], after: dict[str, object], cut: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "deep" / "journal.jsonl"
        journal = Journal(path)
        for line in before:
            journal.append(line)
        whole = path.read_bytes()
        last = len(whole) - len(whole.rstrip(b"\n").rpartition(b"\n")[2]) - 1
        path.write_bytes(whole[: max(last, len(whole) - 1 - cut)])
        journal.append(after)
        kept = list(journal.entries())
        assert kept[: len(before) - 1] == before[:-1]
        assert kept[-1] == after


def test_a_journal_that_does_not_exist_is_empty(tmp_path: Path) -> None:
    assert list(Journal(tmp_path / "none").entries()) == []


def test_set_aside_begins_anew_and_keeps_the_old(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    journal.append({"a": 1})
    journal.set_aside()
    assert list(journal.entries()) == []
    assert list(Journal(tmp_path / "j.old").entries()) == [{"a": 1}]


def test_what_another_process_wrote_is_noticed(tmp_path: Path) -> None:
    mine, theirs = Journal(tmp_path / "j"), Journal(tmp_path / "j")
    mine.append({"a": 1})
    assert not mine.changed_elsewhere()
    assert theirs.changed_elsewhere()
    assert list(theirs.entries()) == [{"a": 1}]
    assert not theirs.changed_elsewhere()
    theirs.append({"b": 2})
    assert mine.changed_elsewhere()
    mine.append({"c": 3})
    assert mine.changed_elsewhere(), "an append of one's own does not hide what came before it"
    assert len(list(mine.entries())) == 3
    theirs.set_aside()
    assert mine.changed_elsewhere()
