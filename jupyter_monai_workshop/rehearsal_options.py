"""The words of the command ``rehearse``; apart, as what it does takes long to import."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what is said about a rehearsal on the command line, beside where things come from."""
    parser.add_argument("workshop", metavar="ID")
    parser.add_argument(
        "--module", metavar="MODULE", action="append", default=[], help="only this module (again)"
    )
    parser.add_argument("--profile", default="", metavar="PROFILE", help="choose a profile")
    parser.add_argument(
        "--set",
        metavar="[MODULE.]PARAMETER=VALUE",
        action="append",
        default=[],
        help="set a parameter (may be given again)",
    )
    parser.add_argument(
        "--kernel",
        metavar="NAME",
        action="append",
        default=[],
        help="run in this kernel instead of the workshop's own (may be given again: each "
        "module then runs in each)",
    )
    parser.add_argument(
        "--folder",
        type=Path,
        metavar="DIR",
        help="where fresh folders are made (default: temporary)",
    )
    parser.add_argument("--keep", action="store_true", help="keep these folders")
    parser.add_argument(
        "--kit",
        type=Path,
        metavar="FILE",
        help="a file made by “pack”; it stands in for the network",
    )
    parser.add_argument(
        "--timeout", type=float, metavar="SECONDS", help="most seconds for everything"
    )
    parser.add_argument(
        "--cell-timeout",
        type=float,
        metavar="SECONDS",
        help="most seconds for a cell (default: 600, or ten times what the step should take)",
    )
    parser.add_argument(
        "--output-limit",
        type=float,
        default=10.0,
        metavar="MB",
        help="most megabytes that a cell may print (default: %(default)g)",
    )
    parser.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="modules at the same time (default: 1)"
    )
    parser.add_argument(
        "--dask", default="", metavar="ADDRESS", help="run on the workers of a Dask cluster"
    )
    parser.add_argument(
        "--share-gpu", action="store_true", help="let several modules use one GPU at once"
    )
    for name, place, what in (
        ("--junit", "junit", "JUnit XML"),
        ("--json", "json_file", "JSON"),
        ("--html", "html", "a page to read"),
        ("--record", "record", "the measured times, for the definition"),
    ):
        parser.add_argument(
            name, dest=place, type=Path, metavar="FILE", help=f"write {what} into this file"
        )
