"""The beginning of a pack, wherever it was cut, is mended to a pack that git accepts."""

from __future__ import annotations

import hashlib
import random
import subprocess
from pathlib import Path

import pytest

from jupyter_monai_workshop.errors import Cancelled
from jupyter_monai_workshop.materials.git_packs import ids_of, is_sound, mend
from tests.git_server import commit_all, git


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack of commits, trees, small and large blobs, an empty one, and differences."""
    folder = tmp_path_factory.mktemp("packs") / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet")
    noise = random.Random("pack")
    text = [f"line {n} {noise.random()}\n" for n in range(3000)]
    for version in range(4):
        text[noise.randrange(3000)] = f"version {version}\n"
        (folder / "text.md").write_text("".join(text))
        (folder / f"{version}.png").write_bytes(noise.randbytes(20_000 * version))
        (folder / "zeros.bin").write_bytes(bytes(300_000 + version))
        commit_all(folder, str(version))
    git(folder, "repack", "-adfq")
    [pack] = (folder / ".git/objects/pack").glob("*.pack")
    return pack


def indexed(pack: Path) -> set[bytes]:
    """Let git look at the whole pack; return the ids of what is in it."""
    subprocess.run(["git", "index-pack", str(pack)], cwd=pack.parent, check=True, timeout=60)
    index = pack.with_suffix(".idx")
    assert is_sound(index)
    return ids_of(index)


def test_the_pack_has_every_kind_of_object(pack: Path) -> None:
    told = git(pack.parent, "verify-pack", "-v", str(pack))
    assert {" commit ", " tree ", " blob "} <= {
        kind for kind in (" commit ", " tree ", " blob ") if kind in told
    }
    assert "chain length = 1" in told
    listing = git(pack.parent, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
    assert ids_of(pack.with_suffix(".idx")) == {bytes.fromhex(id_) for id_ in listing.split()}


def test_cut_anywhere_all_whole_objects_are_kept(pack: Path, tmp_path: Path) -> None:
    content = pack.read_bytes()
    everything = ids_of(pack.with_suffix(".idx"))
    told = git(pack.parent, "verify-pack", "-v", str(pack)).splitlines()
    ends = sorted(
        int(line.split()[4]) + int(line.split()[3])
        for line in told
        if len(line.split()) >= 5 and len(line.split()[0]) == 40
    )
    assert len(ends) == len(everything)
    chance = random.Random("cuts")
    # Anywhere, at the end of an object, and a byte before and after one.
    around = [end + by for end in chance.sample(ends, 6) for by in (-1, 0, 1)]
    cuts = [*(chance.randrange(12, len(content)) for _ in range(20)), *around, len(content)]
    for number, cut in enumerate(cuts):
        part = tmp_path / f"pack-{number}.pack"
        part.write_bytes(content[:cut])
        name = mend(part, lambda: None)
        whole = [end for end in ends if end <= cut]
        if not whole:
            assert name == ""
            continue
        mended = part.read_bytes()
        assert mended[12:-20] == content[12 : whole[-1]]
        assert int.from_bytes(mended[8:12], "big") == len(whole)
        assert hashlib.sha1(mended[:-20], usedforsecurity=False).hexdigest() == name
        assert mended[-20:].hex() == name
        assert len(indexed(part)) == len(whole)
        assert ids_of(part.with_suffix(".idx")) <= everything


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PACK",
        b"PACK\0\0\0\x02\0\0\0\x05",
        b"PACK\0\0\0\x02\0\0\0\x05" + b"\xff" * 500,
        b"PACK\0\0\0\x02\0\0\0\x05\x33not compressed",
        b"JUNK\0\0\0\x02\0\0\0\x05" + bytes(100),
    ],
)
def test_what_has_no_whole_object_is_no_pack(tmp_path: Path, content: bytes) -> None:
    part = tmp_path / "part"
    part.write_bytes(content)
    assert mend(part, lambda: None) == ""


def test_mending_stops_when_told(pack: Path, tmp_path: Path) -> None:
    part = tmp_path / "part"
    part.write_bytes(pack.read_bytes()[:-50])

    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        mend(part, stop)


@pytest.mark.parametrize("spoiled", ["pack", "idx"])
@pytest.mark.parametrize("left", [0, 10, 1000, -1, -30])
def test_an_index_without_its_whole_pack_is_not_sound(
    pack: Path, tmp_path: Path, spoiled: str, left: int
) -> None:
    for part in ("pack", "idx"):
        content = pack.with_suffix(f".{part}").read_bytes()
        (tmp_path / f"a.{part}").write_bytes(content[:left] if part == spoiled else content)
    assert not is_sound(tmp_path / "a.idx")
