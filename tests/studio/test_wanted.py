"""What is named on the command line: versions and wheels, and what only looks like them."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_monai_workshop import __version__
from jupyter_monai_workshop.errors import WorkshopError
from jupyter_monai_workshop.studio import (
    VersionUnfit,
    WheelUnfit,
    dockerfile,
    lifecycle_config,
    version_wanted,
    wheel_wanted,
)

WHEEL = "jupyter_monai_workshop-0.1.0-py3-none-any.whl"


@pytest.mark.parametrize(
    "version",
    ["", "latest", "1; id", "1 2", "$(id)", "1\nid", "`id`", "1'", "--pre", "0.1.0 @ x", "１.0"],
)
def test_what_is_no_version_is_refused_with_a_hint(version: str) -> None:
    with pytest.raises(VersionUnfit) as caught:
        version_wanted(version)
    assert caught.value.hint


@pytest.mark.parametrize(
    "address",
    [
        "",
        "--index-url=https://host.example/" + WHEEL,
        f"http://host.example/{WHEEL}",
        f"file:///etc/{WHEEL}",
        f"ftp://host.example/{WHEEL}",
        f"git+https://host.example/{WHEEL}",
        f"https:///{WHEEL}",
        f"https://[::1/{WHEEL}",
        f"https://user:secret@host.example/{WHEEL}",
        f"https://host.example/'{WHEEL}",
        f'https://host.example/"/{WHEEL}',
        f"https://host.example/`id`/{WHEEL}",
        f"https://host.example/a b/{WHEEL}",
        f"https://host.example/\n{WHEEL}",
        f"https://host.example/\\{WHEEL}",
        f"https://höst.example/{WHEEL}",
        f"https://host.example/{WHEEL}?{'x' * 2_000}",
        "https://host.example/",
        "https://host.example/other-0.1.0-py3-none-any.whl",
        "https://host.example/jupyter_monai_workshop-0.1.0.tar.gz",
        "https://host.example/jupyter_monai_workshop-x-py3-none-any.whl",
        f"https://host.example/x%2f..%2f{WHEEL}",
        f"s3://bucket/{WHEEL}?versionId=1",
        f"s3:///{WHEEL}",
        f"../{WHEEL}",
        f"/tmp/{WHEEL}",
        "other-0.1.0-py3-none-any.whl",
        f"-{WHEEL}",
    ],
)
def test_what_is_no_wheel_of_ours_is_refused_with_a_hint(address: str) -> None:
    with pytest.raises(WheelUnfit) as caught:
        wheel_wanted(address)
    assert caught.value.hint
    assert "secret" not in caught.value.message + caught.value.hint


def test_a_version_is_written_as_the_metadata_of_a_wheel_say_it() -> None:
    assert version_wanted("v0.1.0-RC1").name == "jupyter-monai-workshop==0.1.0rc1"
    assert wheel_wanted(f"https://host.example/{WHEEL}#sha256=00").version == "0.1.0"


@given(st.text(st.characters(codec="ascii"), max_size=60))
def test_whatever_is_taken_is_one_word_of_the_script(text: str) -> None:
    """By the rules of the shell the line says just the address, and nothing after it."""
    for address in (f"https://host.example/{text}/{WHEEL}", f"s3://bucket/{text}/{WHEEL}"):
        try:
            wanted = wheel_wanted(address)
        except WorkshopError:
            continue
        (line,) = (
            line for line in lifecycle_config(wanted).splitlines() if line.startswith("WANTED=")
        )
        assert shlex.split(line, comments=True) == [f"WANTED={wanted.name}"]
        if wanted.place == "https":
            assert shlex.quote(wanted.name) in dockerfile(wanted)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "jupyter_monai_workshop", "studio", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_prints_the_script_and_nothing_else() -> None:
    done = run("lifecycle-config")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == lifecycle_config(version_wanted(__version__))
    answer = json.loads(
        run("dockerfile", "--version", "0.1.0", "--tag", "3.9-cpu", "--json").stdout
    )
    assert answer == {"ok": True, "text": dockerfile(version_wanted("0.1.0"), tag="3.9-cpu")}


def test_a_refusal_prints_no_script() -> None:
    done = run("lifecycle-config", "--version", "$(id)")
    assert (done.returncode, done.stdout.strip()) == (1, "")
    assert "is not a version" in done.stderr
    assert "Traceback" not in done.stderr
