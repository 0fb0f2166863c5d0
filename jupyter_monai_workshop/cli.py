"""``jupyter monai-workshop``: what the panel can do, by the same code.

Exit status: 0 on success, 1 when something did not work or a verdict is ``fail``, 2 for
a wrong command line. With ``--json`` one JSON object goes to standard output; progress
and messages always go to standard error.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from jupyter_core.paths import jupyter_data_dir

from ._version import __version__
from .authoring import lint_file
from .definition.catalogue import DefinitionCatalogue, discover
from .definition.loading import LoadedDefinition
from .definition.models import Needs
from .errors import WorkshopError
from .jobs.job import Failure, JobStatus
from .jobs.progress import Silent
from .jobs.runner import JobRunner
from .materials.addresses import protocol_of
from .preflight import run_preflight
from .preparing import PARTS
from .progress.snapshot import PartName
from .site import Site
from .terminal import JobDisplay
from .workshop import Workshop

Answer: TypeAlias = "tuple[int, dict[str, object], list[str]]"
"""Exit status, the object for ``--json``, and the lines for people."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        status, data, lines = _COMMANDS[options.command](options)
    except (WorkshopError, OSError) as error:
        failure = Failure.of_any(error)
        status, data, lines = 1, {"ok": False, "failure": failure.model_dump()}, []
        _complain(failure)
    except KeyboardInterrupt:
        status, data, lines = 1, {"ok": False, "failure": {"code": "cancelled"}}, []
        print("Stopped.", file=sys.stderr)
    _tell(json.dumps(data, indent=2) if options.json else "\n".join(lines))
    return status


def _tell(text: str) -> None:
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # The reader, such as head, has seen enough; Python would complain at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jupyter monai-workshop",
        description="Prepare and look at hands-on MONAI workshops.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, help_text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help_text, description=help_text)
        sub.add_argument("--json", action="store_true", help="print one JSON object")
        sub.add_argument(
            "--definitions",
            action="append",
            default=[],
            metavar="DIR",
            type=Path,
            help="a folder with definitions of your own (may be given again)",
        )
        return sub

    def folder(sub: argparse.ArgumentParser) -> None:
        sub.add_argument(
            "--folder",
            type=Path,
            default=Path(),
            metavar="DIR",
            help="the folder in which the workshop's own folder lies (default: here)",
        )

    command("list", "List the workshops.")
    show = command("show", "Show what a workshop consists of.")
    show.add_argument("workshop", metavar="ID")
    prepare = command("prepare", "Bring materials, patches and environment.")
    prepare.add_argument("workshop", metavar="ID")
    folder(prepare)
    prepare.add_argument(
        "--mirror",
        action="append",
        default=[],
        metavar="URL",
        help="an address of the materials to try first (may be given again); file:// works",
    )
    prepare.add_argument(
        "--only",
        metavar="PARTS",
        default="materials,data,patches,environment",
        help="what to bring, separated by commas (default: %(default)s)",
    )
    prepare.add_argument(
        "--data",
        action="append",
        default=[],
        metavar="NAME=PATH-OR-URL",
        help="a copy that stands in for a data set (may be given again)",
    )
    prepare.add_argument(
        "--unchecked-data",
        action="store_true",
        help="take the copies of --data as they are, without size and checksum",
    )
    status = command("status", "Show where a workshop stands.")
    status.add_argument("workshop", metavar="ID")
    folder(status)
    doctor = command("doctor", "Look at this machine: GPU, memory, disk.")
    doctor.add_argument("workshop", metavar="ID", nargs="?", default="")
    folder(doctor)
    lint = command("lint", "Find the mistakes in a definition file.")
    lint.add_argument("file", metavar="FILE", type=Path)
    return parser


def _list(options: argparse.Namespace) -> Answer:
    catalogue = _catalogue(options)
    rows = [
        {
            "id": it.definition.id,
            "title": it.definition.title,
            "summary": it.definition.summary,
            "modules": len(it.definition.modules),
        }
        for it in catalogue.definitions.values()
    ]
    for problem in catalogue.problems:
        _complain(Failure.of(problem))
    lines = [
        line for row in rows for line in (f"{row['id']}: {row['title']}", f"    {row['summary']}")
    ]
    ok = not catalogue.problems
    problems = [problem.message for problem in catalogue.problems]
    return int(not ok), {"ok": ok, "workshops": rows, "problems": problems}, lines


def _show(options: argparse.Namespace) -> Answer:
    definition = _catalogue(options).get(options.workshop).definition
    lines = [definition.title, definition.summary]
    for module in definition.modules:
        lines += ["", f"{module.title}  ({module.notebook})"]
        for step in module.steps:
            lines.append(f"  {step.title}  ({_minutes(step.duration.gpu)})")
        lines += [f"  correction {patch.id}: {patch.why}" for patch in module.patches]
    return 0, {"ok": True, "workshop": definition.model_dump(mode="json")}, lines


def _prepare(options: argparse.Namespace) -> Answer:
    parts = _parts(options.only)
    loaded = _catalogue(options).get(options.workshop)
    with JobDisplay() as display:
        workshop = _workshop(
            loaded,
            options.folder,
            mirrors=options.mirror,
            copies=_copies(options.data, loaded),
            check_copies=not options.unchecked_data,
            changed=display.show,
        )
        job = workshop.start("prepare", parts=parts)
        try:
            while job.status.state == "running":
                job.wait(0.5)
        except KeyboardInterrupt:
            job.cancel()
            job.wait(10)
            raise
    snapshot = workshop.snapshot(workshop.look())
    found = {part.name: part for part in snapshot.preparation if part.name in parts}
    ok = job.status.state == "succeeded"
    for failure in {it.failure for it in snapshot.jobs if it.failure and it.kind in parts}:
        _complain(failure)
    data: dict[str, object] = {
        "ok": ok,
        "folder": str(workshop.folder.resolve()),
        "kernel": snapshot.kernel.name,
        "parts": {name: part.model_dump(mode="json") for name, part in found.items()},
    }
    lines = [f"{part.state:8} {name}: {part.message}" for name, part in found.items()]
    return int(not ok), data, [*lines, f"Folder: {workshop.folder.resolve()}"]


def _status(options: argparse.Namespace) -> Answer:
    workshop = _workshop(_catalogue(options).get(options.workshop), options.folder)
    snapshot = workshop.snapshot(workshop.look())
    lines = [f"{snapshot.title}  ({workshop.folder})"]
    lines += [f"  {part.state:8} {part.name}: {part.message}" for part in snapshot.preparation]
    for module in snapshot.modules:
        lines += ["", module.title]
        for step in module.steps:
            reason = f"  ({step.reason})" if step.reason else ""
            lines.append(f"  {step.state:8} {step.title}{reason}")
    return 0, {"ok": True, "snapshot": snapshot.model_dump(mode="json")}, lines


def _doctor(options: argparse.Namespace) -> Answer:
    needs, folder, python = Needs(), options.folder, None
    if options.workshop:
        workshop = _workshop(_catalogue(options).get(options.workshop), options.folder)
        needs, folder, python = workshop.definition.needs, workshop.folder, workshop.python()
    preflight = run_preflight(needs, folder=folder, python=python, progress=Silent())
    lines = []
    for check in preflight.checks:
        figures = ", ".join(filter(None, (check.found, check.wanted and f"asks {check.wanted}")))
        lines.append(
            f"{check.level:7} {check.name}: {check.message}" + f" [{figures}]" * bool(figures)
        )
        lines += [f"        {check.remedy}"] if check.remedy else []
    failed = any(check.level == "fail" for check in preflight.checks)
    return int(failed), {"ok": not failed, "preflight": preflight.model_dump(mode="json")}, lines


def _lint(options: argparse.Namespace) -> Answer:
    problems = lint_file(options.file)
    errors = sum(problem.level == "error" for problem in problems)
    lines = [f"{options.file}: {problem.level}: {problem}" for problem in problems]
    lines.append(f"{options.file}: {errors} errors, {len(problems) - errors} warnings.")
    return int(errors > 0), {"ok": not errors, "problems": [vars(it) for it in problems]}, lines


_COMMANDS = {
    "list": _list,
    "show": _show,
    "prepare": _prepare,
    "status": _status,
    "doctor": _doctor,
    "lint": _lint,
}


def _catalogue(options: argparse.Namespace) -> DefinitionCatalogue:
    return discover(options.definitions)


def _workshop(
    loaded: LoadedDefinition,
    folder: Path,
    *,
    mirrors: Sequence[str] = (),
    copies: Mapping[str, str] | None = None,
    check_copies: bool = True,
    changed: Callable[[JobStatus], None] = lambda status: None,
) -> Workshop:
    """Return the workshop in `folder`; who types the address vouches for its protocol."""
    if folder.exists() and not folder.is_dir():
        raise NoFolder(f"{folder} is no folder.", hint="Give --folder the path of a folder.")
    given = [*mirrors, *(copies or {}).values()]
    site = Site(
        root=folder.resolve(),
        jupyter_data=Path(jupyter_data_dir()),
        protocols=frozenset({"https"} | {protocol_of(it) for it in given}),
        mirrors=tuple(mirrors),
        data_copies=copies or {},
        check_copies=check_copies,
    )
    return Workshop(loaded, site, JobRunner(changed))


class NoFolder(WorkshopError):
    """``--folder`` names something that is no folder."""

    code = "no_folder"


class UnknownData(WorkshopError):
    """``--data`` names no data set of the workshop, or is not written NAME=PATH-OR-URL."""

    code = "unknown_data"


class UnknownPart(WorkshopError):
    """``--only`` names something that is no part of getting ready."""

    code = "unknown_part"


def _copies(pairs: Sequence[str], loaded: LoadedDefinition) -> dict[str, str]:
    known = [data.id for data in loaded.definition.data]
    copies = {}
    for pair in pairs:
        name, _, copy = pair.partition("=")
        if name not in known or not copy:
            raise UnknownData(
                f"{pair!r} names no copy of a data set of this workshop.",
                hint=f"Write NAME=PATH-OR-URL; the names are: {', '.join(known) or 'none'}.",
            )
        copies[name] = copy
    return copies


def _parts(text: str) -> tuple[PartName, ...]:
    wanted = [name.strip() for name in text.split(",")]
    for name in wanted:
        if name not in PARTS:
            raise UnknownPart(
                f"{name!r} is no part that can be prepared.",
                hint=f"Use --only with one or more of: {', '.join(PARTS)}.",
            )
    return tuple(part for part in PARTS if part in wanted)


def _complain(failure: Failure) -> None:
    print(f"Error: {failure.message}", file=sys.stderr)
    if failure.hint:
        print(failure.hint, file=sys.stderr)
    if failure.details:
        print(failure.details, file=sys.stderr)


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


if __name__ == "__main__":
    sys.exit(main())
