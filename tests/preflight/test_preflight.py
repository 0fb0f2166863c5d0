"""The whole preflight: what it holds, what it costs, and that it never blocks the loop."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import Need, Needs
from jupyter_monai_workshop.errors import Cancelled
from jupyter_monai_workshop.jobs.progress import Phase, Silent
from jupyter_monai_workshop.preflight import Origin, Preflight, gate, run_preflight

from .test_torch_probe import PLAYS


class Watched(Silent):
    def __init__(self) -> None:
        self.said: list[tuple[Phase, float | None]] = []

    def report(self, phase: Phase, fraction: float | None = None, message: str = "") -> None:
        self.said.append((phase, fraction))


def quick(folder: Path, needs: Needs | None = None) -> Preflight:
    return run_preflight(needs or Needs(), folder=folder, python=None, progress=Silent())


def test_a_preflight_of_this_machine(tmp_path: Path) -> None:
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text(PLAYS)
    job = Watched()
    preflight = run_preflight(
        Needs(),
        folder=tmp_path,
        python=Path(sys.executable),
        variables={"PYTHONPATH": str(tmp_path)},
        origins=[Origin("Materials", ("https://nowhere.invalid/x.git",), git=True)],
        to_come={tmp_path: 1},
        progress=job,
    )
    names = [check.name for check in preflight.checks]
    expected = ["gpu", "driver", "memory", "shared_memory", "processors", "disk", "network"]
    assert [name for name in names if name != "studio"] == [
        name for name in expected if name != "driver" or "driver" in names
    ]
    assert preflight.gpu
    assert preflight.checks[0].level == "pass"
    (network,) = (check for check in preflight.checks if check.name == "network")
    assert network.level == "fail"
    assert preflight.checked.utcoffset() is not None
    assert {phase for phase, _ in job.said} == {"looking"}
    fractions = [fraction for _, fraction in job.said]
    assert fractions == sorted(fractions, key=lambda fraction: fraction or 0)


def test_a_workshop_that_is_ready_is_not_red_without_a_network(tmp_path: Path) -> None:
    assert "network" not in [check.name for check in quick(tmp_path).checks]


def test_every_check_that_does_not_pass_has_a_remedy(tmp_path: Path) -> None:
    for level in ("required", "recommended"):
        need = Need.model_validate({"gib": 1e6, "level": level})
        needs = Needs.model_validate(
            {
                **dict.fromkeys(("gpu_memory", "memory", "shared_memory", "disk"), need),
                "processors": {"count": 10_000, "level": level},
            }
        )
        checks = quick(tmp_path, needs).checks
        bad = [check for check in checks if check.level != "pass"]
        assert len(bad) >= 4
        for check in bad:
            assert check.remedy
            assert check.wanted
            assert check.level in ("warn", "unknown" if level == "recommended" else "fail")


def test_looking_costs_little_when_a_notebook_is_opened(tmp_path: Path) -> None:
    quick(tmp_path)
    times = []
    for _look in range(5):
        begun = time.perf_counter()
        quick(tmp_path)
        times.append(time.perf_counter() - begun)
    assert sorted(times)[2] < 0.1


def test_the_event_loop_goes_on_while_all_is_looked_at(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text(f"import time; time.sleep(1)\n{PLAYS}")

    async def work() -> Preflight:
        asyncio.get_running_loop().slow_callback_duration = 0.05
        return await asyncio.to_thread(
            run_preflight,
            Needs(),
            folder=tmp_path,
            python=Path(sys.executable),
            variables={"PYTHONPATH": str(tmp_path)},
            progress=Silent(),
        )

    with caplog.at_level(logging.WARNING, logger="asyncio"):
        preflight = asyncio.run(work(), debug=True)
    assert preflight.gpu
    assert [record.getMessage() for record in caplog.records] == []


def test_a_stop_is_heard(tmp_path: Path) -> None:
    class Stopped(Silent):
        def raise_if_cancelled(self) -> None:
            raise Cancelled

    with pytest.raises(Cancelled):
        run_preflight(Needs(), folder=tmp_path, python=None, progress=Stopped())


def test_the_gate_passes_answers_and_errors_on_and_opens_again() -> None:
    gated = gate.Gate()
    assert gated.ask(lambda: 7, timeout=5) == 7
    with pytest.raises(KeyError):
        gated.ask(lambda: os.environ["NOT_SET_BY_ANYBODY"], timeout=5)
    with pytest.raises(TimeoutError, match="no answer"):
        gated.ask(lambda: time.sleep(1), timeout=0.1)
    with pytest.raises(TimeoutError, match="earlier"):
        gated.ask(lambda: 8, timeout=0.1)
    assert gated.ask(lambda: 9, timeout=30) == 9
