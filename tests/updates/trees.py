"""Folders as plain data: what is made of them, and what is found in them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Link:
    """A symbolic link."""

    to: str


@dataclass(frozen=True)
class Run:
    """An executable file."""

    text: str


@dataclass(frozen=True)
class ReadOnly:
    """A file that may not be written."""

    text: str


@dataclass(frozen=True)
class Rename:
    """What was at another path before."""

    old: str


Content = str | bytes | Link | Run | ReadOnly | Rename | None
Tree = Mapping[str, Content]
Expected = Content | Callable[[str], bool]

HIDDEN = (".git", ".monai-workshop", ".monai-workshop.json")


def change(folder: Path, changes: Tree) -> None:
    """Make `changes` below `folder`; ``None`` removes."""
    for path, content in changes.items():
        file = folder / path
        if isinstance(content, Rename):
            file.parent.mkdir(parents=True, exist_ok=True)
            (folder / content.old).rename(file)
            continue
        if file.is_dir() and not file.is_symlink():
            shutil.rmtree(file)
        else:
            file.unlink(missing_ok=True)
        if content is None:
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        match content:
            case Link(to):
                file.symlink_to(to)
            case Run(text) | ReadOnly(text) | (str() as text):
                file.write_text(text, encoding="utf-8")
                mode = {Run: 0o755, ReadOnly: 0o444}.get(type(content), 0o644)
                file.chmod(mode)
            case bytes():
                file.write_bytes(content)


def found(folder: Path) -> dict[str, Content]:
    """Return all files and links below `folder` but what the extension hides there."""
    result: dict[str, Content] = {}
    for name, folders, names in os.walk(folder):
        here = Path(name)
        if here == folder:
            folders[:] = [name for name in folders if name not in HIDDEN]
            names = [name for name in names if name not in HIDDEN]
        for name in (*folders, *names):
            file = here / name
            path = file.relative_to(folder).as_posix()
            if file.is_symlink():
                result[path] = Link(os.readlink(file))  # noqa: PTH115 (as it is)
            elif name not in folders:
                result[path] = _content(file)
    return result


def exact(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return bytes and mode of all files and links below `folder`, hidden or not, but git's."""
    return {
        path.relative_to(folder).as_posix(): (
            (0, os.fsencode(path.readlink()))
            if path.is_symlink()
            else (path.stat().st_mode & 0o777, path.read_bytes())
        )
        for path in folder.rglob("*")
        if ".git" not in path.parts and (path.is_symlink() or path.is_file())
    }


def _content(file: Path) -> Content:
    mode, content = file.stat().st_mode, file.read_bytes()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return content
    if mode & 0o100:
        return Run(text)
    return text if mode & 0o200 else ReadOnly(text)
