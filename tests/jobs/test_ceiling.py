"""Work that writes more than it may is stopped, with its children."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from jupyter_monai_workshop.errors import Cancelled, WorkshopError
from jupyter_monai_workshop.jobs.ceiling import Ceiling, bytes_below
from jupyter_monai_workshop.jobs.progress import Silent


def ceiling(folder: Path, most: int, progress: Silent | None = None) -> Ceiling:
    return Ceiling(
        progress or Silent(),
        written=lambda: bytes_below([folder]),
        most=most,
        exceeded=lambda size: WorkshopError(f"{size} bytes"),
    )


def test_work_below_the_ceiling_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(100))
    ceiling(tmp_path, 100).raise_if_cancelled()


def test_work_above_it_is_told_how_much_there_is(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(101))
    with pytest.raises(WorkshopError, match="101 bytes"):
        ceiling(tmp_path, 100).raise_if_cancelled()


def test_what_was_too_much_once_stays_so(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(101))
    progress = ceiling(tmp_path, 100)
    with pytest.raises(WorkshopError):
        progress.raise_if_cancelled()
    (tmp_path / "a").unlink()
    with pytest.raises(WorkshopError):
        progress.raise_if_cancelled()


def test_a_child_that_writes_too_much_is_ended_while_it_runs(tmp_path: Path) -> None:
    code = "import sys, time; open(sys.argv[1], 'wb').write(bytes(5000)); time.sleep(60)"
    progress = ceiling(tmp_path, 1000)
    child = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "a")])
    begun = time.monotonic()
    with progress.on_cancel(child.kill):
        child.wait(30)
    assert time.monotonic() - begun < 30
    with pytest.raises(WorkshopError, match="5000 bytes"):
        progress.raise_if_cancelled()


def test_a_stop_that_a_person_asks_for_is_handed_on(tmp_path: Path) -> None:
    class Stopped(Silent):
        def raise_if_cancelled(self) -> None:
            raise Cancelled

    with pytest.raises(Cancelled):
        ceiling(tmp_path, 100, Stopped()).raise_if_cancelled()


def test_no_thread_is_left_after_the_work(tmp_path: Path) -> None:
    progress = ceiling(tmp_path, 100)
    with progress.on_cancel(lambda: None):
        assert any(thread.name == "ceiling" for thread in threading.enumerate())
    time.sleep(0.5)
    assert not any(thread.name == "ceiling" for thread in threading.enumerate())


def test_one_file_with_two_names_counts_once_and_a_repository_beside(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(100))
    (tmp_path / "b").hardlink_to(tmp_path / "a")
    (tmp_path / "c").symlink_to("a")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "pack").write_bytes(bytes(70))
    assert bytes_below([tmp_path]) == 100
    (tmp_path / ".git" / "more").write_bytes(bytes(70))
    assert bytes_below([tmp_path]) == 140
