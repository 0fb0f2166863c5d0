"""``kit.json``: what a kit holds, for which workshop and for which machines. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ..definition.models import DataSet, Definition, GitDataSet, GitSource, Identifier
from ..kernels.receipt import digest_of

NAME = "kit.json"
"""The first member of a kit."""

FORMAT = 1
BUNDLE = "materials.bundle"
WHEELS = "wheels"
DATA = "data"

_MEMBER = re.compile(
    rf"{re.escape(BUNDLE)}|{DATA}/[a-z0-9][a-z0-9-]*(\.bundle)?|{WHEELS}/[A-Za-z0-9][\w.+!-]*\.whl",
    re.ASCII,
)

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Member(_Part):
    """One file of a kit: its size in bytes and its digest."""

    size: int = Field(ge=0)
    sha256: Sha256


class Packages(_Part):
    """What the wheels are for.

    Attributes
    ----------
    digest
        Of the definition's packages and torch.
    python, platform
        Version of Python (``3.11``) and platform tag of the machine that packed.
    torch
        Version of torch that the environment would have; ``None`` for none.
    """

    digest: Sha256
    python: str
    platform: str
    torch: str | None = None


class Manifest(_Part):
    """What a kit holds.

    Attributes
    ----------
    workshop
        The definition's id.
    materials
        What identifies the version of the materials in the bundle; empty without a bundle.
    data
        What identifies each data set that is there, by id.
    packages
        Present if the kit holds what the environment needs; there may be no wheel then.
    members
        Every file of the kit but this one, in the order in which they come.
    """

    kind: Literal["jupyter-monai-workshop kit"] = "jupyter-monai-workshop kit"
    format: Literal[1] = 1
    workshop: Identifier
    materials: str = ""
    data: dict[Identifier, str] = Field(default_factory=dict)
    packages: Packages | None = None
    members: dict[str, Member] = Field(default_factory=dict)

    @field_validator("members")
    @classmethod
    def _plain_names(cls, members: dict[str, Member]) -> dict[str, Member]:
        for name in members:
            if not _MEMBER.fullmatch(name):
                raise ValueError(f"no file of a kit is called {name[:200]!r}")
        return members

    @model_validator(mode="after")
    def _holds_what_it_says(self) -> Manifest:
        data = {name.split("/")[1].removesuffix(".bundle") for name in self._below(DATA)}
        if data != set(self.data) or bool(self.materials) != (BUNDLE in self.members):
            raise ValueError("its files are not those that it speaks of")
        if self.packages is None and self.wheels:
            raise ValueError("it does not say what its wheels are for")
        return self

    @property
    def wheels(self) -> tuple[str, ...]:
        """The names of the wheels' files, without their folder."""
        return tuple(name.split("/")[1] for name in self._below(WHEELS))

    def _below(self, folder: str) -> tuple[str, ...]:
        return tuple(name for name in self.members if name.startswith(f"{folder}/"))

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(member.size for member in self.members.values())

    def text(self) -> bytes:
        """Return the content of ``kit.json``."""
        return self.model_dump_json(indent=1).encode() + b"\n"


def data_member(data: DataSet | GitDataSet) -> str:
    """Return the name that the file of a data set has in a kit."""
    return f"{DATA}/{data.id}" + (".bundle" if isinstance(data, GitDataSet) else "")


def version_of_materials(definition: Definition) -> str:
    """Return what changes when another bundle is needed; empty if none is."""
    source = definition.source
    if not isinstance(source, GitSource):
        return ""
    return _digest((source.commit, *source.sparse))


def version_of_data(data: DataSet | GitDataSet) -> str:
    """Return what changes when another file is needed."""
    if isinstance(data, GitDataSet):
        return _digest((data.commit, data.path))
    return data.checksum


def version_of_packages(definition: Definition) -> str:
    """Return what changes when other wheels are needed."""
    return digest_of(definition.environment)


def difference(manifest: Manifest, definition: Definition) -> str:
    """Return in plain words why the kit is not for `definition`; empty if it is."""
    if manifest.workshop != definition.id:
        return f"is for the workshop “{manifest.workshop}”, not for “{definition.id}”"
    if manifest.materials and manifest.materials != version_of_materials(definition):
        return "holds another version of the materials than the workshop asks for"
    asked = {data.id: version_of_data(data) for data in definition.data}
    for name, version in manifest.data.items():
        if asked.get(name) != version:
            return f"holds another version of the data set “{name}” than the workshop asks for"
    return ""


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
