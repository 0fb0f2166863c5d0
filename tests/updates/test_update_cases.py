"""Every row of the catalogue, for materials from git and for bundled ones.

All rows live side by side in one course, each in its own folder, so that one update does
them all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from jupyter_monai_workshop.updates import UpdateReport
from tests.updates.bench import Bench, Kind
from tests.updates.cases import CASES, Case
from tests.updates.trees import Content, Rename, Tree, found

KINDS: tuple[Kind, ...] = ("git", "bundled")
CATALOGUE = Path(__file__).parents[2] / "docs" / "materials.md"


@dataclass
class Course:
    """What an update did to all cases."""

    bench: Bench
    before: dict[str, dict[str, Content]]
    exact_before: dict[str, tuple[int, bytes]]
    report: UpdateReport


def cases_of(kind: Kind) -> dict[str, Case]:
    return {name: case for name, case in CASES.items() if case.only in (None, kind)}


def side_by_side(trees: dict[str, Tree]) -> dict[str, Content]:
    """Return one tree with each of `trees` in a folder of its name."""
    return {
        f"{name}/{path}": Rename(f"{name}/{content.old}")
        if isinstance(content, Rename)
        else content
        for name, tree in trees.items()
        for path, content in tree.items()
    }


def make_course(kind: Kind, root: Path) -> Bench:
    cases = cases_of(kind)
    bench = Bench(kind, root)
    bench.patches = {
        f"{name}/{path}": patches
        for name, case in cases.items()
        for path, patches in case.patches.items()
    }
    bench.parameters = {
        f"{name}/{path}": parameters
        for name, case in cases.items()
        for path, parameters in case.parameters.items()
    }
    bench.publish(side_by_side({name: case.start for name, case in cases.items()}))
    assert bench.bring().present
    bench.edit(side_by_side({name: case.attendee for name, case in cases.items()}))
    bench.publish(side_by_side({name: case.organiser for name, case in cases.items()}))
    return bench


def updated(kind: Kind, root: Path, *, restore_deleted: bool) -> Course:
    bench = make_course(kind, root)
    before = {name: found(bench.work / name) for name in cases_of(kind)}
    exact = bench.exact()
    report = bench.update(restore_deleted=restore_deleted)
    return Course(bench, before, exact, report)


@pytest.fixture(scope="module", params=KINDS)
def course(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Course:
    return updated(request.param, tmp_path_factory.mktemp("course"), restore_deleted=False)


@pytest.fixture(scope="module", params=KINDS)
def restored(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Course:
    return updated(request.param, tmp_path_factory.mktemp("restored"), restore_deleted=True)


def assert_as_expected(course: Course, name: str, case: Case, *, restore: bool) -> None:
    there = found(course.bench.work / name)
    then = case.restored if restore and case.restored is not None else case.then
    expected = dict(course.before[name])
    for path, content in then.items():
        if content is None:
            del expected[path]
        elif callable(content):
            text = there.get(path)
            assert isinstance(text, str)
            assert content(text), text
            expected[path] = text
        else:
            expected[path] = content
    assert there == expected


@pytest.mark.parametrize("name", CASES)
def test_case(course: Course, name: str) -> None:
    case = CASES[name]
    if case.only in (None, course.bench.kind):
        assert_as_expected(course, name, case, restore=False)
    else:
        assert name not in course.before


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.restored])
def test_case_with_deleted_files_brought_back(restored: Course, name: str) -> None:
    assert_as_expected(restored, name, CASES[name], restore=True)


def test_every_row_of_the_catalogue_has_a_test_of_its_name() -> None:
    rows = re.findall(r"^\| \*([^*]+)\* \|", CATALOGUE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == len(set(rows))
    assert set(CASES) <= set(rows)
    code = "".join(file.read_text() for file in sorted(Path(__file__).parent.glob("test_*.py")))
    names = [row.replace(" ", "_").replace("-", "_") for row in rows if row not in CASES]
    assert [name for name in names if f"\ndef test_{name}" not in code] == []


def test_the_report_counts_what_happened(course: Course) -> None:
    report, path = course.report, course.bench.path
    assert path("changed by both/a (from the workshop).txt") in report.beside
    assert path("name found again/a (from the workshop).txt") in report.beside
    assert path("notebook changed in the same cell/n.ipynb") in report.merged
    assert path("patched/n.ipynb") not in report.merged
    assert path("profile chosen/n.ipynb") not in report.merged
    assert path("deleted by the attendee/a.txt") in report.deleted
    assert path("deleted by the organiser/a.txt") not in report.deleted
    assert report.followed > 10
    assert report.restored == ()
    assert course.bench.last() == report


def test_afterwards_it_is_the_new_version_and_nothing_is_left_lying_about(course: Course) -> None:
    state = course.bench.look()
    assert state.present
    assert not state.outdated
    assert course.bench.leftovers() == []


def test_updating_again_changes_nothing(course: Course, tmp_path: Path) -> None:
    bench = course.bench.copy(tmp_path / "again")
    before = bench.exact()
    assert bench.update().to_version == course.report.to_version
    assert bench.exact() == before


def test_undo_brings_back_every_case_byte_for_byte(course: Course, tmp_path: Path) -> None:
    bench = course.bench.copy(tmp_path / "undone")
    assert bench.undo() == ()
    assert _visible(bench.exact()) == _visible(course.exact_before)
    assert bench.look().present
    assert bench.look().outdated
    assert bench.last() is None
    assert bench.update().to_version == course.report.to_version
    assert _visible(bench.exact()) == _visible(course.bench.exact())


def test_deleted_files_can_be_brought_back_after_the_update(course: Course, tmp_path: Path) -> None:
    bench = course.bench.copy(tmp_path / "later")
    report = bench.update(restore_deleted=True)
    path = bench.path("deleted by the attendee/a.txt")
    assert path in report.restored
    assert path not in report.deleted
    assert (bench.target / path).read_text() == "two\n"
    assert (bench.target / bench.path("changed by both/a.txt")).read_text() == "mine\n"


def _visible(files: dict[str, tuple[int, bytes]]) -> dict[str, tuple[int, bytes]]:
    return {path: file for path, file in files.items() if not path.startswith(".monai-workshop/")}
