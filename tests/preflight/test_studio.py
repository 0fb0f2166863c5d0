"""SageMaker Studio: recognised by what it leaves there, its instance only estimated."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import Need
from jupyter_monai_workshop.preflight import Machine, Studio, read_studio, studio_check
from jupyter_monai_workshop.preflight.studio import estimate

GIB = 1024**3
WISH = Need(gib=8, level="recommended")
SPACE = {"AppType": "JupyterLab", "DomainId": "d-1", "SpaceName": "mine", "ResourceArn": "arn:x"}


@pytest.fixture
def metadata(tmp_path: Path) -> Path:
    return tmp_path / "resource-metadata.json"


def test_elsewhere_there_is_none(metadata: Path) -> None:
    assert read_studio({}, metadata) is None
    # People set this one on their own machines.
    assert read_studio({"SAGEMAKER_ROLE": "arn", "AWS_REGION": "eu-west-1"}, metadata) is None
    assert studio_check(None, Machine([], 4, 16 * GIB), WISH, trains_on_gpu=False) is None


def test_studio_is_known_by_its_file_or_its_variables(metadata: Path) -> None:
    assert read_studio({"SAGEMAKER_APP_TYPE": "JupyterLab"}, metadata) == Studio("JupyterLab")
    assert read_studio({"SAGEMAKER_SPACE_NAME": "mine"}, metadata) == Studio()
    metadata.write_text(json.dumps(SPACE))
    assert read_studio({}, metadata) == Studio("JupyterLab")


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"AppType": 7}', b"[" * 5000, b"x" * 10**6],
    ids=["empty", "half", "list", "null", "no text", "number", "deep", "large"],
)
def test_a_file_that_cannot_be_read_is_still_studio(metadata: Path, content: bytes) -> None:
    metadata.write_bytes(content)
    assert read_studio({}, metadata) == Studio()


@pytest.mark.parametrize(
    ("gpus", "processors", "gib", "names"),
    [
        (["Tesla T4"], 4, 16, ["ml.g4dn.xlarge"]),
        (["Tesla T4"], 4, 15.3, ["ml.g4dn.xlarge"]),
        (["Tesla T4"] * 4, 48, 186, ["ml.g4dn.12xlarge"]),
        (["NVIDIA A10G"], 8, 31, ["ml.g5.2xlarge"]),
        (["NVIDIA L4"], 4, 15.5, ["ml.g6.xlarge"]),
        (["NVIDIA L40S"], 4, 31, ["ml.g6e.xlarge"]),
        ([], 2, 3.8, ["ml.t3.medium", "ml.c5.large"]),
        ([], 4, 15.5, ["ml.t3.xlarge", "ml.m5.xlarge"]),
        (["Tesla T4"], 5, 16, []),
        (["Tesla T4"], 4, 11, []),
        (["NVIDIA GeForce RTX 4090"], 4, 16, []),
        ([], None, 16, []),
    ],
)
def test_the_instance_is_estimated(
    gpus: list[str], processors: float | None, gib: float, names: list[str]
) -> None:
    assert list(estimate(Machine(gpus, processors, round(gib * GIB)))) == names


def test_a_space_without_a_gpu_is_told_what_to_choose() -> None:
    machine = Machine([], 2, round(3.8 * GIB))
    check = studio_check(Studio("JupyterLab"), machine, WISH, trains_on_gpu=False)
    assert check is not None
    assert (check.name, check.level) == ("studio", "warn")
    assert check.found == "ml.t3.medium or ml.c5.large (estimate)"
    assert check.wanted == "ml.g4dn.xlarge or larger"
    assert check.message == (
        "This is SageMaker Studio, probably on ml.t3.medium or ml.c5.large: "
        "no GPU, 2 processors, 3.8 GiB."
    )
    assert check.remedy == (
        "Stop the space, choose ml.g4dn.xlarge or larger as its instance, and run it again."
    )
    must = studio_check(Studio(), machine, Need(gib=8), trains_on_gpu=False)
    assert must is not None
    assert must.level == "fail"


@pytest.mark.parametrize(
    ("gpus", "need", "trains"),
    [(["Tesla T4"], WISH, True), ([], None, False)],
    ids=["GPU there", "none needed"],
)
def test_a_space_that_suits(gpus: list[str], need: Need | None, trains: bool) -> None:
    machine = Machine(gpus, 4, 16 * GIB)
    check = studio_check(Studio(), machine, need, trains_on_gpu=trains)
    assert check is not None
    assert (check.level, check.remedy) == ("pass", "")
    assert "estimate" in check.found
    assert "probably" in check.message


def test_an_instance_that_is_not_known_is_described() -> None:
    machine = Machine(["NVIDIA B300"] * 2, 96, None)
    check = studio_check(Studio(), machine, WISH, trains_on_gpu=False)
    assert check is not None
    assert check.message == (
        "This is SageMaker Studio on an unknown instance: NVIDIA B300 (2 of them), 96 processors."
    )
    assert check.remedy.startswith("See what is said of the GPU")
