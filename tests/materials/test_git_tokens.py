"""A token opens a private repository, and is seen by nobody but the server that asked."""

from __future__ import annotations

import base64
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import GitSource
from jupyter_monai_workshop.errors import WorkshopError
from jupyter_monai_workshop.materials import Login
from jupyter_monai_workshop.materials.git_login import Answers
from tests.git_server import AUTO3DSEG, GitServer
from tests.materials.git_workbench import QUICK, bring
from tests.materials.watching import everything_in

TOKEN = "ghp_Sesam0effneDich'\"$(id)"
LOGIN = Login(TOKEN)
BASIC = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()


@pytest.fixture
def private(bootcamp: Path) -> Iterator[GitServer]:
    with GitServer(bootcamp, password=TOKEN) as running:
        yield running


def at(source: GitSource, server: GitServer, host: str = "127.0.0.1") -> GitSource:
    return source.model_copy(update={"urls": (server.url.replace("127.0.0.1", host),)})


def failure(source: GitSource, target: Path, arriving: Path, login: Login | None) -> WorkshopError:
    with pytest.raises(WorkshopError) as caught:
        bring(source, target, arriving, login=login, patience=QUICK)
    error = caught.value
    assert TOKEN not in f"{error} {error.message} {error.hint} {error.details} {error!r}"
    assert_unwritten(arriving, target.parent)
    return error


def assert_unwritten(*folders: Path) -> None:
    for folder in folders:
        for name, (_, content) in everything_in(folder).items():
            assert TOKEN.encode() not in content, name
            assert BASIC.encode() not in content, name


@contextmanager
def watched_processes() -> Iterator[list[str]]:
    """Look into every process of this machine, again and again; give what showed the token."""
    shown: list[str] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.002):
            for process in Path("/proc").glob("[0-9]*"):
                for kind in ("cmdline", "environ"):
                    try:
                        content = (process / kind).read_bytes()
                    except OSError:
                        continue
                    if TOKEN.encode() in content or BASIC.encode() in content:
                        shown.append(f"{kind} of {content!r}")

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield shown
    finally:
        over.set()
        thread.join()


def test_the_watch_sees_a_token_in_an_environment() -> None:
    with (
        watched_processes() as shown,
        subprocess.Popen(["sleep", "30"], env={**os.environ, "SECRET": TOKEN}) as careless,
    ):
        while not shown:
            time.sleep(0.01)
        careless.kill()


def test_a_login_does_not_show_its_token() -> None:
    assert TOKEN not in f"{LOGIN} {LOGIN!r}"
    assert Login(f"  {TOKEN}\n") == LOGIN


@pytest.mark.parametrize("token", ["", " \n", "two words", "two\nlines", "nul\0"])
def test_what_cannot_be_a_token(token: str) -> None:
    with pytest.raises(ValueError, match="A token is one word"):
        Login(token)


def test_a_token_opens_a_private_repository_and_is_seen_nowhere(
    source: GitSource,
    private: GitServer,
    target: Path,
    arriving: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    habits, traces = tmp_path / "habits", tmp_path / "traces"
    traces.mkdir()
    habits.mkdir()
    (habits / "gitconfig").write_text(
        f'[credential]\n\thelper = "store --file=\\"{traces}/kept\\""\n'
        f'[credential "http://127.0.0.1:{private.port}"]\n'
        f'\thelper = "store --file=\\"{traces}/kept too\\""\n'
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(habits / "gitconfig"))
    monkeypatch.setenv("GIT_TRACE_REDACT", "0")
    for kind in ("", "_CURL", "_PACKET", "2", "2_EVENT", "2_PERF"):
        monkeypatch.setenv(f"GIT_TRACE{kind}", f"{traces}/trace{kind}")
    environment = dict(os.environ)
    with watched_processes() as shown:
        bring(at(source, private), target, arriving, login=LOGIN)
    assert (target / AUTO3DSEG).exists()
    assert set(private.logins) == {f"x-access-token:{TOKEN}"}
    assert shown == []
    assert (traces / "trace_CURL").exists()
    assert not list(traces.glob("kept*"))
    assert_unwritten(traces, arriving, target)
    assert everything_in(arriving) == {}
    assert TOKEN not in caplog.text
    assert dict(os.environ) == environment


def test_without_a_token_the_server_is_said_to_ask_for_a_login(
    source: GitSource, private: GitServer, target: Path, arriving: Path
) -> None:
    error = failure(at(source, private), target, arriving, None)
    assert error.code == "authentication_needed"
    assert "asks for a login" in error.message
    assert private.logins == []


def test_a_token_that_the_server_refuses(
    source: GitSource, bootcamp: Path, target: Path, arriving: Path
) -> None:
    with GitServer(bootcamp, password="another") as server:
        error = failure(at(source, server), target, arriving, LOGIN)
        assert error.code == "authentication_needed"
        assert "refused the token" in error.message
        assert len(server.logins) == 1


def test_a_server_that_asks_nothing_is_told_nothing(
    source: GitSource, server: GitServer, target: Path, arriving: Path
) -> None:
    bring(source, target, arriving, login=LOGIN)
    assert server.logins == []


def test_an_address_with_a_name_in_it(
    source: GitSource, private: GitServer, target: Path, arriving: Path
) -> None:
    named = at(source, private, "organiser@127.0.0.1")
    bring(named, target, arriving, login=LOGIN)
    assert f"organiser:{TOKEN}" in private.logins


@pytest.mark.parametrize("asks_first", [True, False])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_server_to_which_another_leads_gets_no_token(
    source: GitSource, bootcamp: Path, target: Path, arriving: Path, asks_first: bool, host: str
) -> None:
    with (
        GitServer(bootcamp, password=TOKEN) as thief,
        GitServer(
            bootcamp,
            password=TOKEN if asks_first else "",
            leads_to=f"http://{host}:{thief.port}",
        ) as server,
    ):
        assert failure(at(source, server), target, arriving, LOGIN).code == "authentication_needed"
        assert thief.requests
        assert thief.logins == []
        assert bool(server.logins) == asks_first


def test_what_git_says_of_the_conversation_does_not_get_the_token_into_a_failure(
    source: GitSource,
    private: GitServer,
    target: Path,
    arriving: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GIT_CURL_VERBOSE", "1")
    monkeypatch.setenv("GIT_TRACE_REDACT", "0")
    absent = at(source, private).model_copy(update={"commit": "1" * 40})
    error = failure(absent, target, arriving, LOGIN)
    assert error.code == "commit_missing"
    assert "http.c" in error.details
    assert BASIC not in error.details


def test_a_token_that_the_server_repeats_is_taken_out_of_what_git_says() -> None:
    assert TOKEN not in Answers(LOGIN).redacted(f"remote: {TOKEN} has expired")


CHILD = (
    "import sys; from pathlib import Path\n"
    "from jupyter_monai_workshop.definition.models import GitSource\n"
    "from jupyter_monai_workshop.jobs.progress import Silent\n"
    "from jupyter_monai_workshop.materials import Login, bring_materials\n"
    "bring_materials(GitSource.model_validate_json(sys.argv[1]), Path(sys.argv[2]),"
    " arriving=Path(sys.argv[3]), definition_folder=Path(), protocols=('http',),"
    " login=Login(sys.stdin.read()), progress=Silent())\n"
)


def test_a_killed_run_leaves_no_token_and_its_script_goes_with_the_next(
    source: GitSource, bootcamp: Path, target: Path, arriving: Path
) -> None:
    with GitServer(bootcamp, password=TOKEN, stall_after=40_000) as silent:
        order = [at(source, silent).model_dump_json(), str(target), str(arriving)]
        with subprocess.Popen(
            [sys.executable, "-c", CHILD, *order], stdin=subprocess.PIPE, text=True
        ) as child:
            assert child.stdin is not None
            child.stdin.write(TOKEN)
            child.stdin.close()
            assert silent.stalled.wait(30)
            child.send_signal(signal.SIGKILL)
        [script] = arriving.glob("**/askpass")
        assert script.stat().st_mode & 0o777 == 0o700
        assert script.parent.stat().st_mode & 0o777 == 0o700
        script.with_name("pipe").unlink()  # reading it would wait for a writer
        assert_unwritten(arriving, target.parent)
    with GitServer(bootcamp, password=TOKEN) as private:
        bring(at(source, private), target, arriving, login=LOGIN)
    assert everything_in(arriving) == {}
