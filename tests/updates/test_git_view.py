"""What git says of a folder after an update, an undo, and cuts; the server speaks smart HTTP."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import GitSource
from tests.git_server import git
from tests.updates.bench import SPARSE, Bench
from tests.updates.trees import found

START = {"a.txt": "one\n", "b.txt": "one\n", "goes.txt": "one\n"}
NEXT = {"a.txt": "two\n", "b.txt": "two\n", "goes.txt": None, "new.txt": "two\n"}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench("git", tmp_path / "bench", serve=True)
    with bench.server:
        bench.publish(START)
        bench.bring()
        bench.publish(NEXT)
        yield bench


def base(bench: Bench) -> str:
    return git(bench.target, "rev-parse", "refs/monai-workshop/base").strip()


def commit(bench: Bench) -> str:
    assert isinstance(bench.source, GitSource)
    return bench.source.commit


def head(bench: Bench) -> str:
    return git(bench.target, "rev-parse", "HEAD").strip()


def status(bench: Bench) -> list[str]:
    return git(bench.target, "status", "--porcelain").splitlines()


def complaints(bench: Bench) -> list[str]:
    """Return what ``git fsck`` finds wrong; commits of versions that went back are not."""
    done = subprocess.run(
        ["git", "fsck", "--full", "--strict", "--no-dangling"],
        cwd=bench.target,
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stdout + done.stderr).splitlines() if done.returncode else []


def commit_mine(bench: Bench) -> str:
    git(bench.target, "add", "--all")
    git(bench.target, "commit", "--quiet", "--message", "Mine")
    return head(bench)


def test_branch_as_it_was(bench: Bench) -> None:
    bench.edit({"b.txt": "mine\n", "mine.txt": "mine\n"})
    bench.update()
    assert head(bench) == base(bench) == commit(bench)
    assert git(bench.target, "symbolic-ref", "HEAD").strip() == "refs/heads/workshop"
    assert status(bench) == [
        f" M {SPARSE}/b.txt",
        f'?? "{SPARSE}/b (from the workshop).txt"',
        f"?? {SPARSE}/mine.txt",
    ]
    assert complaints(bench) == []
    bench.undo()
    assert head(bench) == base(bench) != commit(bench)
    assert status(bench) == [f" M {SPARSE}/b.txt", f"?? {SPARSE}/mine.txt"]
    assert complaints(bench) == []


def test_commits_of_their_own(bench: Bench) -> None:
    bench.edit({"b.txt": "mine\n"})
    mine = commit_mine(bench)
    bench.update()
    assert head(bench) == mine
    assert base(bench) == commit(bench)
    assert (bench.work / "a.txt").read_text() == "two\n"
    assert git(bench.target, "show", f"{mine}:{SPARSE}/b.txt") == "mine\n"
    assert complaints(bench) == []
    bench.undo()
    assert head(bench) == mine
    assert status(bench) == []


def test_something_staged(bench: Bench) -> None:
    old = head(bench)
    bench.edit({"mine.txt": "mine\n"})
    git(bench.target, "add", f"{SPARSE}/mine.txt")
    bench.update()
    assert head(bench) == old
    assert f"A  {SPARSE}/mine.txt" in status(bench)
    assert (bench.work / "a.txt").read_text() == "two\n"
    bench.undo()
    assert status(bench) == [f"A  {SPARSE}/mine.txt"]


def test_another_branch(bench: Bench) -> None:
    old = head(bench)
    git(bench.target, "checkout", "--quiet", "-b", "mine")
    bench.update()
    assert git(bench.target, "symbolic-ref", "HEAD").strip() == "refs/heads/mine"
    assert head(bench) == old
    assert base(bench) == commit(bench)
    assert complaints(bench) == []


def test_merge_under_way(bench: Bench) -> None:
    git(bench.target, "checkout", "--quiet", "-b", "mine")
    bench.edit({"b.txt": "mine\n"})
    commit_mine(bench)
    git(bench.target, "checkout", "--quiet", "workshop")
    bench.edit({"b.txt": "mine too\n"})
    ours = commit_mine(bench)
    subprocess.run(["git", "merge", "mine"], cwd=bench.target, capture_output=True, check=False)
    assert (bench.target / ".git" / "MERGE_HEAD").exists()
    text = (bench.work / "b.txt").read_text()
    bench.update()
    assert head(bench) == ours
    assert (bench.target / ".git" / "MERGE_HEAD").exists()
    assert (bench.work / "b.txt").read_text() == text


def test_clone_made_by_hand(bench: Bench, tmp_path: Path) -> None:
    old = Bench.copy(bench, tmp_path / "other")
    git(old.home, "clone", "--quiet", bench.address, "by hand")
    old.target = old.home / "by hand"
    first = commit(bench)
    assert not old.look().present
    assert old.bring().present
    (old.work / "b.txt").write_text("mine\n")
    (old.repository / "beside.txt").write_text("outside of the course\n")
    old.publish({"a.txt": "three\n", "b.txt": "three\n"})
    old.publish({"a.txt": "four\n"})
    old.update()
    assert head(old) == first
    assert git(old.target, "symbolic-ref", "HEAD").strip() == "refs/heads/main"
    assert base(old) == commit(old)
    assert found(old.work) == {
        "a.txt": "four\n",
        "b.txt": "mine\n",
        "b (from the workshop).txt": "three\n",
        "new.txt": "two\n",
    }
    assert (old.target / "slides.bin").exists()
    assert complaints(old) == []
    # The attendee's own pull goes on working.
    git(old.target, "fetch", "--quiet", "--unshallow")
    assert git(old.target, "log", "--oneline", "origin/main").count("\n") == 4
    assert complaints(old) == []
    old.undo()
    assert status(old) == [f" M {SPARSE}/b.txt"]


def test_several_versions_one_after_the_other(bench: Bench) -> None:
    for number in range(3):
        bench.publish({"a.txt": f"version {number}\n", "b.txt": f"version {number}\n"})
        bench.publish({"new.txt": f"version {number}\n"})
        bench.edit({"mine.txt": f"{number}\n"})
        bench.update()
        assert head(bench) == base(bench) == commit(bench)
        assert status(bench) == [f"?? {SPARSE}/mine.txt"]
        assert complaints(bench) == []


def test_the_attendees_git_goes_on_working(bench: Bench) -> None:
    bench.edit({"b.txt": "mine\n"})
    bench.update()
    mine = commit_mine(bench)
    git(bench.target, "stash", "list")
    git(bench.target, "gc", "--quiet", "--prune=now")
    assert complaints(bench) == []
    assert head(bench) == mine
    bench.publish({"a.txt": "three\n"})
    bench.update()
    assert (bench.work / "a.txt").read_text() == "three\n"
    assert head(bench) == mine
    bench.undo()
    assert (bench.work / "a.txt").read_text() == "two\n"
    assert complaints(bench) == []


def test_other_paths_than_before(bench: Bench) -> None:
    """The new version of the workshop names one more folder."""
    (bench.repository / "extra").mkdir()
    (bench.repository / "extra" / "x.txt").write_text("extra\n")
    bench.publish({"a.txt": "three\n"})
    assert isinstance(bench.source, GitSource)
    bench.source = bench.source.model_copy(update={"sparse": (SPARSE, "extra")})
    bench.update()
    assert (bench.target / "extra" / "x.txt").read_text() == "extra\n"
    assert status(bench) == []
    assert complaints(bench) == []
    bench.undo()
    assert not (bench.target / "extra").exists()
    assert status(bench) == []


def test_fewer_paths_than_before(bench: Bench) -> None:
    bench.update()
    (bench.repository / "extra").mkdir()
    (bench.repository / "extra" / "x.txt").write_text("extra\n")
    bench.publish({"a.txt": "three\n"})
    assert isinstance(bench.source, GitSource)
    bench.source = bench.source.model_copy(update={"sparse": ("extra",)})
    bench.edit({"b.txt": "mine\n"})
    bench.update()
    assert (bench.target / "extra" / "x.txt").exists()
    assert found(bench.work) == {"b.txt": "mine\n"}
    assert complaints(bench) == []
    bench.undo()
    assert found(bench.work) == {"a.txt": "two\n", "b.txt": "mine\n", "new.txt": "two\n"}
    assert status(bench) == [f" M {SPARSE}/b.txt"]


def test_a_lock_that_another_git_left_stays_and_hinders_nothing(bench: Bench) -> None:
    lock = bench.target / ".git" / "index.lock"
    lock.touch()
    old = head(bench)
    bench.update()
    assert lock.exists()
    assert head(bench) == old
    assert base(bench) == commit(bench)
