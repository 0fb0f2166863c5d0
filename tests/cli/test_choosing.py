"""Parameters and profiles from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_cli import answer, run
from tests.server.test_edits import DEFINITION, ONE, TWO, sources, write_notebook


@pytest.fixture
def definitions(tmp_path: Path) -> Path:
    folder = tmp_path / "definitions" / "tiny"
    (folder / "files").mkdir(parents=True)
    (folder / "workshop.yaml").write_text(DEFINITION)
    write_notebook(folder / "files" / "one.ipynb", ONE)
    write_notebook(folder / "files" / "two.ipynb", TWO)
    return folder.parent


class Line:
    """The command line in a home of its own."""

    def __init__(self, tmp_path: Path, definitions: Path) -> None:
        self.folder = tmp_path / "home"
        self.folder.mkdir()
        self._data = tmp_path / "data"
        self._options = ("--definitions", definitions, "--folder", self.folder, "--json")

    def ask(self, *arguments: str, status: int = 0) -> dict[str, Any]:
        return answer(run(*arguments, *self._options, data=self._data), status)

    def bring(self, *options: str) -> Path:
        self.ask("prepare", "tiny", "--only", "materials,patches", *options)
        return self.folder / "tiny"


@pytest.fixture
def line(tmp_path: Path, definitions: Path) -> Line:
    return Line(tmp_path, definitions)


def test_parameters_are_set_in_the_notebook(line: Line) -> None:
    folder = line.bring()
    done = line.ask("set", "tiny", "one", "epochs=1", "rate=1e-2")
    assert done == {"ok": True, "values": {"epochs": 1, "rate": 0.01}}
    assert "epoch_num = 1  # Übung\nrate = 0.01;" in sources(folder / "one.ipynb")["train"]


def test_a_profile_is_chosen_and_taken_back(line: Line) -> None:
    folder = line.bring()
    before = {file.name: file.read_bytes() for file in folder.glob("*.ipynb")}
    assert line.ask("profile", "tiny", "quick") == {"ok": True, "profiles": {"quick": "on"}}
    assert sources(folder / "two.ipynb")["net"] == "net = 1\nsize = 8"
    assert line.ask("profile", "tiny") == {"ok": True, "profiles": {"quick": "off"}}
    assert {file.name: file.read_bytes() for file in folder.glob("*.ipynb")} == before


def test_everything_is_prepared_with_a_profile(line: Line) -> None:
    line.bring("--profile", "quick")
    [profile] = line.ask("status", "tiny")["snapshot"]["profiles"]
    assert profile["state"] == "on"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("set", "tiny", "three", "epochs=1"), "unknown_module"),
        (("set", "tiny", "one", "eras=1"), "unknown_parameter"),
        (("set", "tiny", "one", "epochs=many"), "parameter_unfit"),
        (("set", "tiny", "one", "epochs=2.5"), "parameter_unfit"),
        (("set", "tiny", "one", "epochs=true"), "parameter_unfit"),
        (("set", "tiny", "one", "epochs"), "no_value"),
        (("set", "tiny", "one", "epochs=1"), "notebook_missing"),
        (("profile", "tiny", "slow"), "unknown_profile"),
        (("profile", "tiny", "quick"), "no_notebooks"),
        (("prepare", "tiny", "--profile", "slow"), "unknown_profile"),
    ],
)
def test_what_cannot_be_chosen_is_said_with_a_hint(
    line: Line, command: tuple[str, ...], code: str
) -> None:
    failure = line.ask(*command, status=1)["failure"]
    assert failure["code"] == code
    assert failure["hint"]
