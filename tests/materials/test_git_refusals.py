"""Every way in which materials cannot come from git: a plain answer, and nothing left behind."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import GitSource
from jupyter_monai_workshop.errors import WorkshopError
from jupyter_monai_workshop.materials import GitPatience, bring_materials, observe_materials
from jupyter_monai_workshop.materials.failures import told_plainly
from tests.git_server import AUTO3DSEG, SPARSE, GitServer, commit_all, git
from tests.materials.watching import Recorder, everything_in, files_at_most

AT_ONCE = GitPatience(pauses=())


def refusal(
    source: GitSource,
    target: Path,
    *,
    mirrors: Sequence[str] = (),
    protocols: Collection[str] = ("http",),
) -> WorkshopError:
    """Try to bring the materials; return the failure, having seen that nothing changed."""
    before = everything_in(target.parent)
    with pytest.raises(WorkshopError) as caught:
        bring_materials(
            source,
            target,
            definition_folder=target.parent,
            mirrors=mirrors,
            protocols=protocols,
            patience=AT_ONCE,
            progress=Recorder(),
        )
    assert everything_in(target.parent) == before
    assert not observe_materials(source, target, definition_folder=target.parent).present
    assert caught.value.message
    assert caught.value.hint
    return caught.value


def at(source: GitSource, *urls: str) -> GitSource:
    return source.model_copy(update={"urls": urls})


@pytest.fixture
def dead_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("protocol", [0, 2])
def test_a_commit_that_the_server_does_not_have(
    source: GitSource, bootcamp: Path, target: Path, protocol: int
) -> None:
    absent = source.model_copy(update={"commit": "1" * 40})
    with GitServer(bootcamp, protocol=protocol) as server:
        error = refusal(at(absent, server.url), target)
    assert error.code == "commit_missing"
    assert "1111111111" in error.message


def test_a_server_that_nobody_runs(source: GitSource, target: Path, dead_port: int) -> None:
    error = refusal(at(source, f"http://127.0.0.1:{dead_port}/bootcamp"), target)
    assert error.code == "server_unreachable"
    assert "onnect" in error.details


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (401, "authentication_needed"),
        (403, "authentication_needed"),
        (404, "repository_missing"),
        (500, "server_unreachable"),
        (503, "server_unreachable"),
    ],
)
def test_what_a_server_answers_instead(
    source: GitSource, bootcamp: Path, target: Path, answer: int, code: str
) -> None:
    with GitServer(bootcamp, answer=answer) as server:
        assert refusal(at(source, server.url), target).code == code


def test_a_path_that_the_commit_does_not_have(source: GitSource, target: Path) -> None:
    error = refusal(source.model_copy(update={"sparse": (SPARSE, "Other")}), target)
    assert error.code == "path_missing"
    assert "“Other”" in error.message


@pytest.mark.parametrize("form", ["{path}", "file://{path}"])
def test_folders_of_this_machine_only_if_allowed(
    source: GitSource, bootcamp: Path, target: Path, form: str
) -> None:
    here = at(source, form.format(path=bootcamp))
    assert refusal(here, target).code == "protocol_refused"
    state = bring_materials(
        here, target, definition_folder=target, protocols=("file",), progress=Recorder()
    )
    assert state.present
    missing = git(target, "rev-list", "--objects", "--all", "--missing=print")
    assert "\n?" in missing


@pytest.mark.parametrize(
    "address",
    [
        "--upload-pack=touch {mark}",
        "-u touch {mark}",
        "ext::sh -c touch% {mark}",
        "http::--upload-pack=touch {mark}",
        "ssh://-oProxyCommand=touch {mark}/x",
        "ssh://me@-oProxyCommand=touch {mark}/x",
        "http://127.0.0.1/x\nremote.origin.uploadpack=touch {mark}",
        "",
    ],
)
def test_an_address_that_git_could_take_for_something_else(
    source: GitSource, target: Path, tmp_path: Path, address: str
) -> None:
    mark = tmp_path / "mark"
    every = ("https", "http", "file", "ssh", "ext", "git")
    error = refusal(at(source, address.format(mark=mark)), target, protocols=every)
    assert error.code == "protocol_refused"
    assert not mark.exists()


def test_an_allowed_address_cannot_be_rewritten_to_a_refused_one(
    source: GitSource,
    server: GitServer,
    bootcamp: Path,
    target: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    habits = tmp_path / "gitconfig"
    habits.write_text(f'[url "file://{bootcamp}"]\n\tinsteadOf = {server.url}\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(habits))
    assert refusal(source, target).code == "protocol_refused"


@pytest.mark.parametrize(
    "leads_to", ["../../outside", "/etc/passwd", "deep/down/up/../../../outside", "../.git/../../x"]
)
def test_a_link_that_leads_out(
    source: GitSource, bootcamp: Path, target: Path, leads_to: str
) -> None:
    (bootcamp / "MONAICore/deep/down").mkdir(parents=True)
    (bootcamp / "MONAICore/deep/down/up").symlink_to("../..")
    (bootcamp / "MONAICore/escape").symlink_to(leads_to)
    evil = source.model_copy(update={"commit": commit_all(bootcamp, "A link out")})
    error = refusal(evil, target)
    assert error.code == "unsafe_link"
    assert "MONAICore/escape" in error.message


def test_mirrors_are_asked_first_and_the_definition_is_what_remains(
    source: GitSource, server: GitServer, bootcamp: Path, target: Path, dead_port: int
) -> None:
    with GitServer(bootcamp, answer=404) as empty, GitServer(bootcamp) as good:
        secret = good.url.replace("http://", "http://me:hunter2@")
        state = bring_materials(
            source,
            target,
            definition_folder=target,
            mirrors=[f"http://127.0.0.1:{dead_port}/x", empty.url, secret],
            protocols=("http",),
            patience=AT_ONCE,
            progress=Recorder(),
        )
        assert (state.present, len(empty.requests) > 0, len(good.requests) > 0) == (True,) * 3
    assert server.requests == []
    assert git(target, "config", "remote.origin.url").strip() == server.url
    for content in everything_in(target.parent).values():
        assert b"hunter2" not in content[1]


def test_when_every_address_fails_each_answer_is_told(
    source: GitSource, bootcamp: Path, target: Path, dead_port: int
) -> None:
    with GitServer(bootcamp, answer=404) as empty:
        error = refusal(
            at(source, f"http://me:hunter2@127.0.0.1:{dead_port}/last?token=hunter2"),
            target,
            mirrors=[empty.url, "ext::sh -c hunter% 2"],
        )
    assert error.code == "no_address_worked"
    told = error.message + error.details
    for part in (empty.url, "repository_missing", "protocol_refused", "server_unreachable"):
        assert part in told
    assert f"http://127.0.0.1:{dead_port}/last" in told
    assert "hunter2" not in told + error.hint


def test_when_every_address_fails_alike_the_reason_is_the_code(
    source: GitSource, target: Path, dead_port: int
) -> None:
    dead = f"http://127.0.0.1:{dead_port}/"
    error = refusal(at(source, dead + "a", dead + "b"), target)
    assert error.code == "server_unreachable"
    assert dead + "a" in error.details
    assert dead + "b" in error.details


@pytest.mark.parametrize("content", ["file", "folder", "dangling link", "other clone"])
def test_what_is_already_there_is_left_alone(
    source: GitSource, bootcamp: Path, target: Path, content: str
) -> None:
    if content == "file":
        target.write_text("mine")
    elif content == "folder":
        (target / "deep").mkdir(parents=True)
        (target / "deep" / "mine.txt").write_text("mine")
    elif content == "dangling link":
        target.symlink_to("nowhere")
    else:
        git(target.parent, "clone", "--quiet", str(bootcamp), str(target))
        git(target, "checkout", "--quiet", "HEAD~1")
    error = refusal(source, target)
    assert error.code == "target_occupied"
    assert "“bootcamp”" in error.message


def test_another_version_is_left_alone(source: GitSource, bootcamp: Path, target: Path) -> None:
    older = source.model_copy(update={"commit": git(bootcamp, "rev-parse", "HEAD~1").strip()})
    bring_materials(
        older, target, definition_folder=target, protocols=("http",), progress=Recorder()
    )
    (target / "MONAICore" / "mine.txt").write_text("mine")
    before = everything_in(target.parent)
    state = bring_materials(
        source, target, definition_folder=target, protocols=("http",), progress=Recorder()
    )
    assert (state.present, state.outdated) == (True, True)
    assert everything_in(target.parent) == before
    assert observe_materials(source, target, definition_folder=target).commit == older.commit


def test_an_empty_folder_is_used(source: GitSource, target: Path) -> None:
    target.mkdir()
    bring_materials(
        source, target, definition_folder=target, protocols=("http",), progress=Recorder()
    )
    assert (target / AUTO3DSEG).exists()


def test_a_whole_clone_made_by_hand_is_adopted_with_its_edits(
    source: GitSource, server: GitServer, bootcamp: Path, target: Path
) -> None:
    git(target.parent, "clone", "--quiet", str(bootcamp), str(target))
    (target / AUTO3DSEG).write_text("mine")
    before = everything_in(target)
    assert not observe_materials(source, target, definition_folder=target).present
    state = bring_materials(
        source, target, definition_folder=target, protocols=("http",), progress=Recorder()
    )
    assert state.present
    assert server.requests == []
    after = everything_in(target)
    assert {p: c for p, c in after.items() if "monai-workshop" not in p and p != ".git/refs"} == {
        p: c for p, c in before.items() if p != ".git/refs"
    }


@pytest.mark.parametrize("how", ["without files", "a file missing", "locked"])
def test_an_unfinished_clone_made_by_hand_is_not_adopted(
    source: GitSource, bootcamp: Path, target: Path, how: str
) -> None:
    more = ("--no-checkout",) if how == "without files" else ()
    git(target.parent, "clone", "--quiet", *more, str(bootcamp), str(target))
    if how == "a file missing":
        (target / AUTO3DSEG).unlink()
    if how == "locked":
        (target / ".git" / "index.lock").touch()
    assert refusal(source, target).code == "target_occupied"


@pytest.mark.parametrize("limit", [500, 20_000, 200_000])
def test_a_full_disk(source: GitSource, target: Path, limit: int) -> None:
    with files_at_most(limit):
        assert refusal(source, target).code == "disk_full"
    bring_materials(
        source, target, definition_folder=target, protocols=("http",), progress=Recorder()
    )
    assert (target / AUTO3DSEG).exists()


def test_a_full_disk_of_a_server_without_filters(
    source: GitSource, bootcamp: Path, target: Path
) -> None:
    with GitServer(bootcamp, filters=False) as plain, files_at_most(1_000_000):
        assert refusal(at(source, plain.url), target).code == "disk_full"


def test_git_that_was_removed_while_the_server_runs(
    source: GitSource, home: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import git as loaded

    assert loaded.Git.GIT_PYTHON_GIT_EXECUTABLE == "git"
    monkeypatch.setenv("PATH", str(home))
    assert refusal(source, target).code == "git_missing"


def test_a_machine_that_never_had_git(source: GitSource, home: Path, target: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from jupyter_monai_workshop.definition.models import GitSource\n"
        "from jupyter_monai_workshop.errors import WorkshopError\n"
        "from jupyter_monai_workshop.jobs.progress import Silent\n"
        "from jupyter_monai_workshop.materials import bring_materials\n"
        "try:\n"
        "    bring_materials(GitSource.model_validate_json(sys.argv[1]), Path(sys.argv[2]),"
        " definition_folder=Path(), protocols=('http',), progress=Silent())\n"
        "except WorkshopError as error:\n"
        "    print(error.code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, source.model_dump_json(), str(target)],
        env={**os.environ, "PATH": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "git_missing"
    assert everything_in(home) == {}


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "disk_full"),
        (errno.EDQUOT, "disk_full"),
        (errno.EROFS, "not_writable"),
        (errno.EACCES, "not_writable"),
        (errno.EIO, "materials_failed"),
    ],
)
def test_what_the_operating_system_refuses_is_told_plainly(
    target: Path, number: int, code: str
) -> None:
    with pytest.raises(WorkshopError) as caught, told_plainly(target):
        raise OSError(number, os.strerror(number))
    assert caught.value.code == code
    assert caught.value.details == os.strerror(number)
