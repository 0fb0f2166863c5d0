"""The states of steps, derived from facts and record alone."""

import time
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import Training
from jupyter_monai_workshop.jobs.job import Failure, JobStatus
from jupyter_monai_workshop.progress.deriving import derive
from jupyter_monai_workshop.progress.facts import Facts, Gap, KernelFacts, ModuleFacts
from jupyter_monai_workshop.progress.journal import Journal
from jupyter_monai_workshop.progress.recognising import Recognised
from jupyter_monai_workshop.progress.record import CellRun, Outcome, Record, StepFindings
from jupyter_monai_workshop.progress.snapshot import (
    CellRef,
    Found,
    MaterialsView,
    Next,
    Snapshot,
)
from jupyter_monai_workshop.progress.training import TrainingParser
from jupyter_monai_workshop.server.live import _content

from .conftest import STEPS, definition

CLOSED = Gap(True, "There.")
START = datetime(2026, 1, 1, tzinfo=timezone.utc)
IDLE = {"one": KernelFacts("idle", "kernel-1")}
NAMES = list(STEPS)
STEP_TRAINING = Training.model_validate(STEPS["train"]["training"])


@pytest.fixture
def record(tmp_path: Path) -> Record:
    return Record(Journal(tmp_path / "record"))


def facts(**changes: object) -> Facts:
    module = ModuleFacts(
        "small/one.ipynb",
        cells={name: (CellRef(index=i, id=name),) for i, name in enumerate(NAMES)},
    )
    base = Facts(
        definition=definition(),
        folder="small",
        kernel_name="k",
        kernel_title="K",
        materials=CLOSED,
        patches=CLOSED,
        environment=CLOSED,
        data=CLOSED,
        data_sets={},
        version=MaterialsView(),
        modules={"one": module},
        kernels=IDLE,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def ran(
    record: Record,
    step: str,
    outcome: Outcome = "ok",
    *,
    process: str = "kernel-1",
    unmet: tuple[str, ...] = (),
    complete: bool = True,
) -> None:
    failure = Failure(code="cell_error", message="ValueError: x") if outcome == "error" else None
    start = START + timedelta(seconds=10 * NAMES.index(step))
    run = CellRun(
        module="one",
        step=step,
        cell=0,
        process=process,
        started=start,
        ended=None if outcome == "running" else start + timedelta(seconds=5),
        outcome=outcome,
        failure=failure,
    )
    record.put(run, lasting=False)
    if outcome == "ok":
        record.put(
            StepFindings(module="one", step=step, process=process, complete=complete, unmet=unmet),
            lasting=False,
        )


def look(record: Record, **changes: object) -> Snapshot:
    return derive(facts(**changes), record, number=1, server="s")


def states(snapshot: Snapshot) -> list[str]:
    return [step.state for step in snapshot.modules[0].steps]


def test_before_anything_the_next_thing_is_to_prepare(record: Record) -> None:
    snapshot = look(record, materials=Gap(False, "Not here."))
    assert states(snapshot) == ["blocked"] * 5
    assert snapshot.modules[0].steps[0].reason == "First: get everything ready."
    assert snapshot.next == Next(action="prepare")


def test_once_prepared_the_first_step_is_ready_and_the_others_wait(record: Record) -> None:
    snapshot = look(record)
    assert states(snapshot) == ["ready", "blocked", "blocked", "blocked", "blocked"]
    assert snapshot.modules[0].steps[1].reason == "First: “Hello”."
    assert snapshot.next == Next(action="run", module="one", step="hello")


def test_a_step_that_ran_and_holds_is_done(record: Record) -> None:
    ran(record, "hello")
    snapshot = look(record)
    assert states(snapshot)[:2] == ["done", "ready"]
    assert snapshot.modules[0].steps[0].elapsed == 5.0
    assert snapshot.next.step == "train"


def test_a_running_step_is_waited_for(record: Record) -> None:
    ran(record, "hello", "running")
    snapshot = look(record)
    assert states(snapshot)[:2] == ["running", "blocked"]
    assert snapshot.next == Next(action="wait", module="one", step="hello")


def test_a_step_whose_result_is_still_looked_at_is_running(record: Record) -> None:
    ran(record, "hello", complete=False)
    assert states(look(record))[0] == "running"


def test_an_error_is_failed_and_stops_the_next(record: Record) -> None:
    ran(record, "hello", "error")
    snapshot = look(record)
    assert states(snapshot)[:2] == ["failed", "blocked"]
    assert snapshot.modules[0].steps[0].reason == "ValueError: x"
    assert snapshot.next == Next(action="run", module="one", step="hello")


def test_a_check_that_does_not_hold_is_failed_but_lets_the_attendee_go_on(record: Record) -> None:
    ran(record, "hello", unmet=("The cell did not print it.",))
    snapshot = look(record)
    assert states(snapshot)[:2] == ["failed", "ready"]
    assert snapshot.modules[0].steps[0].reason == "The cell did not print it."


def test_a_file_that_is_not_there_takes_the_proof_away(record: Record) -> None:
    ran(record, "hello")
    module = facts().modules["one"]
    missing = replace(module, missing_files={"hello": ("model.pt",)})
    snapshot = look(record, modules={"one": missing})
    assert states(snapshot)[0] == "failed"
    assert "model.pt" in snapshot.modules[0].steps[0].reason


def test_an_interrupted_step_can_be_run_again(record: Record) -> None:
    ran(record, "hello", "interrupted")
    snapshot = look(record)
    assert states(snapshot)[0] == "ready"
    assert snapshot.modules[0].steps[0].reason == "Stopped before the end."


def test_a_new_kernel_asks_for_the_steps_again(record: Record) -> None:
    ran(record, "hello")
    ran(record, "train")
    snapshot = look(record, kernels={"one": KernelFacts("idle", "kernel-2")})
    assert states(snapshot)[:3] == ["ready", "blocked", "blocked"]
    assert "anew" in snapshot.modules[0].steps[0].reason


def test_a_finished_module_stays_finished_whatever_happens_to_the_kernel(record: Record) -> None:
    for name in NAMES:
        ran(record, name)
    for kernels in (IDLE, {}, {"one": KernelFacts("idle", "kernel-2")}, None):
        snapshot = look(record, kernels=kernels)
        assert set(states(snapshot)) == {"done"}
        assert snapshot.modules[0].state == "done"
        assert snapshot.next == Next(action="finished")


def test_materials_that_went_away_are_brought_again_before_anything_is_finished(
    record: Record,
) -> None:
    for name in NAMES:
        ran(record, name)
    assert look(record, materials=Gap(False, "Gone.")).next == Next(action="prepare")


def test_without_sight_of_kernels_the_record_is_taken_as_it_stands(record: Record) -> None:
    ran(record, "hello")
    assert states(look(record, kernels=None))[:2] == ["done", "ready"]


def test_a_missing_notebook_blocks_its_module_with_the_reason(record: Record) -> None:
    problem = Failure(code="notebook_missing", message="The notebook is not there.")
    snapshot = look(record, modules={"one": ModuleFacts("small/one.ipynb", problem=problem)})
    assert set(states(snapshot)) == {"blocked"}
    assert snapshot.modules[0].steps[0].reason == "The notebook is not there."
    assert snapshot.next == Next(action="stuck")


def test_an_address_that_conflicts_is_told_and_does_not_stop_the_others(record: Record) -> None:
    module = facts().modules["one"]
    conflict = Failure(code="address_conflict", message="No cell matches.")
    cells = {name: refs for name, refs in module.cells.items() if name != "hello"}
    broken = replace(module, cells=cells, conflicts={"hello": conflict})
    snapshot = look(record, modules={"one": broken})
    assert states(snapshot)[:2] == ["failed", "ready"]
    assert snapshot.next == Next(action="run", module="one", step="train")


def job(state: str, kind: str = "environment") -> JobStatus:
    failure = Failure(code="x", message="No network.", hint="Try later.")
    return JobStatus.model_validate(
        {
            "id": "j",
            "kind": kind,
            "workshop": "small",
            "state": state,
            "phase": "installing",
            "started": START,
            "failure": failure if state == "failed" else None,
        }
    )


def test_a_running_job_is_waited_for(record: Record) -> None:
    snapshot = look(record, environment=Gap(False, "Not made."), jobs=(job("running"),))
    assert [part.state for part in snapshot.preparation] == ["done", "done", "running"]
    assert snapshot.next == Next(action="wait")
    assert snapshot.kernel.state == "missing"


def test_a_failed_part_says_why_and_can_be_tried_again(record: Record) -> None:
    snapshot = look(record, environment=Gap(False, "Not made."), jobs=(job("failed"),))
    part = snapshot.preparation[2]
    assert part.state == "failed"
    assert part.failure is not None
    assert part.failure.hint == "Try later."
    assert snapshot.next == Next(action="stuck")


def test_a_part_that_is_as_it_should_be_is_done_whatever_a_job_said_before(record: Record) -> None:
    assert look(record, jobs=(job("failed"),)).preparation[2].state == "done"


def test_a_patch_conflict_does_not_stop_what_can_run(record: Record) -> None:
    conflict = Failure(code="patch_conflict", message="The cell differs.")
    snapshot = look(record, patches=Gap(False, "Conflict.", failure=conflict))
    assert snapshot.preparation[1].state == "failed"
    assert snapshot.next == Next(action="run", module="one", step="hello")


def test_a_finished_module_stays_finished_when_one_step_runs_again_in_a_new_kernel(
    record: Record,
) -> None:
    for name in NAMES:
        ran(record, name)
    record.finish("one")
    ran(record, "train", "running", process="kernel-2")
    kernels = {"one": KernelFacts("busy", "kernel-2")}
    assert states(look(record, kernels=kernels)) == ["done", "running", "done", "done", "done"]
    ran(record, "train", "error", process="kernel-2")
    assert states(look(record, kernels=kernels)) == ["done", "failed", "done", "done", "done"]


def test_an_error_of_a_kernel_that_is_gone_is_not_held_against_the_step(record: Record) -> None:
    ran(record, "hello", "error")
    assert states(look(record, kernels={"one": KernelFacts("idle", "kernel-2")}))[0] == "ready"


def test_the_record_outlives_the_process(tmp_path: Path) -> None:
    first = Record(Journal(tmp_path / "shared"))
    second = Record(Journal(tmp_path / "shared"))
    ran(first, "hello")
    first.put(first.runs["one", "hello", 0], lasting=True)
    first.finish("one")
    second.follow()
    assert second.runs == first.runs
    assert second.finished == {"one"}
    first.start_again()
    second.follow()
    assert (second.runs, second.finished) == ({}, set())


def test_a_known_failure_is_told_with_its_remedy_and_the_exception_in_the_details(
    record: Record,
) -> None:
    ran(record, "hello", "error")
    run = record.runs["one", "hello", 0]
    known = Recognised(name="general:module-missing", words={"package": "fire"})
    record.put(run.model_copy(update={"known": known}), lasting=False)
    step = look(record).modules[0].steps[0]
    assert step.failure is not None
    assert step.reason == step.failure.message == "The package fire is missing."
    assert step.failure.details == "ValueError: x"
    assert step.failed_cell == CellRef(index=0, id="hello")
    assert [remedy.action for remedy in step.remedies] == ["prepare", "run"]


def test_a_check_that_does_not_hold_can_be_tried_again_and_names_no_cell(record: Record) -> None:
    found = (Found(text="Printed: hello", holds=False),)
    ran(record, "hello", unmet=("The cell did not print it.",))
    findings = record.findings["one", "hello"].model_copy(update={"found": found})
    record.put(findings, lasting=False)
    step = look(record).modules[0].steps[0]
    assert (step.failed_cell, [it.action for it in step.remedies]) == (None, ["run"])
    assert step.found == found


def test_files_of_a_check_are_told_beside_what_was_found(record: Record) -> None:
    ran(record, "hello")
    module = replace(facts().modules["one"], files={"hello": {"model.pt": 1}})
    step = look(record, modules={"one": module}).modules[0].steps[0]
    assert step.found == (Found(text="The file model.pt", holds=True),)
    assert look(record, modules={"one": module}).modules[0].steps[1].found == ()


def test_the_cell_that_runs_is_counted_through_the_module(record: Record) -> None:
    ran(record, "hello")
    assert (look(record).modules[0].cells, look(record).modules[0].cell) == (5, None)
    ran(record, "train", "running")
    assert look(record).modules[0].cell == 2
    other = {"one": KernelFacts("idle", "kernel-2")}
    assert look(record, kernels=other).modules[0].cell is None


def test_a_running_training_has_its_pace_and_its_curves(record: Record) -> None:
    ran(record, "hello")
    ran(record, "train", "running")
    parser = TrainingParser(STEP_TRAINING)
    begun = time.time() - 10
    for step in range(1, 11):
        parser.feed(f"{step}/20, loss: {step}.5\n", when=begun + step)
    record.live["one", "train"] = parser
    view = look(record).modules[0].steps[1].training
    assert view is not None
    assert (view.step, view.steps, view.pace) == (10, 20, 1.0)
    assert view.left == pytest.approx(10, abs=1)
    [curve] = view.curves
    assert (curve.title, curve.by, curve.x[-1], curve.y[-1]) == ("Loss", "step", 10, 10.5)


def test_before_there_is_a_pace_the_definition_tells_what_is_left(record: Record) -> None:
    ran(record, "train", "running")
    run = record.runs["one", "train", 0]
    now = datetime.now(timezone.utc) - timedelta(seconds=0.2)
    record.put(run.model_copy(update={"started": now}), lasting=False)
    parser = TrainingParser(STEP_TRAINING)
    parser.feed("1/20, loss: 1.5\n", when=time.time())
    record.live["one", "train"] = parser
    view = look(record).modules[0].steps[1].training
    assert view is not None
    assert view.pace is None
    assert view.left == pytest.approx(0.8, abs=0.1)


def test_passing_time_alone_makes_no_new_snapshot(record: Record) -> None:
    ran(record, "train", "running")
    parser = TrainingParser(STEP_TRAINING)
    parser.feed("1/20, loss: 1.5\n", when=time.time() - 3)
    parser.feed("2/20, loss: 1.5\n", when=time.time() - 1.5)
    record.live["one", "train"] = parser
    first = look(record)
    time.sleep(0.3)
    second = look(record)
    assert first != second
    assert _content(first) == _content(second)
