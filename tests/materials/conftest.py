from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import GitSource
from tests.git_server import SPARSE, GitServer, build_bootcamp
from tests.materials.git_workbench import build_course, course_from
from tests.network import Network


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


@pytest.fixture(scope="session")
def built_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("organiser of a course") / "course"
    build_course(path)
    return path


@pytest.fixture
def repository(built_course: Path, tmp_path: Path) -> Path:
    """A repository of many pictures, of its own for each test."""
    return shutil.copytree(built_course, tmp_path / "organiser" / "course")


@pytest.fixture
def network(repository: Path) -> Iterator[Network]:
    """A bad network before a server of that repository."""
    with GitServer(repository) as running, Network(running.port) as network:
        yield network


@pytest.fixture
def course(repository: Path, network: Network) -> GitSource:
    """The newest commit of that repository and its wanted folder, through the bad network."""
    return course_from(repository, f"http://127.0.0.1:{network.port}/{repository.name}")


@pytest.fixture
def arriving(tmp_path: Path) -> Path:
    """Keeps what has arrived."""
    return tmp_path / "jupyter data" / "arriving"
