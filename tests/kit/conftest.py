from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.git_server import build_bootcamp
from tests.kernels.conftest import base, cache, real_ipykernel, real_pip, room  # noqa: F401


@pytest.fixture(scope="session")
def built_bootcamp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("organiser") / "bootcamp"
    build_bootcamp(path)
    return path


@pytest.fixture
def bootcamp(built_bootcamp: Path, tmp_path: Path) -> Path:
    """A repository of its own for each test."""
    return shutil.copytree(built_bootcamp, tmp_path / "organiser" / "bootcamp", symlinks=True)
