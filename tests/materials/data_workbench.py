"""Archives and definitions of data sets for the tests."""

from __future__ import annotations

import hashlib
import io
import random
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from jupyter_monai_workshop.definition.models import DataSet, GitDataSet
from jupyter_monai_workshop.jobs.progress import Progress
from jupyter_monai_workshop.materials.data_sets import DataState, bring_data
from jupyter_monai_workshop.materials.downloading import Patience

HTTP = ("http",)
QUICK = Patience(timeout=5, pauses=(0.01, 0.02, 0.04))
TarMode = Literal["w:", "w:gz", "w:bz2", "w:xz"]
Build = Callable[[tarfile.TarFile], None]


def noise(size: int, seed: int = 3) -> bytes:
    """Return bytes that do not compress, the same ones every time."""
    return random.Random(seed).randbytes(size)


def pictures(classes: int = 3, each: int = 20, size: int = 3000) -> dict[str, bytes]:
    """Return files in the shape of MedNIST."""
    return {
        f"MedNIST/class{c}/{n:06d}.jpeg": noise(size, c * 1000 + n)
        for c in range(classes)
        for n in range(each)
    }


def tar_of(files: Mapping[str, bytes], mode: TarMode = "w:gz") -> bytes:
    """Return an archive of `files`."""

    def build(tar: tarfile.TarFile) -> None:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            info.mtime = 1_600_000_000
            tar.addfile(info, io.BytesIO(content))

    return tar_built(build, mode)


def tar_built(build: Build, mode: TarMode = "w:") -> bytes:
    """Return an archive that `build` fills."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as tar:
        build(tar)
    return buffer.getvalue()


def zip_of(files: Mapping[str, bytes] | Mapping[zipfile.ZipInfo, bytes]) -> bytes:
    """Return a zip archive of `files`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def data_set(
    content: bytes,
    *urls: str,
    unpack: Literal["none", "tar", "zip"] = "tar",
    algorithm: str = "md5",
    provides: tuple[str, ...] = (),
    unpacked_size: int | None = None,
) -> DataSet:
    """Return the definition of a data set whose file is `content`."""
    return DataSet(
        id="mednist",
        title="MedNIST",
        urls=urls or ("https://nowhere.invalid/MedNIST.tar.gz",),
        size=len(content),
        checksum=f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}",
        unpack=unpack,
        provides=provides,
        unpacked_size=unpacked_size,
        variable="MONAI_DATA_DIRECTORY",
    )


def bring(
    data: DataSet | GitDataSet, root: Path, progress: Progress, patience: Patience = QUICK
) -> DataState:
    """Bring `data` from a server on the loopback."""
    return bring_data(data, root, protocols=HTTP, progress=progress, patience=patience)


def files_in(folder: Path) -> dict[str, bytes]:
    """Return the files in `folder` that are not ours, by path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".monai-workshop-")
    }
