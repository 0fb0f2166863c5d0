"""Archives unpack to what they hold, and hostile ones to nothing."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest

from jupyter_monai_workshop.errors import WorkshopError
from jupyter_monai_workshop.materials.archive_tree import Limits
from jupyter_monai_workshop.materials.data_failures import ArchiveDamaged, ArchiveRefused
from jupyter_monai_workshop.materials.data_receipt import RECEIPT
from jupyter_monai_workshop.materials.data_sets import bring_data, data_folder, observe_data
from jupyter_monai_workshop.materials.unpacking import unpack
from tests.materials.data_workbench import (
    TarMode,
    data_set,
    files_in,
    noise,
    pictures,
    tar_built,
    tar_of,
    zip_of,
)
from tests.materials.watching import Recorder

Kind = Literal["tar", "zip"]
PLENTY = Limits(size=100_000_000, files=10_000)


def unpacked(
    content: bytes, tmp_path: Path, kind: Kind = "tar", limits: Limits = PLENTY
) -> dict[str, bytes]:
    archive, tree = tmp_path / "archive", tmp_path / "deep/in/tree"
    archive.write_bytes(content)
    tree.mkdir(parents=True)
    unpack(archive, kind, tree, limits=limits, progress=Recorder())
    return files_in(tree)


def member(
    name: str, kind: bytes = tarfile.REGTYPE, *, target: str = "", content: bytes = b""
) -> Callable[[tarfile.TarFile], None]:
    """Return what adds one member to an archive."""

    def add(tar: tarfile.TarFile) -> None:
        info = tarfile.TarInfo(name)
        info.type, info.linkname, info.size = kind, target, len(content)
        tar.addfile(info, io.BytesIO(content))

    return add


def tar_with(*members: Callable[[tarfile.TarFile], None], mode: TarMode = "w:") -> bytes:
    def build(tar: tarfile.TarFile) -> None:
        for add in members:
            add(tar)

    return tar_built(build, mode)


def zipped(name: str, content: bytes = b"x", *, mode: int = 0) -> bytes:
    """Return a zip archive with one member whose name nothing has tidied up."""
    placeholder = "p" * len(name.encode())
    info = zipfile.ZipInfo(placeholder)
    info.create_system, info.external_attr = 3, mode << 16
    return zip_of({info: content}).replace(placeholder.encode(), name.encode())


def with_declared_size(archive: bytes, size: int) -> bytes:
    """Return a plain tar whose first member claims to have `size` bytes."""
    head = bytearray(archive[:512])
    head[124:136] = b"%011o\0" % size
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head) + archive[512:]


MODES: list[TarMode] = ["w:", "w:gz", "w:bz2", "w:xz"]


@pytest.mark.parametrize("mode", MODES)
def test_a_tar_in_each_compression(tmp_path: Path, mode: TarMode) -> None:
    files = {**pictures(each=4), "MedNIST/large": noise(1_200_000), "MedNIST/empty": b""}
    assert unpacked(tar_of(files, mode), tmp_path) == files


def test_a_zip(tmp_path: Path) -> None:
    files = {**pictures(each=4), "MedNIST/large": noise(1_200_000), "MedNIST/empty": b""}
    content = zip_of({**files, "MedNIST/a folder/": b""})
    assert unpacked(content, tmp_path, "zip") == files
    assert (tmp_path / "deep/in/tree/MedNIST/a folder").is_dir()


def test_what_is_ordinary_in_archives_passes(tmp_path: Path) -> None:
    long = "/".join(["a" * 60] * 4)
    content = tar_with(
        member("./", tarfile.DIRTYPE),
        member("./data", tarfile.DIRTYPE),
        member("./data/a", content=b"a"),
        member("./data/Ünï – code", content=b"u"),
        member("./data/again", tarfile.LNKTYPE, target="./data/a"),
        member("./data/link", tarfile.SYMTYPE, target="../other/./b"),
        member("./other/b", content=b"b"),
        member("folder link", tarfile.SYMTYPE, target="other"),
        member(long, content=b"l"),
        member("..a/b..", content=b"dots"),
    )
    assert unpacked(content, tmp_path) == {
        "data/a": b"a",
        "data/Ünï – code": b"u",
        "data/again": b"a",
        "data/link": b"b",
        "other/b": b"b",
        long: b"l",
        "..a/b..": b"dots",
    }
    tree = tmp_path / "deep/in/tree"
    assert (tree / "data/link").readlink() == Path("../other/b")
    assert (tree / "folder link/b").read_bytes() == b"b"


def test_times_stay_and_rights_are_sober(tmp_path: Path) -> None:
    def build(tar: tarfile.TarFile) -> None:
        for name, mode in {"script": 0o4755, "open": 0o666, "closed": 0o000}.items():
            info = tarfile.TarInfo(name)
            info.mode, info.mtime = mode, 1_600_000_000
            tar.addfile(info)

    unpacked(tar_built(build), tmp_path)
    tree = tmp_path / "deep/in/tree"
    modes = {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in tree.iterdir()}
    assert modes == {"script": "0o755", "open": "0o644", "closed": "0o644"}
    assert (tree / "open").stat().st_mtime == 1_600_000_000


OUT = "leads out"
SYM, LNK = tarfile.SYMTYPE, tarfile.LNKTYPE
HOSTILE: dict[str, tuple[Kind, bytes, str]] = {
    "an absolute path": ("tar", tar_with(member("/tmp/monai-evil")), OUT),
    "a parent": ("tar", tar_with(member("../evil")), OUT),
    "a parent in the middle": ("tar", tar_with(member("a/../../evil")), OUT),
    "a parent that would come back": ("tar", tar_with(member("../tree/evil")), OUT),
    "a parent as a folder": ("tar", tar_with(member("../evil", tarfile.DIRTYPE)), OUT),
    "a drive": ("tar", tar_with(member("C:evil")), OUT),
    "a drive in the middle": ("tar", tar_with(member("a/C:/evil")), OUT),
    "backslashes": ("tar", tar_with(member("..\\evil")), OUT),
    "an absolute link": ("tar", tar_with(member("l", SYM, target="/etc")), OUT),
    "a link to a parent": ("tar", tar_with(member("a/l", SYM, target="../../evil")), OUT),
    "a link to a drive": ("tar", tar_with(member("l", SYM, target="C:/evil")), OUT),
    "a link over a link": (
        "tar",
        tar_with(
            member("a/b/c", tarfile.DIRTYPE),
            member("a/b/up", SYM, target="../.."),
            member("out", SYM, target="a/b/up/.."),
        ),
        OUT,
    ),
    "a ring of links": (
        "tar",
        tar_with(member("a", SYM, target="b"), member("b", SYM, target="a")),
        OUT,
    ),
    "a file through a link": (
        "tar",
        tar_with(member("l", SYM, target="."), member("l/x", content=b"x")),
        "twice",
    ),
    "a file in the place of a link": (
        "tar",
        tar_with(member("l", SYM, target="evil"), member("l", content=b"x")),
        "twice",
    ),
    "a hard link to a parent": ("tar", tar_with(member("l", LNK, target="../../secret")), OUT),
    "a hard link to an absolute path": ("tar", tar_with(member("l", LNK, target="/etc/x")), OUT),
    "a hard link to a link": (
        "tar",
        tar_with(member("l", SYM, target="/etc/hostname"), member("h", LNK, target="l")),
        OUT,
    ),
    "a hard link to nothing": ("tar", tar_with(member("h", LNK, target="gone")), "no file in it"),
    "a character device": ("tar", tar_with(member("null", tarfile.CHRTYPE)), "device"),
    "a block device": ("tar", tar_with(member("disk", tarfile.BLKTYPE)), "device"),
    "a pipe": ("tar", tar_with(member("pipe", tarfile.FIFOTYPE)), "device"),
    "a file twice": ("tar", tar_with(member("a"), member("a")), "twice"),
    "a file below a file": ("tar", tar_with(member("a"), member("a/b")), "below a file"),
    "our receipt": ("tar", tar_with(member(f"./{RECEIPT}")), "has the name"),
    "the folder itself as a link": ("tar", tar_with(member(".", SYM, target="/etc")), "leads out"),
    "a bomb": ("tar", tar_of({"zeros": bytes(9_000_000)}), "unpacks to more"),
    "a bomb by a claim": (
        "tar",
        with_declared_size(tar_with(member("a", content=b"x")), 7 << 30),
        "unpacks to more",
    ),
    "too many files": ("tar", tar_of({f"{n}": b"" for n in range(101)}), "more than 100 files"),
    "too many folders": (
        "tar",
        tar_with(*(member(f"{n}", tarfile.DIRTYPE) for n in range(101))),
        "more than 100 files",
    ),
    "a header without end": (
        "tar",
        with_declared_size(tar_with(member("h", tarfile.XHDTYPE, content=b"x" * 600)), 1 << 32),
        "too large",
    ),
    "a zipped absolute path": ("zip", zipped("/tmp/monai-evil"), OUT),
    "a zipped parent": ("zip", zipped("a/../../evil"), OUT),
    "a zipped drive": ("zip", zipped("C:/evil"), OUT),
    "a zipped backslash": ("zip", zipped("..\\evil"), OUT),
    "a zipped null": ("zip", zipped("a\0/../../evil"), OUT),
    "a zipped link out": ("zip", zipped("l", b"../../evil", mode=stat.S_IFLNK | 0o777), OUT),
    "a zipped device": ("zip", zipped("d", mode=stat.S_IFCHR), "device"),
    "a zipped bomb": ("zip", zip_of({"zeros": bytes(9_000_000)}), "unpacks to more"),
    "too many zipped files": ("zip", zip_of({f"{n}": b"" for n in range(101)}), "more than 100"),
}


@pytest.mark.parametrize("filtered", [True, False], ids=["", "by our own checks alone"])
@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_archive_is_refused(
    tmp_path: Path, case: str, filtered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not filtered:  # early releases of Python 3.10 have no filters
        monkeypatch.delattr(tarfile, "data_filter", raising=False)
    kind, content, reason = HOSTILE[case]
    (tmp_path / "deep/in").mkdir(parents=True)
    (tmp_path / "deep/secret").write_text("secret")
    (tmp_path / "kit").write_bytes(content)
    root = tmp_path / "deep/in/data"
    before = set(tmp_path.rglob("*"))
    tree = tmp_path / "deep/in/tree"
    tree.mkdir()
    with pytest.raises(ArchiveRefused, match=reason):
        unpack(
            tmp_path / "kit",
            kind,
            tree,
            limits=Limits(size=8_000_000, files=100),
            progress=Recorder(),
        )
    outside = {path for path in tmp_path.rglob("*") if not path.is_relative_to(tree)}
    assert outside == before
    assert not any(os.path.lexists(path) for path in ("/tmp/monai-evil", "C:evil"))
    # As a whole, with its checksum right: nothing is left of it, and nothing counts.
    data = data_set(content, unpack=kind, unpacked_size=8_000_000)
    if not filtered or "files" in case or "folders" in case:
        return  # the usual limit on files is higher
    with pytest.raises(ArchiveRefused):
        bring_data(data, root, replacement=str(tmp_path / "kit"), progress=Recorder())
    assert not observe_data(data, root).present
    assert list(root.iterdir()) == []


def test_without_a_declared_size_a_hundredfold_is_the_limit(tmp_path: Path) -> None:
    content = tar_of({"zeros": bytes(69_000_000)}, "w:bz2")
    assert len(content) < 1000
    (tmp_path / "kit").write_bytes(content)
    data = data_set(content)
    with pytest.raises(ArchiveRefused, match="unpacks to more"):
        bring_data(data, tmp_path / "data", replacement=str(tmp_path / "kit"), progress=Recorder())


def test_a_declared_size_is_what_may_be_written(tmp_path: Path) -> None:
    content = tar_of({"zeros": bytes(9_000_000)}, "w:bz2")
    (tmp_path / "kit").write_bytes(content)
    kit, root = str(tmp_path / "kit"), tmp_path / "data"
    tight = data_set(content, unpacked_size=8_999_999)
    with pytest.raises(ArchiveRefused):
        bring_data(tight, root, replacement=kit, progress=Recorder())
    exact = data_set(content, unpacked_size=9_000_000)
    assert bring_data(exact, root, replacement=kit, progress=Recorder()).present


GOOD_GZ = tar_of(pictures(each=5))
GOOD_ZIP = zip_of({"a": noise(50_000)})
DAMAGED: dict[str, tuple[Kind, bytes]] = {
    "a gzip that ends too early": ("tar", GOOD_GZ[: len(GOOD_GZ) // 2]),
    "a gzip with wrong bytes": ("tar", GOOD_GZ[:5000] + bytes(3000) + GOOD_GZ[8000:]),
    "a bzip2 that ends too early": ("tar", tar_of(pictures(each=5), "w:bz2")[:9000]),
    "a bzip2 with wrong bytes": ("tar", b"BZh9" + noise(5000)),
    "an xz that ends too early": ("tar", tar_of(pictures(each=5), "w:xz")[:9000]),
    "an xz with wrong bytes": ("tar", b"\xfd7zXZ\x00" + noise(5000)),
    "a tar that ends too early": ("tar", tar_of({"a": noise(9000)}, "w:")[:3000]),
    "a web page as tar": ("tar", b"<html>please log in</html>" * 50),
    "nothing as tar": ("tar", b""),
    "a zip that ends too early": ("zip", GOOD_ZIP[:-30]),
    "a zip with wrong bytes": ("zip", GOOD_ZIP[:9000] + bytes(3000) + GOOD_ZIP[12000:]),
    "a tar as zip": ("zip", GOOD_GZ),
    "a zip as tar": ("tar", GOOD_ZIP),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_archive_is_told_as_such(tmp_path: Path, case: str) -> None:
    kind, content = DAMAGED[case]
    with pytest.raises(ArchiveDamaged):
        unpacked(content, tmp_path, kind)


def test_an_archive_without_what_it_should_bring(tmp_path: Path) -> None:
    content = tar_of(pictures())
    (tmp_path / "kit").write_bytes(content)
    data = data_set(content, provides=("MedNIST", "MedNIST/Hand"))
    root = tmp_path / "data"
    with pytest.raises(WorkshopError) as failed:
        bring_data(data, root, replacement=str(tmp_path / "kit"), progress=Recorder())
    assert failed.value.code == "data_incomplete"
    assert "MedNIST/Hand" in failed.value.message
    assert list(root.iterdir()) == []
    assert not data_folder(data, root).exists()
