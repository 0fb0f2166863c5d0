"""Repositories and bundled folders that an attacker could make, and what is said of them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.git_server import git

Tree = dict[bytes, "bytes | tuple[str, bytes] | Tree"]
"""Names with contents: a file's, mode and content, or those of a folder."""

LINK, SUBMODULE = "120000", "160000"
_FEW = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 9\n"


def with_file(path: str, content: bytes = b"echo hostile") -> Tree:
    """Return a tree with the workshop's notebook and one more file, whatever its name."""
    parts = [os.fsencode(part) for part in path.split("/")]
    inner: Tree = {parts[-1]: content}
    for part in reversed(parts[:-1]):
        inner = {part: inner}
    return {b"one.ipynb": _FEW, **inner}


def with_link(leads_to: str, name: bytes = b"link") -> Tree:
    """Return a tree with the workshop's notebook and a link."""
    return {b"one.ipynb": _FEW, name: (LINK, os.fsencode(leads_to))}


_ZEROS = bytes(5_000_000)

REFUSED: dict[str, tuple[Callable[[], Tree], str]] = {
    "hook": (lambda: with_file(".git/hooks/post-checkout"), "unsafe_path"),
    "hook-in-capitals": (lambda: with_file(".GIT/hooks/post-checkout"), "unsafe_path"),
    "hook-in-mixed-letters": (lambda: with_file("a/.Git/config"), "unsafe_path"),
    "hook-with-dot": (lambda: with_file(".git./config"), "unsafe_path"),
    "hook-with-space": (lambda: with_file(".git /config"), "unsafe_path"),
    "hook-short-name": (lambda: with_file("GIT~1/config"), "unsafe_path"),
    "hook-invisible": (lambda: with_file(".g\u200cit/config"), "unsafe_path"),
    "hook-as-file": (lambda: with_file(".git"), "unsafe_path"),
    "file-above": (lambda: with_file("../escaped.txt"), "unsafe_path"),
    "file-above-within": (lambda: with_file("a/../../escaped.txt"), "unsafe_path"),
    "file-here": (lambda: with_file("./escaped.txt"), "unsafe_path"),
    "link-up": (lambda: with_link("../outside"), "unsafe_link"),
    "link-absolute": (lambda: with_link("/etc/passwd"), "unsafe_link"),
    "link-into-git-and-out": (lambda: with_link(".git/../../x"), "unsafe_link"),
    "link-without-letters": (lambda: with_link("../../x", b"\xff\xfe"), "unsafe_link"),
    "notebook-too-large": (
        lambda: {b"one.ipynb": bytes(50_000_000)},
        "quota_exceeded",
    ),
    "files-too-large": (
        lambda: {b"one.ipynb": _FEW, **{b"%d.bin" % n: _ZEROS + b"%d" % n for n in range(8)}},
        "quota_exceeded",
    ),
    "path-in-submodule": (lambda: {b"one.ipynb": _FEW, b"sub": (SUBMODULE, b"")}, "path_missing"),
}
"""What is refused, with the failure's code."""

HARMLESS: dict[str, Tree] = {
    "submodule": {
        b"one.ipynb": _FEW,
        b"sub": (SUBMODULE, b""),
        b".gitmodules": b'[submodule "sub"]\n\tpath = sub\n\turl = ext::touch MARK\n'
        b"\tupdate = !touch MARK\n",
    },
    "filter": {
        b"one.ipynb": _FEW,
        b".gitattributes": b"* filter=evil\n*.txt diff=evil merge=evil\n",
        b"a.txt": b"as it is",
    },
    "lfs": {
        b"one.ipynb": _FEW,
        b".gitattributes": b"*.bin filter=lfs diff=lfs merge=lfs -text\n",
        b"a.bin": LFS,
        b".lfsconfig": b"[lfs]\n\turl = https://h.example/steals\n",
    },
    "odd-letters": {
        b"one.ipynb": _FEW,
        "e\u0301.txt".encode(): b"apart",
        "\u00e9.txt".encode(): b"composed",
        "txt.\u202egnp".encode(): b"right to left",
        b"\xff.bin": b"no text",
        b"-rf": b"an option",
        b"$(touch MARK).txt": b"a command",
    },
    "loop": {b"one.ipynb": _FEW, b"a": (LINK, b"b"), b"b": (LINK, b"a")},
}
"""What is brought, without what is dangerous in it."""


def commit_of(repository: Path, tree: Tree) -> str:
    """Make a commit of a tree, as no well-meaning git would, and return it."""
    root = _write_tree(repository, tree)
    commit = git(repository, "commit-tree", root, "-m", "Hostile").strip()
    git(repository, "update-ref", f"refs/heads/{commit}", commit)
    return commit


def _write_tree(path: Path, tree: Tree) -> str:
    entries = []
    for name, content in tree.items():
        if isinstance(content, dict):
            entries.append((name + b"/", b"40000 " + name, _write_tree(path, content)))
        else:
            mode, data = content if isinstance(content, tuple) else ("100644", content)
            submodule = mode == SUBMODULE
            id_ = "1" * 40 if submodule else _write(path, "blob", data)
            entries.append((name, mode.encode() + b" " + name, id_))
    raw = b"".join(head + b"\0" + bytes.fromhex(id_) for _, head, id_ in sorted(entries))
    return _write(path, "tree", raw)


def _write(path: Path, kind: str, data: bytes) -> str:
    done = subprocess.run(
        ["git", "hash-object", "-t", kind, "-w", "--literally", "--stdin"],
        cwd=path,
        input=data,
        check=True,
        capture_output=True,
    )
    return done.stdout.decode().strip()


# Bundled folders


def link_out(files: Path) -> None:
    (files / "link").symlink_to("/etc")


def link_up(files: Path) -> None:
    (files / "deep").mkdir()
    (files / "deep" / "link").symlink_to("../../../..")


def link_nowhere(files: Path) -> None:
    (files / "link").symlink_to("nowhere")


def link_round(files: Path) -> None:
    (files / "a").symlink_to("b")
    (files / "b").symlink_to("a")


def pipe(files: Path) -> None:
    os.mkfifo(files / "pipe")


def device(files: Path) -> None:
    (files / "zero").symlink_to("/dev/zero")


def itself_a_link(files: Path) -> None:
    (files / "one.ipynb").unlink()
    files.rmdir()
    files.symlink_to("/etc")


def too_large(files: Path) -> None:
    with (files / "big.ipynb").open("wb") as file:
        file.truncate(200_000_000)


BUNDLES: dict[str, tuple[Callable[[Path], None], str]] = {
    "bundle-link-out": (link_out, "unsafe_link"),
    "bundle-link-up": (link_up, "unsafe_link"),
    "bundle-link-nowhere": (link_nowhere, "unsafe_link"),
    "bundle-link-round": (link_round, "unsafe_link"),
    "bundle-pipe": (pipe, "no_plain_file"),
    "bundle-device": (device, "unsafe_link"),
    "bundle-itself-a-link": (itself_a_link, "bundle_missing"),
    "bundle-too-large": (too_large, "quota_exceeded"),
}
"""Bundled folders that are refused, with the failure's code."""
