"""Memory, processors and disk: real figures of this machine, and made-up machines."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import Need, Processors
from jupyter_monai_workshop.preflight import disk_check, memory_check, processors_check
from jupyter_monai_workshop.preflight.machine import Disk, disk_verdict, memory_total, read_disk
from jupyter_monai_workshop.preflight.processors import processors_allowed

GIB = 1024**3
MIB = 1024**2
WISH = Need(gib=2, level="recommended", without="Ask for help.")


def test_the_figures_are_those_of_the_system(tmp_path: Path) -> None:
    total = memory_total()
    disk = read_disk(tmp_path)
    processors = processors_allowed()
    assert total is not None
    assert 0 < total <= os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert disk is not None
    assert disk.free == pytest.approx(shutil.disk_usage(tmp_path).free, abs=GIB)
    assert disk.writable
    assert processors is not None
    assert 0 < processors <= (os.cpu_count() or 1)


def test_an_affinity_takes_processors_away() -> None:
    ours = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(ours)})
        assert (processors_allowed() or 2) <= 1
    finally:
        os.sched_setaffinity(0, ours)


def test_a_folder_that_is_not_there_yet_counts_as_its_nearest_parent(tmp_path: Path) -> None:
    later = read_disk(tmp_path / "not" / "yet")
    assert later is not None
    assert later.free == pytest.approx(shutil.disk_usage(tmp_path).free, abs=GIB)
    (tmp_path / "file").write_text("")
    assert read_disk(tmp_path / "file" / "below") is not None


def test_this_disk_against_what_is_to_come(tmp_path: Path) -> None:
    few = disk_check(tmp_path / "later", None, {tmp_path / "later": MIB, tmp_path: MIB})
    assert (few.level, few.wanted) == ("pass", "2 MiB")
    many = disk_check(tmp_path, None, {tmp_path / "a": 2**59, tmp_path / "b": 2**59})
    assert (many.level, many.wanted) == ("fail", "1073741824.0 GiB")
    assert many.remedy


def test_the_disk_that_is_worst_off_is_told(tmp_path: Path) -> None:
    here, there = read_disk(tmp_path), read_disk(Path("/dev/shm"))
    assert here is not None
    assert there is not None
    assert here.device != there.device, "the temporary folder should not be in memory"
    short = disk_check(tmp_path, WISH, {tmp_path: MIB, Path("/dev/shm/x"): 2**60})
    assert (short.level, short.wanted) == ("fail", "1073741824.0 GiB")
    assert disk_check(tmp_path, None, {Path("/dev/shm/x"): MIB}).level == "pass"


ENOUGH = "5.0 GiB of free disk space is enough."


@pytest.mark.parametrize(
    ("disk", "to_come", "level", "wanted", "message"),
    [
        (Disk(1, 5 * GIB, True), 0, "pass", "2 GiB", ENOUGH),
        (Disk(1, 5 * GIB, True), GIB, "pass", "2 GiB", ENOUGH),
        (
            Disk(1, 5 * GIB, True),
            3 * GIB,
            "pass",
            "3.0 GiB",
            "5.0 GiB of free disk space is enough.",
        ),
        (
            *(Disk(1, GIB, True), 0, "warn", "2 GiB"),
            "1.0 GiB of free disk space, not 2 GiB. Ask for help.",
        ),
        (
            *(Disk(1, GIB, True), GIB // 2, "warn", "2 GiB"),
            "1.0 GiB of free disk space, not 2 GiB. Ask for help.",
        ),
        (
            *(Disk(1, GIB // 4, True), GIB // 2, "fail", "2 GiB"),
            "256 MiB of free disk space, but 512 MiB are still to come.",
        ),
        (
            *(Disk(1, 9 * GIB, False), GIB, "fail", "2 GiB"),
            "Nothing can be written to the folder of the workshop.",
        ),
        (
            *(Disk(1, 9 * GIB, False), 0, "warn", "2 GiB"),
            "Nothing can be written to the folder of the workshop.",
        ),
        (None, GIB, "unknown", "2 GiB", "How much free disk space there is could not be measured."),
    ],
)
def test_a_disk(disk: Disk | None, to_come: int, level: str, wanted: str, message: str) -> None:
    check = disk_verdict(disk, WISH, to_come)
    assert (check.level, check.wanted, check.message) == (level, wanted, message)
    assert bool(check.remedy) == (level != "pass")


def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    # Nobody, not even root, can write to the kernel's own files.
    check = disk_check(Path("/proc/self"), None, {Path("/proc/self"): 1})
    assert check.level == "fail"
    assert check.remedy


@pytest.mark.parametrize(
    ("count", "need", "level", "found", "wanted", "message"),
    [
        (4.0, None, "pass", "4 processors", "", "4 processors."),
        (4.0, 4, "pass", "4 processors", "4 processors", "4 processors are enough."),
        (1.0, 1, "pass", "1 processor", "1 processor", "1 processor is enough."),
        (0.96, 1, "pass", "1 processor", "1 processor", "1 processor is enough."),
        (1.5, 2, "warn", "1.5 processors", "2 processors", "1.5 processors, not 2. Be patient."),
        (
            *(None, 2, "unknown", "", "2 processors"),
            "How many processors there are could not be found out.",
        ),
    ],
)
def test_processors(
    count: float | None, need: int | None, level: str, found: str, wanted: str, message: str
) -> None:
    wish = Processors(count=need, without="Be patient.") if need else None
    check = processors_check(count, wish)
    assert (check.level, check.found, check.wanted) == (level, found, wanted)
    assert check.message == message
    assert bool(check.remedy) == (level != "pass")


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
    check = memory_check(size, Need(gib=gib))
    assert (check.level, check.found, check.wanted) == (level, found, wanted)
    assert bool(check.remedy) == (level != "pass")


def test_what_cannot_be_measured_is_unknown() -> None:
    check = memory_check(None, Need(gib=1))
    assert check.level == "unknown"
    assert check.remedy


def limits(root: Path, groups: str, files: dict[str, str]) -> Path:
    """Lay out the control groups of a made-up machine below `root`."""
    for name, text in ({"proc/self/cgroup": groups} | files).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode(errors="surrogateescape"))
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
        ("0::/../../host/pod\n", {f"{CGROUP}/memory.max": f"{MIB}\n"}, MIB),
        ("nonsense\n::\n0:\n\n0::/\n", {f"{CGROUP}/memory.max": f"{MIB}\n"}, MIB),
        ("0::/\n", {f"{CGROUP}/memory.max": "-1\n"}, None),
        ("0::/\n", {f"{CGROUP}/memory.max": "0\n"}, None),
        ("0::/\n", {f"{CGROUP}/memory.max": "1 2 3\n"}, None),
        ("0::/\n", {f"{CGROUP}/memory.max/is/a/folder": "1\n"}, None),
        ("0::/\n", {f"{CGROUP}/memory.max": "\udcff\udcfe"}, None),
        ("\udcff\udcfe", {f"{CGROUP}/memory.max": f"{MIB}\n"}, None),
    ],
    ids=[
        "v2",
        "v2 none",
        "v2 parent",
        "v2 nested",
        "v1 container",
        "v1 none",
        "other",
        "outside",
        "nonsense",
        "negative",
        "zero",
        "several",
        "folder",
        "bytes",
        "group bytes",
    ],
)
def test_the_limit_of_a_container_is_the_memory_there_is(
    tmp_path: Path, groups: str, files: dict[str, str], limit: int | None
) -> None:
    machine = memory_total(tmp_path / "no" / "groups")
    assert machine is not None
    assert memory_total(limits(tmp_path, groups, files)) == (limit or machine)


@pytest.mark.parametrize(
    ("groups", "files", "limit"),
    [
        ("0::/\n", {f"{CGROUP}/cpu.max": "50000 100000\n"}, 0.5),
        ("0::/\n", {f"{CGROUP}/cpu.max": "25000\n"}, None),
        ("0::/\n", {f"{CGROUP}/cpu.max": "max 100000\n"}, None),
        ("0::/\n", {f"{CGROUP}/cpu.max": "\n"}, None),
        ("0::/\n", {f"{CGROUP}/cpu.max": "50000 0\n"}, None),
        (
            "0::/pod/box\n",
            {f"{CGROUP}/pod/cpu.max": "25000 100000", f"{CGROUP}/pod/box/cpu.max": "max 100000"},
            0.25,
        ),
        (
            "4:cpu,cpuacct:/docker/abc\n",
            {
                f"{CGROUP}/cpu,cpuacct/cpu.cfs_quota_us": "50000\n",
                f"{CGROUP}/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
            },
            0.5,
        ),
        (
            "4:cpu:/\n",
            {
                f"{CGROUP}/cpu/cpu.cfs_quota_us": "-1\n",
                f"{CGROUP}/cpu/cpu.cfs_period_us": "100000\n",
            },
            None,
        ),
    ],
    ids=["v2", "no period", "v2 none", "empty", "zero", "v2 parent", "v1", "v1 none"],
)
def test_the_quota_of_a_container_is_the_processors_there_are(
    tmp_path: Path, groups: str, files: dict[str, str], limit: float | None
) -> None:
    machine = processors_allowed(tmp_path / "no" / "groups")
    assert machine is not None
    assert processors_allowed(limits(tmp_path, groups, files)) == (limit or machine)
