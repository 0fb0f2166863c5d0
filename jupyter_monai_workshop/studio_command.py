"""The command ``studio``: prints what brings the extension into SageMaker Studio."""

from __future__ import annotations

import argparse

from ._version import __version__
from .studio import dockerfile, lifecycle_config, version_wanted, wheel_wanted
from .terminal import Answer


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what can be printed, and what is said about it."""
    things = parser.add_subparsers(dest="thing", required=True, metavar="WHAT")
    script = things.add_parser(
        "lifecycle-config",
        help="the on-start script of a lifecycle configuration",
        description="Print a script that installs the extension whenever a space starts.",
    )
    image = things.add_parser(
        "dockerfile",
        help="the Dockerfile of a custom image",
        description="Print the Dockerfile of an image that has the extension.",
    )
    for sub, where in (
        (script, "its address: https://… or s3://…"),
        (image, "its address, https://…, or the name of a file beside the Dockerfile"),
    ):
        sub.add_argument("--json", action="store_true", help="print one JSON object")
        source = sub.add_mutually_exclusive_group()
        source.add_argument(
            "--version",
            default=__version__,
            metavar="VERSION",
            help="the version to install from the package index (default: %(default)s)",
        )
        source.add_argument(
            "--wheel", default="", metavar="WHEEL", help=f"a wheel to install: {where}"
        )
    image.add_argument(
        "--processor", choices=("cpu", "gpu"), default="gpu", help="default: %(default)s"
    )
    image.add_argument(
        "--tag", default="", metavar="TAG", help="the tag of SageMaker Distribution to begin with"
    )


def print_studio(options: argparse.Namespace) -> Answer:
    """Answer the script or the Dockerfile.

    Raises
    ------
    VersionUnfit, WheelUnfit, TagUnfit
        If what is named cannot be installed so.
    """
    wanted = wheel_wanted(options.wheel) if options.wheel else version_wanted(options.version)
    if options.thing == "dockerfile":
        text = dockerfile(wanted, tag=options.tag, processor=options.processor)
    else:
        text = lifecycle_config(wanted)
    return 0, {"ok": True, "text": text}, text.splitlines()
