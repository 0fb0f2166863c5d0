"""What comes from a git server, what does not, and in what state it is then."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import GitSource
from jupyter_monai_workshop.materials import bring_materials, observe_materials
from tests.git_server import AUTO3DSEG, END_TO_END, SLIDES, SPARSE, GitServer, commit_all, git
from tests.materials.watching import Recorder, everything_in

HTTP = ("http",)


def bring(source: GitSource, target: Path) -> Recorder:
    progress = Recorder()
    state = bring_materials(
        source, target, definition_folder=target.parent, protocols=HTTP, progress=progress
    )
    assert state.present
    assert state.commit == source.commit
    return progress


def seen_by(git_folder: Path) -> set[str]:
    """Return the ids of all objects that lie in a repository."""
    listing = git(
        git_folder, "cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)"
    )
    return {line.split()[0] for line in listing.splitlines()}


def missing_from(clone: Path) -> set[str]:
    listing = git(clone, "rev-list", "--objects", "--all", "--missing=print")
    return {line[1:] for line in listing.splitlines() if line.startswith("?")}


def blobs(repository: Path, commit: str) -> dict[str, str]:
    """Return the blob id of every file of a commit by its path."""
    listing = git(repository, "ls-tree", "-r", "-z", commit).split("\0")
    return {line.split("\t")[1]: line.split("\t")[0].split()[2] for line in listing if line}


def files_in(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


def attendee(folder: Path, *arguments: str) -> str:
    """Run git as the attendee does; an error message of any kind fails the test."""
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_pinned_files_arrive_byte_for_byte(
    source: GitSource, bootcamp: Path, target: Path
) -> None:
    bring(source, target)
    expected = {path for path in blobs(bootcamp, source.commit) if path.startswith(SPARSE)}
    assert {END_TO_END, AUTO3DSEG} < expected
    assert files_in(target) == expected
    for path in expected:
        assert (target / path).read_bytes() == (bootcamp / path).read_bytes()


def test_what_nobody_wants_does_not_travel(source: GitSource, bootcamp: Path, target: Path) -> None:
    bring(source, target)
    all_blobs = blobs(bootcamp, source.commit)
    rules = {".gitignore", ".gitattributes"}
    outside = {
        id_ for path, id_ in all_blobs.items() if not path.startswith(SPARSE) and path not in rules
    }
    assert all_blobs[SLIDES] in outside
    assert missing_from(target) == outside

    listing = git(bootcamp, "ls-tree", "-r", "-t", "HEAD").splitlines()
    tree_ids = {line.split()[2] for line in listing if line.split()[1] == "tree"}
    root = git(bootcamp, "rev-parse", "HEAD^{tree}").strip()
    inside = set(all_blobs.values()) - outside
    assert seen_by(target) == {source.commit, root} | tree_ids | inside


def test_status_and_diff_work_without_a_server(
    source: GitSource, server: GitServer, target: Path
) -> None:
    bring(source, target)
    asked = len(server.requests)
    assert attendee(target, "status", "--porcelain") == ""
    assert attendee(target, "diff") == ""
    notebook = target / AUTO3DSEG
    notebook.write_text(notebook.read_text().replace("num_fold = 1", "num_fold = 2"))
    assert attendee(target, "status", "--porcelain").startswith(" M ")
    assert '+    "num_fold = 2"' in attendee(target, "diff")
    assert len(server.requests) == asked


def test_a_second_call_changes_nothing_and_asks_nobody(
    source: GitSource, server: GitServer, target: Path
) -> None:
    bring(source, target)
    before, asked = everything_in(target.parent), len(server.requests)
    bring(source, target)
    assert everything_in(target.parent) == before
    assert len(server.requests) == asked


def test_edits_and_commits_of_the_attendee_stay(source: GitSource, target: Path) -> None:
    bring(source, target)
    (target / AUTO3DSEG).write_text("mine")
    (target / "MONAICore/notes.txt").write_text("mine too")
    git(target, "commit", "--quiet", "--all", "--message", "My work")
    git(target, "pack-refs", "--all")
    before = everything_in(target)
    bring(source, target)
    assert everything_in(target) == before
    assert observe_materials(source, target, definition_folder=target).present


def test_the_fraction_grows_from_nothing_to_all(source: GitSource, target: Path) -> None:
    progress = bring(source, target)
    assert progress.fractions == sorted(progress.fractions)
    assert (progress.fractions[0], progress.fractions[-1]) == (0.0, 1.0)
    assert len(set(progress.fractions)) > 10
    assert progress.phases[0] == "looking"
    assert {"connecting", "receiving", "writing", "verifying"} <= set(progress.phases)


def test_a_server_without_filters_still_works(
    source: GitSource, bootcamp: Path, target: Path
) -> None:
    with GitServer(bootcamp, filters=False) as plain:
        bring(source.model_copy(update={"urls": (plain.url,)}), target)
    assert missing_from(target) == set()
    assert SLIDES not in files_in(target)
    assert files_in(target)
    assert attendee(target, "status", "--porcelain") == ""
    first = git(bootcamp, "rev-list", "--max-parents=0", "HEAD").strip()
    assert not seen_by(target) & {first, blobs(bootcamp, first)["MONAICore/before.png"]}


@pytest.mark.parametrize("filters", [True, False])
@pytest.mark.parametrize("back", [0, 1])
def test_an_old_server_that_refuses_bare_ids_still_works(
    source: GitSource, bootcamp: Path, target: Path, back: int, filters: bool
) -> None:
    commit = git(bootcamp, "rev-parse", f"HEAD~{back}").strip()
    with GitServer(bootcamp, protocol=0, filters=filters) as old:
        wanted = source.model_copy(update={"urls": (old.url,), "commit": commit})
        progress = bring(wanted, target)
    assert (target / END_TO_END).read_text() == git(bootcamp, "show", f"{commit}:{END_TO_END}")
    assert SLIDES not in files_in(target)
    assert attendee(target, "rev-parse", "HEAD").strip() == commit
    assert attendee(target, "status", "--porcelain") == ""
    assert progress.fractions == sorted(progress.fractions)


def test_an_older_commit_is_found_by_its_id(
    source: GitSource, bootcamp: Path, target: Path
) -> None:
    commit = git(bootcamp, "rev-parse", "HEAD~1").strip()
    bring(source.model_copy(update={"commit": commit}), target)
    assert (target / "MONAICore/before.png").exists()
    assert not (target / AUTO3DSEG).exists()
    assert git(target, "rev-list", "--count", "HEAD").strip() == "1"


def test_without_sparse_paths_everything_of_the_commit_comes(
    source: GitSource, bootcamp: Path, target: Path
) -> None:
    bring(source.model_copy(update={"sparse": ()}), target)
    assert files_in(target) == set(blobs(bootcamp, source.commit))
    assert missing_from(target) == set()
    assert attendee(target, "status", "--porcelain") == ""


def test_sparse_paths_may_be_files_and_have_odd_letters(
    source: GitSource, bootcamp: Path, target: Path
) -> None:
    odd = "folder [1] #!* é"
    (bootcamp / odd).mkdir()
    (bootcamp / odd / "a file \\ here.txt").write_text("x")
    (bootcamp / "folder 1").mkdir()
    (bootcamp / "folder 1" / "not wanted.txt").write_text("y")
    commit = commit_all(bootcamp, "Odd")
    bring(source.model_copy(update={"commit": commit, "sparse": (odd, "README.md")}), target)
    assert files_in(target) == {f"{odd}/a file \\ here.txt", "README.md"}
    assert attendee(target, "status", "--porcelain") == ""


def test_line_ends_follow_the_repository_and_its_attributes(
    source: GitSource, bootcamp: Path, target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    habits = tmp_path / "gitconfig"
    habits.write_text("[core]\n\tautocrlf = true\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(habits))
    (bootcamp / ".gitattributes").write_text("*.cmd text eol=crlf\n")
    (bootcamp / "MONAICore/start.cmd").write_bytes(b"one\ntwo\n")
    commit = commit_all(bootcamp, "Attributes")
    bring(source.model_copy(update={"commit": commit}), target)
    assert (target / "MONAICore/start.cmd").read_bytes() == b"one\r\ntwo\r\n"
    assert b"\r" not in (target / AUTO3DSEG).read_bytes()
    assert attendee(target, "status", "--porcelain") == ""


def test_links_inside_the_materials_are_kept(
    source: GitSource, bootcamp: Path, target: Path
) -> None:
    (bootcamp / "MONAICore/deep").mkdir()
    (bootcamp / "MONAICore/deep/link").symlink_to("../transforms chain.png")
    bring(source.model_copy(update={"commit": commit_all(bootcamp, "A link")}), target)
    assert (target / "MONAICore/deep/link").resolve() == target / "MONAICore/transforms chain.png"


def test_pointers_of_large_files_and_submodules_are_left_alone(
    source: GitSource, bootcamp: Path, target: Path
) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    (bootcamp / ".gitattributes").write_text("*.bin filter=lfs diff=lfs merge=lfs -text\n")
    (bootcamp / "MONAICore/model.bin").write_text(pointer)
    (bootcamp / ".gitmodules").write_text(
        '[submodule "s"]\n\tpath = MONAICore/sub\n\turl = ../nowhere\n'
    )
    git(bootcamp, "update-index", "--add", "--cacheinfo", f"160000,{source.commit},MONAICore/sub")
    (bootcamp / "MONAICore/sub").mkdir()
    git(bootcamp, "add", ".gitattributes", ".gitmodules", "MONAICore/model.bin")
    git(bootcamp, "commit", "--quiet", "--message", "Large files and a submodule")
    commit = git(bootcamp, "rev-parse", "HEAD").strip()
    bring(source.model_copy(update={"commit": commit}), target)
    assert (target / "MONAICore/model.bin").read_text() == pointer
    assert not list((target / "MONAICore/sub").iterdir())


def test_hooks_and_variables_of_the_machine_have_no_effect(
    source: GitSource, target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("post-checkout", "reference-transaction"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch '{tmp_path}/hook ran'\n")
        (hooks / name).chmod(0o755)
    habits = tmp_path / "gitconfig"
    habits.write_text(f"[core]\n\thooksPath = {hooks}\n[init]\n\ttemplateDir = {hooks}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(habits))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "elsewhere too"))
    environment = dict(os.environ)
    bring(source, target)
    assert dict(os.environ) == environment
    assert not (tmp_path / "hook ran").exists()
    assert not (tmp_path / "elsewhere").exists()
    monkeypatch.delenv("GIT_DIR")
    monkeypatch.delenv("GIT_WORK_TREE")
    assert attendee(target, "status", "--porcelain") == ""
    assert (target / AUTO3DSEG).exists()


def test_looking_starts_no_process_and_writes_nothing(
    source: GitSource, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(source, target)
    before = everything_in(target.parent)
    monkeypatch.setenv("PATH", "")
    assert observe_materials(source, target, definition_folder=target.parent).present
    assert everything_in(target.parent) == before
