"""Asking a live kernel something, also while a cell runs, without a trace.

A kernel that has subshells (ipykernel 7 and later) answers in one while a cell runs.
Another answers when it is idle, behind the cells that were sent before. Neither keeps a
trace: no output, no history, no counter, no name.
"""

from __future__ import annotations

import ast
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal
from weakref import WeakValueDictionary

from jupyter_client.connect import KernelConnectionInfo
from pydantic import BaseModel, TypeAdapter

from ..jobs.progress import Progress, Silent
from .line import Channel, Content, KernelLine

_FEATURE = "kernel subshells"
_ASK_AGAIN = 0.3
"""Seconds before a request that was dropped from the kernel's queue is sent again."""

_GOODBYE = 1.0
"""Seconds that an idle subshell gets to go."""

_PATIENCE = 600.0
"""Seconds that a subshell gets to end what it was asked, when nobody waits any more."""

_LOOK_AGAIN = 3.0
"""Seconds between two looks at whether a kernel that owes a reply is still the same."""

_FOREVER = float("inf")


@dataclass(frozen=True)
class Answer:
    """What a live kernel said.

    Attributes
    ----------
    state
        ``busy`` when it did not answer in time, ``failed`` when it cannot be asked this
        way, as one that is not IPython's, or when the call raised an error.
    text
        What the call returned.
    """

    state: Literal["ok", "busy", "failed"]
    text: str = ""


def ask(
    connection: KernelConnectionInfo,
    scripts: Sequence[str],
    call: str,
    *,
    timeout: float | None,
    progress: Progress | None = None,
) -> Answer:
    """Run a call in a live kernel and return what it returns. Blocks: use a thread.

    Parameters
    ----------
    scripts
        Python source, run before the call in one namespace of its own.
    call
        An expression of that namespace whose value is a string.
    timeout
        Seconds to wait; ``None`` waits until `progress` says that it is enough.

    Raises
    ------
    Cancelled
        If a stop was asked for.
    """
    until = _FOREVER if timeout is None else time.monotonic() + timeout
    asking = _Asking(connection, until, progress or Silent())
    try:
        hello = asking.control("kernel_info_request", {})
        if hello is None:
            return Answer("busy")
        if hello.get("implementation") != "ipython":
            return Answer("failed")
        features = hello.get("supported_features")
        if isinstance(features, list) and _FEATURE in features:
            return asking.in_subshell(scripts, call)
        return asking.when_idle(scripts, call)
    finally:
        asking.end()


class _Turn:
    """A lock that can be kept track of weakly."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


_turns: WeakValueDictionary[object, _Turn] = WeakValueDictionary()
_turns_lock = threading.Lock()


def _turn_at(connection: KernelConnectionInfo) -> _Turn:
    """Return the turn at a kernel: two threads that shield themselves would undo each other."""
    with _turns_lock:
        return _turns.setdefault(connection["key"], _Turn())


class _Asking:
    """One round of questions to a kernel, and the tidying up behind it."""

    def __init__(self, connection: KernelConnectionInfo, until: float, progress: Progress) -> None:
        self._connection = connection
        self._line = KernelLine(connection)
        self._turn = _turn_at(connection)
        self._has_turn = False
        self._until = until
        self._progress = progress
        self._subshell = ""
        self._open: dict[Channel, str] = {}
        """Requests whose replies decide when the subshell can be deleted."""

    def control(self, kind: str, content: Content) -> Mapping[str, object] | None:
        """Return the reply to a request that kernels answer while they are busy."""
        return self._reply("control", self._line.send("control", kind, content))

    def when_idle(self, scripts: Sequence[str], call: str) -> Answer:
        """Ask on the main shell, where the question waits behind the cells."""
        while True:
            request = _request("", _look(scripts, call))
            reply = self._reply("shell", self._line.send("shell", *request))
            if reply is None or not (reply.get("status") == "aborted" or _interrupted(reply)):
                return _answer(reply)
            # A cell before it failed or was interrupted, and took the queue with it.
            time.sleep(_ASK_AGAIN)

    def in_subshell(self, scripts: Sequence[str], call: str) -> Answer:
        """Ask in a subshell that is made for it."""
        while not self._turn.lock.acquire(timeout=0.1):
            self._progress.raise_if_cancelled()
            if time.monotonic() > self._until:
                return Answer("busy")
        self._has_turn = True
        self._open["control"] = self._line.send("control", "create_subshell_request", {})
        made = self._reply("control", self._open["control"])
        if made is None:
            return Answer("busy")
        del self._open["control"]
        self._subshell = _subshell_of(made)
        if not self._subshell:
            return Answer("failed")
        content = _request(_shield(), _look(scripts, call, shielded=True))
        request = self._line.send("shell", *content, subshell=self._subshell)
        self._open["shell"] = request
        reply = self._reply("shell", request)
        if reply is not None:
            del self._open["shell"]
        return _answer(reply)

    def end(self) -> None:
        """Delete the subshell and close the line, later if it is still at work.

        A kernel stands still, all of it, while it deletes a subshell that is at work.
        """
        if self._open:
            threading.Thread(
                target=self._tidy, args=(_PATIENCE,), name="kernel-subshell", daemon=True
            ).start()
        else:
            self._tidy(_GOODBYE)

    def _tidy(self, patience: float) -> None:
        self._progress = Silent()
        try:
            with closing(self._line):
                self._delete_subshell(time.monotonic() + patience)
        finally:
            if self._has_turn:
                self._turn.lock.release()

    def _delete_subshell(self, until: float) -> None:
        if "control" in self._open:
            made = self._owed("control", until)
            self._subshell = _subshell_of(made) if made else ""
        if "shell" in self._open and self._owed("shell", until) is None:
            return  # the kernel is gone, or will never end it
        if self._subshell:
            self._until = time.monotonic() + _GOODBYE
            self.control("delete_subshell_request", {"subshell_id": self._subshell})

    def _owed(self, channel: Channel, until: float) -> Mapping[str, object] | None:
        """Return the reply to what is open, ``None`` if another process is the kernel now."""
        while time.monotonic() < until:
            self._until = min(until, time.monotonic() + _LOOK_AGAIN)
            reply = self._reply(channel, self._open[channel])
            if reply is not None:
                return reply
            if _process_at(self._connection) not in ("", self._line.process):
                return None
        return None

    def _reply(self, channel: Channel, request: str) -> Mapping[str, object] | None:
        return self._line.reply(channel, request, until=self._until, progress=self._progress)


def _process_at(connection: KernelConnectionInfo) -> str:
    """Return the identity of the kernel process there; empty if it does not answer now."""
    with closing(KernelLine(connection)) as line:
        request = line.send("control", "kernel_info_request", {})
        line.reply("control", request, until=time.monotonic() + _GOODBYE, progress=Silent())
        return line.process


def _subshell_of(made: Mapping[str, object]) -> str:
    return str(made.get("subshell_id") or "") if made.get("status") == "ok" else ""


@cache
def _shield_script() -> str:
    return (Path(__file__).parent / "shield_script.py").read_text("utf-8")


def _shield() -> str:
    made = _made([_shield_script()])
    return f"(lambda space: {made} and space['shield']())({{}})"


def _look(scripts: Sequence[str], call: str, *, shielded: bool = False) -> str:
    """Return one expression that runs the scripts and the call, so that no name is bound."""
    made = _made([_shield_script(), *scripts])
    first = "space['unshield']()" if shielded else "None"
    look = f"__import__('builtins').eval({call!r}, space)"
    return f"(lambda space: {made} and ({first}, {look})[1])({{}})"


def _made(texts: Sequence[str]) -> str:
    return f"[__import__('builtins').exec(text, space) for text in {list(texts)!r}]"


def _request(code: str, look: str) -> tuple[str, Content]:
    """Return the kind and the content of the request; `look` is evaluated last of all."""
    return "execute_request", {
        "code": code,
        "silent": True,
        "store_history": False,
        "user_expressions": {"look": look},
        "allow_stdin": False,
        "stop_on_error": False,
    }


class _Expression(BaseModel):
    """The value of an expression in an ``execute_reply``."""

    data: dict[str, object]


def _answer(reply: Mapping[str, object] | None) -> Answer:
    if reply is None:
        return Answer("busy")
    try:
        values = TypeAdapter(dict[str, _Expression]).validate_python(reply["user_expressions"])
        text = ast.literal_eval(str(values["look"].data["text/plain"]))
    except (KeyError, ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        # A value that the kernel shows in another way is no answer. (ValueError is also
        # what pydantic raises.)
        return Answer("failed")
    return Answer("ok", text) if isinstance(text, str) else Answer("failed")


def _interrupted(reply: Mapping[str, object]) -> bool:
    """Return whether somebody interrupted the kernel just as it looked."""
    values = reply.get("user_expressions")
    look = values.get("look") if isinstance(values, Mapping) else None
    raised = look.get("ename") if isinstance(look, Mapping) else None
    return "KeyboardInterrupt" in (raised, reply.get("ename"))
