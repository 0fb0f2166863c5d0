"""Running git so that it asks nothing, changes nothing of ours, and stops when told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import BinaryIO

from ..jobs.progress import Progress
from .addresses import protocol_of, redacted
from .failures import GitMissing
from .git_login import Answers

_LOCAL_UPLOAD = "git -c uploadpack.allowFilter=true upload-pack"

_PATIENCE = 0.7
"""Seconds that git gets to end in good order before it is killed."""

_SETTINGS = {
    "advice.detachedHead": "false",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "credential.interactive": "never",
    "fetch.recurseSubmodules": "false",
    # Every pack is indexed, never unpacked: then git tells how many objects it has received.
    "fetch.unpackLimit": "1",
    "filter.lfs.clean": "",
    "filter.lfs.process": "",
    "filter.lfs.required": "false",
    "filter.lfs.smudge": "",
    "gc.auto": "0",
    "http.lowSpeedLimit": "1",
    "init.defaultBranch": "workshop",
    "maintenance.auto": "false",
    "pack.indexVersion": "2",
    "protocol.version": "2",
    "submodule.recurse": "false",
}


class GitExit(Exception):
    """Git ended with a failure.

    Attributes
    ----------
    status
        Its exit status; negative is the signal that ended it.
    lines
        The last lines that it printed to its error stream, without secrets.
    """

    def __init__(self, status: int, lines: list[str]) -> None:
        super().__init__("\n".join(lines[-12:]) or f"git ended with status {status}")
        self.status = status
        self.lines = lines

    def says(self, *texts: str) -> bool:
        """Tell whether git printed any of `texts`, in whatever case."""
        said = "\n".join(self.lines).lower()
        return any(text.lower() in said for text in texts)


class Git:
    """Git in one folder.

    Parameters
    ----------
    folder
        The work tree; its repository is ``.git`` in it.
    progress
        Ends the running git when a stop is asked for.
    protocols
        What git may use to reach another repository.
    address
        What ``origin`` means while this object is used; it is written nowhere.
    silence
        Seconds without a byte from an HTTP server after which a transfer is over.
    answers
        What git is told when it asks for a login.
    """

    def __init__(
        self,
        folder: Path,
        progress: Progress,
        *,
        protocols: Collection[str] = (),
        address: str = "",
        silence: float = 60,
        answers: Answers | None = None,
    ) -> None:
        self._folder = folder
        self._progress = progress
        self.address = address
        self._answers = answers or Answers()
        self._environment = _environment(folder, protocols) | self._answers.environment
        self._settings = _SETTINGS | self._answers.settings
        self._settings["http.lowSpeedTime"] = str(max(1, round(silence)))
        if address:
            self._settings["remote.origin.url"] = address
            if protocol_of(address) == "file":
                # The serving side is a child of ours then, so filters need no setting there.
                self._settings["remote.origin.uploadpack"] = _LOCAL_UPLOAD

    def read(self, *arguments: str, given: BinaryIO | None = None) -> bytes:
        """Run git and return what it prints.

        Parameters
        ----------
        given
            An open file that git reads as its input.

        Raises
        ------
        GitExit
            If git fails.
        GitMissing
            If there is no git.
        Cancelled
            If a stop was asked for.
        """
        output: list[bytes] = []
        self._run(arguments, output=output, given=given)
        return b"".join(output)

    def watch(self, span: tuple[float, float], *arguments: str) -> None:
        """Run git, and report what it tells of its progress as `span` of the whole work.

        Raises
        ------
        GitExit, GitMissing, Cancelled
            As :meth:`read`.
        """
        self._run(arguments, span=span)

    def _run(
        self,
        arguments: tuple[str, ...],
        *,
        output: list[bytes] | None = None,
        given: BinaryIO | None = None,
        span: tuple[float, float] | None = None,
    ) -> None:
        try:
            from git.cmd import Git as GitCommand
            from git.cmd import handle_process_output
            from git.exc import GitCommandNotFound

            from .git_progress import GitWatcher
        except ImportError as error:  # GitPython looks for git when it is imported
            raise GitMissing(str(error).strip().splitlines()[0]) from error

        command = [GitCommand.GIT_PYTHON_GIT_EXECUTABLE or "git"]
        for key, value in self._settings.items():
            command += ["-c", f"{key}={value}"]
        command += arguments
        try:
            running = GitCommand(str(self._folder)).execute(
                command,
                istream=given,
                as_process=True,
                env=self._environment,
                shell=False,
                start_new_session=True,
                # Git then says “File too large” where it would be ended without a word.
                restore_signals=False,
                universal_newlines=span is not None,
                errors="replace" if span is not None else None,
            )
        except GitCommandNotFound as error:
            raise GitMissing() from error
        process = running.proc
        assert process is not None
        lines: deque[str] = deque(maxlen=40)
        parse = GitWatcher(self._progress, *span).new_message_handler() if span else None

        def on_error_line(line: bytes | str) -> None:
            text = line if isinstance(line, str) else os.fsdecode(line)
            if parse is not None:
                parse(text)
            if _worth_keeping(text):
                lines.append(self._answers.redacted(redacted(text.rstrip(), self.address)))

        def stop() -> None:
            # Whoever asks for a stop does not wait for it, so the ending has its own thread.
            threading.Thread(target=end, args=(process,), daemon=True).start()

        with self._progress.on_cancel(stop):
            try:
                # A stop may have been asked for before it could be heard here.
                self._progress.raise_if_cancelled()
                handle_process_output(
                    running,
                    None if output is None else output.append,
                    on_error_line,
                    decode_streams=False,
                )
                status = process.wait()
            except BaseException:
                end(process)
                raise
        self._progress.raise_if_cancelled()
        if status:
            raise GitExit(status, list(lines))


@cache
def git_version() -> tuple[int, ...]:
    """Return the version of git, which is asked once."""
    from git.cmd import Git as GitCommand

    return tuple(GitCommand().version_info)


def end(process: subprocess.Popen[bytes]) -> None:
    """End `process` and everything that it started; returns within about a second."""
    if sys.platform == "win32":
        process.kill()
        return
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, how)
        except (ProcessLookupError, PermissionError):  # the latter is how macOS says "all ended"
            return
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            continue


def _environment(folder: Path, protocols: Collection[str]) -> dict[str, str]:
    """Return what the child gets beside the environment of the server."""
    repository = folder / ".git"
    return {
        "LANGUAGE": "C",
        "LC_ALL": "C",
        # Wherever the server itself was started from, git works on this folder and no other.
        "GIT_DIR": str(repository),
        "GIT_WORK_TREE": str(folder),
        "GIT_INDEX_FILE": str(repository / "index"),
        "GIT_OBJECT_DIRECTORY": str(repository / "objects"),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": "",
        "GIT_NAMESPACE": "",
        "GIT_ALLOW_PROTOCOL": ":".join(sorted(protocols)) or "none",
        "GIT_NO_LAZY_FETCH": "0" if protocols else "1",
        "GIT_DEFAULT_HASH": "sha1",
        "GIT_DEFAULT_REF_FORMAT": "files",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "GCM_INTERACTIVE": "never",
        "SSH_ASKPASS": "",
        "SSH_ASKPASS_REQUIRE": "never",
    }


def _worth_keeping(line: str) -> bool:
    """Tell whether a line belongs into the details of a failure; progress does not."""
    return bool(line.strip()) and "%" not in line and "-> FETCH_HEAD" not in line
