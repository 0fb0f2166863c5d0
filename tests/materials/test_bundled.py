"""Materials that ship with a definition: copied whole, once, and never over what is there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import BundledSource
from jupyter_monai_workshop.errors import Cancelled, WorkshopError
from jupyter_monai_workshop.jobs.progress import Phase
from jupyter_monai_workshop.materials import MaterialsState, bring_materials, observe_materials
from tests.materials.watching import Recorder, everything_in, files_at_most

SOURCE = BundledSource(kind="bundled", path="materials", folder="first-light")


@pytest.fixture
def definition(tmp_path: Path) -> Path:
    """The folder of a definition with two files of materials, as an installer leaves it."""
    folder = tmp_path / "definition"
    (folder / "materials" / "pictures").mkdir(parents=True)
    (folder / "materials" / "First notebook.ipynb").write_text('{"cells": []}\n')
    (folder / "materials" / "pictures" / "a.png").write_bytes(bytes(range(256)) * 5000)
    (folder / "materials" / "__pycache__").mkdir()
    (folder / "materials" / "__pycache__" / "x.pyc").write_bytes(b"x")
    (folder / "materials" / "First notebook.ipynb").chmod(0o444)
    return folder


@pytest.fixture
def target(home: Path) -> Path:
    return home / "first-light"


def bring(definition: Path, target: Path, progress: Recorder | None = None) -> MaterialsState:
    return bring_materials(
        SOURCE, target, definition_folder=definition, progress=progress or Recorder()
    )


def refusal(definition: Path, target: Path) -> WorkshopError:
    before = everything_in(target.parent)
    with pytest.raises(WorkshopError) as caught:
        bring(definition, target)
    assert everything_in(target.parent) == before
    return caught.value


def test_the_files_arrive_and_can_be_edited(definition: Path, target: Path) -> None:
    assert not observe_materials(SOURCE, target, definition_folder=definition).present
    assert bring(definition, target).present
    assert observe_materials(SOURCE, target, definition_folder=definition).present
    files = {p for p, (_, content) in everything_in(target).items() if (target / p).is_file()}
    seen = {file for file in files if not file.startswith(".monai-workshop/")}
    assert seen == {"First notebook.ipynb", "pictures/a.png", ".monai-workshop.json"}
    picture = definition / "materials" / "pictures" / "a.png"
    assert (target / "pictures" / "a.png").read_bytes() == picture.read_bytes()
    assert (target / "First notebook.ipynb").stat().st_mode & 0o200


def test_a_second_call_changes_nothing(definition: Path, target: Path) -> None:
    bring(definition, target)
    before = everything_in(target.parent)
    bring(definition, target)
    assert everything_in(target.parent) == before


def test_edits_of_the_attendee_stay(definition: Path, target: Path) -> None:
    bring(definition, target)
    (target / "First notebook.ipynb").write_text("mine")
    (target / "notes.txt").write_text("mine too")
    before = everything_in(target)
    assert bring(definition, target).present
    assert everything_in(target) == before


def test_the_fraction_grows_from_nothing_to_all(definition: Path, target: Path) -> None:
    progress = Recorder()
    bring(definition, target, progress)
    assert progress.fractions == sorted(progress.fractions)
    assert (progress.fractions[0], progress.fractions[-1]) == (0.0, 1.0)
    assert progress.phases == ["looking", "copying", "verifying"]


@pytest.mark.parametrize("phase", ["looking", "copying", "verifying"])
def test_a_stop_leaves_nothing(definition: Path, home: Path, target: Path, phase: Phase) -> None:
    with pytest.raises(Cancelled):
        bring(definition, target, Recorder(stop_at=phase))
    assert everything_in(home) == {}
    assert bring(definition, target).present


def test_the_files_as_they_came_are_kept_where_nobody_sees_them(
    definition: Path, target: Path
) -> None:
    bring(definition, target)
    kept = {file.read_bytes() for file in (target / ".monai-workshop" / "pristine").iterdir()}
    given = [definition / "materials" / path for path in ("First notebook.ipynb", "pictures/a.png")]
    assert kept == {file.read_bytes() for file in given}


def test_a_newer_bundle_is_offered_and_leaves_the_older_files_alone(
    definition: Path, target: Path
) -> None:
    bring(definition, target)
    (definition / "materials" / "new.txt").write_text("new")
    before = everything_in(target.parent)
    for state in (
        bring(definition, target),
        observe_materials(SOURCE, target, definition_folder=definition),
    ):
        assert (state.present, state.outdated) == (True, True)
        assert state.message == "A newer version of the materials is there."
    assert everything_in(target.parent) == before


@pytest.mark.parametrize("receipt", [None, "", "{}", "[]", '{"files": 1'])
def test_a_folder_of_others_is_left_alone(
    definition: Path, target: Path, receipt: str | None
) -> None:
    target.mkdir()
    (target / "mine.txt").write_text("mine")
    if receipt is not None:
        (target / ".monai-workshop.json").write_text(receipt)
    assert refusal(definition, target).code == "target_occupied"


def test_a_bundle_that_is_not_there(tmp_path: Path, home: Path, target: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert refusal(tmp_path / "empty", target).code == "bundle_missing"
    with pytest.raises(WorkshopError) as caught:
        observe_materials(SOURCE, target, definition_folder=tmp_path / "empty")
    assert caught.value.code == "bundle_missing"


def test_a_link_that_leads_out_of_the_bundle(definition: Path, home: Path, target: Path) -> None:
    (definition / "secret.txt").write_text("secret")
    (definition / "materials" / "link.txt").symlink_to("../secret.txt")
    assert refusal(definition, target).code == "unsafe_link"
    (definition / "materials" / "link.txt").unlink()
    (definition / "materials" / "folder").symlink_to(definition.parent)
    assert refusal(definition, target).code == "unsafe_link"


def test_a_full_disk(definition: Path, home: Path, target: Path) -> None:
    with files_at_most(100_000):
        assert refusal(definition, target).code == "disk_full"
    assert bring(definition, target).present


def test_nothing_of_git_is_needed(definition: Path, target: Path) -> None:
    code = (
        "import sys; import jupyter_monai_workshop.materials as materials\n"
        "assert 'git' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PATH": ""})
