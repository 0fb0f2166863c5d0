"""Workshops for which nobody answers, on the command line."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server.conftest import write_workshop


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A configuration whose one folder of definitions nobody answers for."""
    write_workshop(tmp_path / "strangers" / "tiny")
    (tmp_path / "config").mkdir()
    setting = {"MonaiWorkshopApp": {"definition_folders": [str(tmp_path / "strangers")]}}
    (tmp_path / "config" / "jupyter_server_config.json").write_text(json.dumps(setting))
    (tmp_path / "work").mkdir()
    return tmp_path


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "jupyter_monai_workshop", *arguments]


def environment(home: Path) -> dict[str, str]:
    return {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
    }


def run(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(*arguments),
        env=environment(home),
        cwd=home / "work",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


PREPARE = ("prepare", "tiny", "--only", "materials", "--json")


def test_without_a_terminal_nothing_is_done_unless_it_is_said(home: Path) -> None:
    assert "tiny" in run(home, "list").stdout
    done = run(home, *PREPARE)
    assert done.returncode == 1
    assert json.loads(done.stdout)["failure"]["code"] == "not_trusted"
    assert list((home / "work").iterdir()) == []
    assert run(home, *PREPARE, "--trust").returncode == 0
    assert (home / "work" / "tiny").is_dir()
    assert run(home, *PREPARE).returncode == 0, "it was asked again"


def test_a_folder_on_the_command_line_is_the_persons_own_choice(home: Path) -> None:
    own = home / "own"
    write_workshop(own / "tiny")
    assert run(home, *PREPARE, "--definitions", str(own)).returncode == 0


@pytest.mark.parametrize(("answer", "status"), [("y\n", 0), ("\n", 1)])
def test_on_a_terminal_the_person_is_shown_it_and_asked(
    home: Path, answer: str, status: int
) -> None:
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        command(*PREPARE),
        env=environment(home),
        cwd=home / "work",
        stdin=follower,
        stdout=subprocess.PIPE,
        stderr=follower,
    )
    os.close(follower)
    told = b""
    while b"[y/N]" not in told:
        told += os.read(leader, 4096)
    os.write(leader, answer.encode())
    assert b"Tiny workshop" in told
    assert str(home / "strangers" / "tiny").encode() in told
    assert process.communicate(timeout=120)
    assert process.returncode == status
    os.close(leader)


def test_the_settings_are_shown_with_their_source(home: Path) -> None:
    done = run(home, "config", "--json")
    settings = {it["name"]: it for it in json.loads(done.stdout)["settings"]}
    assert settings["definition_folders"]["value"] == [str(home / "strangers")]
    assert settings["definition_folders"]["source"].endswith("jupyter_server_config.json")
    text = run(home, "config").stdout
    assert "definition_folders = " in text
    assert "(default)" in text


def test_a_broken_configuration_is_told(home: Path) -> None:
    (home / "config" / "jupyter_server_config.py").write_text("c.(")
    done = run(home, "list", "--json")
    assert done.returncode == 1
    failure = json.loads(done.stdout)["failure"]
    assert failure["code"] == "configuration_unreadable"
    assert "jupyter_server_config.py" in failure["message"]
