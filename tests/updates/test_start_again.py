"""*Start again*, row by row."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from jupyter_monai_workshop.errors import WorkshopError
from tests.updates.bench import Bench, Kind
from tests.updates.cases import FIRE
from tests.updates.notebooks import notebook
from tests.updates.trees import Link

PLAIN = notebook("# Title", "import monai", "epochs = 4")
FRESH = notebook("# Title", "import monai\nimport fire", "epochs = 4")
MINE = notebook("# Mine", "import monai\nimport fire", outputs={1: "1.5"})
NAME = "lesson/My notebook.ipynb"


@pytest.fixture(params=["git", "bundled"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    kind: Kind = request.param
    bench = Bench(kind, tmp_path / "bench")
    bench.patches = {NAME: (FIRE,)}
    bench.publish({NAME: PLAIN, "other.txt": "one\n"})
    bench.bring()
    return bench


def test_worked_in_it(bench: Bench) -> None:
    bench.edit({NAME: MINE})
    beside = bench.start_again(NAME)
    assert beside.startswith(bench.path("lesson/My notebook (your copy "))
    assert bench.found() == {
        NAME: FRESH,
        "other.txt": "one\n",
        beside.removeprefix("course/"): MINE,
    }
    assert bench.leftovers() == []


def test_deleted_it(bench: Bench) -> None:
    bench.edit({"lesson": None})
    assert bench.start_again(NAME) == ""
    assert bench.found() == {NAME: FRESH, "other.txt": "one\n"}


def test_left_it_alone(bench: Bench) -> None:
    bench.edit({NAME: FRESH})
    before = bench.exact()
    assert bench.start_again(NAME) == ""
    assert bench.exact() == before


def test_not_patched_yet(bench: Bench) -> None:
    beside = bench.start_again(NAME)
    assert bench.found()[NAME] == FRESH
    assert (bench.target / beside).read_text() == PLAIN


@pytest.mark.parametrize("other", ["folder", "link"])
def test_replaced_it(bench: Bench, other: str) -> None:
    bench.edit({NAME: None})
    bench.edit({f"{NAME}/mine.txt": "mine\n"} if other == "folder" else {NAME: Link("/etc/hosts")})
    beside = bench.target / bench.start_again(NAME)
    assert bench.found()[NAME] == FRESH
    assert beside.is_dir() if other == "folder" else beside.is_symlink()


def test_newer_version_offered(bench: Bench) -> None:
    bench.edit({NAME: MINE})
    bench.publish({NAME: notebook("# Newer")})
    bench.start_again(NAME)
    assert bench.found()[NAME] == FRESH
    assert bench.look().outdated


def test_started_again_twice(bench: Bench) -> None:
    bench.edit({NAME: MINE})
    bench.start_again(NAME)
    before = bench.exact()
    assert bench.start_again(NAME) == ""
    assert bench.exact() == before


def test_after_an_update_it_is_of_the_new_version(bench: Bench) -> None:
    newer = notebook("# Newer", "import monai")
    bench.publish({NAME: newer})
    bench.update()
    bench.edit({NAME: MINE})
    bench.start_again(NAME)
    assert bench.found()[NAME] == notebook("# Newer", "import monai\nimport fire")


def test_a_patch_that_does_not_fit_is_left_out(tmp_path: Path) -> None:
    bench = Bench("bundled", tmp_path / "bench")
    bench.patches = {NAME: (FIRE,)}
    bench.publish({NAME: notebook("# Title", "x = 1")})
    bench.bring()
    bench.edit({NAME: MINE})
    bench.start_again(NAME)
    assert bench.found()[NAME] == notebook("# Title", "x = 1")


def test_a_notebook_that_the_version_does_not_have(bench: Bench) -> None:
    before = bench.exact()
    with pytest.raises(WorkshopError) as caught:
        bench.start_again("lesson/other.ipynb")
    assert caught.value.code == "notebook_not_given"
    assert bench.exact() == before


def test_a_folder_that_was_replaced_by_a_link(bench: Bench, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    bench.edit({"lesson": Link(str(outside))})
    with pytest.raises(WorkshopError) as caught:
        bench.start_again(NAME)
    assert caught.value.code == "in_the_way"
    assert list(outside.iterdir()) == []


def test_materials_that_are_not_there(bench: Bench) -> None:
    shutil.rmtree(bench.target)
    with pytest.raises(WorkshopError) as caught:
        bench.start_again(NAME)
    assert caught.value.code == "materials_not_there"


def test_older_bundled_materials(tmp_path: Path) -> None:
    """They were brought before pristine copies were kept; the package still has the file."""
    bench = Bench("bundled", tmp_path / "bench")
    bench.publish({NAME: PLAIN})
    bench.bring()
    shutil.rmtree(bench.target / ".monai-workshop")
    bench.edit({NAME: MINE})
    bench.start_again(NAME)
    assert bench.found()[NAME] == PLAIN
    bench.edit({NAME: MINE})
    bench.publish({NAME: notebook("# Newer")})
    with pytest.raises(WorkshopError) as caught:
        bench.start_again(NAME)
    assert caught.value.code == "notebook_not_given"
    assert bench.found()[NAME] == MINE
