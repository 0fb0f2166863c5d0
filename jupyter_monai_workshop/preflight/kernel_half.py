"""What PyTorch says about the GPU in the workshop's live kernel, also while a cell runs.

A kernel that has subshells (ipykernel 7 and later) answers in one while a cell trains.
Another answers when it is idle. Neither keeps a trace: no output, no history, no name.
"""

from __future__ import annotations

import ast
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from jupyter_client.connect import KernelConnectionInfo
from pydantic import BaseModel, TypeAdapter

from ..jobs.progress import Progress, Silent
from .kernel_line import Channel, Content, KernelLine
from .torch_probe import TorchReport, read_torch

_FEATURE = "kernel subshells"
_ASK_AGAIN = 0.3
"""Seconds before a request that was dropped from the kernel's queue is sent again."""

_GOODBYE = 1.0
"""Seconds that an idle subshell gets to go."""

_PATIENCE = 600.0
"""Seconds that a subshell gets to end what it was asked, when nobody waits any more."""


@dataclass(frozen=True)
class KernelAnswer:
    """What a live kernel said.

    Attributes
    ----------
    state
        ``busy`` when it did not answer in time, ``failed`` when it cannot be asked this
        way, as one that is not IPython's.
    torch
        ``None`` where the kernel has not used PyTorch yet: a child process can tell.
    python
        The kernel's interpreter; ``None`` when it did not say.
    variables
        Those environment variables of the kernel that matter for the GPU; ``None`` for
        one that is not set.
    """

    state: Literal["ok", "busy", "failed"]
    torch: TorchReport | None = None
    python: Path | None = None
    variables: Mapping[str, str | None] | None = None


def read_kernel_torch(
    connection: KernelConnectionInfo,
    *,
    timeout: float = 5.0,
    child_timeout: float = 60.0,
    progress: Progress | None = None,
) -> TorchReport | None:
    """Ask the PyTorch of a live kernel about the GPU.

    Where the kernel has not used PyTorch yet, it is not made to: a child process of the
    same interpreter with the same variables is asked. Blocks: call it from a thread.

    Parameters
    ----------
    timeout
        Seconds that the kernel gets.
    child_timeout
        Seconds that the child process gets.

    Returns
    -------
    TorchReport or None
        ``busy`` when the kernel did not answer in time; ``None`` when this kernel cannot
        be asked.

    Raises
    ------
    Cancelled
        If a stop was asked for.
    """
    answer = ask_kernel(connection, timeout=timeout, progress=progress)
    if answer.state == "busy":
        return TorchReport("busy", error=f"the kernel did not answer within {timeout:g} seconds")
    if answer.torch is not None or answer.python is None:
        return answer.torch
    return read_torch(
        answer.python,
        # Their values are meant as they are.
        variables={
            name: None if value is None else value.replace("$", "$$")
            for name, value in (answer.variables or {}).items()
        },
        timeout=child_timeout,
        progress=progress,
    )


def ask_kernel(
    connection: KernelConnectionInfo, *, timeout: float = 5.0, progress: Progress | None = None
) -> KernelAnswer:
    """Ask a live kernel what it knows about the GPU, without a trace; see the module."""
    line = KernelLine(connection)
    asking = _Asking(line, time.monotonic() + timeout, progress or Silent())
    try:
        hello = asking.control("kernel_info_request", {})
        if hello is None:
            return KernelAnswer("busy")
        if hello.get("implementation") != "ipython":
            return KernelAnswer("failed")
        features = hello.get("supported_features")
        if isinstance(features, list) and _FEATURE in features:
            return asking.in_subshell()
        return asking.when_idle()
    finally:
        asking.end()


class _Asking:
    """One round of questions to a kernel, and the tidying up behind it."""

    def __init__(self, line: KernelLine, until: float, progress: Progress) -> None:
        self._line = line
        self._until = until
        self._progress = progress
        self._subshell = ""
        self._open: dict[Channel, str] = {}
        """Requests whose replies decide when the subshell can be deleted."""

    def control(self, kind: str, content: Content) -> Mapping[str, object] | None:
        """Return the reply to a request that kernels answer while they are busy."""
        return self._reply("control", self._line.send("control", kind, content))

    def when_idle(self) -> KernelAnswer:
        """Ask on the main shell, where the question waits behind the cells."""
        while True:
            reply = self._reply("shell", self._line.send("shell", *_request()))
            if reply is None or reply.get("status") != "aborted":
                return _answer(reply)
            # A cell before it failed or was interrupted, and took the queue with it.
            time.sleep(_ASK_AGAIN)

    def in_subshell(self) -> KernelAnswer:
        """Ask in a subshell that is made for it."""
        self._open["control"] = self._line.send("control", "create_subshell_request", {})
        made = self._reply("control", self._open["control"])
        if made is None:
            return KernelAnswer("busy")
        del self._open["control"]
        self._subshell = _subshell_of(made)
        if not self._subshell:
            return KernelAnswer("failed")
        request = self._line.send("shell", *_request(shielded=True), subshell=self._subshell)
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
                target=self._tidy, args=(_PATIENCE,), name="preflight-subshell", daemon=True
            ).start()
        else:
            self._tidy(_GOODBYE)

    def _tidy(self, patience: float) -> None:
        self._progress, self._until = Silent(), time.monotonic() + patience
        with closing(self._line):
            if "control" in self._open:
                made = self._reply("control", self._open["control"])
                self._subshell = _subshell_of(made) if made else ""
            if "shell" in self._open and self._reply("shell", self._open["shell"]) is None:
                return  # the kernel is gone, or will never end it
            if self._subshell:
                self._until = time.monotonic() + _GOODBYE
                self.control("delete_subshell_request", {"subshell_id": self._subshell})

    def _reply(self, channel: Channel, request: str) -> Mapping[str, object] | None:
        return self._line.reply(channel, request, until=self._until, progress=self._progress)


def _subshell_of(made: Mapping[str, object]) -> str:
    return str(made.get("subshell_id") or "") if made.get("status") == "ok" else ""


@cache
def _request(*, shielded: bool = False) -> tuple[str, Content]:
    """Return the kind and the content of the request that looks."""
    folder = Path(__file__).parent
    texts = [(folder / name).read_text("utf-8") for name in ("torch_script.py", "kernel_script.py")]
    # One expression each, so that no name is bound. The second is evaluated last of all.
    made = f"[__import__('builtins').exec(text, space) for text in {texts!r}]"
    shield = f"(lambda space: {made} and space['shield']())({{}})"
    look = f"(lambda space: {made} and (space['unshield'](), space['look']())[1])({{}})"
    return "execute_request", {
        "code": shield if shielded else "",
        "silent": True,
        "store_history": False,
        "user_expressions": {"look": look},
        "allow_stdin": False,
        "stop_on_error": False,
    }


class _Look(BaseModel):
    """What ``kernel_script.look`` returns."""

    python: str
    variables: dict[str, str | None]
    torch: TorchReport | None


class _Expression(BaseModel):
    """The value of an expression in an ``execute_reply``."""

    data: dict[str, object]


def _answer(reply: Mapping[str, object] | None) -> KernelAnswer:
    if reply is None:
        return KernelAnswer("busy")
    try:
        values = TypeAdapter(dict[str, _Expression]).validate_python(reply["user_expressions"])
        look = _Look.model_validate_json(ast.literal_eval(str(values["look"].data["text/plain"])))
    except (KeyError, ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        # A value that the kernel shows in another way is no answer. (ValueError is also
        # what pydantic raises.)
        return KernelAnswer("failed")
    python = Path(look.python) if look.python else None
    return KernelAnswer("ok", look.torch, python, look.variables)
