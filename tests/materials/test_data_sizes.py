"""A size that is only about right: the checksum tells when all is there, and nothing is endless."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import DataSet
from jupyter_monai_workshop.errors import WorkshopError
from jupyter_monai_workshop.jobs.progress import Phase
from jupyter_monai_workshop.materials.data_failures import NotEnoughRoom
from jupyter_monai_workshop.materials.data_sets import bring_data, data_folder, observe_data
from jupyter_monai_workshop.materials.data_state import part_file
from jupyter_monai_workshop.materials.downloading import Patience
from jupyter_monai_workshop.materials.failures import AddressFailure
from tests.http_server import Generated, HttpServer, Mood
from tests.materials.data_workbench import bring, data_set, files_in, noise
from tests.materials.watching import Recorder

CONTENT = noise(1_000_000)
PATH = "/MedNIST.tar.gz"
HALF = len(CONTENT) // 2


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "data"


def about(size: int, *urls: str) -> DataSet:
    """Return the definition of CONTENT with a size that is not right."""
    return data_set(CONTENT, *urls, unpack="none").model_copy(
        update={"size": size, "size_is": "about"}
    )


def is_whole(data: DataSet, root: Path) -> bool:
    return observe_data(data, root).present and (
        files_in(data_folder(data, root)) == {PATH[1:]: CONTENT}
    )


class Words(Recorder):
    """Remembers the messages too."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def report(self, phase: Phase, fraction: float | None = None, message: str = "") -> None:
        super().report(phase, fraction, message)
        self.words.append(message)


@pytest.mark.parametrize("size", [HALF, 900_000, 1_100_000, 2 * len(CONTENT)])
@pytest.mark.parametrize("length", [True, False], ids=["length told", "length not told"])
def test_half_to_twice_the_size_is_taken(root: Path, size: int, length: bool) -> None:
    with HttpServer({PATH: CONTENT}, always=Mood(length=length)) as server:
        data = about(size, server.url(PATH))
        progress = Recorder()
        bring(data, root, progress)
        assert len(server.requests) == 1
        assert progress.fractions == sorted(progress.fractions)
        assert progress.fractions[-1] == 1
    assert is_whole(data, root)


def test_what_the_server_says_is_what_progress_counts_to(root: Path) -> None:
    with HttpServer({PATH: CONTENT}, [Mood(length=True)]) as server:
        progress = Words()
        bring(about(1_900_000, server.url(PATH)), root, progress)
    assert any("of 1.0 MB" in word for word in progress.words)
    assert not any("about" in word for word in progress.words)


def test_a_size_that_nobody_knows_is_said_to_be_about(root: Path) -> None:
    with HttpServer({PATH: CONTENT}, always=Mood(length=False)) as server:
        progress = Words()
        bring(about(1_900_000, server.url(PATH)), root, progress)
    assert any("of about 1.9 MB" in word for word in progress.words)


def test_cut_at_half_then_only_the_rest_is_fetched(root: Path) -> None:
    with HttpServer({PATH: CONTENT}, [Mood(cut_after=HALF)]) as server:
        data = about(950_000, server.url(PATH))
        with pytest.raises(AddressFailure):
            bring(data, root, Recorder(), Patience(5, ()))
        assert "0.5 MB of about 0.9 MB have arrived" in observe_data(data, root).message
        bring(data, root, Recorder())
        assert server.requests[1].range == f"bytes={HALF}-"
        assert server.sent == len(CONTENT)
    assert is_whole(data, root)


def test_a_file_that_had_arrived_whole_is_not_asked_for_again(root: Path) -> None:
    data = about(950_000, "http://127.0.0.1:9" + PATH)
    part = part_file(data_folder(data, root))
    part.parent.mkdir(parents=True)
    part.write_bytes(CONTENT)
    bring(data, root, Recorder(), Patience(5, ()))
    assert is_whole(data, root)


def test_what_had_arrived_of_something_else_is_fetched_anew(root: Path) -> None:
    with HttpServer({PATH: CONTENT}) as server:
        data = about(950_000, server.url(PATH))
        part = part_file(data_folder(data, root))
        for wrong in (noise(len(CONTENT), 8), noise(700_000, 8), noise(3_000_000, 8)):
            part.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(wrong)
            bring(data, root, Recorder())
            assert is_whole(data, root)
            (data_folder(data, root) / PATH[1:]).unlink()


@pytest.mark.parametrize("size", [len(CONTENT) // 2 - 1, 2 * len(CONTENT) + 1])
def test_far_too_small_or_large_is_not_even_read(root: Path, size: int) -> None:
    page = Mood(body=b"x" * len(CONTENT), content_type="text/html")
    with HttpServer({}, always=page) as server:
        with pytest.raises(AddressFailure) as failed:
            bring(about(size, server.url(PATH)), root, Recorder())
        assert len(server.requests) == 1
    assert failed.value.code == "wrong_size"
    assert "about" in failed.value.message
    assert "login" in failed.value.hint
    assert files_in(root) == {}


def test_a_file_without_end_is_left_at_twice_its_size(root: Path) -> None:
    endless = HttpServer({PATH: Generated(1 << 40)}, always=Mood(length=False))
    with endless as server, pytest.raises(AddressFailure) as failed:
        bring(about(len(CONTENT), server.url(PATH)), root, Recorder())
    assert failed.value.code == "wrong_size"
    assert files_in(root) == {}


def test_another_file_of_the_same_size_is_refused_and_the_mirror_is_asked(root: Path) -> None:
    with HttpServer({PATH: noise(len(CONTENT), 8)}) as first, HttpServer({PATH: CONTENT}) as mirror:
        with pytest.raises(AddressFailure) as failed:
            bring(about(950_000, first.url(PATH)), root, Recorder())
        assert failed.value.code == "wrong_checksum"
        data = about(950_000, first.url(PATH), mirror.url(PATH))
        bring(data, root, Recorder())
    assert is_whole(data, root)


@pytest.mark.parametrize(
    ("content", "code"), [(CONTENT[:400_000], "wrong_size"), (CONTENT[:-1], "wrong_checksum")]
)
def test_a_copy_is_checked_in_the_same_way(
    root: Path, tmp_path: Path, content: bytes, code: str
) -> None:
    copy = tmp_path / "copy.tar.gz"
    data = about(950_000, "https://nowhere.invalid" + PATH)
    copy.write_bytes(content)
    with pytest.raises(WorkshopError) as failed:
        bring_data(data, root, replacement=str(copy), progress=Recorder())
    assert failed.value.code == code
    copy.write_bytes(CONTENT)
    bring_data(data, root, replacement=str(copy), progress=Recorder())
    assert is_whole(data, root)


def test_without_room_nothing_is_asked_and_what_had_arrived_stays(root: Path) -> None:
    with HttpServer({PATH: CONTENT}, [Mood(cut_after=HALF)]) as server:
        data = about(950_000, server.url(PATH))
        with pytest.raises(AddressFailure):
            bring(data, root, Recorder(), Patience(5, ()))
        large = data.model_copy(update={"unpack": "tar", "unpacked_size": 1 << 60})
        with pytest.raises(NotEnoughRoom):
            bring(large, root, Recorder())
        assert len(server.requests) == 1
        bring(data, root, Recorder())
        assert server.sent == len(CONTENT)
    assert is_whole(data, root)
