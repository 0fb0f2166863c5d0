"""The Dockerfile of a custom image: its steps, run where they find such an image."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from jupyter_monai_workshop.studio import (
    TagUnfit,
    Wanted,
    WheelUnfit,
    dockerfile,
    version_wanted,
    wheel_wanted,
)

from .container import Container, quoted

OURS = "jupyter-monai-workshop"
WHEEL = "jupyter_monai_workshop-0.1.0-py3-none-any.whl"


def build(container: Container, wanted: Wanted) -> subprocess.CompletedProcess[str]:
    """Run the only RUN step with /opt/conda and /tmp of the container."""
    text = dockerfile(wanted)
    (step,) = re.findall(r"^RUN ((?:.*\\\n)*.*)$", text, re.MULTILINE)
    step = re.sub("/opt/conda|/tmp", lambda it: quoted(Path(f"{container.root}{it[0]}")), step)
    return subprocess.run(
        ["sh", "-c", step],
        env={
            "PATH": os.defpath,
            "HOME": str(container.home),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(container.wheels),
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def container(tmp_path: Path) -> Container:
    return Container(tmp_path)


@pytest.mark.parametrize("source", ["index", "file"])
def test_the_image_gets_the_extension_and_keeps_what_it_has(
    container: Container, source: str
) -> None:
    wheel = container.publish(OURS, "0.1.0", ["numpy>=1", "nvidia-ml-py"])
    if source == "file":
        wheel.rename(container.root / "tmp" / WHEEL)
    done = build(container, version_wanted("0.1.0") if source == "index" else wheel_wanted(WHEEL))
    assert done.returncode == 0, done.stdout + done.stderr
    assert container.versions() == {
        "numpy": "1.26.4",
        "nvidia_ml_py": "13.0.0",
        "jupyter_monai_workshop": "0.1.0",
    }
    assert not (container.root / "tmp" / "constraints.txt").exists()


def test_a_build_that_would_replace_a_package_of_the_image_fails(container: Container) -> None:
    container.publish(OURS, "0.1.0", ["numpy>=2"])
    done = build(container, version_wanted("0.1.0"))
    assert done.returncode != 0
    assert container.versions() == {"numpy": "1.26.4"}


def test_the_base_can_be_chosen_when_printed_and_when_built() -> None:
    assert "\nARG TAG=4.4-gpu\nFROM public.ecr.aws/" in dockerfile(version_wanted("1"))
    assert "\nARG TAG=4.4-cpu\n" in dockerfile(version_wanted("1"), processor="cpu")
    assert "\nARG TAG=3.9-gpu\n" in dockerfile(version_wanted("1"), tag="3.9-gpu")


def test_a_file_is_copied_into_the_build() -> None:
    assert f'\nCOPY ["{WHEEL}", "/tmp/"]\n' in dockerfile(wheel_wanted(WHEEL))
    assert "COPY" not in dockerfile(version_wanted("0.1.0"))


@pytest.mark.parametrize("tag", ["4.4-gpu\nRUN id", "a b", "-x", "a/b", "$(id)", "x" * 129])
def test_what_is_no_tag_is_refused(tag: str) -> None:
    with pytest.raises(TagUnfit):
        dockerfile(version_wanted("0.1.0"), tag=tag)


def test_a_build_does_not_reach_s3() -> None:
    with pytest.raises(WheelUnfit):
        dockerfile(wheel_wanted(f"s3://bucket/{WHEEL}"))
