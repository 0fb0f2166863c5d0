"""Installing into the kernel that runs, where no environment can be made.

That is without uv, where nothing can be written here, or where kernels run elsewhere. pip
is run by the kernel itself, as the magic ``%pip`` of a notebook does it. Nothing of the
kernel's Python is replaced. The kernel is restarted by nobody but whoever asks for it.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import json
import queue
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from packaging.utils import canonicalize_name

from ..definition.models import Environment
from ..jobs.progress import Progress
from .failures import (
    EnvironmentFailure,
    KernelBusy,
    KernelGone,
    KernelUnfit,
    VerificationFailed,
    WouldReplace,
)
from .kernel_python import KernelPython, PipWishes, pip_wishes
from .kernel_receipt import KernelReceipt
from .process_group import LAST_LINES, redacted
from .receipt import digest_of
from .resolve import BUILD_TOOLS
from .rules import module_of
from .wheels import pip_failure

ANSWER_SECONDS = 10.0
"""An idle kernel answers at once; one that does not is busy."""

_ASK = """
import importlib.util, json, sys
from importlib.metadata import distributions
packages = {}
for it in distributions():
    if it.metadata is not None and it.metadata["Name"] and it.version:
        packages.setdefault(it.metadata["Name"], it.version)
answer = {
    "executable": sys.executable,
    "prefix": sys.prefix,
    "version": "%d.%d.%d" % sys.version_info[:3],
    "pip": importlib.util.find_spec("pip") is not None,
    "path": [folder for folder in sys.path if folder],
    "packages": packages,
}
"""

_TRY = """
import json, os, subprocess, sys, tempfile
with tempfile.TemporaryDirectory() as folder:
    report = os.path.join(folder, "report.json")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "install",
         "--dry-run", "--quiet", "--report", report, *arguments],
        stdin=subprocess.DEVNULL, capture_output=True, text=True)
    answer = {"status": done.returncode, "said": done.stderr[-8000:], "install": []}
    if done.returncode == 0:
        with open(report, encoding="utf-8") as file:
            found = json.load(file)["install"]
        names = [it["metadata"]["name"] for it in found]
        versions = [it["metadata"]["version"] for it in found]
        answer["install"] = list(zip(names, versions))
"""

_IMPORT = """
import subprocess, sys
code = "import importlib, sys\\nfor name in sys.argv[1:]: importlib.import_module(name)"
done = subprocess.run([sys.executable, "-c", code, *arguments],
    stdin=subprocess.DEVNULL, capture_output=True, text=True)
answer = {"status": done.returncode, "said": done.stderr[-4000:]}
"""


class TalkClient(Protocol):
    """What of a client with started channels is needed, such as jupyter_client's."""

    @property
    def session(self) -> Any:
        """What makes and signs messages."""

    @property
    def control_channel(self) -> Any:
        """The channel that a busy kernel hears, too."""

    @property
    def execute(self) -> Callable[..., str]:
        """Send code, and return the id of the request."""

    @property
    def get_shell_msg(self) -> Callable[..., Awaitable[dict[str, Any]]]:
        """Return the next answer, or raise :class:`queue.Empty` after ``timeout``."""

    @property
    def get_iopub_msg(self) -> Callable[..., Awaitable[dict[str, Any]]]:
        """Return the next message to everybody, likewise."""


class KernelTalk:
    """A conversation with one kernel that is idle.

    Parameters
    ----------
    client
        Connected, with its channels started.

    Attributes
    ----------
    process
        Identity of the kernel process, as its messages name it.
    path
        The folders that its Python looks in.
    """

    def __init__(self, client: TalkClient, alive: Callable[[], bool]) -> None:
        self._client = client
        self._alive = alive
        self.process = ""
        self.path: tuple[str, ...] = ()

    async def python(self) -> KernelPython:
        """Return what the kernel's Python has.

        Raises
        ------
        KernelBusy
            If it does not answer in time; nothing is changed then.
        KernelUnfit
            If it is not a Python with pip.
        KernelGone
            If it ended.
        """
        answer = await self._ask(_ASK, timeout=ANSWER_SECONDS)
        if not answer["pip"]:
            raise KernelUnfit(f"{answer['executable']} has no pip")
        self.path = tuple(answer["path"])
        return KernelPython(
            executable=answer["executable"],
            prefix=answer["prefix"],
            version=answer["version"],
            packages={canonicalize_name(it): v for it, v in answer["packages"].items()},
        )

    async def try_out(self, wishes: PipWishes, python: KernelPython) -> tuple[str, ...]:
        """Return what pip would install, as pins.

        Raises
        ------
        WouldReplace
            If it would replace something.
        EnvironmentFailure
            The subclass that says why pip would fail.
        """
        answer = await self._ask(_TRY, arguments=wishes.arguments)
        if answer["status"] != 0:
            raise pip_failure(redacted(answer["said"]))
        found = {canonicalize_name(name): version for name, version in answer["install"]}
        replaced = tuple(it for it in found if it in python.packages and it not in BUILD_TOOLS)
        if replaced:
            there = ", ".join(f"{it} {python.packages[it]} → {found[it]}" for it in replaced)
            raise WouldReplace(replaced, f"{there}.")
        return tuple(f"{name}=={version}" for name, version in sorted(found.items()))

    async def install(self, line: str, progress: Progress, packages: int) -> None:
        """Run the line in the kernel, as a cell would.

        Raises
        ------
        EnvironmentFailure
            The subclass that says why pip failed.
        """
        lines = _Lines(progress, packages)
        status = await self._run(line, lines)
        if status != 0:
            raise pip_failure(lines.text)

    async def verify(self, modules: Sequence[str]) -> None:
        """Import `modules` in a fresh process of the kernel's Python.

        Raises
        ------
        VerificationFailed
            If one cannot be imported.
        """
        answer = await self._ask(_IMPORT, arguments=tuple(modules))
        if answer["status"] != 0:
            missing = re.findall(r"No module named '([^']+)'", answer["said"])
            raise VerificationFailed(tuple(missing[-1:]) or tuple(modules), answer["said"])

    async def _ask(
        self, code: str, *, arguments: Sequence[str] = (), timeout: float | None = None
    ) -> Mapping[str, Any]:
        """Return what `code` leaves in ``answer``; nothing of it stays in the kernel."""
        values = f"dict(arguments={list(arguments)!r})"
        told = "__import__('json').dumps(it['answer'])"
        expression = f"(lambda it: (exec({code!r}, it), {told})[1])({values})"
        request = self._client.execute(
            "",
            silent=True,
            store_history=False,
            user_expressions={"answer": expression},
            allow_stdin=False,
            stop_on_error=False,
        )
        reply = await self._reply(request, timeout)
        found = reply.get("user_expressions", {}).get("answer", {})
        try:
            answer: Mapping[str, Any] = json.loads(ast.literal_eval(found["data"]["text/plain"]))
        except (LookupError, ValueError, SyntaxError):
            said = found.get("evalue") or reply.get("evalue") or "no answer"
            raise KernelUnfit(str(said)[-2000:]) from None
        return answer

    async def _run(self, line: str, heard: _Lines) -> int:
        request = self._client.execute(
            line,
            silent=False,
            store_history=False,
            user_expressions={"status": "_exit_code"},
            allow_stdin=False,
            stop_on_error=False,
        )
        listening = asyncio.create_task(self._listen(request, heard))
        try:
            reply = await self._reply(request, None)
            await asyncio.wait([listening], timeout=2)
        finally:
            listening.cancel()
        status = reply.get("user_expressions", {}).get("status", {}).get("data", {})
        return 0 if status.get("text/plain") == "0" else 1

    async def _listen(self, request: str, heard: _Lines) -> None:
        while True:
            try:
                message = await self._client.get_iopub_msg(timeout=1)
            except queue.Empty:
                continue
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["msg_type"] == "stream":
                heard.hear(message["content"]["text"])
            elif message["msg_type"] == "error":
                heard.hear("\n".join(message["content"]["traceback"]))
            elif message["content"].get("execution_state") == "idle":
                return

    async def _reply(self, request: str, timeout: float | None) -> Mapping[str, Any]:
        """Return the reply; when waiting is called off, interrupt what was asked for."""
        clock = asyncio.get_running_loop().time
        until = None if timeout is None else clock() + timeout
        try:
            while True:
                try:
                    message = await self._client.get_shell_msg(timeout=0.5)
                except queue.Empty:
                    if not self._alive():
                        raise KernelGone from None
                    if until is not None and clock() > until:
                        raise KernelBusy from None
                    continue
                if message["parent_header"].get("msg_id") == request:
                    self.process = message["header"]["session"]
                    content: Mapping[str, Any] = message["content"]
                    return content
        except asyncio.CancelledError:
            self._interrupt()
            raise

    def _interrupt(self) -> None:
        with contextlib.suppress(Exception):
            channel = self._client.control_channel
            channel.send(self._client.session.msg("interrupt_request", {}))


class _Lines:
    """Turns what pip prints into progress, and keeps its last lines."""

    def __init__(self, progress: Progress, packages: int) -> None:
        self._progress = progress
        self._steps = 2 * packages + 2
        self._seen = 0
        self._lines: list[str] = []
        self._rest = ""

    @property
    def text(self) -> str:
        """The last lines."""
        return "\n".join([*self._lines, self._rest][-LAST_LINES:])

    def hear(self, text: str) -> None:
        """Take the next piece of output."""
        *lines, self._rest = re.split(r"[\r\n]+", self._rest + redacted(text))
        for line in lines:
            self._lines.append(line)
            match = re.match(r"\s*(Collecting|Downloading|Using cached|Installing) (\S+)", line)
            if match:
                self._seen += 1
                done = 0.3 + 0.6 * min(self._seen / self._steps, 1.0)
                phase = self._phase(match[1])
                self._progress.report(phase, done, match[2].rpartition("/")[2])

    @staticmethod
    def _phase(word: str) -> Any:
        return "installing" if word == "Installing" else "downloading"


async def install_in_kernel(
    environment: Environment,
    client: TalkClient,
    *,
    kernel_name: str,
    alive: Callable[[], bool],
    before: str = "",
    progress: Progress,
) -> KernelReceipt:
    """Bring the kernel behind `client` what the workshop needs, and say what was done.

    pip is first asked what it would do; what would replace a package is refused. The
    kernel must be restarted afterwards, which is not done here.

    Parameters
    ----------
    client
        Connected, with its channels started. Cancelling interrupts the kernel.
    kernel_name
        Name of the kernel's kernelspec.
    alive
        Whether the kernel still runs; asked twice a second.
    before
        The process that packages came into before: it still has to be restarted.
    progress
        Phases ``looking``, ``resolving``, ``downloading``, ``installing``, ``verifying``.

    Raises
    ------
    EnvironmentFailure
        The subclass that says what went wrong; the kernel's Python is as it was then, but
        for packages that pip had installed already.
    """
    talk = KernelTalk(client, alive)
    progress.report("looking", 0.02, "asks the kernel about its Python")
    python = await talk.python()
    wishes = pip_wishes(environment, python)
    pins: tuple[str, ...] = ()
    if wishes.missing:
        progress.report("resolving", 0.1, wishes.line)
        pins = await talk.try_out(wishes, python)
        progress.report("downloading", 0.3, f"{len(pins)} packages")
        await talk.install(wishes.line, progress, len(pins))
    progress.report("verifying", 0.92, "imports everything once")
    await talk.verify([module_of(rule) for rule in wishes.rules])
    after = await talk.python()
    left = pip_wishes(environment, after).missing
    if left:
        raise EnvironmentFailure(
            f"pip has installed its packages, but {', '.join(left)} is still missing.",
            hint="Restart the kernel and try again.",
        )
    return KernelReceipt(
        environment=digest_of(environment),
        kernel=kernel_name,
        executable=after.executable,
        prefix=after.prefix,
        version=after.version,
        torch=after.torch,
        path=talk.path,
        here=_is_here(after, talk.path),
        installed=pins,
        process=talk.process if pins or talk.process == before else "",
    )


def _is_here(python: KernelPython, path: Sequence[str]) -> bool:
    """Return whether the kernel's Python is on this machine."""
    return Path(python.executable).exists() and any(Path(folder).is_dir() for folder in path)
