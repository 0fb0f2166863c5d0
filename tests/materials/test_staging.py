"""The hidden folder in which materials grow, and what killed runs leave of it."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from jupyter_monai_workshop.materials.staging import clean_leftovers, staging

HOLD = """
import sys, time
from filelock import FileLock
with FileLock(sys.argv[1]):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def leftover(target: Path) -> Path:
    stage = target.with_name(f".monai-workshop-{target.name}-0123456789ab")
    stage.mkdir()
    (stage / "half").write_text("half a file")
    return stage / "owner.lock"


def holder(lock: Path, seconds: float) -> subprocess.Popen[str]:
    """Hold `lock` in another process, as a child does that a killed run was just starting."""
    command = [sys.executable, "-c", HOLD, str(lock), str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_leftover_goes_although_its_lock_outlives_its_run_for_a_moment(tmp_path: Path) -> None:
    target = tmp_path / "course"
    with holder(leftover(target), 0.2):
        clean_leftovers(target)
        assert list(tmp_path.iterdir()) == []


def test_what_a_living_run_uses_stays(tmp_path: Path) -> None:
    target = tmp_path / "course"
    lock = leftover(target)
    with holder(lock, 60) as living:
        clean_leftovers(target)
        assert (lock.parent / "half").read_text() == "half a file"
        living.kill()


def test_who_cleans_up_meanwhile_takes_nobody_s_folder(tmp_path: Path) -> None:
    target, done = tmp_path / "course", threading.Event()

    def clean() -> None:
        while not done.is_set():
            clean_leftovers(target)

    cleaner = threading.Thread(target=clean)
    cleaner.start()
    try:
        for number in range(60):
            with staging(target) as stage:
                (stage / "file").write_text(str(number))
                assert (stage / "file").read_text() == str(number)
    finally:
        done.set()
        cleaner.join()
    assert list(tmp_path.iterdir()) == []
