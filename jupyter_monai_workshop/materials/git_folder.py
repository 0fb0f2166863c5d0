"""What a git folder says of itself, read from its files without starting git."""

from __future__ import annotations

import re
from pathlib import Path

from .state import Holding

BASE = "refs/monai-workshop/base"
"""The receipt: the commit that was brought, whatever the attendee commits later."""

_COMMIT = re.compile(r"[0-9a-f]{40}")


def look_at_git(folder: Path, commit: str) -> tuple[Holding, str]:
    """Return what `folder` holds, seen from `commit`, and the commit of its receipt."""
    git = folder / ".git"
    if not git.is_dir():
        return Holding.SOMETHING_ELSE, ""
    base = _resolve(git, BASE)
    if base:
        return (Holding.OURS if base == commit else Holding.OTHER_VERSION), base
    if head_of(git) == commit:
        return Holding.BY_HAND, ""
    return Holding.SOMETHING_ELSE, ""


def head_of(git: Path) -> str:
    """Return the commit that HEAD stands for, or ``""``."""
    text = _read(git / "HEAD")
    if text.startswith("ref: refs/"):
        return _resolve(git, text.removeprefix("ref: "))
    return text if _COMMIT.fullmatch(text) else ""


def _resolve(git: Path, ref: str) -> str:
    """Return the commit of `ref`, from its own file or from the packed refs."""
    if ".." in ref.split("/"):
        return ""
    text = _read(git / ref)
    if _COMMIT.fullmatch(text):
        return text
    for line in _read(git / "packed-refs").splitlines():
        commit, _, name = line.partition(" ")
        if name == ref and _COMMIT.fullmatch(commit):
            return commit
    return ""


def _read(file: Path) -> str:
    """Return the text of a small file without the white space around it; ``""`` if unreadable."""
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
