"""What a build will install: which packages, how large, and where they come from."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from packaging.tags import Tag
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from pydantic import BaseModel, ConfigDict

from ..definition.models import PackageRule
from .pip_settings import local_folder

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class PlannedPackage(BaseModel):
    """A package that will be installed.

    Attributes
    ----------
    size
        Bytes of the file that is fetched; ``None`` where the index does not say.
    source
        The host that it comes from, or the folder of this machine. Never a login.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    version: str
    size: int | None
    source: str


class InstallPlan(BaseModel):
    """What a build of the environment will install, as people are shown it.

    Attributes
    ----------
    python
        Version of the base interpreter.
    torch
        Version of the torch that the environment will see; ``None`` for none.
    packages
        What will be installed; empty when the base has everything.
    inherited
        Version of each package of the base that is counted on, and left as it is.
    """

    model_config = ConfigDict(frozen=True)

    python: str
    torch: str | None
    packages: tuple[PlannedPackage, ...]
    inherited: dict[str, str]

    def sentence(self) -> str:
        """Return the plan in a few words."""
        if not self.packages:
            return "nothing; this Python has everything"
        count = len(self.packages)
        words = f"{count} packages" if count > 1 else "1 package"
        known = [package.size for package in self.packages if package.size is not None]
        if known:
            size = size_in_words(sum(known))
            words += f", {size if len(known) == count else f'at least {size}'}"
        sources = dict.fromkeys(package.source for package in self.packages if package.source)
        return f"{words}, from {', '.join(sources)}" if sources else words


@dataclass(frozen=True)
class Pin:
    """One package of a resolution.

    Attributes
    ----------
    requirement
        What to ask the installer for to get exactly this.
    """

    requirement: str
    package: PlannedPackage


@dataclass(frozen=True)
class Plan:
    """What a build installs.

    Attributes
    ----------
    python
        Version of the base interpreter.
    torch
        Version of the torch that the environment will see; ``None`` for none.
    rules
        The rules that apply with it.
    pins
        What is installed, nothing else; empty when the base has everything.
    inherited
        Version of each package of the base that was counted on.
    torch_backend
        What uv must be told to find this torch again; empty for nothing.
    """

    python: str
    torch: str | None
    rules: tuple[PackageRule, ...]
    pins: tuple[Pin, ...]
    inherited: Mapping[str, str]
    torch_backend: str = ""

    @property
    def install(self) -> tuple[str, ...]:
        """The requirements to install."""
        return tuple(pin.requirement for pin in self.pins)

    def shown(self) -> InstallPlan:
        """Return the plan as people are shown it."""
        return InstallPlan(
            python=self.python,
            torch=self.torch,
            packages=tuple(pin.package for pin in self.pins),
            inherited=dict(self.inherited),
        )


def pins_of(lock: str, tags: Sequence[Tag]) -> tuple[Pin, ...]:
    """Return the packages of a resolution that uv wrote as a ``pylock.toml`` (PEP 751).

    Parameters
    ----------
    tags
        The wheel tags of the interpreter, best first; they tell which of several wheels
        will be taken.
    """
    packages: list[Mapping[str, Any]] = tomllib.loads(lock).get("packages", [])
    return tuple(_pin(package, tags) for package in packages)


def _pin(package: Mapping[str, Any], tags: Sequence[Tag]) -> Pin:
    name = canonicalize_name(package["name"])
    version = str(package.get("version", ""))
    direct = _direct(package)
    file = direct or _best(package.get("wheels", []), tags) or package.get("sdist", {})
    address = str(file.get("url") or file.get("path") or "")
    requirement = f"{name} @ {_vcs(package) or address}" if direct else f"{name}=={version}"
    return Pin(
        requirement,
        PlannedPackage(
            name=name, version=version, size=_size(file, address), source=source_of(address)
        ),
    )


def _direct(package: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the table of a package that a rule asks for by its address, empty otherwise."""
    for kind in ("archive", "vcs", "directory"):
        if kind in package:
            table: Mapping[str, Any] = package[kind]
            return table
    return {}


def _vcs(package: Mapping[str, Any]) -> str:
    vcs = package.get("vcs")
    return f"{vcs['type']}+{vcs['url']}@{vcs['commit-id']}" if vcs else ""


def _best(wheels: Iterable[Mapping[str, Any]], tags: Sequence[Tag]) -> Mapping[str, Any]:
    """Return the wheel that an interpreter with `tags` takes, empty if there is none."""
    ranks = {tag: rank for rank, tag in enumerate(tags)}

    def rank(wheel: Mapping[str, Any]) -> int:
        file = str(wheel.get("name") or wheel.get("url") or wheel.get("path") or "")
        name = urlsplit(file).path.rpartition("/")[2].replace("%2B", "+")
        try:
            offered = parse_wheel_filename(name)[3]
        except InvalidWheelFilename:
            return len(ranks)
        return min((ranks[tag] for tag in offered if tag in ranks), default=len(ranks))

    return min(wheels, key=rank, default={})


def _size(file: Mapping[str, Any], address: str) -> int | None:
    if "size" in file:
        return int(file["size"])
    path = local_folder(address) if address else None
    try:
        return path.stat().st_size if path is not None and path.is_file() else None
    except OSError:
        return None


def source_of(address: str) -> str:
    """Return the host or the folder that `address` lies at, without login or query."""
    if not address:
        return ""
    path = local_folder(address)
    if path is not None:
        return str(path.parent)
    parts = urlsplit(address.removeprefix("git+"))
    return f"{parts.hostname or ''}:{parts.port}" if parts.port else parts.hostname or ""


def size_in_words(size: int) -> str:
    """Return a number of bytes for people, such as ``12.3 MB``."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} bytes"
