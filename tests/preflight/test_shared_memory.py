"""Shared memory against what a notebook's workers need, and places that have none."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import Need, Needs, Workers
from jupyter_monai_workshop.preflight import (
    SharedMemory,
    read_shared_memory,
    shared_memory_check,
)
from jupyter_monai_workshop.preflight.shared_memory import workers_that_fit

GIB = 1024**3
MIB = 1024**2

MODULE_1 = Workers(count=10, batch_mib=8, without="Training stops.")
"""512 images of 64 by 64 numbers of 4 bytes are 8 MiB, or 8.4 MB."""


def there(mib: float) -> SharedMemory:
    return SharedMemory("ok", round(mib * MIB))


@pytest.mark.parametrize(
    ("mib", "asked", "level", "wanted", "message", "remedy"),
    [
        (
            *(64, None, "warn", "168 MiB for 10 workers"),
            "64 MiB of shared memory is enough for 3 workers, the notebook asks for 10. "
            "Training stops.",
            "Set num_workers to 3 in the notebook, or ask for a larger /dev/shm.",
        ),
        (
            *(30, 10, "warn", "168 MiB for 10 workers"),
            "30 MiB of shared memory is enough for 1 worker, the notebook asks for 10. "
            "Training stops.",
            "Set num_workers to 1 in the notebook, or ask for a larger /dev/shm.",
        ),
        (
            *(10, 2, "warn", "40 MiB for 2 workers"),
            "10 MiB of shared memory is enough for no workers, the notebook asks for 2. "
            "Training stops.",
            "Set num_workers to 0 in the notebook, or ask for a larger /dev/shm.",
        ),
        (
            *(64, 3, "pass", "56 MiB for 3 workers"),
            *("64 MiB of shared memory is enough for 3 workers.", ""),
        ),
        (
            *(24, 1, "pass", "24 MiB for 1 worker"),
            *("24 MiB of shared memory is enough for 1 worker.", ""),
        ),
        (
            *(16384, None, "pass", "168 MiB for 10 workers"),
            *("16.0 GiB of shared memory is enough for 10 workers.", ""),
        ),
        (0, 0, "pass", "", "0 MiB of shared memory; the notebook uses none.", ""),
    ],
)
def test_the_workers_of_a_notebook(
    mib: float, asked: int | None, level: str, wanted: str, message: str, remedy: str
) -> None:
    check = shared_memory_check(there(mib), Need(gib=100), MODULE_1, asked)
    assert (check.level, check.wanted, check.message) == (level, wanted, message)
    assert check.remedy == remedy
    assert check.found


def test_the_number_that_fits_fits_and_one_more_does_not() -> None:
    for batch in (0.1, 1.0, 8.0, 8.4, 37.5):
        for mib in (0, 1, 15, 64, 167, 168, 1000):
            fit = workers_that_fit(mib * MIB, batch)
            assert fit >= 0
            for count, enough in ((fit, True), (fit + 1, False)):
                check = shared_memory_check(there(mib), None, Workers(count=count, batch_mib=batch))
                assert (check.level == "pass") == enough, (batch, mib, count)


def test_an_amount_is_judged_where_no_workers_are_named() -> None:
    need = Need(gib=0.25, without="Ask for help.")
    short = shared_memory_check(there(64), need, None)
    assert (short.level, short.found, short.wanted) == ("fail", "64 MiB", "256 MiB")
    assert short.message == "64 MiB of shared memory, not 256 MiB. Ask for help."
    assert "num_workers to 0" in short.remedy
    assert shared_memory_check(there(256), need, None).level == "pass"
    assert shared_memory_check(there(1), None, None).level == "pass"


def test_the_figure_is_that_of_the_system() -> None:
    found = read_shared_memory()
    assert found.state == "ok"
    assert found.free == pytest.approx(shutil.disk_usage("/dev/shm").free, abs=GIB)


@pytest.mark.parametrize("state", ["missing", "closed", "unreadable"])
def test_a_place_that_is_of_no_use(state: str) -> None:
    place = SharedMemory(state)  # type: ignore[arg-type]  # one of the words
    unneeded = shared_memory_check(place, None, None)
    assert (unneeded.level, unneeded.remedy) == ("pass", "")
    none_asked = shared_memory_check(place, None, MODULE_1, 0)
    assert none_asked.level == "pass"
    expected = {"missing": "warn", "closed": "warn", "unreadable": "unknown"}[state]
    check = shared_memory_check(place, None, MODULE_1)
    assert check.level == expected
    assert "num_workers to 0" in check.remedy
    must = shared_memory_check(place, Need(gib=1), None)
    assert must.level == {"warn": "fail", "unknown": "unknown"}[expected]


def test_places_of_all_kinds(tmp_path: Path) -> None:
    assert read_shared_memory(tmp_path / "gone") == SharedMemory("missing")
    (tmp_path / "file").write_text("")
    assert read_shared_memory(tmp_path / "file" / "below") == SharedMemory("missing")
    # Nobody, not even root, can write to the kernel's own files.
    assert read_shared_memory(Path("/proc/self")) == SharedMemory("closed")
    assert read_shared_memory(tmp_path / "gone", "darwin") == SharedMemory("unlimited")
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    assert read_shared_memory(loop) == SharedMemory("unreadable")
    assert os.access("/dev/shm", os.W_OK)


def test_no_limit_is_no_worry() -> None:
    check = shared_memory_check(SharedMemory("unlimited"), Need(gib=100), MODULE_1)
    assert (check.level, check.remedy) == ("pass", "")


def test_a_definition_can_ask_for_workers_and_processors() -> None:
    needs = Needs.model_validate(
        {
            "workers": {"count": 10, "batch_mib": 8, "module": "end-to-end"},
            "processors": {"count": 4},
        }
    )
    assert needs.workers is not None
    assert (needs.workers.variable, needs.workers.level) == ("num_workers", "recommended")
    assert needs.processors is not None
    for wrong in (
        {"workers": {"count": -1, "batch_mib": 8}},
        {"workers": {"count": 1, "batch_mib": 0}},
        {"workers": {"count": 1, "batch_mib": 1, "variable": "a b"}},
        {"processors": {"count": 0}},
    ):
        with pytest.raises(ValueError):
            Needs.model_validate(wrong)
