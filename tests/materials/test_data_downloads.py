"""A data set comes whole over bad networks, and what has arrived is not fetched again."""

from __future__ import annotations

import hashlib
import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import DataSet
from jupyter_monai_workshop.errors import Cancelled, WorkshopError
from jupyter_monai_workshop.jobs.progress import Phase
from jupyter_monai_workshop.materials.data_failures import NotEnoughRoom
from jupyter_monai_workshop.materials.data_sets import bring_data, data_folder, observe_data
from jupyter_monai_workshop.materials.downloading import Patience
from jupyter_monai_workshop.materials.failures import AddressFailure
from tests.http_server import Generated, HttpServer, Mood
from tests.materials.data_workbench import (
    bring,
    data_set,
    files_in,
    noise,
    pictures,
    tar_of,
)
from tests.materials.watching import Recorder, everything_in, files_at_most

CONTENT = noise(1_000_000)
PATH = "/MedNIST.tar.gz"
HALF = len(CONTENT) // 2


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "data"


def plain(server: HttpServer, *more: str) -> DataSet:
    return data_set(CONTENT, server.url(PATH), *more, unpack="none")


def is_whole(data: DataSet, root: Path) -> bool:
    folder = data_folder(data, root)
    return (
        observe_data(data, root).folder == folder
        and files_in(folder) == {PATH[1:]: CONTENT}
        and [path.name for path in root.iterdir()] == [folder.name]
    )


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
def test_a_file_comes_whole_and_only_once(root: Path, algorithm: str) -> None:
    progress = Recorder()
    with HttpServer({PATH: CONTENT}) as server:
        data = data_set(CONTENT, server.url(PATH), unpack="none", algorithm=algorithm)
        before = observe_data(data, root)
        assert not root.exists()
        first = bring(data, root, progress)
        kept = everything_in(root)
        again = bring(data, root, Recorder())
        assert len(server.requests) == 1
        assert server.sent == len(CONTENT)
    assert (before.present, before.folder) == (False, None)
    assert first == again == observe_data(data, root)
    assert first.present
    assert is_whole(data, root)
    assert everything_in(root) == kept
    assert progress.fractions == sorted(progress.fractions)
    assert progress.fractions[-1] == 1
    assert {"connecting", "downloading", "verifying", "writing"} <= set(progress.phases)


def test_an_archive_comes_unpacked(root: Path) -> None:
    files = pictures()
    content = tar_of(files)
    with HttpServer({PATH: content}) as server:
        data = data_set(content, server.url(PATH), provides=("MedNIST", "MedNIST/class2"))
        state = bring(data, root, Recorder())
    assert state.folder == data_folder(data, root)
    assert files_in(data_folder(data, root)) == files
    assert [path.name for path in root.iterdir()] == [data_folder(data, root).name]


def test_cut_at_half_then_only_the_rest_is_fetched(root: Path) -> None:
    with HttpServer({PATH: CONTENT}, [Mood(cut_after=HALF)]) as server:
        data = plain(server)
        bring(data, root, Recorder())
        assert server.requests[1].range == f"bytes={HALF}-"
        assert server.requests[1].if_range == f'"{PATH}-{len(CONTENT)}"'
        assert server.sent == len(CONTENT)
    assert is_whole(data, root)


def test_cut_in_every_try_then_the_next_call_goes_on(root: Path) -> None:
    tries = [Mood(cut_after=100_000)] * 4
    with HttpServer({PATH: CONTENT}, tries) as server:
        data = plain(server)
        with pytest.raises(AddressFailure) as failed:
            bring(data, root, Recorder())
        assert failed.value.code == "server_unreachable"
        assert "400,000 of 1,000,000" in failed.value.details
        assert "0.4 MB of 1.0 MB have arrived" in observe_data(data, root).message
        bring(data, root, Recorder())
        assert server.sent == len(CONTENT)
    assert is_whole(data, root)


def test_a_line_that_drops_again_and_again_but_brings_something_each_time(root: Path) -> None:
    large = Generated(15 << 20)
    with HttpServer({PATH: large}, [Mood(cut_after=3 << 19)] * 9) as server:
        data = data_set(b"x", server.url(PATH), unpack="none").model_copy(
            update={"size": large.size, "checksum": large.digest("md5")}
        )
        assert bring(data, root, Recorder()).present
        assert server.sent == large.size


def test_a_size_that_is_not_told_before(root: Path) -> None:
    moods = [Mood(length=False, cut_after=HALF), Mood(length=False)]
    with HttpServer({PATH: CONTENT}, moods) as server:
        data = plain(server)
        bring(data, root, Recorder())
        assert server.sent == len(CONTENT)
    assert is_whole(data, root)


@pytest.mark.parametrize("status", [500, 503, 429])
def test_trouble_of_the_server_that_passes(root: Path, status: int) -> None:
    with HttpServer({PATH: CONTENT}, [Mood(status=status)] * 2) as server:
        data = plain(server)
        bring(data, root, Recorder())
        assert len(server.requests) == 3
    assert is_whole(data, root)


def test_a_server_that_knows_no_ranges_starts_anew(root: Path) -> None:
    moods = [Mood(cut_after=HALF), Mood(ranges=False)]
    with HttpServer({PATH: CONTENT}, moods) as server:
        data = plain(server)
        bring(data, root, Recorder())
        assert len(server.requests) == 2
        assert server.sent == HALF + len(CONTENT)
    assert is_whole(data, root)


def test_an_answer_416_starts_anew(root: Path) -> None:
    moods = [Mood(cut_after=HALF), Mood(status=416)]
    with HttpServer({PATH: CONTENT}, moods) as server:
        data = plain(server)
        bring(data, root, Recorder())
        assert [asked.range for asked in server.requests] == ["", f"bytes={HALF}-", ""]
    assert is_whole(data, root)


def test_an_answer_416_to_everything_is_a_failure(root: Path) -> None:
    with HttpServer({}, always=Mood(status=416)) as server:
        with pytest.raises(AddressFailure) as failed:
            bring(plain(server), root, Recorder())
        assert len(server.requests) == 1
    assert failed.value.code == "server_trouble"


def test_a_changed_version_comes_whole(root: Path) -> None:
    other = noise(len(CONTENT), 8)
    moods = [Mood(body=other, etag='"old"', cut_after=HALF)]
    with HttpServer({PATH: CONTENT}, moods) as server:
        data = plain(server)
        bring(data, root, Recorder())
        assert server.requests[1].if_range == '"old"'
        assert server.sent == HALF + len(CONTENT)
    assert is_whole(data, root)


def test_a_server_that_sends_the_rest_of_another_version(root: Path) -> None:
    moods = [
        Mood(body=noise(len(CONTENT), 8), etag='"old"', cut_after=HALF),
        Mood(etag='"new"', ignore_if_range=True),
    ]
    with HttpServer({PATH: CONTENT}, moods) as server:
        data = plain(server)
        bring(data, root, Recorder())
        assert [asked.range for asked in server.requests] == ["", f"bytes={HALF}-", ""]
    assert is_whole(data, root)


# With names that differ, and without names.
@pytest.mark.parametrize(("old", "new"), [('"old"', '"new"'), ("", "")])
def test_halves_of_two_versions_do_not_count(root: Path, old: str, new: str) -> None:
    other = noise(len(CONTENT), 8)
    broken = Mood(body=other, etag=old, cut_after=HALF)
    with HttpServer({PATH: CONTENT}, always=Mood(etag=new, ignore_if_range=True)) as server:
        data = plain(server)
        # A mirror begins with another version of the same size.
        with HttpServer({}, always=broken) as before, pytest.raises(AddressFailure):
            bring(plain(before), root, Recorder(), Patience(5, ()))
        bring(data, root, Recorder())
        assert server.requests[0].range == f"bytes={HALF}-"
        assert server.requests[-1].range == ""
    assert is_whole(data, root)


def test_a_mirror_goes_on_where_the_first_address_stopped(root: Path) -> None:
    with (
        HttpServer({PATH: CONTENT}, [Mood(cut_after=HALF)], always=Mood(status=500)) as first,
        HttpServer({PATH: CONTENT}, always=Mood(etag='"a mirror"')) as mirror,
    ):
        data = plain(first, mirror.url(PATH))
        bring(data, root, Recorder())
        assert mirror.sent == len(CONTENT) - HALF
    assert is_whole(data, root)


def test_a_file_with_a_wrong_checksum_does_not_stay_and_the_mirror_is_asked(root: Path) -> None:
    bad = noise(len(CONTENT), 8)
    with HttpServer({PATH: bad}) as first, HttpServer({PATH: CONTENT}) as mirror:
        data = plain(first)
        with pytest.raises(AddressFailure) as failed:
            bring(data, root, Recorder())
        assert failed.value.code == "wrong_checksum"
        assert hashlib.md5(bad).hexdigest() in failed.value.details
        assert files_in(root) == {}
        data = plain(first, mirror.url(PATH))
        bring(data, root, Recorder())
        assert mirror.sent == len(CONTENT)
    assert is_whole(data, root)


@pytest.mark.parametrize("length", [10, len(CONTENT) + 1])
def test_a_wrong_size_is_not_even_read(root: Path, length: int) -> None:
    page = Mood(body=b"x" * length, content_type="text/html; charset=utf-8")
    with HttpServer({}, always=page) as server:
        with pytest.raises(AddressFailure) as failed:
            bring(plain(server), root, Recorder())
        assert len(server.requests) == 1
    assert failed.value.code == "wrong_size"
    assert "login" in failed.value.hint
    assert files_in(root) == {}


def test_a_file_without_end_is_left_at_its_declared_size(root: Path) -> None:
    endless = HttpServer({PATH: Generated(1 << 40)}, always=Mood(length=False))
    with endless as server, pytest.raises(AddressFailure) as failed:
        bring(plain(server), root, Recorder())
    assert failed.value.code == "wrong_size"
    assert files_in(root) == {}


def test_all_addresses_fail_and_each_answer_is_told_without_secrets(root: Path) -> None:
    with HttpServer({}, [Mood(status=404), Mood(status=403)], always=Mood(status=500)) as server:
        host = f"127.0.0.1:{server.port}"
        data = plain(
            server, f"http://me:hunter2@{host}/b?sig=hunter3", server.url("/c?token=hunter4")
        )
        with pytest.raises(WorkshopError) as failed:
            bring(data, root, Recorder())
    error = failed.value
    assert error.code == "no_address_worked"
    assert [line for line in error.details.splitlines() if line] == [
        f"http://{host}{PATH}: file_missing",
        "HTTP 404 Not Found",
        f"http://{host}/b: authentication_needed",
        "HTTP 403 Forbidden",
        f"http://{host}/c: server_trouble",
        "HTTP 500 Internal Server Error",
    ]
    assert "hunter" not in f"{error.message} {error.hint} {error.details}"


def test_a_login_in_an_address_goes_to_its_server_only(root: Path) -> None:
    with HttpServer({PATH: CONTENT}) as other:
        with HttpServer({}, always=Mood(redirect=other.url(PATH))) as server:
            data = plain(server)
            login = f"http://me:hunter%402@127.0.0.1:{server.port}/a b"
            bring(data.model_copy(update={"urls": (login, *data.urls)}), root, Recorder())
            assert server.requests[0].headers["authorization"] == "Basic bWU6aHVudGVyQDI="
            assert server.requests[0].path == "/a%20b"
        assert "authorization" not in other.requests[0].headers


@pytest.mark.parametrize("place", ["ftp://127.0.0.1/a", "file:///etc/hostname", "https://x/a"])
def test_a_redirect_to_another_protocol_is_refused(root: Path, place: str) -> None:
    with HttpServer({}, always=Mood(redirect=place)) as server:
        with pytest.raises(AddressFailure):
            bring(plain(server), root, Recorder())
        assert len(server.requests) == 1
    assert files_in(root) == {}


def test_protocols_that_only_git_knows_are_refused(root: Path) -> None:
    data = data_set(CONTENT, "ssh://127.0.0.1/a", unpack="none")
    with pytest.raises(AddressFailure) as failed:
        bring_data(data, root, protocols=("https", "ssh"), progress=Recorder())
    assert failed.value.code == "protocol_refused"


@pytest.mark.parametrize("address", ["file:///etc/hostname", "/etc/hostname", "ftp://x/a", "-o"])
def test_other_protocols_are_refused(root: Path, address: str) -> None:
    data = data_set(CONTENT, address, unpack="none")
    with pytest.raises(AddressFailure) as failed:
        bring_data(data, root, progress=Recorder())
    assert failed.value.code == "protocol_refused"


def test_http_needs_to_be_allowed(root: Path) -> None:
    with HttpServer({PATH: CONTENT}) as server:
        with pytest.raises(AddressFailure) as failed:
            bring_data(plain(server), root, progress=Recorder())
        assert server.requests == []
    assert failed.value.code == "protocol_refused"


def test_a_path_in_the_definition_where_it_is_allowed(root: Path, tmp_path: Path) -> None:
    kit = tmp_path / "a kit.bin"
    kit.write_bytes(CONTENT)
    data = data_set(CONTENT, tmp_path.as_uri() + "/missing", kit.as_uri(), unpack="none")
    assert bring_data(data, root, protocols={"file"}, progress=Recorder()).present
    assert kit.read_bytes() == CONTENT


def test_the_proxy_of_the_machine_is_used(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = "http://data.invalid/MedNIST.tar.gz"
    with HttpServer({address: CONTENT}) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url(""))
        monkeypatch.setenv("no_proxy", "")
        bring(data_set(CONTENT, address, unpack="none"), root, Recorder())
        assert proxy.requests[0].path == address


def test_nobody_listens(root: Path) -> None:
    with HttpServer({}) as server:
        gone = plain(server)
    with pytest.raises(AddressFailure) as failed:
        bring(gone, root, Recorder())
    assert failed.value.code == "server_unreachable"


@pytest.mark.parametrize("stall_after", [-1, 0, HALF])
def test_a_silent_server_is_given_up_after_a_while(root: Path, stall_after: int) -> None:
    with HttpServer({PATH: CONTENT}, [Mood(stall_after=stall_after)]) as server:
        data = plain(server)
        bring(data, root, Recorder(), Patience(timeout=0.3, pauses=(0.01,)))
        assert server.left.wait(2)
        assert server.sent == len(CONTENT)
    assert is_whole(data, root)


def stopped(work: Callable[[Recorder], object], when: threading.Event) -> float:
    """Run `work`, stop it a moment after `when`, and return how long the stop took."""
    progress, ends = Recorder(), list[type[BaseException]]()

    def run() -> None:
        try:
            work(progress)
        except WorkshopError as error:
            ends.append(type(error))

    thread = threading.Thread(target=run)
    thread.start()
    assert when.wait(20)
    time.sleep(0.2)
    began = time.monotonic()
    progress.cancel()
    thread.join(10)
    assert ends == [Cancelled]
    return time.monotonic() - began


@pytest.mark.parametrize("stall_after", [-1, 0, HALF])
def test_a_stop_while_the_server_is_silent(root: Path, stall_after: int) -> None:
    with HttpServer({PATH: CONTENT}, [Mood(stall_after=stall_after)]) as server:
        data = plain(server)
        patience = Patience(timeout=60)
        took = stopped(lambda progress: bring(data, root, progress, patience), server.stalled)
        assert took < 2
        assert server.left.wait(2)
        assert not observe_data(data, root).present
        bring(data, root, Recorder())
        assert server.sent == len(CONTENT)
    assert is_whole(data, root)


def test_a_stop_while_a_name_is_looked_up(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, answered = threading.Event(), threading.Event()

    def nobody_knows(*_: object, **__: object) -> None:
        asked.set()
        answered.wait(30)
        raise OSError("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", nobody_knows)
    data = data_set(CONTENT, "http://data.invalid/a", unpack="none")
    took = stopped(lambda progress: bring(data, root, progress), asked)
    answered.set()
    assert took < 2


def test_a_stop_while_it_waits_for_the_next_try(root: Path) -> None:
    with HttpServer({}, always=Mood(status=503)) as server:
        data = plain(server)
        patience = Patience(timeout=5, pauses=(60,))
        assert stopped(lambda progress: bring(data, root, progress, patience), server.asked) < 2
        assert len(server.requests) == 1


@pytest.mark.parametrize("phase", ["looking", "connecting", "downloading", "verifying", "writing"])
def test_a_stop_in_each_phase(root: Path, phase: Phase) -> None:
    files = pictures()
    content = tar_of(files)
    with HttpServer({PATH: content}) as server:
        data = data_set(content, server.url(PATH))
        progress = Recorder(stop_at=phase)
        with pytest.raises(Cancelled):
            bring(data, root, progress)
        assert phase in progress.phases
        assert not observe_data(data, root).present
        assert not data_folder(data, root).exists()
        bring(data, root, Recorder())
    assert files_in(data_folder(data, root)) == files
    assert [path.name for path in root.iterdir()] == [data_folder(data, root).name]


def test_the_disk_has_no_room_and_nothing_is_asked(root: Path) -> None:
    with HttpServer({PATH: CONTENT}) as server:
        data = plain(server).model_copy(update={"size": 1 << 60})
        with pytest.raises(NotEnoughRoom) as failed:
            bring(data, root, Recorder())
        assert server.requests == []
    assert failed.value.code == "disk_full"
    assert "MedNIST" in failed.value.message


@pytest.mark.parametrize("limit", [300_000, 1_500_000])
def test_the_disk_is_full_in_the_middle(root: Path, limit: int) -> None:
    """The first limit is met by the download, the second by unpacking."""
    content = tar_of({"MedNIST/big": bytes(9_000_000), "MedNIST/noise": CONTENT})
    with HttpServer({PATH: content}) as server:
        data = data_set(content, server.url(PATH))
        with files_at_most(limit), pytest.raises(WorkshopError) as failed:
            bring(data, root, Recorder())
        assert failed.value.code == "disk_full"
        assert not observe_data(data, root).present
        assert not data_folder(data, root).exists()
        assert bring(data, root, Recorder()).present
        assert server.requests[1:] == [] or server.requests[1].range == f"bytes={limit}-"
    assert [path.name for path in root.iterdir()] == [data_folder(data, root).name]


def test_another_version_is_another_folder(root: Path) -> None:
    newer = noise(1000, 5)
    with HttpServer({PATH: CONTENT, "/newer": newer}) as server:
        old, new = plain(server), data_set(newer, server.url("/newer"), unpack="none")
        bring(old, root, Recorder())
        assert not observe_data(new, root).present
        bring(new, root, Recorder())
    assert observe_data(old, root).present
    assert observe_data(new, root).present
    assert data_folder(old, root) != data_folder(new, root)


def test_a_look_is_quick_and_sees_what_is_gone(root: Path) -> None:
    files = pictures(classes=4, each=500, size=10)
    content = tar_of(files)
    with HttpServer({PATH: content}) as server:
        data = data_set(content, server.url(PATH))
        folder = bring(data, root, Recorder()).folder
        assert folder is not None
        times = []
        for _ in range(20):
            began = time.perf_counter()
            assert observe_data(data, root).present
            times.append(time.perf_counter() - began)
        assert min(times) < 0.02
        for path in (folder / "MedNIST/class1").iterdir():
            path.unlink()
        assert not observe_data(data, root).present
        bring(data, root, Recorder())
    assert files_in(folder) == files


def test_what_the_attendee_put_there_survives_a_repair(root: Path) -> None:
    files = pictures(each=3)
    content = tar_of(files)
    with HttpServer({PATH: content}) as server:
        data = data_set(content, server.url(PATH))
        folder = bring(data, root, Recorder()).folder
        assert folder is not None
        (folder / "best_metric_model.pth").write_bytes(b"weights")
        (folder / "MedNIST/notes.txt").write_text("mine")
        (folder / "mine").mkdir()
        (folder / "mine/more").write_text("more")
        assert observe_data(data, root).present
        edited = folder / "MedNIST/class1/000001.jpeg"
        edited.write_bytes(b"edited")
        (folder / "MedNIST/class0/000000.jpeg").unlink()
        assert not observe_data(data, root).present
        assert bring(data, root, Recorder()).present
    added = {
        "best_metric_model.pth": b"weights",
        "MedNIST/notes.txt": b"mine",
        "mine/more": b"more",
    }
    assert files_in(folder) == {**files, **added}
    (kept,) = [path for path in root.iterdir() if path != folder]
    assert kept.name.startswith(f"{folder.name}.kept-")
    assert files_in(kept) == {"MedNIST/class1/000001.jpeg": b"edited"}


def test_an_untouched_copy_of_the_folder_still_counts(root: Path) -> None:
    """Homes are moved to other disks; some round the times of files to two seconds."""
    with HttpServer({PATH: CONTENT}) as server:
        data = plain(server)
        bring(data, root, Recorder())
    file = data_folder(data, root) / PATH[1:]
    status = file.stat()
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns // 10**9 * 10**9))
    assert observe_data(data, root).present
