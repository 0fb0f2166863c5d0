"""The catalogue of ``docs/materials.md``, row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from jupyter_monai_workshop.definition.models import (
    CellAddress,
    Choice,
    EnsureLine,
    Parameter,
    Patch,
    Replace,
)
from tests.updates.bench import Kind
from tests.updates.notebooks import has, notebook
from tests.updates.trees import Content, Link, ReadOnly, Rename, Run, Tree

Expectation = Mapping[str, Content | Callable[[str], bool]]


@dataclass(frozen=True)
class Case:
    """One row.

    Attributes
    ----------
    start
        The version that was brought.
    organiser, attendee
        What each changed since; ``None`` is a file that was deleted.
    then
        What the update changes in the attendee's files.
    restored
        The same when deleted files are to come back; as `then` if ``None``.
    only
        The kind of source where it can happen; both if ``None``.
    """

    organiser: Tree
    attendee: Tree
    then: Expectation
    start: Tree = field(default_factory=lambda: {"a.txt": "one\n"})
    restored: Expectation | None = None
    patches: Mapping[str, Sequence[Patch]] = field(default_factory=dict)
    parameters: Mapping[str, Sequence[Parameter]] = field(default_factory=dict)
    only: Kind | None = None


FIRE = EnsureLine(
    kind="ensure_line", id="fire", why="It is missing.", cell=CellAddress(contains="import"),
    line="import fire",
)  # fmt: skip
EPOCHS = Parameter(
    id="epochs", variable="epochs", title="Epochs", cell=CellAddress(contains="epochs ="),
    choices=(Choice(value=4), Choice(value=2)),
)  # fmt: skip
CUT = Replace(
    kind="replace", id="cut", why="Fewer images.", cell=CellAddress(contains="epochs ="),
    old="glob(d)", new="glob(d)[:9]",
)  # fmt: skip
CUT_CELL = "files = glob(d)[:9]\nepochs = 2"
PLAIN = notebook("# Title", "import monai", "epochs = 4")
PATCHED = notebook("# Title", "import monai\nimport fire", "epochs = 4")

CASES: dict[str, Case] = {
    # Files
    "untouched": Case({"a.txt": "two\n"}, {}, {"a.txt": "two\n"}),
    "changed by the attendee": Case({}, {"a.txt": "mine\n"}, {}),
    "changed by both": Case(
        {"a.txt": "two\n"}, {"a.txt": "mine\n"}, {"a (from the workshop).txt": "two\n"}
    ),
    "changed alike": Case({"a.txt": "two\n"}, {"a.txt": "two\n"}, {}),
    "own file": Case({"a.txt": "two\n"}, {"mine.txt": "mine\n"}, {"a.txt": "two\n"}),
    "deleted by the attendee": Case(
        {"a.txt": "two\n"}, {"a.txt": None}, {}, restored={"a.txt": "two\n"}
    ),
    "deleted by the attendee, unchanged": Case(
        {}, {"a.txt": None}, {}, restored={"a.txt": "one\n"}
    ),
    "deleted by the organiser": Case({"a.txt": None}, {}, {"a.txt": None}),
    "deleted by the organiser, changed": Case({"a.txt": None}, {"a.txt": "mine\n"}, {}),
    "deleted by both": Case({"a.txt": None}, {"a.txt": None}, {}),
    "renamed by the attendee": Case(
        {"a.txt": "two\n"}, {"b.txt": Rename("a.txt")}, {}, restored={"a.txt": "two\n"}
    ),
    "renamed by the organiser": Case(
        {"b.txt": Rename("a.txt")}, {}, {"a.txt": None, "b.txt": "one\n"}
    ),
    "renamed by the organiser, changed": Case(
        {"b.txt": Rename("a.txt")}, {"a.txt": "mine\n"}, {"b.txt": "one\n"}
    ),
    "added": Case({"new/b.txt": "two\n"}, {}, {"new/b.txt": "two\n"}),
    "added by both": Case(
        {"b.txt": "two\n"}, {"b.txt": "mine\n"}, {"b (from the workshop).txt": "two\n"}
    ),
    "added by both alike": Case({"b.txt": "two\n"}, {"b.txt": "two\n"}, {}),
    "added where a folder is": Case(
        {"b": "two\n"}, {"b/mine.txt": "mine\n"}, {"b (from the workshop)": "two\n"}
    ),
    "added folder where a file is": Case(
        {"b/new.txt": "two\n"}, {"b": "mine\n"}, {"b (from the workshop)/new.txt": "two\n"}
    ),
    "name taken": Case(
        {"a.txt": "two\n"},
        {"a.txt": "mine\n", "a (from the workshop).txt": "mine too\n"},
        {"a (from the workshop 2).txt": "two\n"},
    ),
    "name found again": Case(
        {"a.txt": "two\n"}, {"a.txt": "mine\n", "a (from the workshop).txt": "two\n"}, {}
    ),
    "older copy beside": Case(
        {"a.txt": "two\n"},
        {"a.txt": "mine\n", "a (from the workshop).txt": "one\n"},
        {"a (from the workshop).txt": "two\n"},
    ),
    "names that differ in case": Case(
        {"data.csv": "two\n"}, {"Data.csv": "mine\n"}, {"data.csv": "two\n"}
    ),
    "renamed to another case": Case(
        {"A.txt": Rename("a.txt")}, {}, {"a.txt": None, "A.txt": "one\n"}
    ),
    "read-only": Case(
        {"a.txt": "two\n"}, {"a.txt": ReadOnly("one\n")}, {"a.txt": ReadOnly("two\n")}
    ),
    "no text": Case(
        {"a.bin": b"\xff\x00two"}, {}, {"a.bin": b"\xff\x00two"}, start={"a.bin": b"\xff\x00one"}
    ),
    "made executable": Case({"a.txt": Run("one\n")}, {}, {"a.txt": Run("one\n")}, only="git"),
    "made executable, changed": Case({"a.txt": Run("one\n")}, {"a.txt": "mine\n"}, {}, only="git"),
    "not executable any more": Case(
        {"a.sh": "two\n"}, {}, {"a.sh": "two\n"}, start={"a.sh": Run("one\n")}, only="git"
    ),
    # Folders and links
    "file becomes folder": Case(
        {"a.txt": None, "a.txt/b": "two\n"}, {}, {"a.txt": None, "a.txt/b": "two\n"}
    ),
    "file becomes folder, changed": Case(
        {"a.txt": None, "a.txt/b": "two\n"},
        {"a.txt": "mine\n"},
        {"a (from the workshop).txt/b": "two\n"},
    ),
    "folder becomes file": Case(
        {"a": "two\n"}, {}, {"a/b": None, "a": "two\n"}, start={"a/b": "one\n"}
    ),
    "folder becomes file, with own files": Case(
        {"a": "two\n"},
        {"a/mine.txt": "mine\n"},
        {"a/b": None, "a (from the workshop)": "two\n"},
        start={"a/b": "one\n"},
    ),
    "replaced by a folder": Case(
        {"a.txt": "two\n"},
        {"a.txt": None, "a.txt/mine.txt": "mine\n"},
        {"a (from the workshop).txt": "two\n"},
    ),
    "replaced by a link": Case(
        {"a.txt": "two\n"},
        {"b.txt": Rename("a.txt"), "a.txt": Link("b.txt")},
        {"a (from the workshop).txt": "two\n"},
    ),
    "folder replaced by a link": Case(
        {"a/b.txt": "two\n", "a/c.txt": "two\n"},
        {"elsewhere": Rename("a"), "a": Link("elsewhere")},
        {"a (from the workshop)/c.txt": "two\n"},
        start={"a/b.txt": "one\n"},
        restored={
            "a (from the workshop)/b.txt": "two\n",
            "a (from the workshop)/c.txt": "two\n",
        },
    ),
    "link changed": Case(
        {"l": Link("b.txt")},
        {},
        {"l": Link("b.txt")},
        start={"a.txt": "one\n", "b.txt": "one\n", "l": Link("a.txt")},
        only="git",
    ),
    "link becomes file": Case(
        {"l": "two\n"}, {}, {"l": "two\n"}, start={"a.txt": "one\n", "l": Link("a.txt")}, only="git"
    ),
    "link changed by both": Case(
        {"l": Link("b.txt")},
        {"l": Link("mine.txt"), "mine.txt": "mine\n"},
        {"l (from the workshop)": Link("b.txt")},
        start={"a.txt": "one\n", "b.txt": "one\n", "l": Link("a.txt")},
        only="git",
    ),
    # Notebooks
    "notebook untouched": Case(
        {"n.ipynb": notebook("# New", "import monai")},
        {},
        {"n.ipynb": notebook("# New", "import monai")},
        start={"n.ipynb": PLAIN},
    ),
    "notebook that ran": Case(
        {"n.ipynb": notebook("# New", "import monai", "epochs = 4")},
        {"n.ipynb": notebook("# Title", "import monai", "epochs = 4", outputs={1: "1.5"})},
        {"n.ipynb": has("# New", "import monai", "epochs = 4", outputs=("1.5",))},
        start={"n.ipynb": PLAIN},
    ),
    "notebook changed in different cells": Case(
        {"n.ipynb": notebook("# New", "import monai", "epochs = 4")},
        {"n.ipynb": notebook("# Title", "import monai", "epochs = 2")},
        {"n.ipynb": has("# New", "import monai", "epochs = 2")},
        start={"n.ipynb": PLAIN},
    ),
    "notebook without ids": Case(
        {"n.ipynb": notebook("# New", "import monai", "epochs = 4", ids=False)},
        {"n.ipynb": notebook("# Title", "import monai", "epochs = 2", ids=False)},
        {"n.ipynb": has("# New", "import monai", "epochs = 2")},
        start={"n.ipynb": notebook("# Title", "import monai", "epochs = 4", ids=False)},
    ),
    "notebook changed in the same cell": Case(
        {"n.ipynb": notebook("# Title", "import monai", "epochs = 8")},
        {"n.ipynb": notebook("# Title", "import monai", "epochs = 2")},
        {"n.ipynb": has("# Title", "import monai", "epochs = 2", "epochs = 8…")},
        start={"n.ipynb": PLAIN},
    ),
    "notebook that cannot be read": Case(
        {"n.ipynb": notebook("# New", "import monai")},
        {"n.ipynb": "not a notebook any more\n"},
        {"n (from the workshop).ipynb": notebook("# New", "import monai")},
        start={"n.ipynb": PLAIN},
    ),
    "patched": Case(
        {"n.ipynb": notebook("# New", "import monai", "epochs = 4")},
        {"n.ipynb": PATCHED},
        {"n.ipynb": notebook("# New", "import monai\nimport fire", "epochs = 4")},
        start={"n.ipynb": PLAIN},
        patches={"n.ipynb": (FIRE,)},
    ),
    "patched cell changed by the organiser": Case(
        {"n.ipynb": notebook("# Title", "import monai, torch", "epochs = 4")},
        {"n.ipynb": PATCHED},
        {"n.ipynb": notebook("# Title", "import monai, torch\nimport fire", "epochs = 4")},
        start={"n.ipynb": PLAIN},
        patches={"n.ipynb": (FIRE,)},
    ),
    "patched and changed": Case(
        {"n.ipynb": notebook("# Title", "import monai, torch", "epochs = 4")},
        {"n.ipynb": notebook("# Title", "import monai\nimport fire", "epochs = 2")},
        {"n.ipynb": has("# Title", "import monai, torch\nimport fire", "epochs = 2")},
        start={"n.ipynb": PLAIN},
        patches={"n.ipynb": (FIRE,)},
    ),
    "patch no longer fits": Case(
        {"n.ipynb": notebook("# Title", "from monai…", "epochs = 4").replace("from", "load")},
        {"n.ipynb": PATCHED},
        {"n.ipynb": notebook("# Title", "from monai…", "epochs = 4").replace("from", "load")},
        start={"n.ipynb": PLAIN},
        patches={"n.ipynb": (FIRE,)},
    ),
    "patch taken over by the organiser": Case(
        {"n.ipynb": PATCHED},
        {"n.ipynb": PATCHED},
        {},
        start={"n.ipynb": PLAIN},
        patches={"n.ipynb": (FIRE,)},
    ),
    "patch not applied": Case(
        {"n.ipynb": notebook("# New", "import monai", "epochs = 4")},
        {},
        {"n.ipynb": notebook("# New", "import monai", "epochs = 4")},
        start={"n.ipynb": PLAIN},
        patches={"n.ipynb": (FIRE,)},
    ),
    "value chosen": Case(
        {"n.ipynb": notebook("# Title", "import torch", "epochs = 4")},
        {"n.ipynb": notebook("# Title", "import monai", "epochs = 2")},
        {"n.ipynb": notebook("# Title", "import torch", "epochs = 2")},
        start={"n.ipynb": PLAIN},
        parameters={"n.ipynb": (EPOCHS,)},
    ),
    "value chosen, cell changed by the organiser": Case(
        {"n.ipynb": notebook("# Title", "import monai", "epochs = 5  # new\ntrain()")},
        {"n.ipynb": notebook("# Title", "import monai", "epochs = 2")},
        {"n.ipynb": notebook("# Title", "import monai", "epochs = 2  # new\ntrain()")},
        start={"n.ipynb": PLAIN},
        parameters={"n.ipynb": (EPOCHS,)},
    ),
    "value chosen and changed": Case(
        {"n.ipynb": notebook("# Title", "import torch", "epochs = 5\ntrain()")},
        {"n.ipynb": notebook("# Mine", "import monai", "epochs = 2")},
        {"n.ipynb": has("# Mine", "import torch", "epochs = 2\ntrain()")},
        start={"n.ipynb": PLAIN},
        parameters={"n.ipynb": (EPOCHS,)},
    ),
    "value not chosen": Case(
        {"n.ipynb": notebook("# Title", "import monai", "epochs = 5")},
        {},
        {"n.ipynb": notebook("# Title", "import monai", "epochs = 5")},
        start={"n.ipynb": PLAIN},
        parameters={"n.ipynb": (EPOCHS,)},
    ),
    "value chosen that no longer fits": Case(
        {"n.ipynb": notebook("# Title", "import monai", "epochs = best()")},
        {"n.ipynb": notebook("# Title", "import monai", "epochs = 2")},
        {"n.ipynb": has("# Title", "import monai", "epochs = 2", "epochs = best()…")},
        start={"n.ipynb": PLAIN},
        parameters={"n.ipynb": (EPOCHS,)},
    ),
    "profile chosen": Case(
        {"n.ipynb": notebook("# Title", "import torch", "files = glob(d)\nepochs = 5\ntrain()")},
        {"n.ipynb": notebook("# Title", "import monai", CUT_CELL)},
        {
            "n.ipynb": notebook(
                "# Title", "import torch", "files = glob(d)[:9]\nepochs = 2\ntrain()"
            )
        },
        start={"n.ipynb": notebook("# Title", "import monai", "files = glob(d)\nepochs = 4")},
        patches={"n.ipynb": (CUT,)},
        parameters={"n.ipynb": (EPOCHS,)},
    ),
    "patched, deleted by the organiser": Case(
        {"n.ipynb": None, "a.txt": "two\n"},
        {"n.ipynb": PATCHED},
        {"n.ipynb": None, "a.txt": "two\n"},
        start={"n.ipynb": PLAIN, "a.txt": "one\n"},
        patches={"n.ipynb": (FIRE,)},
    ),
}
"""By the row's name."""
