"""Each way to fail has its own words, and no failure holds up what does not depend on it."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from jupyter_monai_workshop.cli import main

from .workbench import (
    KERNEL,
    command,
    environment,
    heed_ctrl_c,
    processes_with,
    rehearsed,
    write_workshop,
)

AFTER = ("after", "print('after')", "")
"""A step that would pass, if it was run."""

FIVE = {
    "raises": [("first", "x = 1", ""), ("fails", "x / 0", ""), AFTER],
    "hangs": [("fails", "import time\ntime.sleep(600)", ""), AFTER],
    "dies": [("fails", "import os\nos.write(2, b'my last words')\nos._exit(3)", ""), AFTER],
    "floods": [
        ("fails", "for _ in range(50): print('x' * 1_000_000)", ""),
        AFTER,
    ],
    "unmet": [("fails", "x = 19", "check: {expressions: ['x == 20']}"), AFTER],
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Modules that fail, each in its way, and one that does not, rehearsed once."""
    folder = tmp_path_factory.mktemp("five")
    passes = [("first", "print('fine')", "check: {prints: [fine]}")]
    modules = {**FIVE, "exercise": [("fails", "x = ???", ""), AFTER], "passes": passes}
    definitions = write_workshop(folder / "made", modules).parent
    since = time.monotonic()
    found = rehearsed(
        *("made", "--definitions", definitions, "--kernel", KERNEL, "--cell-timeout", 5),
        *("--junit", folder / "junit.xml"),
        data=folder / "jupyter",
        status=1,
    )
    assert time.monotonic() - since < 90
    found["junit"] = ElementTree.parse(folder / "junit.xml").getroot()
    return found


def steps_of(result: dict[str, Any]) -> dict[str, str]:
    return {step["id"]: step["state"] for step in result["steps"]}


def failed(result: dict[str, Any]) -> dict[str, Any]:
    (step,) = [step for step in result["steps"] if step["state"] == "failed"]
    found: dict[str, Any] = step
    return found


def test_a_cell_that_raises_is_told_with_its_number_and_its_exception(
    results: dict[str, Any],
) -> None:
    step = failed(results["raises"])
    assert step["failure"]["code"] == "cell_error"
    assert step["failure"]["message"] == "ZeroDivisionError: division by zero"
    assert (step["cell"], step["source"]) == (2, "x / 0")
    assert steps_of(results["raises"]) == {"first": "passed", "fails": "failed", "after": "not run"}


def test_a_cell_that_hangs_is_ended_at_its_time_out(results: dict[str, Any]) -> None:
    step = failed(results["hangs"])
    assert step["failure"]["code"] == "cell_timeout"
    assert "5 seconds" in step["failure"]["message"]
    assert results["hangs"]["seconds"] < 30
    assert steps_of(results["hangs"])["after"] == "not run"


def test_a_kernel_that_dies_is_told_with_its_last_words(results: dict[str, Any]) -> None:
    step = failed(results["dies"])
    assert step["failure"]["code"] == "kernel_died"
    assert "my last words" in step["failure"]["details"]
    assert steps_of(results["dies"])["after"] == "not run"


def test_a_cell_that_prints_too_much_is_told(results: dict[str, Any]) -> None:
    step = failed(results["floods"])
    assert step["failure"]["code"] == "output_too_large"
    assert "10 MB" in step["failure"]["message"]
    assert steps_of(results["floods"])["after"] == "not run"


def test_a_check_that_does_not_hold_is_told_with_what_was_found(results: dict[str, Any]) -> None:
    step = failed(results["unmet"])
    assert step["failure"]["code"] == "check_unmet"
    (found,) = step["found"]
    assert (found["holds"], found["found"]) == (False, "19")
    # Its cells ran, so what follows can run, as it can in the panel.
    assert steps_of(results["unmet"]) == {"fails": "failed", "after": "passed"}


def test_an_exercise_without_a_solution_is_told(results: dict[str, Any]) -> None:
    assert failed(results["exercise"])["failure"]["code"] == "exercise_open"


def test_what_does_not_depend_on_a_failure_goes_on(results: dict[str, Any]) -> None:
    assert results["passes"]["state"] == "passed"
    assert {name for name in FIVE if results[name]["state"] == "failed"} == set(FIVE)


def test_junit_names_the_failures(results: dict[str, Any]) -> None:
    root = results["junit"]
    types = [failure.get("type") for failure in root.iter("failure")]
    names = (*FIVE, "exercise")
    assert sorted(types) == sorted(failed(results[name])["failure"]["code"] for name in names)
    assert len(set(types)) == len(names)
    assert root.get("failures") == "6"
    assert root.get("skipped") == "5"


def test_the_time_for_everything_ends_what_runs_and_what_waits(tmp_path: Path) -> None:
    steps = [("waits", "import time\ntime.sleep(600)", "")]
    definitions = write_workshop(tmp_path / "made", {"one": steps, "two": steps}).parent
    options = ("made", "--definitions", definitions, "--kernel", KERNEL, "--timeout", 12)
    found = rehearsed(*options, data=tmp_path / "jupyter", status=1)
    for result in found.values():
        assert result["state"] == "failed"
        assert result["failure"]["code"] == "total_timeout"
    assert steps_of(found["one"]) == {"waits": "failed"}
    assert steps_of(found["two"]) == {"waits": "not run"}


def test_what_the_administrator_does_not_allow_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_workshop(tmp_path / "definitions" / "made", {"only": [AFTER]})
    config = tmp_path / "config"
    config.mkdir()
    (config / "jupyter_server_config.json").write_text(
        json.dumps({"MonaiWorkshopApp": {"most_files": 10}})
    )
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(config))
    options = ("made", "--definitions", folder.parent, "--kernel", KERNEL)
    results = rehearsed(*options, data=tmp_path / "data", status=1)
    (failure,) = [it["failure"] for it in results["only"]["preparation"] if it["failure"]]
    assert failure["code"] == "quota_exceeded"
    assert {it["state"] for it in results["only"]["steps"]} == {"not run"}


def test_a_kernel_that_is_not_there_is_told(tmp_path: Path) -> None:
    definitions = write_workshop(tmp_path / "made", {"only": [AFTER]}).parent
    options = ("made", "--definitions", definitions, "--kernel", "no-such-kernel")
    found = rehearsed(*options, data=tmp_path / "jupyter", status=1)
    assert found["only"]["failure"]["code"] == "kernel_silent"
    assert steps_of(found["only"]) == {"after": "not run"}


def test_ctrl_c_leaves_no_process_and_tells_what_was_done(tmp_path: Path) -> None:
    mark = tmp_path / "runs"
    child = "import subprocess, sys\n"
    child += "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    source = child + f"open({str(mark)!r}, 'w').close()\nimport time\ntime.sleep(600)"
    modules = {"one": [("quick", "print(1)", ""), ("waits", source, "")], "two": [AFTER]}
    definitions = write_workshop(tmp_path / "made", modules).parent
    folder = tmp_path / "fresh folders"
    arguments = ("made", "--definitions", definitions, "--kernel", KERNEL, "--folder", folder)
    running = subprocess.Popen(
        command(*arguments),
        env=environment(tmp_path / "jupyter"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=heed_ctrl_c,
    )
    until = time.monotonic() + 60
    while not mark.exists() and time.monotonic() < until:
        time.sleep(0.1)
    assert mark.exists()
    assert processes_with(str(folder))
    since = time.monotonic()
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does
    told, complaints = running.communicate(timeout=60)
    assert running.returncode == 1
    assert time.monotonic() - since < 30
    assert "Traceback" not in complaints
    assert "passed   Step quick" in told
    assert "stopped  Module one" in told
    assert "not run  Step after" in told
    assert not processes_with(str(folder))
    assert not processes_with(str(tmp_path))
    assert list(folder.iterdir()) == []


def test_words_that_mean_nothing_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    definitions = write_workshop(tmp_path / "made", {"only": [AFTER]}).parent
    for wrong in (("--module", "none"), ("--profile", "none"), ("--set", "a=1"), ("--set", "a")):
        assert main(["rehearse", "made", "--definitions", str(definitions), *wrong]) == 1
        assert capsys.readouterr().err.startswith("Error: ")
