"""Whatever goes wrong, it is a typed failure, and what worked before goes on working."""

from __future__ import annotations

import os
import resource
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import Environment, PackageRule
from jupyter_monai_workshop.kernels import remove_environment
from jupyter_monai_workshop.kernels.failures import (
    DiskFull,
    EnvironmentFailure,
    FolderNotWritable,
    IndexRefused,
    IndexUnreachable,
    InstallerMissing,
    InterpreterBroken,
    InterpreterGone,
    PackageNotFound,
)
from jupyter_monai_workshop.kernels.place import place_of

from .workbench import Room, write_wheel

GOOD = Environment(packages=(PackageRule(require="fire"),))
MORE = Environment(packages=(PackageRule(require="fire"), PackageRule(require="glacier")))


@pytest.fixture
def room(room: Room) -> Room:
    """With an environment in use, and a package that it does not have yet."""
    write_wheel(room.links, "fire", "0.7.0")
    write_wheel(room.links, "glacier", "1.0")
    assert room.build(GOOD).ready
    return room


def check_fails(
    room: Room, kind: type[EnvironmentFailure], environment: Environment = MORE
) -> EnvironmentFailure:
    """Check that a build fails in that way, and that the environment is as it was."""
    generations, kernel = room.generations(), room.place.kernel_file.read_bytes()
    with pytest.raises(EnvironmentFailure) as caught:
        room.build(environment)
    assert type(caught.value) is kind, caught.value.details
    assert caught.value.message
    assert caught.value.hint
    assert room.generations() == generations
    assert room.place.kernel_file.read_bytes() == kernel
    return caught.value


def check_still_good(room: Room) -> None:
    assert room.observe(GOOD).ready
    assert room.ask("import fire; print(fire.__version__)") == "0.7.0"


@pytest.mark.parametrize(
    "text",
    [
        "#!/bin/sh\necho broken >&2; exit 3\n",
        "#!/bin/sh\necho 'no json'\n",
        "#!/bin/sh\nkill -9 $$\n",
        "\x7fELF but not really",
    ],
)
def test_a_base_interpreter_that_is_broken(room: Room, tmp_path: Path, text: str) -> None:
    whole = room.base
    broken = tmp_path / "broken"
    shutil.copytree(whole.folder, broken, symlinks=True)
    room.base = type(whole)(broken)
    room.base.python.unlink()
    room.base.python.write_text(text)
    room.base.python.chmod(0o755)
    check_fails(room, InterpreterBroken)
    assert room.observe(GOOD).problem == "broken"
    room.base = whole
    check_still_good(room)


def test_a_base_interpreter_that_is_gone(room: Room) -> None:
    python = room.base.python
    python.rename(python.with_name("away"))
    check_fails(room, InterpreterGone)
    python.with_name("away").rename(python)
    check_still_good(room)


def test_an_index_that_takes_the_call_and_says_nothing(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("UV_HTTP_TIMEOUT", "1")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{deaf.getsockname()[1]}/simple")
        check_fails(room, IndexUnreachable)
    check_still_good(room)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, IndexRefused),
        (403, IndexRefused),
        (500, IndexUnreachable),
        (503, IndexUnreachable),
    ],
)
def test_an_index_that_refuses(
    room: Room, monkeypatch: pytest.MonkeyPatch, status: int, kind: type[EnvironmentFailure]
) -> None:
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    class Refusing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(status)

        def log_message(self, format: str, *args: object) -> None:
            pass

    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    (room.links / "glacier-1.0-py3-none-any.whl").unlink()
    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple")
        check_fails(room, kind)
        server.shutdown()
    check_still_good(room)


def test_a_package_that_does_not_exist(room: Room) -> None:
    environment = Environment(packages=(PackageRule(require="no-such-thing"),))
    failure = check_fails(room, PackageNotFound, environment)
    assert "no-such-thing" in failure.message
    check_still_good(room)


def test_no_installer(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "uv", None)
    monkeypatch.setenv("PATH", "/nowhere")
    failure = check_fails(room, InstallerMissing)
    assert failure.remedy == "install_in_kernel"


Limit = Callable[[Room], AbstractContextManager[None]]


def can_mount(folder: Path) -> bool:
    folder.mkdir(parents=True, exist_ok=True)
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        return False
    tried = subprocess.run([mount, "-t", "tmpfs", "none", str(folder)], capture_output=True)
    if tried.returncode == 0:
        subprocess.run(["umount", str(folder)], check=True)
    return tried.returncode == 0


@contextmanager
def mounted(folder: Path, options: str, *, bind: bool = False) -> Iterator[None]:
    what = ["--bind", str(folder)] if bind else ["-t", "tmpfs", "-o", options, "none"]
    subprocess.run(["mount", *what, str(folder)], check=True)
    try:
        if bind:
            subprocess.run(["mount", "-o", f"remount,bind,{options}", str(folder)], check=True)
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def heavy(room: Room) -> None:
    """Put a package of five megabytes, that do not compress, on the index."""
    path = room.links / "glacier-1.0-py3-none-any.whl"
    import zipfile

    with zipfile.ZipFile(path, "a") as wheel:
        wheel.writestr("glacier/ice.bin", os.urandom(5_000_000))


def test_a_disk_that_gets_full(room: Room, tmp_path: Path) -> None:
    """On a small disk where one can be mounted; the test below needs none."""
    heavy(room)
    if can_mount(tmp_path / "small"):
        # The cache has room, the environments' folder has not.
        room.place = place_of("a-workshop", tmp_path / "small")
        with mounted(tmp_path / "small", "size=3m"):
            assert room.build(GOOD).ready
            check_fails(room, DiskFull)
            check_still_good(room)


def test_files_that_may_not_be_large(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heavy(room)
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "new cache"))
    with files_of_at_most(1_000_000):
        check_fails(room, DiskFull)
    check_still_good(room)


def test_a_home_that_is_read_only(room: Room, tmp_path: Path) -> None:
    home = room.place.environment.parents[2]
    if os.geteuid() != 0:
        for folder in (room.place.environment, room.place.environment.parent):
            folder.chmod(0o500)
        try:
            failure = check_fails(room, FolderNotWritable)
        finally:
            for folder in (room.place.environment, room.place.environment.parent):
                folder.chmod(0o700)
    elif can_mount(tmp_path / "anything"):
        with mounted(home, "ro", bind=True):
            failure = check_fails(room, FolderNotWritable)
            check_still_good(room)
    else:  # nothing can be forbidden to this user, but a file can be in the way
        other = place_of("a-workshop", tmp_path / "file")
        (tmp_path / "file").touch()
        room.place, good = other, room.place
        with pytest.raises(FolderNotWritable) as caught:
            room.build(MORE)
        room.place, failure = good, caught.value
    assert failure.remedy == "install_in_kernel"
    check_still_good(room)


@pytest.mark.parametrize(
    "text", ["{}", '{"argv": []}', '{"argv": 3}', "not json", '{"argv": [""]}']
)
def test_a_kernelspec_without_argv_is_mended_without_an_index(
    room: Room, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.place.kernel_file.write_text(text)
    state = room.observe(GOOD)
    assert (state.ready, state.problem) == (False, "broken")
    shutil.rmtree(room.links)
    (generation,) = room.generations()
    assert room.build(GOOD).ready
    assert room.generations() == [generation]
    check_still_good(room)


def test_a_broken_kernelspec_and_a_build_that_fails_lose_nothing(room: Room) -> None:
    room.place.kernel_file.write_text("{}")
    with pytest.raises(PackageNotFound):
        room.build(Environment(packages=(PackageRule(require="no-such-thing"),)))
    assert len(room.generations()) == 1
    assert room.build(GOOD).ready


def test_a_new_image_is_noticed_and_one_build_takes_all_from_the_cache(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what uv asks an index for at once is served then, and no wheel."""
    from .workbench import CountingIndex

    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "a cache of its own"))
    with CountingIndex(room.links) as index:
        monkeypatch.setenv("PIP_INDEX_URL", index.url)
        assert room.build(MORE).ready
        assert index.wheels > 0
        other = tmp_path / "new image"
        shutil.copytree(room.base.folder, other, symlinks=True)
        room.base = type(room.base)(other)
        state = room.observe(MORE)
        assert (state.problem, "new image" in state.message) == ("outdated", True)
        index.wheels = 0
        assert room.build(MORE).ready
        assert index.wheels == 0
        assert room.ask("import glacier; print(glacier.__version__)") == "1.0"


def test_removal_is_one_call_and_leaves_nothing(room: Room) -> None:
    home = room.place.environment.parents[2]
    assert remove_environment(room.place)
    assert not home.exists() or list(home.iterdir()) == []
    assert not remove_environment(room.place)


def test_removal_leaves_what_others_have(room: Room) -> None:
    home = room.place.environment.parents[2]
    other = place_of("other-workshop", home)
    mine, room.place = room.place, other
    room.build(GOOD)
    (home / "monai-workshop" / "records").mkdir()
    remove_environment(mine)
    assert room.observe(GOOD).ready
    assert (home / "monai-workshop" / "records").is_dir()
    assert not mine.kernelspec.exists()
