"""Which build of the extension is to be installed, as said on a command line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from ..errors import WorkshopError

PACKAGE = "jupyter-monai-workshop"

_LONGEST = 2000
"""Characters of an address; signed ones are long."""

_ADDRESS = re.compile(r"[A-Za-z0-9._~:/?#@!$&()*+,;=%-]+")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]*")


class VersionUnfit(WorkshopError):
    """What was given as a version cannot be one."""

    code = "version_unfit"


class WheelUnfit(WorkshopError):
    """What was given as a wheel's address cannot be one."""

    code = "wheel_unfit"


class TagUnfit(WorkshopError):
    """What was given as an image's tag cannot be one."""

    code = "tag_unfit"


@dataclass(frozen=True)
class Wanted:
    """What to install.

    Attributes
    ----------
    version
        As the package's metadata says it.
    place
        Where it comes from: the package index; a URL that pip fetches; an object in S3; or
        a file beside the Dockerfile.
    name
        What pip or the AWS command line is told.
    """

    version: str
    place: Literal["index", "https", "s3", "file"]
    name: str


def version_wanted(version: str) -> Wanted:
    """Return what to install for a version of the package index.

    Raises
    ------
    VersionUnfit
        If it is none.
    """
    try:
        if not version.isascii():
            raise InvalidVersion
        known = str(Version(version))
    except InvalidVersion:
        raise VersionUnfit(
            f"{version!r} is not a version.", hint="Give one such as 0.1.0."
        ) from None
    return Wanted(known, "index", f"{PACKAGE}=={known}")


def wheel_wanted(address: str) -> Wanted:
    """Return what to install for a wheel's address, or its file name.

    Raises
    ------
    WheelUnfit
        If it is no wheel of this package, or lies where it cannot be taken from safely.
    """
    if _FILE.fullmatch(address):
        return Wanted(_version_of(address), "file", address)
    if len(address) > _LONGEST or not _ADDRESS.fullmatch(address):
        raise WheelUnfit(
            "The wheel's address is too long, or has characters that an address has not.",
            hint="Copy the address again; write spaces and quotes in it as %20, %27 and so on.",
        )
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("https", "s3") or not parts.hostname:
        raise WheelUnfit(
            f"A wheel cannot be taken from {address!r}.",
            hint="Give an address that begins with https:// or s3://.",
        )
    if "@" in parts.netloc:
        raise WheelUnfit(
            "The wheel's address holds a login, which everybody could read in the script.",
            hint="Put the wheel into S3, where the space's role opens it, or sign its address.",
        )
    name = unquote(parts.path.rpartition("/")[2])
    if parts.scheme == "s3":
        if parts.query or parts.fragment:
            raise WheelUnfit(
                f"{address!r} is no address of an object in S3.",
                hint="Give one such as s3://bucket/folder/file.whl.",
            )
        return Wanted(_version_of(name), "s3", address)
    return Wanted(_version_of(name), "https", address)


def _version_of(file: str) -> str:
    try:
        name, version, _, _ = parse_wheel_filename(file)
        fits = name == canonicalize_name(PACKAGE) and _FILE.fullmatch(file)
    except InvalidWheelFilename:
        fits = None
    if not fits:
        raise WheelUnfit(
            f"{file!r} is not the name of a wheel of {PACKAGE}.",
            hint="It ends with a file such as jupyter_monai_workshop-0.1.0-py3-none-any.whl.",
        )
    return str(version)
