"""Writing a workshop's report beside its notebooks, and finding it there again."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

from .errors import WorkshopError
from .kernels.interpreter import ask_interpreter
from .kernels.packages import versions_in
from .notebooks import read_notebook
from .preflight.verdict import Preflight
from .progress.record import Record
from .progress.report import ReportFacts
from .progress.snapshot import Snapshot

_PACKAGES = {"torch": "PyTorch", "monai": "MONAI", "numpy": "NumPy"}
_HARDWARE = {"gpu": "GPU", "processors": "Processors", "memory": "Memory"}
_NAME = " – report"
_MARK = re.compile(rb"<!-- jupyter-monai-workshop report sha256:([0-9a-f]{64}) -->\s*\Z")
_MOST = 50_000_000
"""Bytes of a file that can be a report."""


class NothingToReport(WorkshopError):
    """There is no folder of the workshop in which a report could lie."""

    code = "nothing_to_report"


@dataclass(frozen=True)
class ReportFile:
    """A report on the disk."""

    path: Path
    when: datetime


@dataclass
class ReportReader:
    """Finds reports, and reads each file again only when it has changed."""

    _known: dict[Path, tuple[tuple[int, int, int], bool]] = field(default_factory=dict)

    def newest(self, folder: Path) -> ReportFile | None:
        """Return the newest report in `folder`, ``None`` if there is none."""
        found: list[ReportFile] = []
        for path in _candidates(folder):
            with suppress(OSError):
                stat = path.stat()
                mark = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
                if self._known.get(path, (None, False))[0] != mark:
                    self._known[path] = (mark, is_ours(path))
                if self._known[path][1]:
                    when = datetime.fromtimestamp(stat.st_mtime, timezone.utc)
                    found.append(ReportFile(path, when))
        return max(found, key=lambda report: report.when, default=None)


def write_report(folder: Path, title: str, page: str) -> Path:
    """Write the report into `folder` and return its path.

    The report of before is replaced. A file of that name that this extension did not write,
    or that somebody has changed, stays, and the report gets another name.

    Raises
    ------
    NothingToReport
        If the folder is not there.
    """
    if not folder.is_dir():
        raise NothingToReport(
            "There is nothing to report yet: the materials are not here.",
            hint="Get everything ready, and run the steps.",
        )
    content = page.encode()
    digest = hashlib.sha256(content).hexdigest()
    content += f"<!-- jupyter-monai-workshop report sha256:{digest} -->\n".encode()
    target = next(path for path in _names(folder, title) if not _is_taken(path))
    handle, name = tempfile.mkstemp(dir=folder, prefix=".report-", suffix=".html")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(target)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    return target


def is_ours(path: Path) -> bool:
    """Return whether a file is a report that is as it was written."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _MOST:
            return False
        content = path.read_bytes()
    except OSError:
        return False
    match = _MARK.search(content)
    if match is None:
        return False
    return hashlib.sha256(content[: match.start()]).hexdigest() == match[1].decode()


def report_facts(
    snapshot: Snapshot,
    record: Record,
    *,
    python: Path | None,
    sources: Mapping[tuple[str, str], tuple[str, ...]],
) -> ReportFacts:
    """Return what a report tells beside the snapshot.

    Parameters
    ----------
    python
        The interpreter of the workshop's kernel, if it is made.
    """
    started: dict[tuple[str, str], datetime] = {}
    for run in record.runs.values():
        key = (run.module, run.step)
        started[key] = min(run.started, started.get(key, run.started))
    return ReportFacts(
        when=datetime.now(timezone.utc),
        machine=(*_software(python), *_hardware(snapshot.preflight)),
        started=started,
        sources=sources,
    )


def cell_sources(
    snapshot: Snapshot, folder: Path, notebooks: Mapping[str, str]
) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the source of the steps' cells as they are on the disk.

    Parameters
    ----------
    notebooks
        Paths of the notebooks in `folder`, by the module's id.
    """
    sources = {}
    for module in snapshot.modules:
        try:
            cells = read_notebook(folder / notebooks[module.id]).cells
        except WorkshopError:
            continue  # the notebook went away; the rest can be told
        for step in module.steps:
            inside = [ref.index for ref in step.cells if ref.index < len(cells)]
            sources[module.id, step.id] = tuple(cells[index].source for index in inside)
    return sources


def _software(python: Path | None) -> Iterator[tuple[str, str]]:
    if python is None:
        return
    try:
        interpreter = ask_interpreter(python)
    except WorkshopError:
        return
    versions = versions_in(interpreter.folders)
    yield "Python", interpreter.version
    for name, title in _PACKAGES.items():
        if name in versions:
            yield title, versions[name]


def _hardware(preflight: Preflight | None) -> Iterator[tuple[str, str]]:
    for check in preflight.checks if preflight else ():
        title = _HARDWARE.get(check.name)
        if title and (check.found or title == "GPU"):
            yield title, check.found or "none"
    yield "System", f"{platform.system()} {platform.machine()}"


def _names(folder: Path, title: str) -> Iterator[Path]:
    """Yield the names that a report can have, the first that is free to be taken."""
    safe = re.sub(r"[^\w.,()'& -]+", " ", title).strip(" .")[:80] or "Workshop"
    safe = " ".join(safe.split())
    yield folder / f"{safe}{_NAME}.html"
    number = 2
    while True:
        yield folder / f"{safe}{_NAME} {number}.html"
        number += 1


def _is_taken(path: Path) -> bool:
    return (path.exists() or path.is_symlink()) and not is_ours(path)


def _candidates(folder: Path) -> Iterable[Path]:
    try:
        return [path for path in folder.iterdir() if _NAME in path.name and path.suffix == ".html"]
    except OSError:
        return []
