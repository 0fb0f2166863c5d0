"""Bring materials once in a process of its own, and print how long that took.

``python ours.py '{"address": …, "commit": …, "sparse": […], "target": …, "arriving": …}'``
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path

from jupyter_monai_workshop.definition.models import GitSource
from jupyter_monai_workshop.errors import WorkshopError
from jupyter_monai_workshop.jobs.progress import Silent
from jupyter_monai_workshop.materials import GitPatience, bring_materials


def main() -> None:
    """Bring them; a network that breaks is not tried again."""
    asked = json.loads(sys.argv[1])
    target = Path(asked["target"])
    source = GitSource(
        kind="git",
        urls=(asked["address"],),
        commit=asked["commit"],
        sparse=tuple(asked["sparse"]),
        folder=target.name,
    )
    # The package imports GitPython at its first use, a server therefore once in its life.
    began = time.perf_counter()
    importlib.import_module("git")
    imports = time.perf_counter() - began
    failure = ""
    began = time.perf_counter()
    try:
        bring_materials(
            source,
            target,
            definition_folder=target.parent,
            arriving=Path(asked["arriving"]),
            protocols=("http",),
            patience=GitPatience(pauses=()),
            progress=Silent(),
        )
    except WorkshopError as error:
        failure = f"{error.code}: {error.message}"
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "failure": failure, "imports": imports}))


if __name__ == "__main__":
    main()
