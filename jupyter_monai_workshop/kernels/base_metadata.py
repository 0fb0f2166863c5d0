"""Telling uv what the base interpreter has, so that a resolution counts it in.

uv ignores inherited packages. Constraints that pin them are not enough: the index's
metadata of a package (torch above all) may ask for more than the build that is there,
and the very version may exist on no index. So uv is told twice, in a scratch project:

- one ``dependency-metadata`` table for each package, which uv believes more than an index;
- a folder of wheels without content for ``--find-links``, so that each version exists.

The tables name no dependencies: the base has what it needs, or works without. Only
what an extra would add is kept.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from packaging.requirements import Requirement

from .packages import Installed

PROJECT = "workshop-kernel-environment"


def write_project(
    folder: Path,
    wanted: Iterable[str],
    have: Mapping[str, Installed],
    constraints: Iterable[str] = (),
) -> None:
    """Write the scratch project into the empty `folder`.

    It holds ``pyproject.toml``, ``constraints.txt`` and the folder ``wheels``.
    """
    tables = [
        "\n".join(
            [
                "[project]",
                f"name = {_toml(PROJECT)}",
                'version = "0"',
                f"dependencies = {_toml(sorted(wanted))}",
            ]
        )
    ]
    pins: list[str] = []
    wheels = folder / "wheels"
    wheels.mkdir(parents=True)
    for package in have.values():
        asked = [str(line) for line in package.requires if _is_extra(line)]
        # uv looks a local version up by its public part when an index offers only that.
        for version in dict.fromkeys((str(package.version), package.version.public)):
            tables.append(
                "\n".join(
                    [
                        "[[tool.uv.dependency-metadata]]",
                        f"name = {_toml(package.name)}",
                        f"version = {_toml(version)}",
                        f"requires-dist = {_toml(asked)}",
                        f"provides-extra = {_toml(list(package.extras))}",
                    ]
                )
            )
        pins.append(f"{package.name}=={package.version}")
        _write_empty_wheel(wheels, package, asked)
    (folder / "pyproject.toml").write_text("\n\n".join(tables) + "\n", "utf-8")
    (folder / "constraints.txt").write_text("\n".join((*pins, *constraints)) + "\n", "utf-8")


def _is_extra(requirement: Requirement) -> bool:
    return requirement.marker is not None and "extra" in str(requirement.marker)


def _toml(value: str | list[str]) -> str:
    # JSON's strings and lists of strings are TOML's too.
    return json.dumps(value, ensure_ascii=False)


def _write_empty_wheel(folder: Path, package: Installed, asked: Iterable[str]) -> None:
    stem = f"{package.name.replace('-', '_')}-{package.version}"
    metadata = [
        "Metadata-Version: 2.1",
        f"Name: {package.name}",
        f"Version: {package.version}",
        *(f"Provides-Extra: {extra}" for extra in package.extras),
        *(f"Requires-Dist: {line}" for line in asked),
    ]
    tags = ["Wheel-Version: 1.0", "Root-Is-Purelib: true", "Tag: py3-none-any"]
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{stem}.dist-info/METADATA", "\n".join(metadata) + "\n")
        wheel.writestr(f"{stem}.dist-info/WHEEL", "\n".join(tags) + "\n")
        wheel.writestr(f"{stem}.dist-info/RECORD", "")
