"""The report as a file: written by a job, found on the disk, never over somebody's own."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from jupyter_monai_workshop.reporting import (
    NothingToReport,
    ReportReader,
    is_ours,
    write_report,
)

from .conftest import Client, Fetch
from .kernel_session import Session
from .test_observing_kernels import states


@pytest.fixture
def session(client: Client, jp_fetch: Fetch, jp_asyncio_loop: Any) -> Any:
    session = Session(client, jp_fetch)
    jp_asyncio_loop.run_until_complete(session.open())
    yield session
    session.close()


async def report(client: Client, fetch: Fetch, **wish: object) -> dict[str, Any]:
    body = json.dumps({"kind": "report", "key": "", **wish})
    response = await fetch("monai-workshop", "workshops", "tiny", "jobs", method="POST", body=body)
    job = await client.end_of(json.loads(response.body))
    snapshot: dict[str, Any] = await client.ask("workshops", "tiny")
    return {"job": job, "report": snapshot["report"]}


async def test_a_report_of_what_ran_lies_beside_the_notebook(
    client: Client, session: Session, jp_fetch: Fetch
) -> None:
    session.run("setup", "train", "save")
    await client.until(states("done", "done"))
    made = await report(client, jp_fetch)
    assert made["job"]["state"] == "succeeded", made["job"]
    assert made["report"]["path"] == "tiny/Tiny workshop – report.html"
    page = (client.root / made["report"]["path"]).read_text("utf-8")
    assert "2 of 2" in page
    assert "accuracy 0.975609756097561" in page
    assert f"<dd>{sys.version_info.major}.{sys.version_info.minor}." in page
    assert "open(&#x27;out.txt&#x27;" not in page
    first = made["report"]["when"]
    made = await report(client, jp_fetch, source=True, key="again")
    assert made["report"]["path"] == "tiny/Tiny workshop – report.html"
    assert made["report"]["when"] > first
    page = (client.root / made["report"]["path"]).read_text("utf-8")
    assert "open(&#x27;out.txt&#x27;" in page
    # The materials are still what they were, and the report is no change of theirs.
    snapshot = await client.ask("workshops", "tiny")
    assert [part["state"] for part in snapshot["preparation"]] == ["done"] * 3


async def test_a_report_in_the_middle_of_a_run_does_not_disturb_it(
    client: Client, session: Session, jp_fetch: Fetch
) -> None:
    session.run("setup")
    await client.until(states("done", "ready"))
    session.run_edited("train", "import time\nprint('accuracy 0.5')\ntime.sleep(3)")
    await client.until(states("done", "running"))
    made = await report(client, jp_fetch)
    page = (client.root / made["report"]["path"]).read_text("utf-8")
    assert "1 of 2" in page
    assert "Running" in page
    session.run("save")
    await client.until(states("done", "done"))


async def test_without_materials_there_is_nothing_to_report(
    client: Client, jp_fetch: Fetch
) -> None:
    made = await report(client, jp_fetch)
    assert made["job"]["failure"]["code"] == "nothing_to_report"
    assert made["report"] is None
    assert not (client.root / "tiny").exists()


async def test_the_command_line_writes_the_same_report(client: Client, definitions: Path) -> None:
    await client.prepared()
    command = [sys.executable, "-m", "jupyter_monai_workshop", "report", "tiny", "--json"]
    options = ["--definitions", str(definitions), "--folder", str(client.root)]
    done = await asyncio.create_subprocess_exec(*command, *options, stdout=asyncio.subprocess.PIPE)
    out, _ = await done.communicate()
    path = Path(json.loads(out)["report"])
    assert path == client.root.resolve() / "tiny" / "Tiny workshop – report.html"
    assert "0 of 2" in await asyncio.to_thread(path.read_text, "utf-8")
    assert (await client.ask("workshops", "tiny"))["report"]["path"].endswith(path.name)


def test_only_what_was_written_here_is_replaced(tmp_path: Path) -> None:
    first = write_report(tmp_path, "A: title / with *marks*", "<p>1</p>\n")
    assert first.name == "A title with marks – report.html"
    assert is_ours(first)
    assert write_report(tmp_path, "A: title / with *marks*", "<p>2</p>\n") == first
    first.write_text(first.read_text() + "a note of mine")
    second = write_report(tmp_path, "A: title / with *marks*", "<p>3</p>\n")
    assert second.name == "A title with marks – report 2.html"
    assert "a note of mine" in first.read_text()
    reader = ReportReader()
    found = reader.newest(tmp_path)
    assert found is not None
    assert found.path == second
    second.write_text("mine now")
    assert reader.newest(tmp_path) is None
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_link_is_never_written_through(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.html"
    folder = tmp_path / "folder"
    folder.mkdir()
    ours = write_report(folder, "T", "<p>1</p>\n")
    ours.rename(elsewhere)
    ours.symlink_to(elsewhere)
    assert write_report(folder, "T", "<p>2</p>\n").name == "T – report 2.html"
    assert "<p>1</p>" in elsewhere.read_text()
    dangling = folder / "U – report.html"
    dangling.symlink_to(tmp_path / "nowhere.html")
    assert write_report(folder, "U", "<p>1</p>\n").name == "U – report 2.html"
    assert not (tmp_path / "nowhere.html").exists()


def test_a_missing_folder_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(NothingToReport):
        write_report(tmp_path / "none", "T", "")
    assert ReportReader().newest(tmp_path / "none") is None
