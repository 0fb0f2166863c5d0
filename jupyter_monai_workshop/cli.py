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
from collections.abc import Sequence
from pathlib import Path

from ._version import __version__
from .commands import COMMANDS
from .errors import WorkshopError
from .jobs.job import Failure
from .kit import KIT_PARTS
from .preparing import PARTS
from .rehearsal_options import add_options as add_rehearsal_options
from .studio_command import add_options as add_studio_options
from .terminal import complain


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        status, data, lines = COMMANDS[options.command](options)
    except (WorkshopError, OSError) as error:
        failure = Failure.of_any(error)
        status, data, lines = 1, {"ok": False, "failure": failure.model_dump()}, []
        complain(failure)
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
        definitions(sub)
        return sub

    def definitions(sub: argparse.ArgumentParser) -> None:
        sub.add_argument(
            "--definitions",
            action="append",
            default=[],
            metavar="DIR",
            type=Path,
            help="a folder with definitions of your own (may be given again)",
        )
        sub.add_argument(
            "--trust",
            action="store_true",
            help="trust the workshop although neither the package nor the administrator "
            "answers for it",
        )

    def folder(sub: argparse.ArgumentParser) -> None:
        sub.add_argument(
            "--folder",
            type=Path,
            default=Path(),
            metavar="DIR",
            help="the folder in which the workshop's own folder lies (default: here)",
        )

    def sources(sub: argparse.ArgumentParser, *, data: bool = True) -> None:
        sub.add_argument(
            "--mirror",
            action="append",
            default=[],
            metavar="URL",
            help="an address of the materials to try first (may be given again): a URL, "
            "file://…, or a git bundle",
        )
        sub.add_argument(
            "--token-file",
            type=Path,
            metavar="FILE",
            help="a file with an access token for a private repository; “-” reads it from "
            "standard input",
        )
        if data:
            sub.add_argument(
                "--data",
                action="append",
                default=[],
                metavar="NAME=PATH-OR-URL",
                help="a copy that stands in for a data set (may be given again)",
            )
            sub.add_argument(
                "--unchecked-data",
                action="store_true",
                help="take the copies of --data as they are, without size and checksum",
            )

    command("list", "List the workshops.")
    command("config", "Show the settings of the administrator, and where each comes from.")
    show = command("show", "Show what a workshop consists of.")
    show.add_argument("workshop", metavar="ID")
    prepare = command("prepare", "Bring materials, patches and environment.")
    prepare.add_argument("workshop", metavar="ID")
    folder(prepare)
    sources(prepare)
    prepare.add_argument(
        "--kit",
        type=Path,
        metavar="FILE",
        help="a file made by “pack”; what it holds is asked of no network",
    )
    prepare.add_argument(
        "--only",
        metavar="PARTS",
        default=",".join(PARTS),
        help="what to bring, separated by commas (default: %(default)s)",
    )
    prepare.add_argument(
        "--profile", metavar="NAME", default="", help="a profile of the workshop to choose as well"
    )
    choose = command("set", "Set parameters in a notebook.")
    choose.add_argument("workshop", metavar="ID")
    choose.add_argument("module", metavar="MODULE")
    choose.add_argument("values", metavar="NAME=VALUE", nargs="+")
    folder(choose)
    profile = command("profile", "Choose a profile; without a name, take every profile back.")
    profile.add_argument("workshop", metavar="ID")
    profile.add_argument("profile", metavar="NAME", nargs="?", default="")
    folder(profile)
    update = command("update", "Bring a newer version of the materials; your changes stay.")
    update.add_argument("workshop", metavar="ID")
    folder(update)
    sources(update, data=False)
    update.add_argument(
        "--restore-deleted",
        action="store_true",
        help="bring back files of the workshop that were deleted",
    )
    undo = command("undo", "Take the last update back.")
    undo.add_argument("workshop", metavar="ID")
    folder(undo)
    again = command("start-again", "Bring a notebook as it was made; yours is kept beside it.")
    again.add_argument("workshop", metavar="ID")
    again.add_argument("--module", required=True, metavar="MODULE", help="the module to begin anew")
    folder(again)
    pack = command("pack", "Make one file of a workshop, for a room without network.")
    pack.add_argument("workshop", metavar="ID")
    pack.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")
    pack.add_argument(
        "--without",
        action="append",
        default=[],
        choices=KIT_PARTS,
        help="leave a part out (may be given again)",
    )
    pack.add_argument(
        "--gpu",
        action="store_true",
        help="the machines of the attendees have a GPU (default: as this machine)",
    )
    sources(pack)
    plan = command("plan", "Show which packages the environment would get, and from where.")
    plan.add_argument("workshop", metavar="ID")
    pip = command("pip", "Show what installs the packages into a kernel's own Python.")
    pip.add_argument("workshop", metavar="ID")
    pip.add_argument(
        "--existing",
        type=Path,
        metavar="FILE",
        help="the connection file of a kernel that runs (default: the Python of this command)",
    )
    pip.add_argument(
        "--install", action="store_true", help="run it in that kernel; the kernel is not restarted"
    )
    remove = command("remove", "Remove the Python environment and its kernel, nothing else.")
    remove.add_argument("workshop", metavar="ID")
    status = command("status", "Show where a workshop stands.")
    status.add_argument("workshop", metavar="ID")
    folder(status)
    report = command("report", "Write a report of a workshop beside its notebooks.")
    report.add_argument("workshop", metavar="ID")
    report.add_argument(
        "--source", action="store_true", help="show the source of the cells as they are now"
    )
    folder(report)
    doctor = command("doctor", "Look at this machine: GPU, memory, disk.")
    doctor.add_argument("workshop", metavar="ID", nargs="?", default="")
    folder(doctor)
    rehearsal = commands.add_parser(
        "rehearse",
        help="Run a whole workshop with nobody watching.",
        description="Run a whole workshop with nobody watching, as an attendee would, and say "
        "what breaks and how long each step takes.",
    )
    rehearsal.set_defaults(json=False)
    definitions(rehearsal)
    add_rehearsal_options(rehearsal)
    sources(rehearsal)
    new = command("new", "Write a first definition for the notebooks of a folder.")
    new.add_argument("folder", metavar="FOLDER", type=Path)
    new.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="the file to write (default: workshop.yaml in the folder above)",
    )
    times = command("retime", "Take measured times over into a definition file.")
    times.add_argument("file", metavar="FILE", type=Path, help="the definition")
    times.add_argument(
        "times", metavar="TIMES", type=Path, help="a file written by rehearse --record"
    )
    lint = command("lint", "Find the mistakes in a definition file.")
    lint.add_argument("file", metavar="FILE", type=Path)
    lint.add_argument(
        "--materials",
        type=Path,
        metavar="DIR",
        help="a folder with the notebooks, in which addresses and patches are looked up",
    )
    studio = commands.add_parser(
        "studio",
        help="Print what brings this extension into SageMaker Studio.",
        description="Print what brings this extension into SageMaker Studio.",
    )
    add_studio_options(studio)
    return parser


if __name__ == "__main__":
    sys.exit(main())
