"""Which packages lie in which folders."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import Distribution, PathDistribution, distributions
from pathlib import Path

from packaging.markers import UndefinedEnvironmentName, default_environment
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version


@dataclass(frozen=True)
class Installed:
    """A package that is installed.

    Attributes
    ----------
    requires
        What it asks for, as its metadata says; lines that cannot be read are left out.
    extras
        The names of its extras.
    """

    name: str
    version: Version
    requires: tuple[Requirement, ...] = ()
    extras: tuple[str, ...] = ()


def installed_in(folders: Iterable[Path]) -> dict[str, Installed]:
    """Return the packages of `folders` with their metadata, by normalised name.

    Where two folders hold the same package, the first wins, as for an import.
    """
    found: dict[str, Installed] = {}
    for distribution in distributions(path=[str(folder) for folder in folders]):
        package = _read(distribution)
        if package is not None:
            found.setdefault(package.name, package)
    return found


def versions_in(folders: Iterable[Path]) -> dict[str, str]:
    """Return the versions of the packages of `folders`, by normalised name.

    Reads folder names only, and each folder again only after it changed: quick enough
    to be asked at every look.
    """
    found: dict[str, str] = {}
    for folder in folders:
        try:
            changed = folder.stat().st_mtime_ns
        except OSError:
            continue
        for name, version in _versions_in_folder(folder, changed):
            found.setdefault(name, version)
    return found


@lru_cache(maxsize=64)
def _versions_in_folder(folder: Path, changed: int) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries]
    except OSError:
        return ()
    for entry in names:
        stem, ending = entry.rpartition(".")[::2]
        if ending not in ("dist-info", "egg-info"):
            continue
        if ending == "egg-info":
            stem = stem.partition("-py")[0]
        name, _, version = stem.rpartition("-")
        if not _is_version(version):
            package = _read(PathDistribution(folder / entry))
            if package is None:
                continue
            name, version = package.name, str(package.version)
        found.append((canonicalize_name(name), version))
    return tuple(found)


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _read(distribution: Distribution) -> Installed | None:
    metadata = distribution.metadata
    # An interrupted uninstall leaves a folder without name or version.
    if metadata is None or "Name" not in metadata or "Version" not in metadata:
        return None
    try:
        version = Version(metadata["Version"])
    except InvalidVersion:
        return None
    return Installed(
        name=canonicalize_name(metadata["Name"]),
        version=version,
        requires=tuple(_requirements(metadata.get_all("Requires-Dist") or ())),
        extras=tuple(metadata.get_all("Provides-Extra") or ()),
    )


def _requirements(lines: Iterable[str]) -> Iterable[Requirement]:
    for line in lines:
        try:
            yield Requirement(line)
        except InvalidRequirement:
            continue


def applies(requirement: Requirement, python: str, extras: Iterable[str] = ()) -> bool:
    """Return whether a requirement's marker holds for the Python of version `python`."""
    if requirement.marker is None:
        return True
    environment = {
        **{key: str(value) for key, value in default_environment().items()},
        "python_version": ".".join(python.split(".")[:2]),
        "python_full_version": python,
    }
    try:
        return any(
            requirement.marker.evaluate({**environment, "extra": extra}) for extra in (*extras, "")
        )
    except UndefinedEnvironmentName:
        return True


def satisfied(requirement: Requirement, have: Mapping[str, Installed], python: str) -> bool:
    """Return whether the packages in `have` satisfy `requirement`, its extras included."""
    if not applies(requirement, python):
        return True
    return _provided(requirement, have, python, ())


def _provided(
    requirement: Requirement,
    have: Mapping[str, Installed],
    python: str,
    asking: tuple[str, ...],
) -> bool:
    """Return whether `have` satisfies `requirement`, whatever its marker says.

    `asking` holds the requirements that led here; extras may name each other in a ring.
    """
    if str(requirement) in asking:
        return True
    package = have.get(canonicalize_name(requirement.name))
    if package is None or not requirement.specifier.contains(package.version, prereleases=True):
        return False
    return all(
        _provided(asked, have, python, (*asking, str(requirement)))
        for asked in _asked_by_extras(package, requirement.extras, python)
    )


def _asked_by_extras(package: Installed, extras: Iterable[str], python: str) -> list[Requirement]:
    """Return what `package` asks for only because of `extras`."""
    extras = tuple(extras)
    return [
        requirement
        for requirement in package.requires
        if not applies(requirement, python) and applies(requirement, python, extras)
    ]
