"""Many rehearsals at once, on processes of this machine and on a Dask cluster."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from distributed import LocalCluster

from .workbench import (
    KERNEL,
    command,
    definitions_of,
    environment,
    heed_ctrl_c,
    processes_with,
    rehearsed,
    write_workshop,
)

MODULES = {
    name: [("works", "import time\ntime.sleep(1.5)", ""), ("ends", "1", "")]
    for name in ("one", "two", "three", "four")
}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    """Two worker processes; the one that is killed is started again."""
    os.environ["JUPYTER_DATA_DIR"] = str(tmp_path_factory.mktemp("jupyter"))
    made = LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None)
    with made:
        yield made
    del os.environ["JUPYTER_DATA_DIR"]


def workers_of(found: dict[str, Any]) -> set[str]:
    return {result["worker"] for result in found.values()}


def test_a_cluster_does_the_same_tasks(cluster: LocalCluster, tmp_path: Path) -> None:
    definitions = definitions_of(tmp_path, MODULES)
    options = ("made", "--definitions", definitions, "--kernel", KERNEL)
    found = rehearsed(
        *options, "--dask", cluster.scheduler_address, data=tmp_path / "jupyter", status=0
    )
    assert {name: result["state"] for name, result in found.items()} == dict.fromkeys(
        MODULES, "passed"
    )
    assert len(workers_of(found)) == 2
    assert all(result["lost"] == [] for result in found.values())


def _kill_when(mark: Path, folder: Path) -> None:
    """Kill the worker whose kernel has written its parent's number into `mark`."""
    until = time.monotonic() + 90
    while not mark.exists() and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.2)
    os.kill(int(mark.read_text()), signal.SIGKILL)


def killing(mark: Path) -> dict[str, list[tuple[str, str, str]]]:
    """Return modules of which the third tells who runs it, the first time that it runs."""
    source = (
        "import os, pathlib, time\n"
        f"mark = pathlib.Path({str(mark)!r})\n"
        "if not mark.exists():\n"
        "    mark.with_suffix('.new').write_text(str(os.getppid()))\n"
        "    mark.with_suffix('.new').rename(mark)\n"
        "    time.sleep(600)\n"
    )
    return {**MODULES, "three": [("works", source, ""), ("ends", "1", "")]}


@pytest.mark.parametrize("where", ["dask", "jobs"])
def test_a_lost_worker_costs_a_second_try(
    cluster: LocalCluster, tmp_path: Path, where: str
) -> None:
    mark = tmp_path / "mark"
    definitions = definitions_of(tmp_path, killing(mark))
    place = {"dask": ("--dask", cluster.scheduler_address), "jobs": ("--jobs", "2")}[where]
    arguments = ("made", "--definitions", definitions, "--kernel", KERNEL, *place)
    running = subprocess.Popen(
        command(*arguments, "--json", "-"),
        env=environment(tmp_path / "jupyter"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    _kill_when(mark, tmp_path)
    told, complaints = running.communicate(timeout=150)
    assert running.returncode == 0, complaints
    found = {it["module"]: it for it in json.loads(told)["results"]}
    assert {it["state"] for it in found.values()} == {"passed"}
    assert set(found) == set(MODULES)
    (sentence,) = found["three"]["lost"]
    assert f"process {mark.read_text()} " in sentence
    assert "run again" in sentence
    # The kernel of the lost worker noticed that it is alone.
    until = time.monotonic() + 20
    while processes_with(str(tmp_path / "jupyter")) and time.monotonic() < until:
        time.sleep(0.5)


def test_a_module_that_costs_every_worker_does_not_cost_the_others(tmp_path: Path) -> None:
    kills = [("kills", "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)", "")]
    modules = {"one": MODULES["one"], "kills": kills, "two": MODULES["two"]}
    definitions = definitions_of(tmp_path, modules)
    options = ("made", "--definitions", definitions, "--kernel", KERNEL, "--jobs", 2)
    found = rehearsed(*options, data=tmp_path / "jupyter", status=1)
    assert [found[name]["state"] for name in modules] == ["passed", "failed", "passed"]
    assert found["kills"]["failure"]["code"] == "worker_lost"
    assert len(found["kills"]["lost"]) == 3
    assert found["one"]["lost"] == found["two"]["lost"] == []


MEETING = """
import pathlib, time
folder = pathlib.Path({folder!r})
(folder / "{name}").touch()
until = time.monotonic() + {seconds}
while len(met := sorted(it.name for it in folder.iterdir())) < 2 and time.monotonic() < until:
    time.sleep(0.05)
if not {share}:
    (folder / "{name}").unlink()
assert len(met) == (2 if {share} else 1), met
"""


@pytest.mark.parametrize("share", [False, True])
def test_modules_share_a_gpu_of_a_cluster_only_when_asked(tmp_path: Path, share: bool) -> None:
    folder = tmp_path / "at work"
    folder.mkdir()
    modules = {
        name: [
            (
                "works",
                MEETING.format(
                    folder=str(folder), name=name, share=share, seconds=30 if share else 1.5
                ),
                "",
            )
        ]
        for name in ("one", "two")
    }
    needs = "needs: {gpu_memory: {gib: 1, level: recommended, without: It takes longer.}}"
    made = write_workshop(tmp_path / "definitions" / "made", modules, needs)
    options = ["made", "--definitions", made.parent, "--kernel", KERNEL]
    with LocalCluster(
        n_workers=1, threads_per_worker=2, dashboard_address=None, resources={"GPU": 1}
    ) as cluster:
        options += ["--dask", cluster.scheduler_address, *(["--share-gpu"] if share else [])]
        found = rehearsed(*options, data=tmp_path / "jupyter", status=0)
    assert {result["state"] for result in found.values()} == {"passed"}


def test_ctrl_c_stops_what_a_cluster_does(cluster: LocalCluster, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    definitions = definitions_of(tmp_path, killing(mark))
    arguments = ("made", "--definitions", definitions, "--kernel", KERNEL, "--module", "three")
    running = subprocess.Popen(
        command(*arguments, "--dask", cluster.scheduler_address, "--json", "-"),
        env=environment(tmp_path / "jupyter"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_ctrl_c,
    )
    until = time.monotonic() + 60
    while not mark.exists() and time.monotonic() < until:
        time.sleep(0.1)
    running.send_signal(signal.SIGINT)
    told, complaints = running.communicate(timeout=60)
    assert running.returncode == 1, complaints
    (result,) = json.loads(told)["results"]
    assert result["state"] == "stopped"
    with contextlib.suppress(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)  # the worker itself goes on
    assert len(cluster.workers) == 2
