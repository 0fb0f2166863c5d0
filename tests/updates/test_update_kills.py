"""An update or an undo whose process is killed, anywhere, by the system's own signal."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest

from tests.updates.bench import Bench, Kind
from tests.updates.notebooks import notebook
from tests.updates.trees import Content

POINTS = 25
UNDO_POINTS = 12


@contextmanager
def course(kind: Kind, root: Path) -> Iterator[Bench]:
    """Give a course with many files, half of which the attendee has changed."""
    bench = Bench(kind, root, serve=True)
    with bench.server:
        start: dict[str, Content] = {}
        mine: dict[str, Content] = {}
        new: dict[str, Content] = {}
        for number in range(5):
            cells = [f"# Part {number}", f"import monai  # {number}", "epochs = 4"]
            start[f"part {number}/n.ipynb"] = notebook(*cells)
            start[f"part {number}/data.txt"] = f"one {number}\n" * 2000
            new[f"part {number}/n.ipynb"] = notebook(cells[0] + "!", *cells[1:])
            new[f"part {number}/data.txt"] = f"two {number}\n" * 2000
            new[f"part {number}/new.txt"] = f"new {number}\n"
            if number % 2:
                mine[f"part {number}/n.ipynb"] = notebook(*cells, outputs={1: f"mine {number}"})
                mine[f"part {number}/data.txt"] = f"mine {number}\n"
        start["goes.txt"], new["goes.txt"] = "goes\n", None
        bench.publish(start)
        bench.bring()
        bench.edit(mine)
        bench.publish(new)
        yield bench


def killed(bench: Bench, kind: Literal["update", "undo"], after: float | None) -> float | None:
    """Run it in a child; return how long it took, or ``None`` if it was killed after seconds."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.updates.child"],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    with child:
        child.stdin.write(json.dumps({"kind": kind, "bench": bench.to_json()}) + "\n")
        child.stdin.flush()
        assert child.stdout.readline() == "ready\n"
        begin = time.monotonic()
        child.stdin.write("\n")
        child.stdin.flush()
        if after is None:
            assert child.stdout.readline() == "done\n"
            return time.monotonic() - begin
        time.sleep(after)
        child.send_signal(signal.SIGKILL)
        child.wait()
    return None


def all_bytes(*folders: Path) -> set[bytes]:
    return {
        file.read_bytes()
        for folder in folders
        for file in folder.rglob("*")
        if ".git" not in file.parts and file.is_file() and not file.is_symlink()
    }


def assert_nothing_lost(bench: Bench, before: dict[str, tuple[int, bytes]]) -> None:
    there = all_bytes(bench.target, bench.kept)
    lost = [path for path, (_, content) in before.items() if content not in there]
    assert [path for path in lost if not path.startswith(".monai-workshop")] == []


def visible(files: dict[str, tuple[int, bytes]]) -> dict[str, tuple[int, bytes]]:
    return {path: file for path, file in files.items() if not path.startswith(".monai-workshop/")}


def assert_old_or_new(
    bench: Bench, old: dict[str, tuple[int, bytes]], new: dict[str, tuple[int, bytes]]
) -> None:
    for path, there in visible(bench.exact()).items():
        assert there in (old.get(path), new.get(path)), path


def locks(bench: Bench) -> list[Path]:
    return list(bench.target.rglob("*.lock"))


@pytest.mark.parametrize("kind", ["git", "bundled"])
def test_killed_anywhere_in_an_update(kind: Kind, tmp_path: Path) -> None:
    with course(kind, tmp_path / "first") as bench:
        before = bench.exact()
        reference = bench.copy(tmp_path / "reference")
        seconds = killed(reference, "update", None)
        assert seconds is not None
        after = reference.exact()
        dice = random.Random(3)
        cut = 0
        for point in range(POINTS):
            one = bench.copy(tmp_path / f"killed {point}")
            killed(one, "update", seconds * (point + dice.random()) / POINTS)
            assert_nothing_lost(one, before)
            assert_old_or_new(one, before, after)
            assert locks(one) == []
            assert one.look().present
            if one.look().outdated:
                cut += 1
            else:
                assert visible(one.exact()) == visible(after)
            one.update()
            assert not one.look().outdated
            assert visible(one.exact()) == visible(after)
            assert one.leftovers() == []
            assert one.undo() == ()
            assert visible(one.exact()) == visible(before)
        assert cut > POINTS / 3


@pytest.mark.parametrize("kind", ["git", "bundled"])
def test_killed_in_undo_anywhere(kind: Kind, tmp_path: Path) -> None:
    with course(kind, tmp_path / "first") as bench:
        before = bench.exact()
        bench.update()
    since = {"part 1/n.ipynb": notebook("# Mine, since"), "part 2/new.txt": "mine, since\n"}
    bench.edit(since)
    after = bench.exact()
    seconds = killed(bench.copy(tmp_path / "reference"), "undo", None)
    assert seconds is not None
    dice = random.Random(4)
    for point in range(UNDO_POINTS):
        one = bench.copy(tmp_path / f"killed {point}")
        killed(one, "undo", seconds * (point + dice.random()) / UNDO_POINTS)
        assert_nothing_lost(one, before)
        assert_nothing_lost(one, {path: after[one.path(path)] for path in since})
        assert locks(one) == []
        if one.last() is not None:
            one.undo()
        assert one.look().outdated
        assert one.last() is None
        assert one.leftovers() == []
        there = visible(one.exact())
        assert {path: there[path] for path in visible(before)} == visible(before)
        assert len(set(there) - set(before)) == 2
        assert (one.work / "part 2" / "new.txt").read_text() == "mine, since\n"
