"""What a build leaves behind about itself, in the environment."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from ..definition.models import Environment

NAME = "monai-workshop.json"


class Receipt(BaseModel):
    """How an environment came about.

    Attributes
    ----------
    format
        Version of what a build does; an environment of another format is rebuilt.
    environment
        Digest of the definition's packages and torch.
    base, base_version, base_prefix, base_changed
        The base interpreter: path, version, prefix and fingerprint.
    base_folders
        Where its packages lie.
    packages_folder
        Where the environment's own packages lie.
    torch
        Version of the torch that the environment sees.
    installed
        Names of what was installed.
    inherited
        Versions of the packages of the base that were counted on.
    """

    model_config = ConfigDict(frozen=True)

    format: int = 1
    environment: str
    base: Path
    base_version: str
    base_prefix: str
    base_changed: tuple[int, int, int]
    base_folders: tuple[Path, ...]
    packages_folder: Path
    torch: str | None
    installed: tuple[str, ...]
    inherited: dict[str, str]


def digest_of(environment: Environment) -> str:
    """Return what changes when an environment must be built anew.

    The kernel's variables are not part of it: they stand in the kernelspec alone.
    """
    text = environment.model_dump_json(include={"packages", "torch"})
    return hashlib.sha256(text.encode()).hexdigest()


def read_receipt(generation: Path) -> Receipt | None:
    """Return the receipt of `generation`, ``None`` if there is none that can be read."""
    try:
        receipt = Receipt.model_validate_json((generation / NAME).read_bytes())
    except (OSError, ValidationError):
        return None
    return receipt if receipt.format == Receipt.model_fields["format"].default else None


def write_receipt(generation: Path, receipt: Receipt) -> None:
    """Write the receipt of `generation`."""
    (generation / NAME).write_text(receipt.model_dump_json(indent=1) + "\n", "utf-8")
