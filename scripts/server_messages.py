"""What the server says to people: the sentences in the source of the Python package.

They are written in English where they arise, with names and figures put in, and reach the page
like that. The page finds a sentence again by its fixed words and shows its translation.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "jupyter_monai_workshop"

FILES = (
    "allowing.py",
    "editing.py",
    "errors.py",
    "observed.py",
    "observing.py",
    "policy.py",
    "reporting.py",
    "settings.py",
    "trust.py",
    "wish.py",
    "workshop.py",
    "definition/catalogue.py",
    "jobs/*.py",
    "kernels/*.py",
    "kit/*.py",
    "materials/*.py",
    "notebooks/*.py",
    "preflight/*.py",
    "progress/*.py",
    "server/*.py",
    "updates/*.py",
)
"""The parts of the package whose words the panel shows. Those for authors of workshops, for
organisers and for the command line are not among them."""

SILENT = frozenset(
    {
        "kernels/asking.py",
        "kernels/base_metadata.py",
        "kernels/line.py",
        "kernels/looking_script.py",
        "kernels/shield_script.py",
        "kit/archive.py",
        "materials/git_answers.py",
        "progress/report.py",
        "progress/report_curves.py",
        "server/events.py",
        "server/openapi.py",
    }
)
"""Files among them that say nothing: programs, patterns, and pages of their own."""

MUTE = frozenset({"compile", "search", "match", "sub", "says", "getLogger", "Field", "HTTPError"})
"""Functions whose arguments are patterns, or words for programmers."""
LOGS = frozenset({"debug", "info", "warning", "error", "exception"})

UNSAID = frozenset(
    {
        # Of answers of programs, by which some are told from others.
        "no space left",
        "quota exceeded",
        "read-only file system",
        "permission denied",
        "no kernel image",
        "out of memory",
        "Tunnel connection failed",
        "-> FETCH_HEAD",
        "git -c uploadpack.allowFilter=true upload-pack",
        # Names that programs have for things.
        "other version",
        "by hand",
        "something else",
        "jupyter-monai-workshop kit",
        "the body",
        "Basic %1",
        "GPU %1",
        "HTTP %1 %2",
        "CUDA %1",
        "Walks attendees through hands-on MONAI workshops.",
        "MONAI Workshop",
        "%1.folder: %2",
        # What git asks.
        "Password for '%1://%2@%3':",
        "Username for '%1://%2':",
        # Units, which the page writes itself.
        "%1 GB",
        "%1 MB",
        "%1 GiB",
        "%1 MiB",
        # Names of files.
        "%1%2 %3.html",
        "from the workshop",
        "from the workshop %1",
        "your copy %1",
        # What the decoder of JSON says.
        "Extra data",
        "Expecting property name enclosed in double quotes",
        "Expecting ':' delimiter",
        "Expecting ',' delimiter",
    }
)
"""What reads like words for people, and is none."""
DETAILS = "details"
"""What is given this name are last lines of programs and the like, and stays as it is."""

PLACEHOLDER = re.compile(r"%\d+")
NAMED = re.compile(r"\{(\w+)\}")
WORDS = re.compile(r"[A-Za-z]{2,}")
CODE = re.compile(
    r"\\[A-Za-z(]|\[.*\]|\(lambda|\(\?|[=_]{2}|\}\}|[\n\t*]|^import |^%pip|^ref: |^#|<[a-z/]"
)


def server_messages() -> dict[str, list[str]]:
    """Return every sentence, with ``%1`` and so on for what is put in, and where it is used."""
    found: dict[str, list[str]] = {}
    for pattern in FILES:
        for path in sorted(PACKAGE.glob(pattern)):
            if path.relative_to(PACKAGE).as_posix() in SILENT:
                continue
            for message in messages_in(path.read_text("utf-8")):
                places = found.setdefault(message, [])
                name = path.relative_to(ROOT).as_posix()
                if name not in places:
                    places.append(name)
    return found


def messages_in(source: str) -> Iterator[str]:
    """Yield what is said in the source of a module, in order."""
    yield from _messages(ast.parse(source))


def _messages(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring
    if isinstance(node, ast.Call) and _name(node.func) in MUTE | LOGS:
        return
    if isinstance(node, ast.keyword) and node.arg in (DETAILS, "help"):
        return
    if isinstance(node, ast.Assign) and _name(node.targets[0]) == DETAILS:
        return
    if isinstance(node, ast.Constant | ast.JoinedStr):
        message = _text(node)
        if message is not None and is_said(message):
            yield message.strip()
    for child in ast.iter_child_nodes(node):
        # What stands between the braces of an f-string is told by the string itself.
        if not (isinstance(node, ast.JoinedStr) and isinstance(child, ast.Constant)):
            yield from _messages(child)


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _text(node: ast.AST) -> "str | None":
    if isinstance(node, ast.Constant):
        return numbered(node.value) if isinstance(node.value, str) else None
    assert isinstance(node, ast.JoinedStr)
    text, count = "", 0
    for part in node.values:
        if isinstance(part, ast.Constant):
            text += str(part.value)
        else:
            count += 1
            text += f"%{count}"
    return text


def numbered(text: str) -> str:
    """Return a text whose places have names with numbers instead, in order."""
    names = list(dict.fromkeys(NAMED.findall(text)))
    return NAMED.sub(lambda name: f"%{names.index(name[1]) + 1}", text)


def is_said(message: str) -> bool:
    """Return whether these are words for people: two of them, or one with a number or name."""
    fixed = PLACEHOLDER.sub(" ", message)
    least = 1 if PLACEHOLDER.search(message) or re.match(r"1 \w", message) else 2
    return (
        " " in message.strip()
        and len(WORDS.findall(fixed)) >= least
        and not CODE.search(message)
        and message.strip() not in UNSAID
    )
