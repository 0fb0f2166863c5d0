"""The command line, run as a person runs it."""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.git_server import AUTO3DSEG, SLIDES, GitServer, build_bootcamp, git
from tests.server.conftest import write_workshop

FIRE = '!python -c "import fire" || pip install -U "fire"'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home of attendee"
    home.mkdir()
    return home


def run(*arguments: object, data: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``jupyter monai-workshop`` with its own Jupyter data folder."""
    return subprocess.run(
        [sys.executable, "-m", "jupyter_monai_workshop", *map(str, arguments)],
        env={**os.environ, "JUPYTER_DATA_DIR": str(data), **environment},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def answer(done: subprocess.CompletedProcess[str], status: int = 0) -> dict[str, Any]:
    assert done.returncode == status, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    data: dict[str, Any] = json.loads(done.stdout)
    assert data["ok"] is (status == 0)
    return data


def small_rsna(folder: Path, commit: str, url: str) -> Path:
    """Write a definition for the test's repository, with the known patch."""
    folder.mkdir()
    (folder / "workshop.yaml").write_text(
        f"""\
format: 1
id: small-rsna
title: Small RSNA
summary: The bootcamp's shape.
text: Welcome.
source: {{kind: git, urls: ["{url}"], commit: "{commit}", sparse: [MONAICore], folder: bootcamp}}
modules:
  - id: auto3dseg
    title: Auto3DSeg
    text: The second notebook.
    notebook: "{AUTO3DSEG}"
    patches:
      - kind: ensure_line
        id: install-fire
        cell: {{heading: 0.1 Installation – über, contains: import monai}}
        line: '{FIRE}'
        why: Training needs it.
    steps:
      - id: install
        title: Install
        text: Installs.
        cells: [{{contains: import monai}}]
        duration: 10
"""
    )
    return folder


def test_list_and_show_name_the_built_in_workshops(tmp_path: Path) -> None:
    rows = answer(run("list", "--json", data=tmp_path))["workshops"]
    assert [row["id"] for row in rows] == ["first-light", "rsna-2023"]
    shown = answer(run("show", "rsna-2023", "--json", data=tmp_path))["workshop"]
    assert len(shown["modules"]) == 2
    assert "Auto3DSeg" in run("show", "rsna-2023", data=tmp_path).stdout


def test_prepare_brings_a_git_workshop_patched_and_changes_nothing_twice(
    tmp_path: Path, home: Path
) -> None:
    repository = tmp_path / "organiser" / "bootcamp"
    commit = build_bootcamp(repository)
    with GitServer(repository) as server:
        definitions = small_rsna(tmp_path / "definition", commit, "https://127.0.0.1:9/none.git")
        command = ("prepare", "small-rsna", "--definitions", definitions, "--folder", home)
        options = ("--mirror", server.url, "--only", "materials,patches", "--json")
        first = answer(run(*command, *options, data=tmp_path / "data"))
        assert first["folder"] == str(home / "bootcamp")
        assert [part["state"] for part in first["parts"].values()] == ["done", "done"]
        target = home / "bootcamp"
        diff = git(target, "diff", "--numstat").split("\t")
        assert diff[0] in ("1", "2")
        assert int(diff[0]) - int(diff[1]) == 1
        assert f'+    "{json.dumps(FIRE)[1:-1]}' in git(target, "diff")
        assert not (target / SLIDES).exists()
        before = {p: p.read_bytes() for p in target.rglob("*") if p.is_file()}
        answer(run(*command, *options, data=tmp_path / "data"))
        assert before == {p: p.read_bytes() for p in target.rglob("*") if p.is_file()}


def test_a_part_that_fails_does_not_stop_those_that_do_not_need_it(
    tmp_path: Path, home: Path
) -> None:
    definitions = small_rsna(tmp_path / "d", "0" * 40, "https://127.0.0.1:9/none.git")
    done = run(
        "prepare", "small-rsna", "--definitions", definitions, "--folder", home, "--json",
        data=tmp_path / "data",
    )  # fmt: skip
    parts = answer(done, 1)["parts"]
    assert {name: part["state"] for name, part in parts.items()} == {
        "materials": "failed",
        "patches": "blocked",
        "environment": "done",
    }
    assert parts["materials"]["failure"]["hint"]
    assert "Error:" in done.stderr
    assert list(home.iterdir()) == []


def test_prepare_makes_a_kernel_that_jupyter_knows(tmp_path: Path, home: Path) -> None:
    write_workshop(tmp_path / "definitions" / "tiny")
    data = tmp_path / "data"
    command = ("tiny", "--definitions", tmp_path / "definitions", "--folder", home, "--json")
    kernel = answer(run("prepare", *command, data=data))["kernel"]
    listed = subprocess.run(
        [sys.executable, "-m", "jupyter_client.kernelspecapp", "list", "--json"],
        env={**os.environ, "JUPYTER_DATA_DIR": str(data)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert kernel in json.loads(listed.stdout)["kernelspecs"]
    snapshot = answer(run("status", *command, data=data))["snapshot"]
    assert snapshot["next"] == {"action": "run", "module": "only", "step": "setup"}


def test_status_of_nothing_says_what_is_to_do(tmp_path: Path, home: Path) -> None:
    snapshot = answer(run("status", "first-light", "--folder", home, "--json", data=tmp_path))
    assert snapshot["snapshot"]["next"]["action"] == "prepare"
    assert list(home.iterdir()) == []
    assert "ready" in run("status", "first-light", "--folder", home, data=tmp_path).stdout


def test_doctor_looks_at_the_machine(tmp_path: Path) -> None:
    preflight = answer(run("doctor", "--json", data=tmp_path))["preflight"]
    assert {check["name"] for check in preflight["checks"]} >= {"gpu", "memory", "disk"}


def test_doctor_fails_where_a_required_need_is_not_met(tmp_path: Path) -> None:
    write_workshop(tmp_path / "definitions" / "tiny")
    path = tmp_path / "definitions" / "tiny" / "workshop.yaml"
    path.write_text(
        path.read_text() + "needs: {memory: {gib: 900000, without: Rent a computer.}}\n"
    )
    done = run("doctor", "tiny", "--definitions", tmp_path / "definitions", "--json", data=tmp_path)
    preflight = answer(done, 1)["preflight"]
    [memory] = [check for check in preflight["checks"] if check["name"] == "memory"]
    assert memory["level"] == "fail"


def test_doctor_prints_a_table_with_verdict_figures_and_remedy(tmp_path: Path) -> None:
    write_workshop(tmp_path / "definitions" / "tiny")
    path = tmp_path / "definitions" / "tiny" / "workshop.yaml"
    needs = "needs: {processors: {count: 10000, level: required}, memory: {gib: 0.1}}\n"
    path.write_text(path.read_text() + needs)
    done = run("doctor", "tiny", "--definitions", tmp_path / "definitions", data=tmp_path)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["verdict", "check", "found", "asked", "for"]
    [row] = [number for number, line in enumerate(lines) if line.startswith("fail")]
    assert re.match(r"fail +processors +[\d.]+ processors? +10000 processors$", lines[row])
    assert "not 10000" in lines[row + 1]
    assert "What to do: Choose a machine with more processors." in lines[row + 2]
    assert any(re.match(r"pass +memory +.*GiB +102 MiB$", line) for line in lines)


def test_doctor_tells_which_source_is_not_reached(tmp_path: Path) -> None:
    definitions = small_rsna(tmp_path / "definition", "0" * 40, "https://127.0.0.1:9/none.git")
    command = ("doctor", "small-rsna", "--definitions", definitions)
    done = run(*command, "--json", data=tmp_path / "data")
    [network] = [c for c in answer(done, 1)["preflight"]["checks"] if c["name"] == "network"]
    assert (network["level"], network["wanted"]) == ("fail", "1 reached")
    assert "Materials: 127.0.0.1 refuses the connection." in network["message"]


def test_lint_passes_the_built_in_definitions(tmp_path: Path) -> None:
    import jupyter_monai_workshop

    package = Path(jupyter_monai_workshop.__file__).parent
    for path in sorted(package.glob("workshops/*/workshop.yaml")):
        assert answer(run("lint", path, "--json", data=tmp_path))["problems"] == []


def test_lint_names_the_line_and_looks_into_the_notebooks(tmp_path: Path) -> None:
    write_workshop(tmp_path / "tiny")
    path = tmp_path / "tiny" / "workshop.yaml"
    good = path.read_text()
    path.write_text(good.replace("title: Train", "titel: Train"))
    [missing, wrong] = answer(run("lint", path, "--json", data=tmp_path), 1)["problems"]
    assert (missing["line"], wrong["line"]) == (25, 26)
    path.write_text(good.replace("{id: train}", "{id: trane}"))
    [problem] = answer(run("lint", path, "--json", data=tmp_path), 1)["problems"]
    assert "trane" in problem["message"]


BAD = [
    ("show", "none"),
    ("prepare", "none"),
    ("status", "none"),
    ("doctor", "none"),
    ("lint", "/nowhere/workshop.yaml"),
    ("prepare", "first-light", "--only", "coffee"),
]


@pytest.mark.parametrize("command", BAD)
def test_what_cannot_be_done_is_said_with_a_hint(tmp_path: Path, command: tuple[str, ...]) -> None:
    done = run(*command, "--json", data=tmp_path)
    failure = answer(done, 1)["failure"]
    assert failure["message"]
    assert failure["hint"] in done.stderr


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "jupyter_monai_workshop", "list"],
        env={**os.environ, "JUPYTER_DATA_DIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0


def test_a_wrong_command_line_has_its_own_status(tmp_path: Path) -> None:
    assert run("dance", data=tmp_path).returncode == 2


def test_importing_the_package_is_quick_and_brings_neither_torch_nor_the_server() -> None:
    script = (
        "import sys, jupyter_monai_workshop as package;"
        "package._jupyter_labextension_paths();"
        "print([m for m in ('torch', 'monai', 'git', 'pynvml', 'pydantic', 'tornado')"
        " if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_server_side_never_imports_torch_or_monai() -> None:
    script = (
        "import sys, jupyter_monai_workshop.server.app;"
        "print([m for m in ('torch', 'monai', 'pynvml') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_folder_of_definitions_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    done = run("list", "--definitions", tmp_path / "typo", "--json", data=tmp_path)
    assert "'typo' is not there" in answer(done, 1)["problems"][0]


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    done = run("status", "first-light", "--folder", tmp_path / "file", "--json", data=tmp_path)
    assert answer(done, 1)["failure"]["code"] == "no_folder"


def with_data(folder: Path, archive: bytes) -> Path:
    """Write the small workshop with a data set whose address does not answer."""
    write_workshop(folder / "tiny")
    path = folder / "tiny" / "workshop.yaml"
    checksum = hashlib.sha256(archive).hexdigest()
    path.write_text(
        path.read_text()
        + f"""\
data:
  - id: pictures
    title: Pictures
    urls: ["https://127.0.0.1:9/none"]
    size: {len(archive)}
    checksum: sha256:{checksum}
    variable: PICTURES
"""
    )
    return folder


def test_a_local_copy_stands_in_for_a_data_set(tmp_path: Path, home: Path) -> None:
    definitions = with_data(tmp_path / "definitions", b"the data")
    copy = tmp_path / "copy of data"
    command = ("prepare", "tiny", "--definitions", definitions, "--folder", home, "--only", "data")
    options = ("--data", f"pictures={copy}", "--json")
    copy.write_bytes(b"the date")
    failure = answer(run(*command, *options, data=tmp_path / "data"), 1)["parts"]["data"]["failure"]
    assert failure["hint"]
    copy.write_bytes(b"the data")
    parts = answer(run(*command, *options, data=tmp_path / "data"))["parts"]
    assert [(name, part["state"]) for name, part in parts.items()] == [("data", "done")]


def test_a_copy_of_no_data_set_is_refused(tmp_path: Path, home: Path) -> None:
    done = run("prepare", "first-light", "--folder", home, "--data", "x=y", "--json", data=tmp_path)
    assert answer(done, 1)["failure"]["code"] == "unknown_data"
