"""A fetch that was cut goes on where it stopped, and what has arrived does not come again."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import GitSource
from jupyter_monai_workshop.errors import Cancelled, WorkshopError
from jupyter_monai_workshop.materials import GitPatience
from jupyter_monai_workshop.materials.failures import ServerUnreachable
from tests.git_server import GitServer, git
from tests.materials.git_workbench import (
    AT_ONCE,
    COURSE,
    EACH,
    OTHERS,
    PICTURES,
    QUICK,
    assert_whole,
    bring,
    course_from,
    cut_short,
)
from tests.materials.watching import Recorder, everything_in
from tests.network import Network

PAYLOAD = EACH * PICTURES
"""Bytes of the pictures; they do not compress."""


@pytest.fixture
def whole(course: GitSource, network: Network, tmp_path: Path) -> int:
    """How many bytes an undisturbed fetch moves."""
    before = network.moved
    bring(course, tmp_path / "undisturbed" / "course")
    return network.moved - before


def test_cut_at_half_the_second_try_moves_the_rest(
    course: GitSource, repository: Path, network: Network, target: Path, arriving: Path, whole: int
) -> None:
    network.cut(after=whole // 2)
    assert cut_short(course, target, arriving).code == "server_unreachable"
    before = network.moved
    bring(course, target, arriving)
    second = network.moved - before
    print(f"whole: {whole} bytes; second try: {second} bytes, {second / whole:.0%}")
    assert second <= 0.6 * whole
    assert_whole(course, repository, target)
    assert everything_in(arriving) == {}


def test_cut_at_half_within_one_call(
    course: GitSource, repository: Path, network: Network, target: Path, whole: int
) -> None:
    before = network.moved
    network.cut(after=whole // 2)
    progress = Recorder()
    bring(course, target, patience=QUICK, progress=progress)
    assert network.cuts == 1
    assert network.moved - before <= 1.1 * whole
    assert "waiting" in progress.phases
    assert_whole(course, repository, target)


def test_everything_of_a_commit_resumes_too(
    repository: Path, course: GitSource, network: Network, target: Path, arriving: Path
) -> None:
    everything = course.model_copy(update={"sparse": ()})
    network.cut(after=PAYLOAD)
    cut_short(everything, target, arriving)
    before = network.moved
    bring(everything, target, arriving)
    assert network.moved - before <= 1.3 * OTHERS
    assert_whole(everything, repository, target)
    assert git(target, "rev-list", "--objects", "--all", "--missing=print").count("\n?") == 0


def test_cut_again_and_again_each_call_goes_on(
    course: GitSource, repository: Path, network: Network, target: Path, arriving: Path, whole: int
) -> None:
    tries, before = 0, network.moved
    network.cut(after=whole // 7, times=100)
    while not target.exists():
        tries += 1
        with suppress(ServerUnreachable):
            bring(course, target, arriving)
    assert 5 <= tries <= 12
    assert network.moved - before <= 1.5 * whole
    assert_whole(course, repository, target)


def test_cut_again_and_again_within_one_call_a_try_that_brings_something_is_no_failure(
    course: GitSource, repository: Path, network: Network, target: Path, whole: int
) -> None:
    network.cut(after=whole // 7, times=100)
    bring(course, target, patience=QUICK)
    assert network.cuts > len(QUICK.pauses)
    assert_whole(course, repository, target)


def test_a_server_that_always_breaks_at_once_is_given_up(
    course: GitSource, network: Network, target: Path, arriving: Path
) -> None:
    network.cut(after=0, times=1000)
    with pytest.raises(WorkshopError) as caught:
        bring(course, target, arriving, patience=QUICK)
    assert caught.value.code == "server_unreachable"
    assert network.cuts == 1 + len(QUICK.pauses)


def test_a_try_that_brings_only_what_came_before_is_not_counted_as_progress(
    repository: Path, course: GitSource, network: Network, target: Path, arriving: Path
) -> None:
    network.cut(after=3000, times=1000)  # within the first large object, whatever comes before it
    with pytest.raises(WorkshopError) as caught:
        bring(course, target, arriving, patience=QUICK)
    assert caught.value.code == "server_unreachable"
    assert network.cuts < 30


@pytest.mark.parametrize("status", [500, 503, 416])
def test_three_bad_answers_and_then_good_ones(
    course: GitSource, repository: Path, network: Network, target: Path, status: int
) -> None:
    network.answer(status, times=3)
    bring(course, target, patience=GitPatience(pauses=(0.01, 0.01, 0.01, 0.01)))
    assert_whole(course, repository, target)


def test_more_bad_answers_than_patience(course: GitSource, network: Network, target: Path) -> None:
    network.answer(502, times=3)
    with pytest.raises(WorkshopError) as caught:
        bring(course, target, patience=QUICK)
    assert caught.value.code == "server_unreachable"
    assert network.connections == 3


def test_an_answer_that_will_not_change_is_not_asked_for_again(
    course: GitSource, network: Network, target: Path
) -> None:
    network.answer(404, times=9)
    with pytest.raises(WorkshopError) as caught:
        bring(course, target, patience=QUICK)
    assert caught.value.code == "repository_missing"
    assert network.connections == 1


def test_silence_is_a_broken_connection(
    course: GitSource, repository: Path, network: Network, target: Path, whole: int
) -> None:
    network.stall(after=whole // 2)
    before = network.moved
    bring(course, target, patience=GitPatience(pauses=(0.05,), silence=1))
    assert network.stalled.is_set()
    assert network.moved - before <= 1.1 * whole
    assert_whole(course, repository, target)


def stopped(
    course: GitSource,
    target: Path,
    arriving: Path,
    patience: GitPatience,
    ready: Callable[[Recorder], bool],
) -> float:
    """Start, stop when it is `ready`, and return how many seconds the stop took."""
    progress = Recorder()
    ends: list[BaseException] = []

    def work() -> None:
        try:
            bring(course, target, arriving, patience=patience, progress=progress)
        except BaseException as error:
            ends.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    while thread.is_alive() and not ready(progress):
        time.sleep(0.02)
    began = time.monotonic()
    progress.cancel()
    thread.join(20)
    took = time.monotonic() - began
    assert [type(end) for end in ends] == [Cancelled]
    assert everything_in(target.parent) == {}
    return took


def test_a_slow_fetch_that_was_stopped_goes_on_later(
    course: GitSource, repository: Path, network: Network, target: Path, arriving: Path
) -> None:
    network.slow(PAYLOAD / 2)

    def half_is_here(_: Recorder) -> bool:
        return network.to_client > PAYLOAD / 2

    assert stopped(course, target, arriving, AT_ONCE, half_is_here) < 2
    network.slow(None)
    arrived, before = network.to_client, network.moved
    bring(course, target, arriving)
    assert network.moved - before <= PAYLOAD - arrived + 5 * EACH
    assert_whole(course, repository, target)


def test_a_stop_while_it_pauses(
    course: GitSource, network: Network, target: Path, arriving: Path
) -> None:
    network.cut(after=0, times=100)

    def it_pauses(progress: Recorder) -> bool:
        return "waiting" in progress.phases

    assert stopped(course, target, arriving, GitPatience(pauses=(60,)), it_pauses) < 2


CHILD = (
    "import sys; from pathlib import Path\n"
    "from jupyter_monai_workshop.definition.models import GitSource\n"
    "from jupyter_monai_workshop.jobs.progress import Silent\n"
    "from jupyter_monai_workshop.materials import bring_materials\n"
    "bring_materials(GitSource.model_validate_json(sys.argv[1]), Path(sys.argv[2]),"
    " arriving=Path(sys.argv[3]), definition_folder=Path(), protocols=('http',),"
    " progress=Silent())\n"
)


def test_killed_in_the_middle_the_next_run_fetches_the_rest(
    course: GitSource, repository: Path, network: Network, target: Path, arriving: Path
) -> None:
    network.slow(PAYLOAD / 3)
    arguments = [sys.executable, "-c", CHILD, course.model_dump_json(), str(target), str(arriving)]
    with subprocess.Popen(arguments) as child:
        while network.to_client < PAYLOAD / 2:
            time.sleep(0.02)
        child.send_signal(signal.SIGKILL)
    arrived, before = network.to_client, network.moved
    bring(course, target, arriving)
    moved = network.moved - before
    print(f"killed after {arrived} bytes; the next run moved {moved}")
    assert moved <= PAYLOAD - arrived + 5 * EACH
    assert_whole(course, repository, target)
    assert everything_in(arriving) == {}
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_the_second_mirror_gives_only_the_rest(
    course: GitSource, repository: Path, network: Network, target: Path, whole: int
) -> None:
    with GitServer(repository) as other, Network(other.port) as second:
        dying = f"http://127.0.0.1:{network.port}/{repository.name}"
        fine = f"http://127.0.0.1:{second.port}/{repository.name}"
        network.cut(after=whole // 2, times=1)
        bring(course_from(repository, fine), target, mirrors=[dying])
        assert network.cuts == 1
        assert 0.3 * whole < second.moved <= 0.6 * whole
    assert_whole(course, repository, target)


def test_a_pack_from_a_server_without_filters_is_not_lost_either(
    repository: Path, target: Path, arriving: Path
) -> None:
    with GitServer(repository, filters=False) as plain, Network(plain.port) as network:
        course = course_from(repository, f"http://127.0.0.1:{network.port}/course")
        network.cut(after=PAYLOAD + OTHERS // 7)
        cut_short(course, target, arriving)
        before = network.moved
        bring(course, target, arriving)
        assert network.moved - before <= OTHERS
    assert_whole(course, repository, target)


def test_an_old_server_starts_over_and_gets_there(
    repository: Path, target: Path, arriving: Path
) -> None:
    with (
        GitServer(repository, filters=False, protocol=0) as old,
        Network(old.port) as network,
    ):
        course = course_from(repository, f"http://127.0.0.1:{network.port}/course")
        network.cut(after=1_500_000)
        cut_short(course, target, arriving)
        bring(course, target, arriving, patience=QUICK)
    assert (target / COURSE / "part 0" / "0.png").stat().st_size == EACH
    assert git(target, "status", "--porcelain") == ""
    assert git(target, "fsck", "--no-dangling") == ""
