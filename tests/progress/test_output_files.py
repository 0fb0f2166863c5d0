"""Recorded outputs on the disk: torn lines, large contents, and a journal that stays small."""

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from jupyter_monai_workshop.progress import output_files, outputs, stream_text
from jupyter_monai_workshop.progress.output_entries import CellOutputs
from jupyter_monai_workshop.progress.output_files import OutputFiles
from jupyter_monai_workshop.progress.output_record import LARGE, OutputRecord

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)


class Notebook:
    """A record and its files, written as a server writes them."""

    def __init__(self, folder: Path) -> None:
        self.files = OutputFiles(folder)
        self.record = OutputRecord()
        self.record.replay(self.files.entries())

    def starts(self, run: str, cell: str = "a") -> None:
        self.record.begin(
            CellOutputs(run, "page", 0, cell, "f()", "kernel", 1, NOW, NOW, running=True)
        )

    def ends(self, run: str) -> None:
        self.record.runs[run].running = False
        self.record.runs[run].ended = NOW
        self.record.touch(self.record.runs[run], NOW)

    def says(self, run: str, kind: str, **content: Any) -> None:
        self.record.runs[run].area.handle(kind, content)
        self.record.touch(self.record.runs[run], NOW)

    def prints(self, run: str, text: str) -> None:
        self.says(run, "stream", name="stdout", text=text)

    def shows(self, run: str, text: str, display: str = "") -> None:
        transient = {"display_id": display}
        self.says(run, "display_data", data={"text/plain": text}, transient=transient)

    def write(self) -> None:
        for large in self.record.large():
            self.record.put_away(large, self.files.store(large.content))
        if self.files.outdated:
            self.files.rewrite(self.record.everything(), self.record.stored())
        else:
            self.files.append(self.record.news())

    def outputs(self, run: str) -> list[dict[str, Any]]:
        return self.record.runs[run].area.nbformat(self.files.load)

    def held(self) -> int:
        return sum(output.held for run in self.record.runs.values() for output in run.area.outputs)


@pytest.fixture
def notebook(tmp_path: Path) -> Notebook:
    return Notebook(tmp_path / "n")


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def test_a_torn_last_line_costs_only_itself(notebook: Notebook) -> None:
    notebook.starts("r")
    notebook.prints("r", "one\n")
    notebook.write()
    notebook.prints("r", "two\n")
    notebook.write()
    journal = notebook.files.folder / "journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-20])
    again = Notebook(notebook.files.folder)
    assert again.outputs("r")[0]["text"] == "one\n"
    again.prints("r", "three\n")
    again.write()
    [output] = Notebook(notebook.files.folder).outputs("r")
    assert output["text"] == "one\nthree\n"


def test_a_line_that_was_lost_in_between_is_said_to_be_missing(notebook: Notebook) -> None:
    notebook.starts("r")
    for text in ("one\n", "two\n", "three\n"):
        notebook.prints("r", text)
        notebook.write()
    journal = notebook.files.folder / "journal.jsonl"
    lines = journal.read_text().splitlines(keepends=True)
    assert '"two' in lines[2]
    journal.write_text("".join([*lines[:2], "{torn\n", *lines[3:]]))
    [output] = Notebook(notebook.files.folder).outputs("r")
    assert output["text"] == "[8 characters before this were too many to be kept.]\nthree\n"


def test_a_new_run_takes_the_place_of_the_cells_last(notebook: Notebook) -> None:
    notebook.starts("r")
    notebook.prints("r", "one\n")
    notebook.starts("other", "b")
    notebook.write()
    notebook.starts("s")
    notebook.write()
    assert list(Notebook(notebook.files.folder).record.runs) == ["other", "s"]
    assert Notebook(notebook.files.folder).outputs("s") == []


def test_each_text_is_written_once(notebook: Notebook) -> None:
    notebook.starts("r")
    for number in range(100):
        notebook.prints("r", f"{number:04}" * 250 + "\n")
        notebook.write()
    assert size_of(notebook.files.folder) < 160_000


def test_a_large_picture_lies_in_a_file_and_not_in_memory(notebook: Notebook) -> None:
    notebook.starts("r")
    notebook.shows("r", "x" * (LARGE + 1))
    notebook.write()
    assert notebook.held() == 0
    again = Notebook(notebook.files.folder)
    assert again.held() == 0
    for one in (notebook, again):
        assert one.outputs("r")[0]["data"] == {"text/plain": "x" * (LARGE + 1)}
    assert (notebook.files.folder / "journal.jsonl").stat().st_size < 2000


def test_long_text_lies_in_a_file_once_its_run_has_ended(notebook: Notebook) -> None:
    notebook.starts("r")
    text = "line\n" * (LARGE // 4)
    notebook.prints("r", text + "rest")
    notebook.write()
    assert notebook.held() > LARGE
    notebook.ends("r")
    notebook.write()
    assert notebook.held() == 4
    notebook.prints("r", " and more\n")  # by a thread that goes on
    notebook.write()
    for one in (notebook, Notebook(notebook.files.folder)):
        assert one.outputs("r")[0]["text"] == text + "rest and more\n"


def test_a_content_whose_file_is_gone_is_said_to_be_missing(notebook: Notebook) -> None:
    notebook.starts("r")
    notebook.shows("r", "x" * (LARGE + 1))
    notebook.write()
    for path in notebook.files.folder.iterdir():
        if path.name != "journal.jsonl":
            path.unlink()
    [output] = notebook.outputs("r")
    assert "cannot be read any more" in output["text"]


def test_a_journal_that_has_grown_is_written_anew_without_what_is_outdated(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output_files, "_REWRITTEN_FROM", 20_000)
    notebook.starts("bar")
    notebook.shows("bar", "0%", "bar")
    notebook.starts("large", "b")
    for number in range(500):
        notebook.record.runs["bar"].area.update("bar", {"data": {"text/plain": f"{number} %"}})
        notebook.record.touch(notebook.record.runs["bar"], NOW)
        if number % 100 == 0:
            notebook.says("large", "clear_output", wait=False)
            notebook.shows("large", f"{number}" + "x" * LARGE)
        notebook.write()
        assert (notebook.files.folder / "journal.jsonl").stat().st_size < 30_000
    assert size_of(notebook.files.folder) < 2 * LARGE + 60_000
    again = Notebook(notebook.files.folder)
    assert again.outputs("bar")[0]["data"] == {"text/plain": "499 %"}
    assert again.outputs("large")[0]["data"]["text/plain"].startswith("400x")


def test_a_cell_that_prints_without_end_keeps_memory_and_disk_flat(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output_files, "_REWRITTEN_FROM", 50_000)
    monkeypatch.setattr(stream_text, "KEPT_TEXT", 10_000)
    notebook.starts("r")
    for number in range(3000):
        notebook.prints("r", f"line {number}\n" * 10)
        if number % 10 == 0:
            notebook.write()
            assert notebook.held() < 12_000
            assert size_of(notebook.files.folder) < 100_000
    notebook.write()
    [output] = Notebook(notebook.files.folder).outputs("r")
    assert output == notebook.outputs("r")[0]
    assert "too many to be kept" in output["text"]
    assert output["text"].endswith("line 2999\n")


def test_a_cell_that_shows_without_end_keeps_its_newest_outputs_and_says_so(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outputs, "MOST_OUTPUTS", 10)
    notebook.starts("r")
    for number in range(100):
        notebook.shows("r", f"{number}")
        notebook.write()
    notice, *shown = Notebook(notebook.files.folder).outputs("r")
    assert notice["text"] == "[90 outputs before this were too many to be kept.]\n"
    assert [it["data"]["text/plain"] for it in shown] == [str(n) for n in range(90, 100)]


def test_outputs_of_many_characters_are_kept_within_bounds(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outputs, "MOST_HELD", 100_000)
    monkeypatch.setattr(outputs, "_LOOKED_AT", 5_000)
    notebook.starts("r")
    for number in range(1000):
        notebook.shows("r", f"{number}" + "x" * 1000)
        assert notebook.held() < 110_000
    assert "outputs before this" in notebook.outputs("r")[0]["text"]


def test_half_a_character_is_written_and_read(notebook: Notebook) -> None:
    notebook.starts("r")
    notebook.prints("r", "\ud83d half, 😀 whole\r")
    notebook.shows("r", "\ud83d")
    notebook.write()
    again = Notebook(notebook.files.folder)
    assert again.outputs("r") == notebook.outputs("r")
    assert again.outputs("r")[0]["text"] == "\ufffd half, 😀 whole"


def test_a_line_of_a_later_version_is_passed_over(notebook: Notebook) -> None:
    notebook.starts("r")
    notebook.prints("r", "one\n")
    notebook.write()
    with (notebook.files.folder / "journal.jsonl").open("a") as journal:
        journal.write('{"kind": "hologram", "run": "r"}\n[1]\n{"kind": "run"}\n{}\n')
    assert Notebook(notebook.files.folder).outputs("r") == notebook.outputs("r")
