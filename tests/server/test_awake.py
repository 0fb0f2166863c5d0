"""A Studio space is kept awake while a cell runs: only there, and not for ever."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from jupyter_monai_workshop.server.awake import (
    FORMAT,
    Busy,
    StudioActivity,
    awake_until,
    is_due,
)

from .conftest import Client, Fetch
from .kernel_session import Session
from .test_observing_kernels import states

NOW = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def test_a_space_is_kept_awake_from_the_start_of_the_cell_for_the_hours_of_the_definition() -> None:
    busy = {
        "a": Busy(NOW - hours(1), 4),
        "b": Busy(NOW - hours(5), 4),
        "c": Busy(NOW - hours(4), 4),
    }
    assert awake_until(busy, NOW) == {"a": NOW + hours(3)}


def test_the_file_is_written_once_a_minute_and_again_if_the_clock_was_set_back() -> None:
    assert is_due(None, NOW)
    assert not is_due(NOW - timedelta(seconds=59), NOW)
    assert is_due(NOW - timedelta(seconds=60), NOW)
    assert is_due(NOW + timedelta(seconds=5), NOW)


async def test_nothing_is_written_outside_of_studio(tmp_path: Path) -> None:
    path = tmp_path / "activity"
    activity = StudioActivity(studio=False, path=path)
    await activity.follow({"a": Busy(datetime.now(timezone.utc), 4)})
    assert activity.until("a") is None
    assert not path.exists()


async def test_in_studio_the_time_is_written_as_studio_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "activity"
    activity = StudioActivity(studio=True, path=path)
    await activity.follow({})
    assert not path.exists()
    begun = datetime.now(timezone.utc)
    await activity.follow({"a": Busy(begun, 4)})
    written = datetime.strptime(path.read_text(), FORMAT).replace(tzinfo=timezone.utc)
    assert begun <= written <= datetime.now(timezone.utc)
    assert activity.until("a") == begun + hours(4)
    path.write_text("kept")
    await activity.follow({"a": Busy(begun, 4)})  # within the same minute
    assert path.read_text() == "kept"
    await activity.follow({"a": Busy(begun - hours(9), 4)})
    assert activity.until("a") is None


async def test_a_file_that_cannot_be_written_is_no_promise(tmp_path: Path) -> None:
    activity = StudioActivity(studio=True, path=tmp_path / "none" / "activity")
    await activity.follow({"a": Busy(datetime.now(timezone.utc), 4)})
    assert activity.until("a") is None


@pytest.fixture
def activity(tmp_path: Path) -> Path:
    return tmp_path / "last-active"


@pytest.fixture
def session(client: Client, jp_fetch: Fetch, jp_asyncio_loop: Any, activity: Path) -> Any:
    offer = client.server.web_app.settings["monai_workshop_offer"]
    offer._activity = StudioActivity(studio=True, path=activity)
    session = Session(client, jp_fetch)
    jp_asyncio_loop.run_until_complete(session.open())
    yield session
    session.close()


async def test_a_running_cell_keeps_the_space_awake_and_the_panel_is_told(
    client: Client, session: Session, activity: Path
) -> None:
    session.run("setup")
    await client.until(states("done", "ready"))
    begun = datetime.now(timezone.utc)
    session.run_edited("train", "import time\ntime.sleep(8)")
    is_awake: Callable[[dict[str, Any]], bool] = lambda snapshot: snapshot["awake"] is not None  # noqa: E731
    snapshot = await client.until(is_awake, 20)
    until = datetime.fromisoformat(snapshot["awake"]["until"].replace("Z", "+00:00"))
    assert abs(until - begun - hours(4)) < timedelta(seconds=5)
    assert await asyncio.to_thread(activity.exists)
    snapshot = await client.until(lambda snapshot: snapshot["awake"] is None, 30)
    assert snapshot["kernel"]["state"] == "idle"
