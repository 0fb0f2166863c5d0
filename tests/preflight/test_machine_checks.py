"""Memory, shared memory and disk: real figures of this machine, and made-up machines."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import Need, Needs
from jupyter_monai_workshop.preflight import PreflightCheck, machine_checks
from jupyter_monai_workshop.preflight.machine import (
    amount_check,
    disk_free,
    memory_total,
    shared_memory_check,
    shared_memory_free,
)

GIB = 1024**3
MIB = 1024**2
ALL_THREE = ["memory", "shared_memory", "disk"]


def needs(gib: float, level: str) -> Needs:
    need = Need.model_validate({"gib": gib, "level": level, "without": "Ask for help."})
    return Needs(memory=need, shared_memory=need, disk=need)


def levels(checks: tuple[PreflightCheck, ...]) -> list[str]:
    assert [check.name for check in checks] == ALL_THREE
    return [check.level for check in checks]


def test_this_machine_against_needs_that_any_and_no_machine_meets(tmp_path: Path) -> None:
    assert levels(machine_checks(needs(0.001, "required"), folder=tmp_path)) == ["pass"] * 3
    assert levels(machine_checks(needs(1e6, "recommended"), folder=tmp_path)) == ["warn"] * 3
    short = machine_checks(needs(1e6, "required"), folder=tmp_path)
    assert levels(short) == ["fail"] * 3
    for check in short:
        assert check.found
        assert check.wanted == "1000000 GiB"
        assert check.message.endswith("Ask for help.")
        assert check.remedy


def test_without_a_wish_the_figures_are_told_all_the_same(tmp_path: Path) -> None:
    checks = machine_checks(Needs(), folder=tmp_path)
    assert levels(checks) == ["pass"] * 3
    assert all(check.found and not check.wanted and not check.remedy for check in checks)


def test_the_figures_are_those_of_the_system(tmp_path: Path) -> None:
    total = memory_total()
    free = disk_free(tmp_path)
    shared = shared_memory_free()
    assert total is not None
    assert 0 < total <= os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert free == pytest.approx(shutil.disk_usage(tmp_path).free, abs=GIB)
    assert shared == pytest.approx(shutil.disk_usage("/dev/shm").free, abs=GIB)


def test_a_folder_that_is_not_there_yet_counts_as_its_nearest_parent(tmp_path: Path) -> None:
    later = disk_free(tmp_path / "not" / "yet")
    assert later == pytest.approx(shutil.disk_usage(tmp_path).free, abs=GIB)
    (tmp_path / "file").write_text("")
    assert disk_free(tmp_path / "file" / "below") is not None


@pytest.mark.parametrize(
    ("size", "gib", "level", "found", "wanted"),
    [
        (16 * GIB, 8, "pass", "16.0 GiB", "8 GiB"),
        (int(7.96 * GIB), 8, "pass", "8.0 GiB", "8 GiB"),
        (int(7.94 * GIB), 8, "fail", "7.9 GiB", "8 GiB"),
        (64 * MIB, 0.0625, "pass", "64 MiB", "64 MiB"),
        (63 * MIB, 0.0625, "fail", "63 MiB", "64 MiB"),
        (64 * MIB, 1.5, "fail", "64 MiB", "1.5 GiB"),
        (0, 0.5, "fail", "0 MiB", "512 MiB"),
    ],
)
def test_words_and_verdict_agree(
    size: int, gib: float, level: str, found: str, wanted: str
) -> None:
    check = amount_check("memory", size, Need(gib=gib))
    assert (check.level, check.found, check.wanted) == (level, found, wanted)
    assert bool(check.remedy) == (level != "pass")


def test_what_cannot_be_measured_is_unknown() -> None:
    assert amount_check("disk", None, Need(gib=1)).level == "unknown"


def test_no_place_for_shared_memory(tmp_path: Path) -> None:
    assert shared_memory_free(tmp_path / "gone") is None
    assert shared_memory_check(None, Need(gib=1), "linux").level == "unknown"
    assert shared_memory_check(None, Need(gib=1), "darwin").level == "pass"
    assert shared_memory_check(64 * MIB, Need(gib=1), "linux").level == "fail"


def limits(root: Path, groups: str, files: dict[str, str]) -> Path:
    """Lay out the control groups of a made-up machine below `root`."""
    for name, text in ({"proc/self/cgroup": groups} | files).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


CGROUP = "sys/fs/cgroup"


@pytest.mark.parametrize(
    ("groups", "files", "limit"),
    [
        ("0::/\n", {f"{CGROUP}/memory.max": f"{MIB}\n"}, MIB),
        ("0::/\n", {f"{CGROUP}/memory.max": "max\n"}, None),
        ("0::/pod/box\n", {f"{CGROUP}/pod/memory.max": f"{MIB}\n"}, MIB),
        (
            "0::/pod/box\n",
            {f"{CGROUP}/pod/memory.max": "2097152\n", f"{CGROUP}/pod/box/memory.max": "1048576\n"},
            MIB,
        ),
        (
            "5:cpu,memory:/docker/abc\n1:name=systemd:/\n",
            {f"{CGROUP}/memory/memory.limit_in_bytes": "1048576\n"},
            MIB,
        ),
        (
            "5:memory:/\n",
            {f"{CGROUP}/memory/memory.limit_in_bytes": "9223372036854771712\n"},
            None,
        ),
        ("4:cpu:/\n", {f"{CGROUP}/memory/memory.limit_in_bytes": "1048576\n"}, None),
    ],
    ids=["v2", "v2 none", "v2 parent", "v2 nested", "v1 container", "v1 none", "other"],
)
def test_the_limit_of_a_container_is_the_memory_there_is(
    tmp_path: Path, groups: str, files: dict[str, str], limit: int | None
) -> None:
    machine = memory_total(tmp_path / "no" / "groups")
    assert machine is not None
    assert memory_total(limits(tmp_path, groups, files)) == (limit or machine)
