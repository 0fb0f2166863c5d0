"""What a real kernel publishes, and what the record says of it."""

from jupyter_monai_workshop.definition.models import Check
from jupyter_monai_workshop.progress.evidence import StepOutput
from jupyter_monai_workshop.progress.journal import Journal
from jupyter_monai_workshop.progress.record import Record

from .conftest import CELLS, Lab, definition


def outcome(lab: Lab, step: str) -> str:
    return lab.record.runs["one", step, 0].outcome


def test_a_cell_that_ran_is_recorded_with_what_it_printed(lab: Lab) -> None:
    lab.run("hello")
    assert outcome(lab, "hello") == "ok"
    [(step, output)] = lab.finished
    assert step.id == "hello"
    assert output.text == "hello\n"
    assert output.unmet() == ()


def test_training_lines_become_progress_and_metrics(lab: Lab) -> None:
    lab.run("train")
    training = lab.record.trainings["one", "train"]
    assert training.counts == {"step": 3, "steps": 3}
    assert training.values == {"loss": 0.3333}


def test_an_error_is_a_failure_with_the_exception_in_one_line(lab: Lab) -> None:
    lab.run("boom")
    run = lab.record.runs["one", "boom", 0]
    assert run.outcome == "error"
    assert run.failure is not None
    assert run.failure.message == "ValueError: no such file"
    assert "\x1b" not in run.failure.details
    assert lab.finished == []


def test_a_shown_image_proves_an_image_check(lab: Lab) -> None:
    lab.run("picture")
    [(_, output)] = lab.finished
    assert output.unmet() == ()


def test_a_cell_without_its_image_or_text_does_not_meet_the_check(lab: Lab) -> None:
    lab.run("hello")
    [(_, output)] = lab.finished
    output.cells[0]._pieces[:] = ["goodbye"]
    assert "did not print" in output.unmet()[0]


def test_an_interrupt_is_no_failure_and_no_success(lab: Lab) -> None:
    lab.run("sleep", wait=False)
    lab.hear_until(lambda: ("one", "sleep", 0) in lab.record.runs)
    assert outcome(lab, "sleep") == "running"
    assert lab.log.state == "busy"
    lab.hear_until(lambda: "sleeping" in lab.log._outputs["sleep"].text)
    # A question beside the cell is idle again while the cell runs on.
    asked = lab.client.session.send(lab.client.control_channel.socket, "kernel_info_request", {})
    while lab.hear(20)["parent_header"].get("msg_id") != asked["header"]["msg_id"]:
        assert lab.log.state == "busy"
    lab.hear(20)
    assert lab.log.state == "busy"
    lab.manager.interrupt_kernel()
    lab.hear_until(lambda: outcome(lab, "sleep") != "running")
    assert outcome(lab, "sleep") == "interrupted"
    assert lab.finished == []


def test_an_interrupt_that_nobody_reports_is_no_success_either(lab: Lab) -> None:
    lab.run("sleep", wait=False)
    lab.hear_until(lambda: ("one", "sleep", 0) in lab.record.runs)
    lab.log.interrupted()
    lab.manager.interrupt_kernel()
    lab.hear_until(lambda: outcome(lab, "sleep") != "running")
    assert outcome(lab, "sleep") == "interrupted"


def test_a_restart_in_mid_cell_is_not_a_success(lab: Lab) -> None:
    lab.run("hello")
    before = lab.log.process
    lab.run("sleep", wait=False)
    lab.hear_until(lambda: ("one", "sleep", 0) in lab.record.runs)
    lab.manager.restart_kernel(now=True)
    lab.hear_until(lambda: lab.log.process != before)
    assert outcome(lab, "sleep") == "died"
    assert lab.record.runs["one", "hello", 0].process == before


def test_a_kernel_that_dies_is_said_to_have_died(lab: Lab) -> None:
    lab.run("sleep", wait=False)
    lab.hear_until(lambda: ("one", "sleep", 0) in lab.record.runs)
    lab.log.died("The kernel died while this ran.")
    run = lab.record.runs["one", "sleep", 0]
    assert run.outcome == "died"
    assert run.failure is not None
    assert run.failure.code == "kernel_died"
    assert lab.log.state == "dead"


def test_the_record_is_there_after_the_process_has_gone(lab: Lab) -> None:
    lab.run("hello")
    lab.run("train")
    lab.run("boom")
    again = Record(Journal(lab.journal))
    assert again.runs == lab.record.runs
    assert again.trainings == lab.record.trainings


def test_code_that_is_no_cell_of_the_notebook_is_left_alone(lab: Lab) -> None:
    message = lab.client.execute("import os")
    lab.hear_until(lambda: lab.log.state == "busy")
    lab.hear_until(lambda: lab.log.state == "idle")
    assert message
    assert lab.record.runs == {}


def test_a_step_that_runs_again_forgets_what_it_printed_before(lab: Lab) -> None:
    lab.run("train")
    lab.record.trainings["one", "train"].counts["epoch"] = 7
    lab.run("train")
    assert lab.record.trainings["one", "train"].counts == {"step": 3, "steps": 3}


def message(kind: str, parent: str, **content: object) -> dict[str, object]:
    header = {"msg_type": kind, "session": "process-1"}
    return {"header": header, "parent_header": {"msg_id": parent}, "content": content}


def test_a_subshell_beside_a_running_cell_does_not_make_it_a_success(lab: Lab) -> None:
    lab.log.handle(message("execute_input", "main", code=CELLS["boom"]))
    lab.log.handle(message("execute_input", "subshell", code=CELLS["hello"]))
    lab.log.handle(message("status", "subshell", execution_state="idle"))
    assert (outcome(lab, "boom"), outcome(lab, "hello")) == ("running", "ok")
    lab.log.handle(message("error", "main", ename="RuntimeError", evalue="x", traceback=[]))
    lab.log.handle(message("status", "main", execution_state="idle"))
    assert outcome(lab, "boom") == "error"


def test_a_run_whose_end_was_not_heard_is_no_success_once_the_cell_runs_again(lab: Lab) -> None:
    lab.log.handle(message("execute_input", "first", code=CELLS["hello"]))
    first = lab.record.runs["one", "hello", 0]
    lab.log.handle(message("execute_input", "second", code=CELLS["hello"]))
    assert first.outcome == "running"
    assert [step.id for step, _ in lab.finished] == []
    lab.log.handle(message("status", "second", execution_state="idle"))
    assert [step.id for step, _ in lab.finished] == ["hello"]


def test_each_cell_of_a_step_counts_with_its_last_output() -> None:
    step = (
        definition()
        .modules[0]
        .steps[0]
        .model_copy(update={"check": Check(prints=("alpha", "beta"))})
    )
    output = StepOutput(step)
    assert output.start(0)
    output.add_text(0, "alpha\n")
    assert not output.start(1)
    output.add_text(1, "beta\n")
    assert output.unmet() == ()
    assert output.start(0)
    output.add_text(0, "alpha again\n")
    assert output.unmet() == ()
    output.start(1)
    assert "beta" in output.unmet()[0]
