"""A data set that is a folder of a repository comes whole, alone, and proved by its commit."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import GitDataSet
from jupyter_monai_workshop.errors import Cancelled, WorkshopError
from jupyter_monai_workshop.jobs.progress import Phase
from jupyter_monai_workshop.materials.data_failures import NotEnoughRoom
from jupyter_monai_workshop.materials.data_sets import (
    DataState,
    bring_data,
    data_folder,
    observe_data,
)
from tests.git_server import AUTO3DSEG, END_TO_END, SPARSE, GitServer, commit_all, git
from tests.materials.data_workbench import HTTP, QUICK, files_in
from tests.materials.watching import Recorder, everything_in

COURSE = SPARSE
PROVIDES = ("MONAI End-to-End Workflow - Solution.ipynb",)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def data(server: GitServer, bootcamp: Path) -> GitDataSet:
    return data_set(git(bootcamp, "rev-parse", "HEAD").strip(), server.url)


@pytest.fixture
def course(bootcamp: Path) -> dict[str, bytes]:
    """What the data set should hold."""
    return files_in(bootcamp / COURSE)


def data_set(commit: str, *urls: str, path: str = COURSE) -> GitDataSet:
    return GitDataSet(
        kind="git",
        id="templates",
        title="Templates",
        urls=urls,
        commit=commit,
        path=path,
        size=500_000,
        provides=PROVIDES if path == COURSE else (),
        variable="TEMPLATES",
    )


def bring(
    data: GitDataSet, root: Path, replacement: str = "", *, check: bool = True
) -> tuple[DataState, Recorder]:
    progress = Recorder()
    state = bring_data(
        data,
        root,
        replacement=replacement,
        check_replacement=check,
        protocols=HTTP,
        progress=progress,
        patience=QUICK,
    )
    assert state == observe_data(data, root)
    return state, progress


def failure_of(data: GitDataSet, root: Path, replacement: str = "") -> str:
    with pytest.raises(WorkshopError) as failed:
        bring(data, root, replacement)
    assert not observe_data(data, root).present
    assert failed.value.hint
    return failed.value.code


def test_the_folder_comes_without_the_repository(
    data: GitDataSet, root: Path, course: dict[str, bytes]
) -> None:
    before = observe_data(data, root)
    assert (before.present, before.folder) == (False, None)
    assert not root.exists()
    state, progress = bring(data, root)
    assert state.present
    assert state.folder == data_folder(data, root) == root / f"templates-{data.commit[:12]}"
    assert {Path(AUTO3DSEG).name, Path(END_TO_END).name} <= set(course)
    assert files_in(state.folder) == course
    assert not (state.folder / ".git").exists()
    assert [path.name for path in root.iterdir()] == [state.folder.name]
    assert progress.fractions == sorted(progress.fractions)
    assert progress.fractions[-1] == 1
    assert {"connecting", "receiving", "writing", "verifying"} <= set(progress.phases)


def test_a_second_call_asks_nobody(data: GitDataSet, root: Path, server: GitServer) -> None:
    bring(data, root)
    asked, kept = len(server.requests), everything_in(root)
    bring(data, root)
    assert len(server.requests) == asked
    assert everything_in(root) == kept


def test_another_commit_is_another_folder(
    data: GitDataSet, root: Path, bootcamp: Path, course: dict[str, bytes]
) -> None:
    bring(data, root)
    (bootcamp / COURSE / "new.txt").write_text("new\n")
    newer = data.model_copy(update={"commit": commit_all(bootcamp, "newer")})
    bring(newer, root)
    assert files_in(data_folder(data, root)) == course
    assert files_in(data_folder(newer, root)) == {**course, "new.txt": b"new\n"}


def test_a_folder_deep_in_the_repository(
    data: GitDataSet, root: Path, bootcamp: Path, server: GitServer
) -> None:
    deep = data_set(data.commit, server.url, path="MONAIDeploy/images")
    bring(deep, root)
    assert files_in(data_folder(deep, root)) == files_in(bootcamp / "MONAIDeploy/images")


def test_a_missing_file_comes_back_and_nothing_of_the_attendee_is_lost(
    data: GitDataSet, root: Path, course: dict[str, bytes]
) -> None:
    folder = bring(data, root)[0].folder
    assert folder is not None
    (folder / "mine.txt").write_text("mine")
    assert observe_data(data, root).present
    (folder / PROVIDES[0]).unlink()
    assert not observe_data(data, root).present
    bring(data, root)
    assert files_in(folder) == {**course, "mine.txt": b"mine"}
    assert [path.name for path in root.iterdir()] == [folder.name]


def test_a_changed_file_is_set_aside(
    data: GitDataSet, root: Path, course: dict[str, bytes]
) -> None:
    folder = bring(data, root)[0].folder
    assert folder is not None
    (folder / PROVIDES[0]).write_text("changed")
    assert not observe_data(data, root).present
    bring(data, root)
    assert files_in(folder) == course
    [aside] = [path for path in root.iterdir() if path != folder]
    assert files_in(aside) == {PROVIDES[0]: b"changed"}


@pytest.mark.parametrize("phase", ["looking", "connecting", "receiving", "writing", "verifying"])
def test_stopped_then_nothing_counts_and_the_next_call_finishes(
    data: GitDataSet, root: Path, phase: Phase, course: dict[str, bytes]
) -> None:
    with pytest.raises(Cancelled):
        bring_data(data, root, protocols=HTTP, progress=Recorder(phase), patience=QUICK)
    assert not observe_data(data, root).present
    bring(data, root)
    assert files_in(data_folder(data, root)) == course
    assert [path.name for path in root.iterdir()] == [data_folder(data, root).name]


def test_what_had_arrived_is_not_fetched_again(
    data: GitDataSet, root: Path, server: GitServer
) -> None:
    with pytest.raises(Cancelled):
        bring_data(data, root, protocols=HTTP, progress=Recorder("writing"), patience=QUICK)
    assert server.requests
    server.requests.clear()
    bring(data, root)
    assert server.requests == []


def test_the_second_address_is_asked(
    data: GitDataSet, root: Path, bootcamp: Path, course: dict[str, bytes]
) -> None:
    with GitServer(bootcamp, answer=404) as first:
        two = data.model_copy(update={"urls": (first.url, *data.urls)})
        bring(two, root)
        assert first.requests
    assert files_in(data_folder(two, root)) == course


def test_a_commit_or_a_protocol_that_cannot_be_had(data: GitDataSet, root: Path) -> None:
    assert failure_of(data.model_copy(update={"commit": "0" * 40}), root) == "commit_missing"
    assert failure_of(data.model_copy(update={"urls": ("ssh://h/x",)}), root) == "protocol_refused"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"path": "nowhere"}, "path_missing"),
        ({"path": END_TO_END}, "data_incomplete"),
        ({"provides": ("nothing",)}, "data_incomplete"),
    ],
)
def test_what_does_not_fit_does_not_stay(
    data: GitDataSet, root: Path, change: dict[str, object], code: str
) -> None:
    assert failure_of(data.model_copy(update=change), root) == code
    assert list(root.iterdir()) == []


def test_a_link_out_of_the_folder_is_refused(data: GitDataSet, root: Path, bootcamp: Path) -> None:
    (bootcamp / COURSE / "slides.md").symlink_to("../README.md")
    linked = data.model_copy(update={"commit": commit_all(bootcamp, "a link")})
    assert failure_of(linked, root) == "unsafe_link"
    assert files_in(root) == {}


def test_a_link_within_the_folder_stays(data: GitDataSet, root: Path, bootcamp: Path) -> None:
    (bootcamp / COURSE / "start.ipynb").symlink_to(PROVIDES[0])
    linked = data.model_copy(update={"commit": commit_all(bootcamp, "a link")})
    folder = bring(linked, root)[0].folder
    assert folder is not None
    assert (folder / "start.ipynb").readlink() == Path(PROVIDES[0])


def test_without_room_nobody_is_asked(data: GitDataSet, root: Path, server: GitServer) -> None:
    with pytest.raises(NotEnoughRoom):
        bring(data.model_copy(update={"size": 1 << 60}), root)
    assert server.requests == []
    assert list(root.iterdir()) == []


# Copies in its place


def test_a_repository_on_the_disk(
    data: GitDataSet, root: Path, bootcamp: Path, server: GitServer, course: dict[str, bytes]
) -> None:
    before = everything_in(bootcamp)
    state, _ = bring(data, root, str(bootcamp))
    assert "copy" in state.message
    assert state.folder == data_folder(data, root) == data_folder(data, root, str(bootcamp))
    assert files_in(state.folder) == course
    assert everything_in(bootcamp) == before
    assert server.requests == []


def test_a_bare_repository_by_its_address(
    data: GitDataSet, root: Path, bootcamp: Path, tmp_path: Path, course: dict[str, bytes]
) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(bootcamp), "bare copy.git")
    bring(data, root, (tmp_path / "bare copy.git").as_uri())
    assert files_in(data_folder(data, root)) == course


def test_a_bundle(
    data: GitDataSet,
    root: Path,
    bootcamp: Path,
    server: GitServer,
    tmp_path: Path,
    course: dict[str, bytes],
) -> None:
    bundle = tmp_path / "templates.bundle"
    git(bootcamp, "bundle", "create", str(bundle), "main")
    bring(data, root, str(bundle))
    assert files_in(data_folder(data, root)) == course
    bundle.unlink()
    assert bring(data, root, str(bundle))[0].present
    assert server.requests == []


def test_another_address(
    data: GitDataSet, root: Path, bootcamp: Path, server: GitServer, course: dict[str, bytes]
) -> None:
    with GitServer(bootcamp) as mirror:
        bring(data, root, mirror.url)
        assert mirror.requests
    assert server.requests == []
    assert files_in(data_folder(data, root)) == course


def test_a_repository_without_the_commit_is_refused_whether_checked_or_not(
    data: GitDataSet, root: Path, bootcamp: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "--quiet")
    (other / COURSE).mkdir()
    (other / COURSE / PROVIDES[0]).write_text("not this")
    commit_all(other, "another")
    assert failure_of(data, root, str(other)) == "commit_missing"
    with pytest.raises(WorkshopError):
        bring(data, root, str(other), check=False)
    # What comes by git is proved, so it is the same wherever it comes from.
    state, _ = bring(data, root, str(bootcamp), check=False)
    assert "not checked" not in state.message
    kept = everything_in(root)
    bring(data, root)
    assert everything_in(root) == kept


def test_a_folder_is_used_where_it_is(data: GitDataSet, root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shared disk"
    folder.mkdir()
    assert failure_of(data, root, str(folder)) == "data_incomplete"
    (folder / PROVIDES[0]).write_text("mine")
    before = everything_in(folder)
    state, _ = bring(data, root, str(folder))
    assert state.present
    assert state.folder == folder == data_folder(data, root, str(folder))
    assert everything_in(folder) == before
    assert "not checked" in bring(data, root, str(folder), check=False)[0].message


def test_a_copy_that_is_not_there(data: GitDataSet, root: Path, tmp_path: Path) -> None:
    assert failure_of(data, root, str(tmp_path / "gone.bundle")) == "replacement_missing"
