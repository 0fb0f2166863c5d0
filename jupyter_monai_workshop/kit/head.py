"""The head of a kit: reading what it says of itself, before anything else is believed."""

from __future__ import annotations

import hashlib
import json
import tarfile
from pathlib import Path

from pydantic import ValidationError

from .failures import KitDamaged, KitMissing, KitRefused, KitTooNew, NotAKit
from .manifest import FORMAT, NAME, Manifest

MOST = 16 << 20
"""Bytes that ``kit.json`` has at most."""

_BLOCK = tarfile.BLOCKSIZE


def read_manifest(file: Path) -> tuple[Manifest, str]:
    """Return what a kit says that it holds, and the digest of that.

    Raises
    ------
    KitMissing, NotAKit, KitTooNew, KitRefused, KitDamaged
        As for :func:`open_kit`.
    """
    try:
        if not file.is_file():
            raise KitMissing(file.name, "there is no file")
        size = file.stat().st_size
        with file.open("rb") as kit:
            member = tarfile.TarInfo.frombuf(kit.read(_BLOCK), "utf-8", "strict")
            if member.name != NAME or not member.isreg() or member.size > MOST:
                raise NotAKit(file.name, f"its first member is not {NAME}")
            text = kit.read(member.size)
    except OSError as error:
        raise KitMissing(file.name, error.strerror or str(error)) from error
    except (tarfile.TarError, UnicodeError) as error:
        raise NotAKit(file.name, str(error)) from error
    if len(text) < member.size:
        raise KitDamaged(file.name, f"it ends within {NAME}")
    manifest = _manifest_of(text, file.name)
    if size < _BLOCK + len(text) + manifest.size:
        raise KitDamaged(file.name, f"it has {size} bytes and should have more: it was cut short")
    return manifest, hashlib.sha256(text).hexdigest()


def _manifest_of(text: bytes, name: str) -> Manifest:
    try:
        told = json.loads(text)
    except ValueError as error:
        raise NotAKit(name, str(error)) from error
    ours = isinstance(told, dict) and told.get("kind") == Manifest.model_fields["kind"].default
    if not ours:
        raise NotAKit(name, f"{NAME} does not say that it is one")
    found = told.get("format")
    if isinstance(found, int) and found > FORMAT:
        raise KitTooNew(name, found)
    try:
        return Manifest.model_validate(told)
    except ValidationError as error:
        reason = error.errors(include_url=False)[0]
        where = ".".join(map(str, reason["loc"]))
        raise KitRefused(name, f"{NAME} is not as it should be ({where[:200]})") from error
