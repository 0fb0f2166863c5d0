"""One update or undo in a process of its own: to be killed, or to die by itself.

``python -m tests.updates.child`` reads what to do as JSON, says ``ready`` when all is
imported, and does it when it reads a line.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from tests.updates.bench import Bench

_WRITES = {
    "open",
    "os.chmod",
    "os.link",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.symlink",
    "os.truncate",
}


def run_and_die(work: Callable[[], object], root: Path, at: int) -> int:
    """Do `work` in a fork that kills itself at its write number `at` below `root`.

    Counts calls that write, by Python's audit hook; the code under test is as it is. A call
    is counted before it happens.

    Returns
    -------
    int
        How many writes there were; negative if it was killed.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            count = 0
            below = os.fspath(root)

            def hook(event: str, arguments: tuple[object, ...]) -> None:
                nonlocal count
                if event not in _WRITES or not _is_below(arguments[0], below):
                    return
                if event == "open" and not _writes(arguments):
                    return
                count += 1
                if count == at:
                    os.kill(os.getpid(), signal.SIGKILL)

            sys.addaudithook(hook)
            work()
            os.write(writer, str(count).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return -1
    assert os.waitstatus_to_exitcode(status) == 0, "the work failed"
    return int(told)


def _is_below(path: object, root: str) -> bool:
    if isinstance(path, int):
        return True
    return isinstance(path, (str, bytes, os.PathLike)) and os.fsdecode(path).startswith(root)


def _writes(arguments: tuple[object, ...]) -> bool:
    mode, flags = arguments[1], arguments[2]
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def main() -> None:
    wish = json.loads(sys.stdin.readline())
    bench = Bench.resume(wish["bench"])
    print("ready", flush=True)
    sys.stdin.readline()
    if wish["kind"] == "update":
        bench.update()
    else:
        bench.undo()
    print("done", flush=True)


if __name__ == "__main__":
    main()
