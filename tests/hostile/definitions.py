"""Definitions that an attacker, or an accident, could put where workshops are found."""

from __future__ import annotations

from dataclasses import dataclass

GOOD = """\
format: 1
id: ID
title: A workshop
summary: A workshop for tests.
text: Welcome.
source: {kind: bundled, path: files, folder: here}
modules:
  - id: one
    title: One
    text: The only module.
    notebook: one.ipynb
    steps:
      - id: first
        title: First
        text: Do it.
        cells: [{id: a}]
        duration: 5
"""

_COMMIT = "a" * 40


@dataclass(frozen=True)
class Hostile:
    """A definition file that is refused.

    Attributes
    ----------
    said
        A piece of what people are told of the mistake.
    """

    content: bytes
    said: str
    code: str = "definition_invalid"


def changed(old: str, new: str, said: str, code: str = "definition_invalid") -> Hostile:
    """Return a good definition with one piece replaced."""
    assert old in GOOD
    return Hostile(GOOD.replace(old, new, 1).encode("utf-8"), said, code)


def _notebook(path: str, said: str = "relative path") -> Hostile:
    return changed("notebook: one.ipynb", f'notebook: "{path}"', said)


def _source(text: str, said: str) -> Hostile:
    return changed("{kind: bundled, path: files, folder: here}", text, said)


def _git(said: str, *, url: str = "https://h.example/x", more: str = "", **fields: str) -> Hostile:
    values = {"commit": _COMMIT, "folder": "here", **fields}
    listed = ", ".join(f"{name}: {value}" for name, value in values.items())
    return _source(f'{{kind: git, urls: ["{url}"], {listed}{more}}}', said)


def _data(said: str, **fields: str) -> Hostile:
    values = {
        "id": "d",
        "title": "D",
        "urls": "[https://h.example/d.zip]",
        "size": "10",
        "checksum": f"md5:{'0' * 32}",
        **fields,
    }
    listed = ", ".join(f"{name}: {value}" for name, value in values.items())
    return changed("modules:\n", f"data: [{{{listed}}}]\nmodules:\n", said)


def _environment(text: str, said: str) -> Hostile:
    return changed("modules:\n", f"environment: {text}\nmodules:\n", said)


def _pattern(pattern: str, said: str = "without end") -> Hostile:
    return changed(
        "duration: 5\n", f"duration: 5\n        check: {{prints: ['{pattern}']}}\n", said
    )


def _exploding(link: str) -> Hostile:
    levels = ["a0: &a0 {x: 1}"]
    levels += [
        f"a{n}: &a{n} {link.replace('*', ', '.join([f'*a{n - 1}'] * 9))}" for n in range(1, 12)
    ]
    return Hostile("\n".join(levels).encode(), "more than")


HOSTILE: dict[str, Hostile] = {
    # Paths that lead out
    "notebook-up": _notebook("../one.ipynb"),
    "notebook-up-within": _notebook("a/../../one.ipynb"),
    "notebook-absolute": _notebook("/etc/one.ipynb"),
    "notebook-drive": _notebook("C:/one.ipynb"),
    "notebook-jupyter-drive": _notebook("RTC:one.ipynb"),
    "notebook-backslash": _notebook("..\\\\one.ipynb"),
    "notebook-nul": _notebook("one\\0.ipynb"),
    "notebook-line-break": _notebook("one\\n.ipynb"),
    "notebook-wide-dots": _notebook("\\uFF0E\\uFF0E/one.ipynb"),
    "notebook-two-dots-in-one": _notebook("\\u2025/one.ipynb"),
    "notebook-wide-slash": _notebook("..\\uFF0Fone.ipynb"),
    "notebook-division-slash": _notebook("a\\u2215..\\u2215..\\u2215one.ipynb"),
    "notebook-fraction-slash": _notebook("..\\u2044one.ipynb"),
    "notebook-right-to-left": _notebook("one\\u202Ebnypi.ipynb"),
    "notebook-invisible": _notebook("..\\u200B/one.ipynb"),
    "notebook-half-letter": _notebook("one\\uD800.ipynb", "unicode"),
    "notebook-of-git": _notebook(".git/hooks/one.ipynb", "'.git'"),
    "notebook-of-git-in-capitals": _notebook("a/.GIT/one.ipynb", "'.git'"),
    "notebook-of-git-with-dot": _notebook(".git./one.ipynb", "'.git'"),
    "notebook-of-git-short-name": _notebook("git~1/one.ipynb", "'.git'"),
    "notebook-of-git-stream": _notebook("a/.git::$INDEX_ALLOCATION/one.ipynb", "'.git'"),
    "notebook-of-git-wide": _notebook("\\uFF0Egit/one.ipynb", "'.git'"),
    "bundle-up": _source("{kind: bundled, path: .., folder: here}", "relative path"),
    "bundle-absolute": _source("{kind: bundled, path: /etc, folder: here}", "relative path"),
    "folder-up": _source("{kind: bundled, path: files, folder: ..}", "pattern"),
    "folder-below": _source("{kind: bundled, path: files, folder: a/b}", "pattern"),
    "folder-hidden": _source("{kind: bundled, path: files, folder: .ssh}", "pattern"),
    "folder-of-git": _source("{kind: bundled, path: files, folder: .git}", "pattern"),
    "sparse-up": _git("relative path", more=", sparse: [../..]"),
    "sparse-of-git": _git("'.git'", more=", sparse: [.git/config]"),
    "check-up": changed(
        "duration: 5\n", "duration: 5\n        check: {files: ['../../*']}\n", "relative path"
    ),
    "check-absolute": changed(
        "duration: 5\n", "duration: 5\n        check: {files: [/etc/passwd]}\n", "relative path"
    ),
    "data-up": _data("relative path", provides="[../../.ssh]"),
    "id-up": changed("id: ID", "id: ../../x", "pattern"),
    "id-long": changed("id: ID", f"id: {'a' * 65}", "at most 64"),
    # Addresses
    "url-helper": _git("no address", url="ext::sh -c touch% MARK"),
    "url-option": _git("no address", url="--upload-pack=touch MARK"),
    "url-short-option": _git("no address", url="-utouch"),
    "url-ssh-option": _git("no address", url="ssh://-oProxyCommand=touch%20MARK/x"),
    "url-ssh-user-option": _git("no address", url="ssh://me@-oProxyCommand=touch/x"),
    "url-login": _git("a password", url="https://me:secret@h.example/x"),
    "url-user": _git("a user name", url="https://token@h.example/x"),
    "url-two-hosts": _git("no address", url="https://h.example@g.example@i.example/x"),
    "url-backslash": _git("no address", url="https://h.example\\\\@g.example/x"),
    "url-line-break": _git("no address", url="https://h.example/x\\nProxyCommand=touch"),
    "url-no-host": _git("no address", url="https://[h.example/x"),
    "url-empty": _git("no address", url=""),
    "url-long": _git("no address", url="https://h.example/" + "x" * 5000),
    "data-url-login": _data("a password", urls="['https://me:secret@h.example/d.zip']"),
    # Commits
    "commit-name": _git("pattern", commit="HEAD"),
    "commit-option": _git("pattern", commit="--output=/tmp/x"),
    "commit-short": _git("pattern", commit="abc1234"),
    "commit-range": _git("pattern", commit=f'"{_COMMIT}..{_COMMIT}"'),
    # YAML
    "yaml-exploding-lists": _exploding("[*]"),
    "yaml-exploding-merges": _exploding("{<<: [*]}"),
    "yaml-within-itself": Hostile(b"a: &a [*a]", "nested deeper"),
    "yaml-map-within-itself": Hostile(b"a: &a {b: *a}", "nested deeper"),
    "yaml-brackets": Hostile(b"[" * 100_000, "not valid YAML"),
    "yaml-deep": Hostile(b"{a: " * 200 + b"1" + b"}" * 200, "nested deeper"),
    "yaml-many": Hostile(b"a: [" + b"1," * 60_000 + b"]", "more than"),
    "yaml-huge": Hostile(b"#" * 400_000, "larger", "definition_unreadable"),
    "yaml-twice": changed("title: A workshop", "title: A\ntitle: B", "given twice"),
    "yaml-object": Hostile(b"a: !!python/object/apply:os.system ['touch MARK']", "constructor"),
    "yaml-two-documents": Hostile(GOOD.encode() + b"---\na: 1\n", "another document"),
    "yaml-list-as-key": Hostile(b"? [a, b]\n: 1\n", "unhashable"),
    "yaml-no-date": changed("title: A workshop", "title: 2020-13-45", "month"),
    "yaml-long-number": changed("duration: 5", f"duration: {'9' * 5000}", "digits"),
    "yaml-control": Hostile(b"a: \x01", "not allowed"),
    "yaml-utf-16": Hostile(GOOD.encode("utf-16"), "UTF-8", "definition_unreadable"),
    "yaml-binary": Hostile(bytes(range(256)), "UTF-8", "definition_unreadable"),
    # Expressions
    "pattern-nested": _pattern("(a+)+$"),
    "pattern-alternatives": _pattern("(?:a|aa)*b"),
    "pattern-optional": _pattern("(?:a?){40}a{40}"),
    "pattern-many": _pattern(".*.*.*.*x"),
    "pattern-long": _pattern("a" * 3000, "more than 2000"),
    "pattern-none": _pattern("(", "Not a regular expression"),
    "pattern-deep": _pattern("(" * 900 + ")" * 900, "Not a regular expression"),
    "pattern-of-training": changed(
        "duration: 5\n",
        "duration: 5\n        training: {patterns: ['(\\w+\\s?)*$']}\n",
        "without end",
    ),
    "pattern-of-failure": changed(
        "modules:\n",
        "failures: [{id: f, pattern: '(x+x+)+y', cause: c, remedy: r}]\nmodules:\n",
        "without end",
    ),
    "expression-statement": changed(
        "duration: 5\n",
        "duration: 5\n        check: {expressions: ['import os']}\n",
        "no Python expression",
    ),
    "expression-deep": changed(
        "duration: 5\n",
        f"duration: 5\n        check: {{expressions: ['{'(' * 5000}']}}\n",
        "no Python expression",
    ),
    # What is installed and set
    "package-address": _environment(
        "{packages: [{require: 'x @ https://h.example/x.whl'}]}", "may not name an address"
    ),
    "package-option": _environment(
        "{packages: [{require: '--index-url=https://h.example'}]}", "Not a requirement"
    ),
    "package-file": _environment("{packages: [{require: '-r /etc/passwd'}]}", "Not a requirement"),
    "variable-name": _environment("{variables: {'A=B': x}}", "pattern"),
    "variable-nul": _environment('{variables: {A: "x\\0y"}}', "pattern"),
    "icon-with-script": changed(
        "title: A workshop",
        "title: A workshop\nicon: '<svg><script>alert(1)</script></svg>'",
        "no field 'icon'",
    ),
    "unknown-field": changed("title: A workshop", "title: A workshop\nrun: rm", "no field 'run'"),
}
