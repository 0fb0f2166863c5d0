"""Bringing materials: bytes and time beside other ways, resume, and a server that still answers.

``python benchmarks/materials.py`` builds a repository, serves it on the loopback, prints
the figures in words and, as its last line, as one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn, TypeAlias

# Beside the package these scripts need each other and the tests' servers.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.contenders import (
    BY_HAND,
    FULL,
    OURS,
    Contender,
    bring_once,
    check_files,
    puller,
    run_once,
)
from benchmarks.history import SPARSE, History, build_history
from benchmarks.line import Line
from benchmarks.puller import python_with_nbgitpuller
from benchmarks.responsiveness import REQUESTS, EndedEarly, measure_responsiveness, told
from tests.git_server import GitServer

Figures: TypeAlias = dict[str, float | str | None]

_RATES = (100e6, 50e6, 25e6)
"""Bytes per second of both jobs, slower if one ends before the requests do."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=15, help="rounds of the ways that bring the sparse path"
    )
    parser.add_argument(
        "--full-rounds", type=int, default=3, help="rounds in which those that bring all take part"
    )
    options = parser.parse_args()
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, _end)
    figures: Figures = {"processors": os.cpu_count(), "load_before": _load()}
    with tempfile.TemporaryDirectory(prefix="benchmark-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        history = build_history(folder / "course.git")
        print(
            f"A repository of {_mb(history.size)}, {history.files} contents in its history, "
            f"{history.newest} files in the newest commit, {len(history.wanted)} of them wanted."
        )
        with GitServer(history.repository) as server, Line(server.port) as line:
            python = python_with_nbgitpuller(folder)
            if python is None:
                print("nbgitpuller could not be installed, so its row is empty.")
            full = FULL if python is None else (*FULL, puller(python))
            figures |= _side_by_side(
                history, line, folder, full, rounds=options.rounds, full_rounds=options.full_rounds
            )
            figures |= _resume(history, line, folder)
        figures |= _responsiveness(history, folder)
    figures["load_after"] = _load()
    print(
        f"Load {figures['load_before']} before and {figures['load_after']} after, "
        f"on {figures['processors']} processors."
    )
    print(json.dumps(figures))


def _side_by_side(
    history: History,
    line: Line,
    folder: Path,
    full: Sequence[Contender],
    *,
    rounds: int,
    full_rounds: int,
) -> Figures:
    """Let all ways take turns, and compare their medians."""
    lean = (OURS, *BY_HAND)
    seconds: dict[str, list[float]] = {}
    moved: dict[str, list[int]] = {}
    connections: dict[str, list[int]] = {}
    imports: list[float] = []
    for number in range(max(rounds, full_rounds)):
        turn = number % len(lean)  # another one begins each time
        contenders = (*lean[turn:], *lean[:turn]) if number < rounds else ()
        for contender in (*contenders, *(full if number < full_rounds else ())):
            fresh = folder / "fresh"
            fresh.mkdir()
            line.reset()
            run = run_once(contender, history, _address(history, line), fresh)
            seconds.setdefault(contender.key, []).append(run.seconds)
            moved.setdefault(contender.key, []).append(line.moved)
            connections.setdefault(contender.key, []).append(line.connections)
            if contender is OURS:
                imports.append(run.imports)
            shutil.rmtree(fresh)
            if not contender.lean:
                os.sync()  # nobody waits for the much that another one wrote
    figures: Figures = {}
    for contender in (*lean, *full):
        took = statistics.median(seconds[contender.key])
        size = statistics.median(moved[contender.key])
        requests = statistics.median(connections[contender.key])
        print(
            f"{contender.title}: {took:.3f} s ({min(seconds[contender.key]):.3f} to "
            f"{max(seconds[contender.key]):.3f}), {_mb(size)}, {requests:g} requests."
        )
        figures[f"{contender.key}_seconds"] = round(took, 4)
        figures[f"{contender.key}_bytes"] = size
        figures[f"{contender.key}_requests"] = requests
    if len(full) == len(FULL):
        figures |= dict.fromkeys(f"nbgitpuller_{it}" for it in ("seconds", "bytes", "requests"))
    medians = {key: statistics.median(times) for key, times in seconds.items()}
    best = min((it.key for it in BY_HAND), key=medians.__getitem__)
    figures["best_git"] = best
    for name, key in (
        ("best_git", best),
        ("clone", "clone"),
        ("clone_depth_1", "clone_depth_1"),
        ("nbgitpuller", "nbgitpuller"),
    ):
        ratio = round(medians["ours"] / medians[key], 3) if key in medians else None
        figures[f"ours_to_{name}_ratio"] = ratio
        if ratio is not None:
            print(f"Ours takes {ratio} × the time of {name}{f' ({key})' if key == best else ''}.")
    fastest = round(min(seconds["ours"]) / min(min(seconds[it.key]) for it in BY_HAND), 3)
    figures["ours_to_best_git_ratio_of_fastest"] = fastest
    first_use = round(statistics.median(imports), 3)
    figures["ours_first_use_seconds"] = first_use
    print(f"The fastest runs alone: {fastest} × the time of the fastest by hand.")
    print(f"The first use in a process takes {first_use} s more, to import.")
    return figures


def _resume(history: History, line: Line, folder: Path) -> Figures:
    """Break the line at half of the bytes, and count what the second try moves."""
    figures: Figures = {}
    for name, sparse in (("second_try_share", (SPARSE,)), ("second_try_share_of_all", ())):
        fresh = folder / "fresh"
        fresh.mkdir()
        address = _address(history, line)
        line.reset()
        run = bring_once(history, address, fresh / "whole", fresh / "arriving", sparse=sparse)
        whole = line.moved
        line.reset(breaks_after=whole // 2)
        target, arriving = fresh / "course", fresh / "arriving"
        cut = bring_once(history, address, target, arriving, sparse=sparse)
        first = line.moved
        line.reset()
        again = bring_once(history, address, target, arriving, sparse=sparse)
        second = line.moved
        if run.failure or not cut.failure or target.exists() is bool(again.failure):
            raise RuntimeError(f"the cut went otherwise: {run}, {cut}, {again}")
        check_files(history, target, only_wanted=bool(sparse))
        figures[name] = round(second / whole, 3)
        what = f"the {len(history.wanted)} files" if sparse else "everything"
        print(
            f"Of {what}, {_mb(whole)}, the line broke after {_mb(first)}; "
            f"the second try moved {_mb(second)}, {100 * second / whole:.0f} % of the whole."
        )
        shutil.rmtree(fresh)
    return figures


def _responsiveness(history: History, folder: Path) -> Figures:
    """Ask a server while it works, at the highest rate at which the work lasts long enough."""
    for number, rate in enumerate(_RATES):
        try:
            found = measure_responsiveness(history, folder / f"server-{number}", rate)
        except EndedEarly as error:
            print(f"At {_mb(rate)} a second: {error}. Once more, slower.")
            continue
        figures: Figures = {**told(found), "status_rate": rate}
        print(
            f"GET /api/status during a fetch and a download at {_mb(rate)} a second each: "
            f"{REQUESTS} requests, slowest {figures['status_slowest_ms']} ms, "
            f"median {figures['status_median_ms']} ms.\n"
            f"Until both had ended: {figures['status_to_the_end_requests']} more requests, "
            f"slowest {figures['status_to_the_end_slowest_ms']} ms, "
            f"median {figures['status_to_the_end_median_ms']} ms.\n"
            f"With nothing to do: slowest {figures['status_idle_slowest_ms']} ms, "
            f"median {figures['status_idle_median_ms']} ms."
        )
        return figures
    raise RuntimeError("the jobs always ended before the requests did")


def _address(history: History, line: Line) -> str:
    return f"http://127.0.0.1:{line.port}/{history.repository.name}"


def _mb(size: float) -> str:
    return f"{size / 1e6:.1f} MB"


def _load() -> float:
    return round(os.getloadavg()[0], 2)


def _end(signal_: int, frame: object) -> NoReturn:
    """End in good order, so that folders and processes go too."""
    sys.exit(128 + signal_)


if __name__ == "__main__":
    main()
