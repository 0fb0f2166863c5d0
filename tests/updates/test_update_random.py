"""Random edits, random new versions, random deaths: nothing of the attendee's is ever lost.

Each case runs an update in a process that kills itself at one of its writes. How many
cases run is set by ``UPDATE_CASES`` in the environment.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_monai_workshop.errors import WorkshopError
from jupyter_monai_workshop.notebooks import patch_file
from tests.updates.bench import Bench, Kind
from tests.updates.cases import FIRE
from tests.updates.child import run_and_die
from tests.updates.notebooks import notebook
from tests.updates.trees import Content, Link, ReadOnly, Tree, found

CASES = int(os.environ.get("UPDATE_CASES", "40"))

NAMES = ("n.ipynb", "m.ipynb", "a.txt", "b/a.txt", "b/n.ipynb", "c", "C")
START: Tree = {
    "n.ipynb": notebook("# Title", "import monai", "epochs = 4"),
    "m.ipynb": notebook("# Other", "x = 1", ids=False),
    "a.txt": "one\n",
    "b/a.txt": "one\n",
    "b/n.ipynb": notebook("# Below", "y = 1"),
}

cells = st.sampled_from(
    ["# Title", "# New", "import monai", "import torch", "epochs = 4", "epochs = 2", "x = 1", "é"]
)
books = st.builds(
    lambda sources, ids, printed: notebook(*sources, ids=ids, outputs=printed),
    st.lists(cells, max_size=4),
    st.booleans(),
    st.dictionaries(st.integers(0, 3), st.sampled_from(["1.5", "loss"]), max_size=2),
)
texts = st.sampled_from(["one\n", "two\n", "three\n", "", "{}"])


def contents(own: bool) -> st.SearchStrategy[Content]:
    """What a file may become; ``None`` is deleted."""
    kinds: list[st.SearchStrategy[Content]] = [st.none(), texts, books]
    if own:
        kinds += [st.builds(ReadOnly, texts), st.builds(Link, st.sampled_from(["a.txt", "b", "/"]))]
    return st.one_of(kinds)


def edits(own: bool) -> st.SearchStrategy[Tree]:
    return st.dictionaries(st.sampled_from(NAMES), contents(own), max_size=5)


renames = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=2)


def possible(folder: Path, changes: Tree) -> dict[str, Content]:
    """Return those changes that a file system allows, one after the other."""
    result: dict[str, Content] = {}
    for path, content in changes.items():
        above = folder / path.split("/", maxsplit=1)[0]
        if "/" in path and (above.is_symlink() or above.is_file() or above.name in result):
            continue
        result[path] = content
    return result


def rename(folder: Path, pairs: list[tuple[str, str]]) -> None:
    for old, new in pairs:
        above = [(folder / path).parent for path in (old, new)]
        plain = all(parent.is_dir() and not parent.is_symlink() for parent in above)
        if plain and os.path.lexists(folder / old) and not os.path.lexists(folder / new):
            (folder / old).rename(folder / new)


def apply_what_fits(bench: Bench) -> None:
    for path, patches in bench.patches.items():
        with suppress(WorkshopError):
            patch_file(bench.work / path, patches)


def recoverable(bench: Bench) -> set[bytes]:
    """Return all contents and all ends of links that are in the folder or kept."""
    result = set()
    for root in (bench.target, bench.kept):
        for file in root.rglob("*"):
            if file.is_symlink():
                result.add(os.fsencode(file.readlink()))
            elif file.is_file() and ".git" not in file.parts:
                result.add(file.read_bytes())
    for manifest in bench.kept.rglob("manifest.json"):
        things = json.loads(manifest.read_bytes())["things"]
        result |= {os.fsencode(thing["before_link"]) for thing in things}
    return result


def run_case(
    kind: Kind,
    root: Path,
    mine: Tree,
    moves: list[tuple[str, str]],
    theirs: Tree,
    later: Tree,
    fraction: float,
    restore: bool,
    patched: bool,
) -> None:
    bench = Bench(kind, root)
    bench.patches = {path: (FIRE,) for path in START if path.endswith(".ipynb")}
    bench.publish(START)
    bench.bring()
    bench.edit(possible(bench.work, mine))
    rename(bench.work, moves)
    if patched:
        apply_what_fits(bench)
    bench.publish({"always.txt": "new\n", **possible(bench.organiser, theirs)})

    before, seen = bench.exact(), found(bench.work)
    written = {content for path, (_, content) in before.items() if ".monai" not in path}

    # What it comes to when nothing happens, and how many writes that takes.
    calm = bench.copy(root / "calm")
    writes = run_and_die(lambda: calm.update(restore_deleted=restore), calm.root, at=0)
    assert writes > 5
    assert written <= recoverable(calm)
    after = found(calm.work)

    died = run_and_die(
        lambda: bench.update(restore_deleted=restore), root, at=1 + int(fraction * (writes - 1))
    )
    assert died == -1
    assert written <= recoverable(bench)
    assert list(bench.target.rglob("*.lock")) == []
    for path, there in found(bench.work).items():
        assert there in (seen.get(path), after.get(path)), path
    if not bench.look().outdated:
        assert found(bench.work) == after

    edited = possible(bench.work, later)
    bench.edit(edited)
    there_now = bench.exact()
    rewritten = {there_now[p][1] for p in map(bench.path, edited) if p in there_now}
    # What they have just overwritten themselves is gone, unless it was kept.
    still_theirs = rewritten | (written & recoverable(bench))
    report = bench.update(restore_deleted=restore)
    assert not bench.look().outdated
    assert bench.leftovers() == []
    assert still_theirs <= recoverable(bench)
    if not edited:
        assert found(bench.work) == after
        assert report.beside == calm_report(calm)

    if bench.last() is not None:
        bench.undo()
        assert bench.look().outdated
        assert still_theirs <= recoverable(bench)
        if not edited and not restore:
            assert found(bench.work) == seen
            assert {p: f for p, f in bench.exact().items() if ".monai-workshop/" not in p} == {
                p: f for p, f in before.items() if ".monai-workshop/" not in p
            }


def calm_report(calm: Bench) -> tuple[str, ...]:
    report = calm.last()
    assert report is not None
    return report.beside


@pytest.mark.parametrize("kind", ["bundled", "git"])
def test_whatever_happens_every_byte_of_the_attendee_is_recoverable(
    kind: Kind, tmp_path: Path
) -> None:
    ran = 0

    @settings(
        max_examples=CASES if kind == "bundled" else max(CASES // 5, 1),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(
        mine=edits(own=True),
        moves=renames,
        theirs=edits(own=False),
        later=st.one_of(st.just({}), edits(own=True)),
        fraction=st.floats(0, 1, exclude_max=True),
        restore=st.booleans(),
        patched=st.booleans(),
    )
    def case(
        mine: Tree,
        moves: list[tuple[str, str]],
        theirs: Tree,
        later: Tree,
        fraction: float,
        restore: bool,
        patched: bool,
    ) -> None:
        nonlocal ran
        ran += 1
        with TemporaryDirectory(dir=tmp_path) as folder:
            root = Path(folder) / "case"
            run_case(kind, root, mine, moves, theirs, later, fraction, restore, patched)

    case()
    print(f"{ran} cases with materials of the kind {kind}")
    assert ran > 0
