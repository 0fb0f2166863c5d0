"""Long work: its states, its cancel, its lock."""

import subprocess
import sys
import threading
import time
from pathlib import Path

from filelock import FileLock

from jupyter_monai_workshop.errors import WorkshopError
from jupyter_monai_workshop.jobs.job import JobStatus
from jupyter_monai_workshop.jobs.progress import Progress
from jupyter_monai_workshop.jobs.runner import JobRunner


def wait_for_stop(progress: Progress) -> None:
    progress.report("copying", 0.25, "half of half")
    stopped = threading.Event()
    with progress.on_cancel(stopped.set):
        stopped.wait(20)
    progress.raise_if_cancelled()


def test_a_job_that_returns_has_succeeded_and_told_its_progress() -> None:
    seen: list[JobStatus] = []
    job = JobRunner(seen.append).start("materials", "w", lambda p: p.report("copying", 0.5))
    assert job.wait(5).state == "succeeded"
    assert [status.fraction for status in seen] == [None, 0.5, 1.0]
    assert seen[-1].finished is not None


def test_a_fraction_never_goes_back() -> None:
    seen: list[JobStatus] = []

    def work(progress: Progress) -> None:
        for fraction in (0.5, 0.2, None, 0.7, 3.0):
            progress.report("copying", fraction)

    JobRunner(seen.append).start("materials", "w", work).wait(5)
    assert [status.fraction for status in seen[1:-1]] == [0.5, 0.5, 0.5, 0.7, 1.0]


def test_a_known_failure_is_told_with_its_hint() -> None:
    def work(progress: Progress) -> None:
        raise WorkshopError("It broke.", hint="Mend it.", details="line 1")

    status = JobRunner().start("patches", "w", work).wait(5)
    assert status.state == "failed"
    assert status.failure is not None
    assert (status.failure.message, status.failure.hint) == ("It broke.", "Mend it.")


def test_an_unknown_failure_is_a_failure_too() -> None:
    def work(progress: Progress) -> None:
        raise ZeroDivisionError("division by zero")

    status = JobRunner().start("patches", "w", work).wait(5)
    assert status.failure is not None
    assert status.failure.code == "unexpected"
    assert "ZeroDivisionError" in status.failure.details


def test_a_full_disk_is_told_in_plain_words() -> None:
    def work(progress: Progress) -> None:
        raise OSError(28, "No space left on device")

    status = JobRunner().start("patches", "w", work).wait(5)
    assert status.failure is not None
    assert "No space left" in status.failure.message


def test_cancel_ends_a_waiting_job_at_once() -> None:
    job = JobRunner().start("materials", "w", wait_for_stop)
    while job.status.fraction is None:
        time.sleep(0.01)
    before = time.monotonic()
    job.cancel()
    job.cancel()
    assert job.wait(5).state == "cancelled"
    assert time.monotonic() - before < 2


def test_a_second_start_returns_the_running_job() -> None:
    runner = JobRunner()
    first = runner.start("materials", "w", wait_for_stop)
    assert runner.start("materials", "w", wait_for_stop) is first
    assert runner.start("materials", "other", lambda p: None) is not first
    first.cancel()
    first.wait(5)
    assert runner.start("materials", "w", lambda p: None) is not first


def test_the_same_key_never_starts_work_twice() -> None:
    count: list[int] = []
    runner = JobRunner()
    first = runner.start("materials", "w", lambda p: count.append(1), key="k")
    first.wait(5)
    assert runner.start("materials", "w", lambda p: count.append(1), key="k") is first
    assert count == [1]


def test_two_jobs_on_one_target_run_one_after_the_other(tmp_path: Path) -> None:
    inside: list[str] = []

    def work(progress: Progress) -> None:
        inside.append("in")
        time.sleep(0.3)
        inside.append("out")

    runner = JobRunner()
    lock = tmp_path / "locks" / "a.lock"
    jobs = [runner.start(kind, "w", work, lock=lock) for kind in ("materials", "patches")]
    assert [job.wait(10).state for job in jobs] == ["succeeded", "succeeded"]
    assert inside == ["in", "out", "in", "out"]


def test_a_lock_held_by_another_process_is_waited_for_and_can_be_cancelled(tmp_path: Path) -> None:
    lock = tmp_path / "a.lock"
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import filelock, sys; held = filelock.FileLock({str(lock)!r}); held.acquire(); "
            "print('held', flush=True); sys.stdin.read()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        job = JobRunner().start("materials", "w", lambda p: None, lock=lock)
        time.sleep(0.5)
        assert job.status.state == "running"
        job.cancel()
        assert job.wait(2).state == "cancelled"
        holder.kill()
    with FileLock(lock, timeout=1):  # a killed holder leaves no lock behind
        pass


def test_the_last_job_of_each_kind_is_shown() -> None:
    runner = JobRunner()
    runner.start("patches", "w", lambda p: None).wait(5)
    second = runner.start("patches", "w", lambda p: None)
    second.wait(5)
    runner.start("materials", "other", lambda p: None).wait(5)
    assert [status.id for status in runner.statuses("w")] == [second.status.id]


def test_cancel_all_waits_for_the_ends() -> None:
    runner = JobRunner()
    job = runner.start("materials", "w", wait_for_stop)
    runner.cancel_all()
    assert job.status.state == "cancelled"


def test_a_key_that_joined_a_running_job_is_remembered_too() -> None:
    runner = JobRunner()
    first = runner.start("materials", "w", wait_for_stop, key="one")
    assert runner.start("materials", "w", wait_for_stop, key="two") is first
    first.cancel()
    first.wait(5)
    assert runner.start("materials", "w", lambda p: None, key="two") is first


def test_another_task_on_the_same_subject_is_other_work() -> None:
    runner = JobRunner()
    one = runner.start("parameters", "w", wait_for_stop, subject="m", task="epochs=1")
    same = runner.start("parameters", "w", wait_for_stop, subject="m", task="epochs=1")
    other = runner.start("parameters", "w", wait_for_stop, subject="m", task="epochs=2")
    assert same is one
    assert other is not one
    runner.cancel_all()
