"""Git's packs, read without git: what is in them, whether they are whole, and where one broke off.

A fetch that was cut leaves the beginning of a pack. Objects stand in it one after the other,
so all but the last one are whole, and with a new head and tail they are a pack again.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

_INDEX_HEAD = b"\xfftOc\x00\x00\x00\x02"
_FANOUT = 8 + 256 * 4
_ID = 20
_CHUNK = 1 << 16

_BY_OFFSET, _BY_ID = 6, 7
_KINDS = {1, 2, 3, 4, _BY_OFFSET, _BY_ID}


def ids_of(index: Path) -> set[bytes]:
    """Return the ids of all objects that the pack beside `index` has."""
    content = index.read_bytes()
    count = int.from_bytes(content[_FANOUT - 4 : _FANOUT], "big")
    end = _FANOUT + count * _ID
    return {content[start : start + _ID] for start in range(_FANOUT, end, _ID)}


def is_sound(index: Path) -> bool:
    """Tell whether `index` and its pack have a head, a tail, and belong together.

    Reads a few bytes, so it notices what was cut off and not what was changed within.
    """
    try:
        with index.open("rb") as stream:
            head = stream.read(_FANOUT)
            stream.seek(-2 * _ID, os.SEEK_END)
            pack_sum = stream.read(_ID)
        with index.with_suffix(".pack").open("rb") as stream:
            pack_head = stream.read(12)
            stream.seek(-_ID, os.SEEK_END)
            pack_tail = stream.read(_ID)
    except OSError:
        return False
    return (
        head.startswith(_INDEX_HEAD)
        and len(head) == _FANOUT
        and index.stat().st_size >= _FANOUT + int.from_bytes(head[-4:], "big") * (_ID + 8) + 2 * _ID
        and pack_head[:4] == b"PACK"
        and pack_head[8:] == head[-4:]
        and pack_tail == pack_sum
    )


def mend(pack: Path, between: Callable[[], None]) -> str:
    """Make a whole pack of the objects that stand whole at the beginning of `pack`.

    The file is changed in place, so it needs no room on the disk.

    Parameters
    ----------
    between
        Called now and then; an exception that it raises goes through.

    Returns
    -------
    str
        The pack's checksum, by which git names packs; empty if no object was whole.
    """
    pack.chmod(0o600)
    with pack.open("r+b") as stream:
        if stream.read(8) != b"PACK\x00\x00\x00\x02":
            return ""
        announced = int.from_bytes(stream.read(4), "big")
        ends = list(islice(_ends(stream, 12, between), announced))
        if not ends:
            return ""
        stream.truncate(ends[-1])
        stream.seek(8)
        stream.write(len(ends).to_bytes(4, "big"))
        stream.seek(0)
        digest = hashlib.sha1(usedforsecurity=False)
        while chunk := stream.read(_CHUNK):
            between()
            digest.update(chunk)
        stream.write(digest.digest())
    return digest.hexdigest()


def _ends(stream: BinaryIO, start: int, between: Callable[[], None]) -> Iterator[int]:
    """Give the place after each whole object, from `start` on."""
    while True:
        between()
        stream.seek(start)
        head = stream.read(64)
        body = _body(head)
        if body is None:
            return
        stream.seek(start + body[0])
        length = _compressed_length(stream, body[1], between)
        if length is None:
            return
        start += body[0] + length
        yield start


def _body(head: bytes) -> tuple[int, int] | None:
    """Return where an object's content begins, and its size; ``None`` if that is no object."""
    try:
        byte, at = head[0], 1
        kind, size, shift = byte >> 4 & 7, byte & 15, 4
        while byte & 0x80:
            byte = head[at]
            size |= (byte & 0x7F) << shift
            shift += 7
            at += 1
        if kind == _BY_OFFSET:
            while head[at] & 0x80:
                at += 1
            at += 1
    except IndexError:
        return None
    if kind == _BY_ID:
        at += _ID
    return (at, size) if kind in _KINDS else None


def _compressed_length(stream: BinaryIO, size: int, between: Callable[[], None]) -> int | None:
    """Return how many bytes of `stream` hold the next content; ``None`` if it is not whole."""
    inflate = zlib.decompressobj()
    read = grown = 0
    pending = b""
    while not inflate.eof:
        if not pending:
            between()
            pending = stream.read(_CHUNK)
            if not pending:
                return None
            read += len(pending)
        try:
            grown += len(inflate.decompress(pending, _CHUNK))
        except zlib.error:
            return None
        pending = inflate.unconsumed_tail
        if grown > size:
            return None
    return read - len(inflate.unused_data) if grown == size else None
