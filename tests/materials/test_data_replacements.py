"""A local copy or another address stands in for a data set, checked the same way."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import DataSet
from jupyter_monai_workshop.errors import WorkshopError
from jupyter_monai_workshop.materials.data_sets import (
    DataState,
    bring_data,
    data_folder,
    observe_data,
)
from tests.http_server import HttpServer
from tests.materials.data_workbench import HTTP, QUICK, data_set, files_in, pictures, tar_of
from tests.materials.watching import Recorder, everything_in

FILES = pictures(each=4)
CONTENT = tar_of(FILES)
OTHER_FILES = pictures(classes=1, each=2)
OTHER = tar_of(OTHER_FILES)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def data() -> DataSet:
    return data_set(CONTENT, provides=("MedNIST",))


def bring(data: DataSet, root: Path, replacement: str, check: bool = True) -> DataState:
    return bring_data(
        data,
        root,
        replacement=replacement,
        check_replacement=check,
        protocols=HTTP,
        progress=Recorder(),
        patience=QUICK,
    )


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    kit = tmp_path / "room kit" / "MedNIST #1.tar.gz"
    kit.parent.mkdir()
    kit.write_bytes(CONTENT)
    return kit


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    folder = tmp_path / "shared disk"
    for name, content in OTHER_FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def test_a_file(data: DataSet, root: Path, kit: Path) -> None:
    before = everything_in(kit.parent)
    state = bring(data, root, str(kit))
    assert state == observe_data(data, root)
    assert state.folder == data_folder(data, root)
    assert files_in(data_folder(data, root)) == FILES
    assert everything_in(kit.parent) == before
    kept = everything_in(root)
    assert bring(data, root, str(kit)).present
    assert bring(data, root, "").present
    kit.unlink()
    assert bring(data, root, str(kit)).present
    assert everything_in(root) == kept


def test_a_file_that_is_not_unpacked_is_copied(root: Path, kit: Path) -> None:
    data = data_set(CONTENT, unpack="none")
    assert bring(data, root, str(kit)).present
    assert files_in(data_folder(data, root)) == {"MedNIST.tar.gz": CONTENT}
    assert kit.exists()


def test_a_wrong_file_is_refused(data: DataSet, root: Path, kit: Path) -> None:
    same_size = bytearray(CONTENT)
    same_size[1000] ^= 1
    for content, code in {OTHER: "wrong_size", bytes(same_size): "wrong_checksum"}.items():
        kit.write_bytes(content)
        with pytest.raises(WorkshopError) as failed:
            bring(data, root, str(kit))
        assert failed.value.code == code
        assert not observe_data(data, root).present
    assert kit.exists()


def test_a_wrong_file_is_taken_when_it_is_not_to_be_checked(
    data: DataSet, root: Path, kit: Path
) -> None:
    kit.write_bytes(OTHER)
    state = bring(data, root, str(kit), check=False)
    assert state.present
    assert "not checked" in state.message
    folder = data_folder(data, root)
    assert files_in(folder) == OTHER_FILES
    kept = everything_in(root)
    bring(data, root, str(kit), check=False)
    assert everything_in(root) == kept
    # The copy is replaced by a right one, and is then asked to be checked.
    kit.write_bytes(CONTENT)
    assert "not checked" not in bring(data, root, str(kit)).message
    assert {name: files_in(folder)[name] for name in FILES} == FILES


def test_a_folder_is_used_where_it_is(data: DataSet, root: Path, unpacked: Path) -> None:
    before = everything_in(unpacked)
    state = bring(data, root, str(unpacked))
    assert state.present
    assert state.folder == unpacked
    assert everything_in(unpacked) == before
    assert not [path for path in root.rglob("*") if path.is_symlink()]
    kept = everything_in(root)
    bring(data, root, str(unpacked))
    assert everything_in(root) == kept


def test_a_folder_that_lacks_what_is_needed(data: DataSet, root: Path, unpacked: Path) -> None:
    for folder in (unpacked / "MedNIST", root.parent / "empty"):
        folder.mkdir(exist_ok=True)
        with pytest.raises(WorkshopError) as failed:
            bring(data, root, str(folder))
        assert failed.value.code == "data_incomplete"
        assert not observe_data(data, root).present
    assert files_in(unpacked) == OTHER_FILES


def test_a_folder_that_went_away_then_the_file_comes(
    data: DataSet, root: Path, unpacked: Path, kit: Path
) -> None:
    bring(data, root, str(unpacked))
    unpacked.rename(unpacked.with_name("elsewhere"))
    state = observe_data(data, root)
    assert (state.present, state.folder) == (False, None)
    with pytest.raises(WorkshopError) as failed:
        bring(data, root, str(unpacked))
    assert failed.value.code == "replacement_missing"
    assert bring(data, root, str(kit)).folder == data_folder(data, root)
    assert files_in(data_folder(data, root)) == FILES
    assert [path.name for path in root.iterdir()] == [data_folder(data, root).name]


def test_another_address(data: DataSet, root: Path) -> None:
    with HttpServer({"/mirror.tgz": CONTENT}) as server:
        assert bring(data, root, server.url("/mirror.tgz?token=secret")).present
        assert len(server.requests) == 1
    assert files_in(data_folder(data, root)) == FILES
    assert b"secret" not in b"".join(content for _, content in everything_in(root).values())


def test_another_address_is_checked_unless_it_is_not_to_be(data: DataSet, root: Path) -> None:
    with HttpServer({"/mirror.tgz": OTHER}) as server:
        url = server.url("/mirror.tgz")
        with pytest.raises(WorkshopError) as failed:
            bring(data, root, url)
        assert failed.value.code == "wrong_size"
        assert "not checked" in bring(data, root, url, check=False).message
    assert files_in(data_folder(data, root)) == OTHER_FILES


def test_another_address_needs_an_allowed_protocol(data: DataSet, root: Path) -> None:
    with pytest.raises(WorkshopError) as failed:
        bring(data, root, "ftp://127.0.0.1/MedNIST.tar.gz")
    assert failed.value.code == "protocol_refused"
