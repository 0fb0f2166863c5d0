"""Failures that are known are told with cause and remedy, whatever their last line says."""

import json
from pathlib import Path
from typing import Any

import pytest

import jupyter_monai_workshop.workshops as built_in
from jupyter_monai_workshop.definition.loading import load_definition
from jupyter_monai_workshop.definition.models import Definition, KnownFailure
from jupyter_monai_workshop.jobs.job import Failure
from jupyter_monai_workshop.progress.general_failures import GENERAL_FAILURES, VAGUE_FAILURES
from jupyter_monai_workshop.progress.recognising import (
    Recognised,
    known_failure,
    recognise,
    remedies_of,
    told,
)
from jupyter_monai_workshop.progress.record import CellRun
from jupyter_monai_workshop.progress.snapshot import Remedy

from .conftest import CELLS, Lab

OUTPUTS = Path(__file__).parent.parent / "data" / "outputs"
RSNA: Definition = load_definition(
    Path(built_in.__path__[0]) / "rsna-2023" / "workshop.yaml"
).definition


def cause_of(exception: str, errors: str = "", module: str = "auto3dseg") -> str:
    known = known_failure(recognise(exception, errors, RSNA.failures, module), RSNA.failures)
    return known.id if known else ""


def test_the_failure_without_fire_is_recognised_from_what_was_recorded() -> None:
    outputs = json.loads((OUTPUTS / "auto3dseg.without-fire.json").read_text(encoding="utf-8"))
    raised = outputs[-1]
    errors = "".join(it["text"] for it in outputs if it.get("stream") == "stderr")
    exception = f"{raised['error']}: {raised['value']}"
    assert "fire" not in exception + errors
    recognised = recognise(exception, errors, RSNA.failures, "auto3dseg")
    known = known_failure(recognised, RSNA.failures)
    assert known is not None
    assert known.cause == "The package fire is missing, so the networks could not be set up."
    assert remedies_of(known, []) == (Remedy(action="prepare"), Remedy(action="run"))
    # The same words in the other notebook are somebody else's.
    assert recognise(exception, errors, RSNA.failures, "end-to-end") is None


CHAIN = """RuntimeError: Please make sure the folder structure of an Algo Template follows
---------------------------------------------------------------------------
ModuleNotFoundError                       Traceback (most recent call last)
File /usr/lib/python3/pydoc.py:409, in safeimport(path, forceload, cache)
    408 try:
--> 409     module = __import__(path)
ModuleNotFoundError: No module named '{package}'

During handling of the above exception, another exception occurred:

ErrorDuringImport: problem in segresnet - ModuleNotFoundError: No module named '{package}'

The above exception was the direct cause of the following exception:

RuntimeError: Please make sure the folder structure of an Algo Template follows"""


@pytest.mark.parametrize(
    ("package", "known"),
    [("fire", "fire"), ("einops", "einops"), ("mlflow", "mlflow"), ("yaml", "module-missing")],
)
def test_the_deepest_cause_is_told_and_not_the_last_line(package: str, known: str) -> None:
    assert cause_of(CHAIN.replace("{package}", package)) == known


@pytest.mark.parametrize(
    ("known", "module", "exception", "errors"),
    [
        (
            "space-in-path",
            "auto3dseg",
            "CalledProcessError: Command '['python', …]' returned non-zero exit status 2.",
            "python: can't open file '/home/my': [Errno 2] No such file or directory",
        ),
        ("no-gpu", "auto3dseg", "ValueError: min() arg is an empty sequence", ""),
        ("no-gpu", "auto3dseg", "ValueError: min() iterable argument is empty", ""),
        ("numpy-too-new", "end-to-end", "RuntimeError: Numpy is not available", ""),
        (
            "numpy-overflow",
            "end-to-end",
            "OverflowError: Python integer 4294967296 out of bounds for uint32",
            "",
        ),
        (
            "monai-too-old",
            "end-to-end",
            "AttributeError: 'FileFinder' object has no attribute 'find_module'",
            "",
        ),
        ("monai-too-old", "end-to-end", "ModuleNotFoundError: No module named 'distutils'", ""),
        ("hash", "end-to-end", "HashCheckError: sha256 check of downloaded file failed: …", ""),
        ("hash", "end-to-end", "RuntimeError: md5 check of existing file failed: filepath=…", ""),
        (
            "weights-only",
            "auto3dseg",
            "UnpicklingError: Weights only load failed. This file can still be loaded",
            "",
        ),
        (
            "prediction-missing",
            "auto3dseg",
            "FileNotFoundError: No such file: 'ensemble_output/test_image_000_ensemble.nii.gz'",
            "",
        ),
        ("download", "end-to-end", "URLError: <urlopen error [Errno -3] Temporary failure>", ""),
        ("download", "end-to-end", "HTTPError: HTTP Error 404: Not Found", ""),
        (
            "gpu-memory",
            "end-to-end",
            "OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB",
            "",
        ),
        (
            "shared-memory",
            "end-to-end",
            "RuntimeError: unable to allocate shared memory(shm) for file </torch_1_2>",
            "",
        ),
        (
            "shared-memory",
            "end-to-end",
            "RuntimeError: DataLoader worker (pid(s) 17, 18) exited unexpectedly",
            "ERROR: Unexpected bus error encountered in worker. This might be caused by",
        ),
        (
            "shared-memory",
            "end-to-end",
            "RuntimeError: DataLoader worker (pid 17) is killed by signal: Bus error. It is",
            "",
        ),
        (
            "worker-killed",
            "end-to-end",
            "RuntimeError: DataLoader worker (pid 17) is killed by signal: Killed.",
            "",
        ),
        ("disk-full", "end-to-end", "OSError: [Errno 28] No space left on device", ""),
        ("memory", "end-to-end", "The kernel died while this ran.", ""),
        ("name-missing", "end-to-end", "NameError: name 'train_x' is not defined", ""),
        ("", "end-to-end", "The kernel was shut down while this ran.", ""),
        ("", "end-to-end", "ValueError: something else", "UserWarning: slow"),
    ],
)
def test_what_was_measured_is_known(known: str, module: str, exception: str, errors: str) -> None:
    assert cause_of(exception, errors, module) == known


def test_a_bus_error_that_only_the_worker_told_is_found_though_the_exception_is_known() -> None:
    exception = "RuntimeError: DataLoader worker (pid 17) exited unexpectedly"
    assert cause_of(exception, "", "end-to-end") == "worker-killed"


@pytest.mark.parametrize(
    ("exception", "values"),
    [
        ("OutOfMemoryError: CUDA out of memory.", {"batch-size": 128}),
        ("RuntimeError: unable to allocate shared memory(shm) for file </x>", {"workers": 0}),
    ],
)
def test_a_button_sets_what_mends_the_first_notebook(
    exception: str, values: dict[str, int]
) -> None:
    recognised = recognise(exception, "", RSNA.failures, "end-to-end")
    remedies = remedies_of(known_failure(recognised, RSNA.failures), ["batch-size", "workers"])
    assert Remedy(action="parameters", values=values) in remedies


def test_source_code_in_a_traceback_says_nothing() -> None:
    trace = """ValueError: no
File x.py:3, in f()
      2 try:
----> 3     raise OSError("No space left on device")
      4 except ImportError: print("No module named 'fire'")
ValueError: no"""
    assert cause_of(trace) == ""


def test_words_of_the_pattern_are_told() -> None:
    recognised = recognise("ModuleNotFoundError: No module named 'a_b.c'", "", (), "m")
    known = known_failure(recognised, ())
    assert recognised == Recognised(name="general:module-missing", words={"package": "a_b"})
    assert known is not None
    assert known.cause == "The package a_b is missing."
    failure = told(Failure(code="cell_error", message="E: x", hint="h", details="trace"), known)
    assert (failure.message, failure.hint) == (known.cause, known.remedy)
    assert failure.details == "E: x\n\ntrace"


def test_a_definition_that_no_longer_knows_it_tells_the_exception() -> None:
    assert known_failure(Recognised(name="gone"), RSNA.failures) is None
    assert known_failure(None, RSNA.failures) is None


def test_remedies_are_what_buttons_can_do() -> None:
    known = KnownFailure(
        id="x", pattern="x", cause="c", remedy="r", set={"batch-size": 16, "gone": 1}
    )
    assert remedies_of(known, ["batch-size"]) == (
        Remedy(action="parameters", values={"batch-size": 16}),
        Remedy(action="run"),
    )
    restart = known.model_copy(update={"action": "restart", "set": {}})
    assert remedies_of(restart, []) == (Remedy(action="restart"),)
    assert remedies_of(None, []) == (Remedy(action="run"),)
    cut = known.model_copy(update={"profile": "no-gpu", "set": {}})
    assert remedies_of(cut, []) == (Remedy(action="profile", profile="no-gpu"),)


def test_general_failures_have_names_of_their_own() -> None:
    names = [failure.id for failure in (*GENERAL_FAILURES, *VAGUE_FAILURES)]
    assert len(set(names)) == len(names)


def test_a_run_of_an_older_version_is_still_read() -> None:
    old: dict[str, Any] = {"module": "m", "step": "s", "cell": 0, "process": "p"}
    assert CellRun.model_validate({**old, "started": "2026-01-01T00:00:00Z"}).known is None


def test_a_real_kernel_tells_the_cause_that_was_hidden(lab: Lab) -> None:
    CELLS["boom"] = (
        "try:\n    import package_that_is_missing\n"
        "except ImportError as error:\n    raise RuntimeError('look elsewhere') from error"
    )
    try:
        path = lab.journal.parent / "one.ipynb"
        notebook = json.loads(path.read_text())
        [cell] = [cell for cell in notebook["cells"] if cell["id"] == "boom"]
        cell["source"] = CELLS["boom"]
        path.write_text(json.dumps(notebook))
        lab.run("boom")
    finally:
        CELLS["boom"] = "raise ValueError('no such file')"
    run = lab.record.runs["one", "boom", 0]
    assert run.failure is not None
    assert run.failure.message == "RuntimeError: look elsewhere"
    assert run.known == Recognised(
        name="general:module-missing", words={"package": "package_that_is_missing"}
    )
