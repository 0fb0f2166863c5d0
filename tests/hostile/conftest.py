"""One server for all hostile inputs, looked at after each."""

from collections.abc import Iterator

import pytest

from tests.hostile.room import Room


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    room = Room(tmp_path_factory.mktemp("hostile"))
    room.write()
    process = room.start()
    yield room
    process.terminate()
    process.wait(20)


@pytest.fixture
def room(served: Room) -> Iterator[Room]:
    """The server; after the test it has to be in good health, and nothing done outside."""
    yield served
    served.check_health()
