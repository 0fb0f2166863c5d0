"""Updates that cannot go on: full disks, lost networks, stops, others who write, old folders."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import GitSource
from jupyter_monai_workshop.errors import Cancelled, WorkshopError
from jupyter_monai_workshop.jobs.progress import Phase
from tests.materials.watching import Recorder, files_at_most
from tests.updates.bench import Bench, Kind
from tests.updates.child import run_and_die
from tests.updates.notebooks import has, notebook
from tests.updates.trees import Tree

START: Tree = {"a.txt": "one\n", "big.bin": b"1" * 300_000, "n.ipynb": notebook("# One", "x = 1")}
NEXT: Tree = {"a.txt": "two\n", "big.bin": b"2" * 300_000, "n.ipynb": notebook("# Two", "x = 1")}
MINE = notebook("# One", "x = 1", outputs={1: "mine"})


@pytest.fixture(params=["git", "bundled"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    kind: Kind = request.param
    bench = Bench(kind, tmp_path / "bench")
    bench.publish(START)
    bench.bring()
    bench.edit({"n.ipynb": MINE})
    bench.publish(NEXT)
    return bench


def refused(bench: Bench, work: Callable[[], object]) -> WorkshopError:
    """Return the failure of `work`, which must leave everything as it was."""
    before = bench.exact()
    with pytest.raises(WorkshopError) as caught:
        work()
    assert bench.exact() == before
    assert bench.leftovers() == []
    assert bench.look().outdated
    return caught.value


def assert_updated(bench: Bench) -> None:
    there = bench.found()
    assert there["a.txt"] == "two\n"
    assert there["big.bin"] == "2" * 300_000
    text = there["n.ipynb"]
    assert isinstance(text, str)
    assert has("# Two", "x = 1", outputs=("mine",))(text)
    assert not bench.look().outdated
    assert bench.leftovers() == []


@pytest.mark.parametrize("room", [0, 100, 3_000, 100_000])
def test_full_disk(bench: Bench, room: int) -> None:
    with files_at_most(room):
        failure = refused(bench, bench.update)
    assert failure.code == "disk_full"
    assert failure.hint
    bench.update()
    assert_updated(bench)
    bench.undo()
    assert bench.found()["n.ipynb"] == MINE


def test_full_disk_in_undo(bench: Bench) -> None:
    bench.update()
    after = bench.exact()
    with files_at_most(3_000), pytest.raises(WorkshopError) as caught:
        bench.undo()
    assert caught.value.code == "disk_full"
    kept = {file.read_bytes() for file in bench.kept.rglob("*") if file.is_file()}
    there = {content for _, content in bench.exact().values()}
    assert {content for _, content in after.values()} <= kept | there | {
        (bench.organiser / path).read_bytes() for path in NEXT
    }
    bench.undo()
    assert bench.found() == {**START, "big.bin": "1" * 300_000, "n.ipynb": MINE}


def test_network_gone(tmp_path: Path) -> None:
    bench = Bench("git", tmp_path / "bench")
    bench.publish(START)
    bench.bring()
    bench.publish(NEXT)
    assert isinstance(bench.source, GitSource)
    there = bench.source
    bench.source = there.model_copy(update={"urls": (str(tmp_path / "nowhere"),)})
    assert refused(bench, bench.update).code == "repository_missing"
    assert bench.last() is None
    bench.source = there
    bench.update()
    assert bench.found()["a.txt"] == "two\n"


@pytest.mark.parametrize("phase", ["looking", "verifying", "merging"])
def test_stopped(bench: Bench, phase: Phase) -> None:
    before = bench.exact()
    with pytest.raises(Cancelled):
        bench.update(progress=Recorder(stop_at=phase))
    assert bench.exact() == before
    assert bench.look().outdated
    assert bench.leftovers() == []
    assert not bench.kept.exists()
    bench.update()
    assert_updated(bench)


@pytest.mark.parametrize("at", [0.85, 0.9])
def test_written_meanwhile(bench: Bench, at: float) -> None:
    """The notebook is saved again between the look and the change, as JupyterLab does."""
    saved = notebook("# One", "x = 1", "y = 2", outputs={1: "mine"})

    class Saving(Recorder):
        def report(self, phase: Phase, fraction: float | None = None, message: str = "") -> None:
            if (fraction or 0) >= at and not any(told >= at for told in self.fractions):
                bench.edit({"n.ipynb": saved})
            super().report(phase, fraction, message)

    bench.update(progress=Saving())
    text = bench.found()["n.ipynb"]
    assert isinstance(text, str)
    assert has("# Two", "x = 1", "y = 2", outputs=("mine",))(text)
    bench.undo()
    assert saved in bench.found().values()


def test_written_all_the_time(bench: Bench) -> None:
    class Saving(Recorder):
        times = 0

        def report(self, phase: Phase, fraction: float | None = None, message: str = "") -> None:
            if phase == "copying" and (fraction or 0) >= 0.85:
                self.times += 1
                bench.edit({"n.ipynb": notebook("# One", f"x = {self.times}")})
            super().report(phase, fraction, message)

    progress = Saving()
    with pytest.raises(WorkshopError) as caught:
        bench.update(progress=progress)
    assert caught.value.code == "changed_meanwhile"
    assert progress.times > 1
    assert bench.found() == {
        **START,
        "big.bin": "1" * 300_000,
        "n.ipynb": notebook("# One", f"x = {progress.times}"),
    }
    bench.update()
    assert not bench.look().outdated


def test_older_materials(tmp_path: Path) -> None:
    bench = Bench("bundled", tmp_path / "bench")
    bench.publish(START)
    bench.bring()
    shutil.rmtree(bench.target / ".monai-workshop")
    bench.edit({"n.ipynb": MINE})
    bench.publish(NEXT)
    bench.update()
    there = bench.found()
    assert there["a.txt"] == "two\n"
    assert there["n.ipynb"] == MINE
    assert there["n (from the workshop).ipynb"] == NEXT["n.ipynb"]
    # From now on there are pristine copies.
    bench.publish({"n.ipynb": notebook("# Three", "x = 1"), "a.txt": "three\n"})
    bench.edit({"n.ipynb": notebook("# Two", "x = 1", outputs={1: "mine"})})
    bench.update()
    text = bench.found()["n.ipynb"]
    assert isinstance(text, str)
    assert has("# Three", "x = 1", outputs=("mine",))(text)


@pytest.mark.parametrize("fraction", [0.3, 0.6, 0.9, 0.97])
def test_edited_between_two_tries(bench: Bench, tmp_path: Path, fraction: float) -> None:
    calm = bench.copy(tmp_path / "calm")
    writes = run_and_die(calm.update, calm.root, at=0)
    assert run_and_die(bench.update, bench.root, at=int(writes * fraction)) == -1
    edited = notebook("# One", "x = 1", "between = 1")
    bench.edit({"n.ipynb": edited})
    bench.update()
    assert not bench.look().outdated
    bench.undo()
    assert edited in bench.found().values()
    assert bench.look().outdated


def test_newer_version_between_two_tries(bench: Bench, tmp_path: Path) -> None:
    calm = bench.copy(tmp_path / "calm")
    writes = run_and_die(calm.update, calm.root, at=0)
    before = bench.found()
    assert run_and_die(bench.update, bench.root, at=int(writes * 0.9)) == -1
    bench.publish({"a.txt": "three\n"})
    bench.update()
    assert bench.found()["a.txt"] == "three\n"
    bench.undo()
    there = bench.found()
    assert {path: there[path] for path in before} == before


def test_a_pipe_in_a_files_place_is_not_read(bench: Bench) -> None:
    bench.edit({"a.txt": None})
    os.mkfifo(bench.work / "a.txt")
    report = bench.update()
    assert report.beside == (bench.path("a (from the workshop).txt"),)
    assert (bench.work / "a.txt").is_fifo()
    assert (bench.work / "a (from the workshop).txt").read_text() == "two\n"


def test_a_folder_that_is_not_ours(tmp_path: Path) -> None:
    bench = Bench("bundled", tmp_path / "bench")
    bench.publish(START)
    with pytest.raises(WorkshopError) as caught:
        bench.update()
    assert caught.value.code == "materials_not_there"
    bench.edit({"mine.txt": "mine\n"})
    with pytest.raises(WorkshopError) as caught:
        bench.update()
    assert caught.value.code == "materials_not_there"
    assert bench.found() == {"mine.txt": "mine\n"}


def test_bringing_never_updates(bench: Bench) -> None:
    before = bench.exact()
    state = bench.bring()
    assert (state.present, state.outdated) == (True, True)
    assert bench.exact() == before


def test_a_linked_target_is_followed_to_where_it_is(bench: Bench) -> None:
    real = bench.root / "another disk"
    bench.target.rename(real)
    bench.target.symlink_to(real)
    bench.update()
    assert bench.target.is_symlink()
    assert (real / bench.path("a.txt")).read_text() == "two\n"
    assert bench.last() is not None
    bench.undo()
    assert bench.found()["n.ipynb"] == MINE


def test_nothing_new_is_nothing_to_do(tmp_path: Path) -> None:
    bench = Bench("bundled", tmp_path / "bench")
    bench.publish(START)
    bench.bring()
    before = bench.exact()
    report = bench.update()
    assert (report.followed, report.can_undo) == (0, False)
    assert bench.exact() == before
    assert not bench.kept.exists()
