"""*Undo*, row by row."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jupyter_monai_workshop.errors import WorkshopError
from tests.git_server import git
from tests.updates.bench import Bench, Kind
from tests.updates.trees import Content, Link, Tree

START: Tree = {"a.txt": "one\n", "b.txt": "one\n", "goes.txt": "one\n", "f/x.txt": "one\n"}
NEXT: Tree = {
    "a.txt": "two\n",
    "b.txt": "two\n",
    "goes.txt": None,
    "f": "two\n",
    "new.txt": "two\n",
}


@pytest.fixture(params=["git", "bundled"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """A course that was updated; the attendee had changed ``b.txt`` before."""
    kind: Kind = request.param
    bench = Bench(kind, tmp_path / "bench")
    bench.publish(START)
    bench.bring()
    bench.edit({"b.txt": "mine\n"})
    bench.publish(NEXT)
    bench.update()
    return bench


BEFORE: dict[str, Content] = {**START, "b.txt": "mine\n"}


def refusal(bench: Bench) -> WorkshopError:
    before = bench.exact()
    with pytest.raises(WorkshopError) as caught:
        bench.undo()
    assert bench.exact() == before
    return caught.value


def only_dated(bench: Bench, path: str) -> str:
    """Return the dated name beside `path`, of which there must be one."""
    stem, dot, suffix = path.partition(".")
    pattern = (
        re.escape(stem) + r" \(your copy \d{4}-\d\d-\d\d \d\d\.\d\d\)" + re.escape(dot + suffix)
    )
    names = [name for name in bench.found() if re.match(pattern, name)]
    assert len(names) == 1
    return names[0]


def test_nothing_since(bench: Bench) -> None:
    assert bench.undo() == ()
    assert bench.found() == BEFORE
    assert bench.look().outdated
    assert bench.last() is None
    bench.update()
    assert bench.found()["a.txt"] == "two\n"


def test_changed_since(bench: Bench) -> None:
    bench.edit({"a.txt": "mine, since\n"})
    beside = bench.undo()
    name = only_dated(bench, "a.txt")
    assert beside == (bench.path(name),)
    assert bench.found() == {**BEFORE, name: "mine, since\n"}


def test_changed_what_came(bench: Bench) -> None:
    bench.edit({"new.txt": "mine\n"})
    assert bench.undo() == ()
    assert bench.found() == {**BEFORE, "new.txt": "mine\n"}


def test_deleted_since(bench: Bench) -> None:
    bench.edit({"a.txt": None})
    assert bench.undo() == ()
    assert bench.found() == BEFORE


def test_own_files_since(bench: Bench) -> None:
    bench.edit({"own/mine.txt": "mine\n", "goes.txt": "back by hand\n"})
    beside = bench.undo()
    name = only_dated(bench, "goes.txt")
    assert beside == (bench.path(name),)
    assert bench.found() == {**BEFORE, "own/mine.txt": "mine\n", name: "back by hand\n"}


def test_folder_in_the_way(bench: Bench) -> None:
    bench.edit({"a.txt": None, "a.txt/mine.txt": "mine\n"})
    bench.undo()
    there = bench.found()
    assert there["a.txt"] == "one\n"
    assert "mine\n" in there.values()


def test_came_in_the_place_of_a_folder(bench: Bench) -> None:
    bench.edit({"f": "mine, since\n"})
    bench.undo()
    name = only_dated(bench, "f")
    assert bench.found() == {**BEFORE, name: "mine, since\n"}


def test_link_in_the_way(tmp_path: Path) -> None:
    bench = Bench("bundled", tmp_path / "bench")
    bench.publish({"f/x.txt": "one\n"})
    bench.bring()
    bench.publish({"f/x.txt": "two\n"})
    bench.update()
    outside = tmp_path / "outside"
    outside.mkdir()
    bench.edit({"f": Link(str(outside))})
    assert refusal(bench).code == "in_the_way"
    assert list(outside.iterdir()) == []
    bench.edit({"f": None})
    bench.undo()
    assert bench.found() == {"f/x.txt": "one\n"}


def test_commits_since(tmp_path: Path) -> None:
    bench = Bench("git", tmp_path / "bench")
    bench.publish(START)
    bench.bring()
    bench.publish(NEXT)
    bench.update()
    bench.edit({"mine.txt": "mine\n"})
    git(bench.target, "add", "--all")
    git(bench.target, "commit", "--quiet", "--message", "Mine")
    mine = git(bench.target, "rev-parse", "HEAD")
    bench.undo()
    assert git(bench.target, "rev-parse", "HEAD") == mine
    assert bench.found() == {**START, "mine.txt": "mine\n"}
    assert bench.look().outdated


def test_pressed_twice(bench: Bench) -> None:
    bench.undo()
    failure = refusal(bench)
    assert failure.code == "nothing_to_undo"
    assert failure.hint


def test_never_updated(tmp_path: Path) -> None:
    bench = Bench("bundled", tmp_path / "bench")
    bench.publish(START)
    bench.bring()
    assert bench.last() is None
    assert refusal(bench).code == "nothing_to_undo"


def test_only_the_last_update_is_taken_back(bench: Bench) -> None:
    bench.publish({"a.txt": "three\n"})
    bench.update()
    bench.undo()
    assert bench.found()["a.txt"] == "two\n"
    assert refusal(bench).code == "nothing_to_undo"


def test_kept_copies_are_never_removed(bench: Bench) -> None:
    def kept() -> set[Path]:
        return {path.relative_to(bench.kept) for path in bench.kept.rglob("*") if path.is_file()}

    before = kept()
    bench.undo()
    bench.update()
    bench.publish({"a.txt": "three\n"})
    bench.update()
    assert kept() > before
