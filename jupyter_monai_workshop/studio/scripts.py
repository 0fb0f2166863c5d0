"""What an administrator gives to SageMaker: an on-start script, or a Dockerfile."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Literal

from .wanted import TagUnfit, Wanted, WheelUnfit

SCRIPT_BYTES = 16_384 // 4 * 3
"""Most bytes of a lifecycle configuration: SageMaker takes 16,384 characters of base64."""

_FOLDER = Path(__file__).parent
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")

DISTRIBUTION = "4.4"
"""Version of SageMaker Distribution that a custom image begins with."""


def lifecycle_config(wanted: Wanted) -> str:
    """Return the on-start script of a lifecycle configuration for JupyterLab spaces.

    Raises
    ------
    WheelUnfit
        If the wheel is a mere file, which no space has, or the script grows too long.
    """
    if wanted.place == "file":
        raise WheelUnfit(
            f"A space that starts does not have the file {wanted.name!r}.",
            hint="Put the wheel where spaces reach it: https://… or s3://….",
        )
    script = _filled(
        "on-start.sh",
        VERSION=shlex.quote(wanted.version),
        WANTED=shlex.quote(wanted.name),
        PLACE=wanted.place,
    )
    if len(script.encode()) > SCRIPT_BYTES:
        raise WheelUnfit(
            "With this address the script is longer than SageMaker takes.",
            hint="Use a shorter address, such as s3://bucket/file.whl.",
        )
    return script


def dockerfile(wanted: Wanted, *, tag: str = "", processor: Literal["cpu", "gpu"] = "gpu") -> str:
    """Return the Dockerfile of a custom image for JupyterLab spaces.

    Parameters
    ----------
    tag
        Tag of SageMaker Distribution; without one, a known version for `processor`.

    Raises
    ------
    TagUnfit
        If the tag cannot be one.
    WheelUnfit
        If the wheel lies in S3, which a build does not reach.
    """
    tag = tag or f"{DISTRIBUTION}-{processor}"
    if not _TAG.fullmatch(tag):
        raise TagUnfit(f"{tag!r} is not the tag of an image.", hint="Give one such as 4.4-gpu.")
    if wanted.place == "s3":
        raise WheelUnfit(
            "A build of an image does not reach S3.",
            hint="Copy the wheel beside the Dockerfile, and give its file name.",
        )
    is_file = wanted.place == "file"
    return _filled(
        "Dockerfile",
        VERSION=wanted.version,
        TAG=tag,
        COPY=f'COPY ["{wanted.name}", "/tmp/"]' if is_file else "",
        WANTED=shlex.quote(f"./{wanted.name}" if is_file else wanted.name),
    )


def _filled(name: str, **values: str) -> str:
    text = (_FOLDER / name).read_text(encoding="utf-8")
    return re.sub("@([A-Z]+)@", lambda found: values[found[1]], text)
