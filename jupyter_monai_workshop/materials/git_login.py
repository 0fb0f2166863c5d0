"""A token for a private repository, and how git gets it: by asking, and in no other way."""

from __future__ import annotations

import os
import re
import shlex
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex

from .addresses import protocol_of
from .failures import LoginUnsupported

_USER = "x-access-token"
"""Who asks, where only the token counts; the large hosts accept any name."""

_ADDRESS = re.compile(r"(https?)://(?:([^/@:]*)(?::[^/@]*)?@)?([^/?#]+)", re.IGNORECASE)
_UNFIT = re.compile(r"[\x00-\x20\x7f]")

_SCRIPT = """#!/bin/sh
case "$1" in
{name_prompt}) echo {user} ;;
{token_prompt}) cat {pipe} ;;
*) exit 1 ;;
esac
"""


@dataclass(frozen=True)
class Login:
    """What opens a private repository.

    Attributes
    ----------
    token
        An access token. It is given to git when the server of the address in use asks for
        a password, and is written nowhere. White space around it does not count.

    Raises
    ------
    ValueError
        If the token is empty or has white space within.
    """

    token: str = field(repr=False)

    def __post_init__(self) -> None:
        token = self.token.strip()
        if not token or _UNFIT.search(token):
            raise ValueError("A token is one word without spaces.")
        object.__setattr__(self, "token", token)


class Answers:
    """What git is told when it asks for a login at one address.

    Attributes
    ----------
    environment, settings
        What the git that may ask needs to be started with.
    given
        Whether the token was handed out.
    """

    def __init__(self, login: Login | None = None) -> None:
        self.environment: dict[str, str] = {}
        self.settings: dict[str, str] = {}
        self.given = False
        self._token = login.token if login else ""

    def redacted(self, text: str) -> str:
        """Return `text` without the token, in case that a server sends it back."""
        return text.replace(self._token, "…") if self._token else text


@contextmanager
def answering(login: Login | None, address: str, folder: Path) -> Iterator[Answers]:
    """Be there for a git that asks for a login at `address`, while the context lasts.

    Git starts a small script in `folder`, which nobody else can read. The script answers
    for the server of `address` only, so another one to which that leads gets nothing, and
    reads the token from a pipe. Nothing of it is on the disk, in an environment or in a
    list of arguments, and git's own keepers of passwords are left out.

    Raises
    ------
    LoginUnsupported
        If this system has no such pipes.
    """
    server = _ADDRESS.match(address) if protocol_of(address) in ("http", "https") else None
    if login is None or server is None:
        yield Answers()
        return
    if sys.platform == "win32":
        raise LoginUnsupported()
    answers = Answers(login)
    private = folder / f"login-{token_hex(6)}"
    private.mkdir(mode=0o700)
    pipe = private / "pipe"
    os.mkfifo(pipe, 0o600)
    scheme, user, host = server[1].lower(), server[2] or _USER, server[3]
    script = private / "askpass"
    script.write_text(
        _SCRIPT.format(
            name_prompt=shlex.quote(f"Username for '{scheme}://{host}': "),
            token_prompt=shlex.quote(f"Password for '{scheme}://{user}@{host}': "),
            user=shlex.quote(user),
            pipe=shlex.quote(str(pipe)),
        ),
        encoding="utf-8",
    )
    script.chmod(0o700)
    answers.environment = {
        "GIT_ASKPASS": str(script),
        # Whatever this machine traces, git's trace of the conversation hides the login.
        "GIT_TRACE_REDACT": "1",
    }
    answers.settings = {
        "credential.helper": "",
        "credential.useHttpPath": "false",
        "credential.username": user,
        "http.followRedirects": "initial",
    }
    over = threading.Event()

    def feed() -> None:
        while not over.is_set():
            try:
                # Opens only when the script opens the other end, which is when git asks.
                with pipe.open("wb", buffering=0) as asked:
                    if not over.is_set():
                        asked.write(login.token.encode("utf-8") + b"\n")
                        answers.given = True
            except BrokenPipeError:
                continue
            except OSError:
                return
            # The script has to leave before the pipe opens for the next question.
            over.wait(0.05)

    feeder = threading.Thread(target=feed, name="git-login", daemon=True)
    feeder.start()
    try:
        yield answers
    finally:
        over.set()
        release = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        feeder.join(2)
        os.close(release)
        for leftover in (script, pipe):
            leftover.unlink(missing_ok=True)
        private.rmdir()
