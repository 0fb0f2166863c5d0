"""Each GPU is for one module at a time, and a lost worker is noticed."""

import threading
import time
from pathlib import Path

import pytest

from jupyter_monai_workshop.rehearsal.machine import own_gpu, this_machine


def never() -> bool:
    return False


@pytest.fixture(autouse=True)
def nobody_chose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


def test_two_modules_get_two_gpus_and_the_third_waits(tmp_path: Path) -> None:
    got: list[str] = []

    def third() -> None:
        with own_gpu(2, tmp_path, stopped=never) as variables:
            assert variables is not None
            got.append(variables["CUDA_VISIBLE_DEVICES"])

    with own_gpu(2, tmp_path, stopped=never) as one:
        with own_gpu(2, tmp_path, stopped=never) as two:
            assert one == {"CUDA_VISIBLE_DEVICES": "0"}
            assert two == {"CUDA_VISIBLE_DEVICES": "1"}
            waiting = threading.Thread(target=third)
            waiting.start()
            time.sleep(0.8)
            assert got == []
        waiting.join(10)
        assert got == ["1"]


def test_waiting_for_a_gpu_ends_when_it_should_stop(tmp_path: Path) -> None:
    with (
        own_gpu(1, tmp_path, stopped=never),
        own_gpu(1, tmp_path, stopped=lambda: True) as variables,
    ):
        assert variables is None


def test_without_a_gpu_or_with_one_that_was_chosen_nobody_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with own_gpu(0, tmp_path, stopped=never) as variables:
        assert variables == {}
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    with own_gpu(1, tmp_path, stopped=never), own_gpu(1, tmp_path, stopped=never) as variables:
        assert variables == {}


def test_a_fingerprint_tells_processors_and_memory() -> None:
    machine = this_machine()
    assert machine.processors >= 1
    assert machine.memory_gib > 0
    assert machine.kind
