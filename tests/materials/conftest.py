from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import GitSource
from tests.git_server import SPARSE, GitServer, build_bootcamp


@pytest.fixture(scope="session")
def built_bootcamp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("organiser") / "bootcamp"
    build_bootcamp(path)
    return path


@pytest.fixture
def bootcamp(built_bootcamp: Path, tmp_path: Path) -> Path:
    """A repository of its own for each test."""
    return shutil.copytree(built_bootcamp, tmp_path / "organiser" / "bootcamp", symlinks=True)


@pytest.fixture
def server(bootcamp: Path) -> Iterator[GitServer]:
    with GitServer(bootcamp) as running:
        yield running


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The attendee's folder; materials go below it."""
    home = tmp_path / "home of attendee"
    home.mkdir()
    return home


@pytest.fixture
def target(home: Path) -> Path:
    return home / "bootcamp"


@pytest.fixture
def source(server: GitServer, bootcamp: Path) -> GitSource:
    """The bootcamp's newest commit, its one folder, from the running server."""
    commit = (bootcamp / ".git/refs/heads/main").read_text().strip()
    return GitSource(
        kind="git", urls=(server.url,), commit=commit, sparse=(SPARSE,), folder="bootcamp"
    )
