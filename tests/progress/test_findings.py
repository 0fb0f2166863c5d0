"""Checks say what they found, in words."""

import pytest

from jupyter_monai_workshop.definition.models import Check
from jupyter_monai_workshop.kernels.looking import Looked
from jupyter_monai_workshop.progress.findings import (
    found_in_kernel,
    found_in_output,
    found_on_disk,
    readable,
    unmet_in_kernel,
)
from jupyter_monai_workshop.progress.record import StepFindings
from jupyter_monai_workshop.progress.snapshot import Found


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("^hello$", "hello"),
        ("(?i)nvidia-smi", "nvidia-smi"),
        (r"(?m)^train completed, best_metric: ", "train completed, best_metric:"),
        (r"^Training count: \d+$", "Training count: …"),
        (r"^Shape of one batch: \(\d+, 1, 64, 64\)$", "Shape of one batch: (…, 1, 64, 64)"),
        (r"accuracy\s+[01]\.\d{4}\s+\d+", "accuracy … …"),
        (
            r"Auto3D[Ss]eg pipeline is completed successfully\.",
            "Auto3DSeg pipeline is completed successfully.",
        ),
        (r"MONAI version: \d+\.\d+", "MONAI version: …"),
        (
            r"^train completed, best_metric: \d\.\d{4} at epoch: \d+$",
            "train completed, best_metric: … at epoch: …",
        ),
    ],
)
def test_a_pattern_is_told_as_the_text_that_it_means(pattern: str, words: str) -> None:
    assert readable(pattern) == words


def test_a_printed_text_is_found_with_its_line() -> None:
    check = Check(prints=(r"^best: \d", "^worst"), image=True)
    text = "epoch 1\nbest: 0.99 at epoch 4\nend" + "x" * 500
    assert found_in_output(check, text, image=False) == (
        Found(text="Printed: best: …", holds=True, found="best: 0.99 at epoch 4"),
        Found(text="Printed: worst", holds=False),
        Found(text="An image is shown", holds=False),
    )


def test_a_long_line_is_shortened() -> None:
    [found] = found_in_output(Check(prints=("end",)), "begin " * 100 + "end", image=False)
    assert found.holds
    assert len(found.found) == 160


def test_expressions_are_told_with_their_figure_or_their_error() -> None:
    looked = (
        Looked("x == 20", False, "21"),
        Looked("a\n and b", True),
        Looked("y", False, "", "NameError: y"),
    )
    assert found_in_kernel(looked) == (
        Found(text="x == 20", holds=False, found="21"),
        Found(text="a and b", holds=True),
        Found(text="y", holds=False, found="NameError: y"),
    )
    assert unmet_in_kernel(looked) == (
        "This does not hold: x == 20 (it is 21).",
        "This could not be looked at: y (NameError: y).",
    )


def test_files_are_counted() -> None:
    assert found_on_disk({"a.pth": 1, "b.pth": 0, "out/*.gz": 8, "*.txt": 0, "**": 1000}) == (
        Found(text="The file a.pth", holds=True),
        Found(text="The file b.pth", holds=False, found="not there"),
        Found(text="Files out/*.gz", holds=True, found="8 files"),
        Found(text="Files *.txt", holds=False, found="no files"),
        Found(text="Files **", holds=True, found="1000 or more files"),
    )


def test_findings_of_an_older_version_are_still_read() -> None:
    old = {"kind": "findings", "module": "m", "step": "s", "process": "p", "complete": True}
    assert StepFindings.model_validate(old).found == ()
