"""Paths that a definition or a repository may name: inside their folder on every system."""

from __future__ import annotations

import re
import unicodedata

_SLASHES = str.maketrans(dict.fromkeys("\u2044\u2215\u29f5\u29f8\u29f9\ufe68\uff0f\uff3c", "/"))
"""Characters that look like a slash or a backslash; some disks make one of them."""

_GIT = re.compile(r"\.git(?::.*)?|git~[0-9]+", re.IGNORECASE)
_INVISIBLE = {"Cc", "Cf", "Cs"}


def check_relative(path: str) -> str:
    """Return `path` if it stays inside its folder, whatever disk the folder is on.

    Raises
    ------
    ValueError
        If the path is absolute, uses backslashes, look-alikes of slashes or a drive; has a
        part that is empty, ``.`` or ``..``, that a disk could take for ``.git``, or that
        holds characters that cannot be seen.
    """
    parts = path.split("/")
    wrong = "\\" in path or ":" in parts[0] or any(part in ("", ".", "..") for part in parts)
    if wrong or has_hidden(path) or _as_disks_may_see(path) != len(parts):
        raise ValueError(f"{path!r} must be a relative path with forward slashes and no '..'")
    if any(is_git_folder(part) for part in parts):
        raise ValueError(f"{path!r} must not lead into '.git'")
    return path


def check_pattern(path: str) -> str:
    """Return `path` if it is a relative path that may hold ``*``, ``?`` and whole ``**``.

    Raises
    ------
    ValueError
        As :func:`check_relative`, or if ``**`` stands with other characters.
    """
    if any("**" in part and part != "**" for part in check_relative(path).split("/")):
        raise ValueError(f"{path!r}: '**' must be a whole part of the path")
    return path


def has_hidden(name: str) -> bool:
    """Tell whether a name holds control characters, or such as turn or hide its letters."""
    return any(unicodedata.category(letter) in _INVISIBLE for letter in name)


def is_git_folder(part: str) -> bool:
    """Tell whether some disk could take a part of a path for ``.git``.

    Disks leave out letter case, full stops and spaces at the end, or what cannot be seen.
    """
    seen = "".join(it for it in part if unicodedata.category(it) not in _INVISIBLE)
    return bool(_GIT.fullmatch(unicodedata.normalize("NFKC", seen).rstrip(". ")))


def _as_disks_may_see(path: str) -> int:
    """Return how many parts `path` has for a disk that simplifies letters; 0 if it leads up."""
    simple = unicodedata.normalize("NFKC", path).translate(_SLASHES)
    parts = simple.split("/")
    return 0 if any(part.rstrip(" ") in ("", ".", "..") for part in parts) else len(parts)
