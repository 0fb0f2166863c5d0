"""A small workshop with everything that a kit can hold, and kits that nobody should trust."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from jupyter_monai_workshop.definition.loading import LoadedDefinition
from jupyter_monai_workshop.definition.models import Definition
from jupyter_monai_workshop.jobs.progress import Progress
from jupyter_monai_workshop.kit import KIT_PARTS, Kit, KitPart, PackedKit, Sources, open_kit
from jupyter_monai_workshop.kit import pack_kit as pack
from jupyter_monai_workshop.kit.manifest import (
    Manifest,
    Member,
    Packages,
    version_of_data,
    version_of_materials,
    version_of_packages,
)
from jupyter_monai_workshop.materials import GitPatience
from jupyter_monai_workshop.materials.downloading import Patience
from tests.git_server import AUTO3DSEG, SPARSE
from tests.kernels.workbench import Recorder
from tests.materials.data_workbench import noise, pictures, tar_of

PICTURES = tar_of(pictures(each=5))
PICTURES_PATH = "/MedNIST.tar.gz"
LOCAL = ("http", "file")


def definition_of(
    repository: str,
    commit: str,
    pictures_url: str,
    *,
    packages: Iterable[str] = ("fire",),
    change: Mapping[str, object] | None = None,
) -> Definition:
    """Return a workshop with materials, a data set of each kind, and packages."""
    checksum = f"sha256:{hashlib.sha256(PICTURES).hexdigest()}"
    told: dict[str, object] = {
        "format": 1,
        "id": "small",
        "title": "A small workshop",
        "summary": "s",
        "text": "t",
        "source": {
            "kind": "git",
            "urls": [repository],
            "commit": commit,
            "sparse": [SPARSE],
            "folder": "bootcamp",
        },
        "environment": {"packages": [{"require": name} for name in packages]},
        "data": [
            {
                "id": "mednist",
                "title": "MedNIST",
                "urls": [pictures_url],
                "size": len(PICTURES),
                "checksum": checksum,
                "unpack": "tar",
            },
            {
                "kind": "git",
                "id": "images",
                "title": "Images",
                "urls": [repository],
                "commit": commit,
                "path": "MONAIDeploy/images",
                "size": 400_000,
            },
        ],
        "modules": [
            {
                "id": "one",
                "title": "One",
                "text": "t",
                "notebook": AUTO3DSEG,
                "steps": [
                    {
                        "id": "first",
                        "title": "First",
                        "text": "t",
                        "cells": [{"contains": "num_fold"}],
                        "duration": 1,
                    }
                ],
            }
        ],
        **(change or {}),
    }
    return Definition.model_validate(told)


@dataclass
class Organiser:
    """Who packs kits, at home and with a network."""

    definition: Definition
    folder: Path
    python: Path

    @property
    def file(self) -> Path:
        return self.folder / "on a stick" / "kit.tar"

    @property
    def work(self) -> Path:
        return self.folder / "work"

    def pack(
        self,
        parts: Iterable[KitPart] = KIT_PARTS,
        progress: Progress | None = None,
        copies: Mapping[str, str] | None = None,
    ) -> PackedKit:
        return pack(
            LoadedDefinition(self.definition, self.folder),
            self.file,
            self.work,
            sources=Sources(
                base_python=self.python,
                gpu=False,
                protocols=LOCAL,
                data_copies=copies or {},
                git_patience=GitPatience(pauses=(0.01,), silence=5),
                patience=Patience(timeout=5, pauses=(0.01,)),
            ),
            parts=tuple(parts),
            progress=progress or Recorder(),
        )


@dataclass(frozen=True)
class Room:
    """Where a kit is used."""

    folder: Path
    definition: Definition
    python: Path

    @property
    def kits(self) -> Path:
        return self.folder / "kits"

    def open(self, file: Path, progress: Progress | None = None) -> Kit:
        return open_kit(
            file,
            self.kits,
            self.definition,
            base_python=self.python,
            progress=progress or Recorder(),
        )

    def kept(self) -> list[str]:
        """Return the names of all that lies where kits are kept, but for locks."""
        found = self.kits.iterdir() if self.kits.exists() else ()
        return sorted(path.name for path in found if not path.name.endswith(".lock"))


CONTENTS: Mapping[str, bytes] = {
    "materials.bundle": noise(30_000, 1),
    "data/mednist": noise(700_000, 2),
    "data/images.bundle": noise(1_000, 3),
    "wheels/fire-0.7.0-py3-none-any.whl": noise(5_000, 4),
    "wheels/torch-2.13.0+cpu-py3-none-any.whl": b"",
}
"""Files of a kit; opening one compares them with their digests and looks no further."""


def manifest_of(
    definition: Definition, contents: Mapping[str, bytes], python: str = "3.11"
) -> Manifest:
    return Manifest(
        workshop=definition.id,
        materials=version_of_materials(definition),
        data={data.id: version_of_data(data) for data in definition.data},
        packages=Packages(
            digest=version_of_packages(definition), python=python, platform="linux_x86_64"
        ),
        members={
            name: Member(size=len(content), sha256=hashlib.sha256(content).hexdigest())
            for name, content in contents.items()
        },
    )


Entry = tuple[tarfile.TarInfo, bytes]


def entry(name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE, link: str = "") -> Entry:
    """Return one member of an archive."""
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = len(content), kind, link
    return info, content


def write_kit(
    file: Path, head: bytes | Manifest, contents: Mapping[str, bytes], more: Iterable[Entry] = ()
) -> Path:
    """Write an archive in the shape of a kit, whatever is in it."""
    text = head.text() if isinstance(head, Manifest) else head
    entries = [entry("kit.json", text), *(entry(*it) for it in contents.items()), *more]
    file.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(file, "w", format=tarfile.GNU_FORMAT) as tar:
        for info, content in entries:
            tar.addfile(info, io.BytesIO(content))
    return file


def whole(tree: Path, contents: Mapping[str, bytes] = CONTENTS) -> bool:
    """Return whether an unpacked kit has exactly these files besides ``kit.json``."""
    found = {
        path.relative_to(tree).as_posix(): path.read_bytes()
        for path in tree.rglob("*")
        if path.is_file()
    }
    found.pop("kit.json", None)
    return found == dict(contents)
