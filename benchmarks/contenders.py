"""The ways to get a workshop's files from a repository, each in a process of its own."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.history import SPARSE, History

_OURS = Path(__file__).with_name("ours.py")

_SMALL = "--depth=1 --filter=blob:none"

_PULLER = """
import sys, time
from nbgitpuller.pull import GitPuller
address, target = sys.argv[1:]
began = time.perf_counter()
for line in GitPuller(address, target, branch="main").pull():
    pass
print('{"seconds": %f, "failure": ""}' % (time.perf_counter() - began))
"""


@dataclass(frozen=True)
class Contender:
    """One way to get the files.

    Attributes
    ----------
    key
        Its name in the figures.
    title
        Its name for people.
    lean
        Whether it brings the files of the sparse path and no others.
    script
        Shell commands with ``$1`` address, ``$2`` commit, ``$3`` target and ``$4`` sparse
        path; empty for those that run in Python.
    python
        For those in Python, the interpreter and its arguments before ``address target``.
    """

    key: str
    title: str
    lean: bool
    script: str = ""
    python: tuple[str, ...] = ()


@dataclass(frozen=True)
class Run:
    """What one run took.

    Attributes
    ----------
    seconds
        Time, without the start of Python and its imports.
    failure
        Why it failed, empty if it did not.
    imports
        For this package, the time that its first use in a process takes in addition.
    """

    seconds: float
    failure: str = ""
    imports: float = 0.0


OURS = Contender("ours", "bring_materials", lean=True)

FULL = (
    Contender(
        "clone",
        "git clone, git checkout",
        lean=False,
        script='git clone -q "$1" "$3"; git -C "$3" checkout -q "$2"',
    ),
    Contender(
        "clone_depth_1",
        "git clone --depth 1",
        lean=False,
        script='git clone -q --depth 1 "$1" "$3"',
    ),
)

BY_HAND = (
    Contender(
        "by_hand_fetch",
        "git init, fetch, sparse-checkout, checkout",
        lean=True,
        script=f"""
            git init -q "$3"; cd "$3"; git remote add origin "$1"
            git fetch -q {_SMALL} origin "$2"
            git sparse-checkout set --no-cone "/$4/"
            git checkout -q FETCH_HEAD""",
    ),
    Contender(
        "by_hand_fetch_tuned",
        "the same, without what git does beside it",
        lean=True,
        script=f"""
            git init -q --template= "$3"; cd "$3"; mkdir -p .git/info
            git config remote.origin.url "$1"
            git fetch -q --no-auto-maintenance --no-tags {_SMALL} origin "$2"
            git sparse-checkout set --no-cone "/$4/"
            git -c maintenance.auto=false checkout -q FETCH_HEAD""",
    ),
    Contender(
        "by_hand_clone",
        "git clone --filter --no-checkout --sparse, checkout",
        lean=True,
        script=f"""
            git clone -q {_SMALL} --no-checkout --sparse "$1" "$3"; cd "$3"
            git sparse-checkout set --no-cone "/$4/"
            git checkout -q "$2" """,
    ),
)
"""What somebody who knows git well would type for the same result."""


def puller(python: Path) -> Contender:
    """Return nbgitpuller, which `python` can import."""
    command = (str(python), "-c", _PULLER)
    return Contender("nbgitpuller", "nbgitpuller's GitPuller", lean=False, python=command)


def run_once(contender: Contender, history: History, address: str, folder: Path) -> Run:
    """Get the files into the fresh `folder`, and look whether they are right.

    Raises
    ------
    RuntimeError
        If the way failed, or gave other files than it should.
    """
    target = folder / "course"
    if contender is OURS:
        result = bring_once(history, address, target, folder / "arriving", sparse=(SPARSE,))
    elif contender.python:
        result = _timed_inside([*contender.python, address, str(target)], folder)
    else:
        result = _timed(contender, [address, history.commit, str(target), SPARSE], folder)
    if result.failure:
        raise RuntimeError(f"{contender.title} failed: {result.failure}")
    check_files(history, target, only_wanted=contender.lean)
    return result


def bring_once(
    history: History, address: str, target: Path, arriving: Path, *, sparse: Sequence[str]
) -> Run:
    """Bring the materials with this package; a failure is part of the result."""
    asked = {
        "address": address,
        "commit": history.commit,
        "sparse": list(sparse),
        "target": str(target),
        "arriving": str(arriving),
    }
    return _timed_inside([sys.executable, str(_OURS), json.dumps(asked)], target.parent)


def check_files(history: History, target: Path, *, only_wanted: bool) -> None:
    """Compare what is in `target` with what should be.

    Raises
    ------
    RuntimeError
        If it is not that.
    """
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=target, check=True, capture_output=True, text=True
    )
    found = {
        file.relative_to(target).as_posix(): file
        for file in target.rglob("*")
        if file.is_file() and ".git" not in file.relative_to(target).parts
    }
    digests = {
        path: hashlib.sha256(found[path].read_bytes()).hexdigest()
        for path in history.wanted
        if path in found
    }
    expected = len(history.wanted) if only_wanted else history.newest
    if head.stdout.strip() != history.commit or digests != history.wanted or len(found) != expected:
        raise RuntimeError(f"{target} does not hold the files of {history.commit}")


def environment(home: Path) -> dict[str, str]:
    """Return an environment in which nobody's settings of git and of proxies count."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {
        **kept,
        "HOME": str(home),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }


def _timed(contender: Contender, arguments: Sequence[str], home: Path) -> Run:
    command = ["sh", "-e", "-c", contender.script, "sh", *arguments]
    began = time.perf_counter()
    done = subprocess.run(
        command, env=environment(home), check=False, stderr=subprocess.PIPE, text=True
    )
    seconds = time.perf_counter() - began
    return Run(seconds, f"{done.stderr} ({done.returncode})" if done.returncode else "")


def _timed_inside(command: Sequence[str], home: Path) -> Run:
    done = subprocess.run(
        command, env=environment(home), check=False, capture_output=True, text=True
    )
    if done.returncode:
        return Run(0.0, f"{done.stderr} ({done.returncode})")
    answer = json.loads(done.stdout.splitlines()[-1])
    imports = float(answer.get("imports", 0.0))
    return Run(float(answer["seconds"]), str(answer["failure"]), imports)
