"""What is still missing for which step, and what can be done meanwhile."""

from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_monai_workshop.jobs.job import Failure
from jupyter_monai_workshop.progress.deriving import derive
from jupyter_monai_workshop.progress.facts import Gap, ModuleFacts
from jupyter_monai_workshop.progress.journal import Journal
from jupyter_monai_workshop.progress.record import ModuleForgotten, Record
from jupyter_monai_workshop.progress.snapshot import Next, Snapshot, Waiting

from .test_steps import NAMES, facts, job, look, ran, states

NOT_HERE = Gap(False, "The pictures are not here yet.", fraction=0.25)


@pytest.fixture
def record(tmp_path: Path) -> Record:
    return Record(Journal(tmp_path / "record"))


def with_data_from(step: str, record: Record, **changes: object) -> Snapshot:
    """Look at the workshop where `step` and all later ones need the pictures."""
    base = facts(data=NOT_HERE, data_sets={"pictures": NOT_HERE}, **changes)
    module = base.definition.modules[0]
    steps = tuple(
        it.model_copy(update={"data": ("pictures",) if it.id == step else ()})
        for it in module.steps
    )
    data = {"id": "pictures", "title": "Pictures", "size": 4, "checksum": f"md5:{'0' * 32}"}
    definition = type(base.definition).model_validate(
        {**base.definition.model_dump(), "data": [{**data, "urls": ["https://example.org/p"]}]}
    )
    module = module.model_copy(update={"steps": steps})
    definition = definition.model_copy(update={"modules": (module,)})
    return derive(replace(base, definition=definition), record, number=1, server="s")


def test_only_the_steps_from_the_one_that_needs_it_wait_for_a_data_set(record: Record) -> None:
    snapshot = with_data_from("boom", record)
    waiting = Waiting(
        part="data", data="pictures", message="The pictures are not here yet.", fraction=0.25
    )
    steps = snapshot.modules[0].steps
    assert [step.waits_for for step in steps] == [(), (), (waiting,), (waiting,), (waiting,)]
    assert states(snapshot)[0] == "ready"


def test_a_step_whose_turn_it_is_says_that_its_data_is_missing(record: Record) -> None:
    ran(record, "hello")
    ran(record, "train")
    step = with_data_from("boom", record).modules[0].steps[2]
    assert (step.state, step.reason) == ("blocked", "The pictures are not here yet.")


def test_while_only_data_is_on_its_way_the_steps_without_it_can_be_run(record: Record) -> None:
    jobs = (job("running", "prepare"), job("running", "data"))
    assert with_data_from("train", record, jobs=jobs).next.step == "hello"
    ran(record, "hello")
    assert with_data_from("train", record, jobs=jobs).next == Next(action="wait")


@pytest.mark.parametrize("kind", ["materials", "patches", "environment", "update", "undo"])
def test_while_the_files_or_the_environment_change_no_step_is_offered(
    kind: str, record: Record
) -> None:
    jobs = (job("running", "data"), job("running", kind))
    assert with_data_from("train", record, jobs=jobs).next == Next(action="wait")


def test_every_step_tells_the_parts_that_are_missing_and_how_far_they_are(record: Record) -> None:
    running = job("running").model_copy(update={"fraction": 0.5})
    snapshot = look(record, environment=Gap(False, "Not made."), jobs=(running,))
    missing = Waiting(part="environment", message="Not made.", fraction=0.5)
    assert {step.waits_for for step in snapshot.modules[0].steps} == {(missing,)}
    assert [part.fraction for part in snapshot.preparation] == [None, None, 0.5]


def test_a_module_that_begins_anew_forgets_what_ran(tmp_path: Path) -> None:
    first = Record(Journal(tmp_path / "shared"))
    for name in NAMES:
        ran(first, name)
        first.put(first.runs["one", name, 0], lasting=True)
    first.finish("one")
    second = Record(Journal(tmp_path / "shared"))
    first.forget_module("one")
    second.follow()
    for record in (first, second, Record(Journal(tmp_path / "shared"))):
        assert (record.runs, record.findings, record.finished) == ({}, {}, set())
        assert states(look(record))[0] == "ready"


def test_forgetting_one_module_leaves_the_others(record: Record) -> None:
    ran(record, "hello")
    record.put(ModuleForgotten(module="two"), lasting=False)
    assert states(look(record))[0] == "done"


@pytest.mark.parametrize("there", [True, False])
def test_a_notebook_is_missed_only_where_the_materials_are(record: Record, there: bool) -> None:
    missing = ModuleFacts("small/one.ipynb", absent=True, problem=Failure(code="x", message="X."))
    materials = Gap(there, "Looked at.")
    known = facts(modules={"one": missing}, materials=materials)
    assert derive(known, record, number=1, server="s").modules[0].absent is there
