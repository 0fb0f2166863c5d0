"""What is made of results: pages, JUnit, times. Pure, so no kernel is needed."""

from datetime import datetime, timezone
from xml.etree import ElementTree

import yaml

from jupyter_monai_workshop.definition.models import Duration
from jupyter_monai_workshop.jobs.job import Failure
from jupyter_monai_workshop.preflight.verdict import Preflight
from jupyter_monai_workshop.rehearsal.junit import junit_xml
from jupyter_monai_workshop.rehearsal.page import page
from jupyter_monai_workshop.rehearsal.results import (
    Machine,
    ModuleResult,
    Rehearsal,
    StepResult,
)
from jupyter_monai_workshop.rehearsal.times import times_yaml

WHEN = datetime(2026, 11, 24, 12, 0, tzinfo=timezone.utc)
LAPTOP = Machine(name="laptop", system="Linux", processors=4, memory_gib=16)
CLOUD = Machine(name="cloud", system="Linux", processors=8, memory_gib=61.2, gpus=("T4", "T4"))
NASTY = "<script>alert('x')</script> \x1b[31m & \x00 done"


def step(name: str, seconds: float | None = 2.04, failure: Failure | None = None) -> StepResult:
    state = "failed" if failure else "passed" if seconds is not None else "not run"
    return StepResult.model_validate(
        {
            "id": name,
            "title": f"Step {name}",
            "state": state,
            "seconds": seconds,
            "expected": 1,
            "failure": failure,
            "source": NASTY if failure else "",
            "cell": 3 if failure else None,
        }
    )


def module(number: int, name: str, machine: Machine | None, *steps: StepResult) -> ModuleResult:
    return ModuleResult(
        task=number,
        module=name,
        title=f"Module {name}",
        kernel="python3",
        machine=machine,
        state="failed" if any(it.failure for it in steps) else "passed",
        started=WHEN,
        seconds=10,
        preflight=Preflight(checks=(), gpu=bool(machine and machine.gpus), checked=WHEN),
        steps=steps,
        versions={"torch": "2.8.0"},
        lost=("Try 1 was lost with its worker (process 7 on cloud); the module was run again.",)
        if number == 3
        else (),
    )


FAILURE = Failure(code="cell_error", message=NASTY, hint="Mend it.", details=NASTY)
REHEARSAL = Rehearsal(
    version="1",
    workshop="lungs",
    title="Lungs & more",
    started=WHEN,
    seconds=20,
    results=(
        module(0, "one", LAPTOP, step("a"), step("b", 0.01)),
        module(1, "two", LAPTOP, step("a", failure=FAILURE), step("b", None)),
        module(2, "one", CLOUD, step("a", 1.0)),
        module(3, "two", CLOUD, step("a", 1.5)),
    ),
)


def test_the_page_is_a_matrix_of_modules_and_machines() -> None:
    text = page(REHEARSAL)
    head, body = text.split("</thead>", 1)
    assert head.index("laptop") < head.index("cloud")
    assert "8 processors, 61 GiB, T4" in head
    rows = body.split("</tbody>")[0].split("<tr>")[1:]
    assert [row.count("<td>") for row in rows] == [2, 2]
    assert [row.count("Passed") for row in rows] == [4, 2]  # each a word and a label
    assert "What to mend" in text
    assert "the module was run again" in text


def test_nothing_in_a_page_or_in_junit_is_taken_for_markup() -> None:
    assert "<script" not in page(REHEARSAL)
    root = ElementTree.fromstring(junit_xml(REHEARSAL))
    (failure,) = root.iter("failure")
    assert failure.get("message") == "<script>alert('x')</script> [31m &  done"
    assert "Cell 3:" in (failure.text or "")


def test_junit_counts_what_it_holds() -> None:
    root = ElementTree.fromstring(junit_xml(REHEARSAL))
    assert len(list(root.iter("testcase"))) == int(root.get("tests", "0")) == 6
    assert [root.get(name) for name in ("failures", "skipped", "errors")] == ["1", "1", "0"]
    suite = next(iter(root))
    assert suite.get("hostname") == "laptop"


def test_times_are_what_a_definition_takes() -> None:
    laptop, cloud = yaml.safe_load(times_yaml(REHEARSAL))["machines"]
    assert laptop["modules"] == {
        "one": {"a": {"duration": {"cpu": 2.0}}, "b": {"duration": {"cpu": 0.1}}}
    }
    assert cloud["modules"]["two"] == {"a": {"duration": {"gpu": 1.5}}}
    assert cloud["machine"]["gpus"] == ["T4", "T4"]
    assert "name" not in cloud["machine"]  # a machine's name is nobody's business
    Duration(cpu=laptop["modules"]["one"]["b"]["duration"]["cpu"], gpu=1)


def test_times_with_a_profile_are_what_the_profile_takes() -> None:
    chosen = REHEARSAL.model_copy(update={"profile": "no-gpu"})
    laptop, _ = yaml.safe_load(times_yaml(chosen))["machines"]
    assert laptop["modules"]["one"] == {"a": 2.0, "b": 0.1}
