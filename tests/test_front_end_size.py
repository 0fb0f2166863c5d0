"""What a page loads stays small. Reads the built extension."""

import gzip
import json
from pathlib import Path

LABEXTENSION = Path(__file__).parents[1] / "jupyter_monai_workshop" / "labextension"

PANEL = '"data-offer":'
"""Stands in the panel's code, and in no style sheet."""

CHARTS = "drawClear"
"""Stands in the code of the library that draws curves."""

MESSAGES = "The materials are here."
"""Stands in the list of what the server says."""

TRANSLATING = "kB|MB|GB"
"""Stands in the code that translates it."""


def test_what_the_start_loads_is_small() -> None:
    lazy = {_chunk(mark) for mark in (PANEL, CHARTS, MESSAGES, TRANSLATING)}
    # 40 kB are allowed; what is well below that is to stay so.
    assert _zipped([path for path in _scripts() if path not in lazy]) < 28_000


def test_the_whole_extension_is_small() -> None:
    # 150 kB are allowed. uPlot is 22 kB of it, and draws well what would be written badly;
    # 9 kB are the server's messages, which only languages other than English load.
    assert _zipped(_scripts()) < 85_000


def test_the_panel_and_its_charts_are_chunks_that_the_start_does_not_load() -> None:
    package = json.loads((LABEXTENSION / "package.json").read_text())
    entry = (LABEXTENSION / package["jupyterlab"]["_build"]["load"]).read_text()
    assert PANEL not in entry
    assert CHARTS not in entry
    assert MESSAGES not in entry
    assert _chunk(PANEL) != _chunk(CHARTS)


def _scripts() -> list[Path]:
    scripts = sorted((LABEXTENSION / "static").glob("*.js"))
    assert scripts, "build the extension first: make lab, or jlpm build:prod"
    return scripts


def _chunk(mark: str) -> Path:
    """Find the one script that holds `mark`."""
    (chunk,) = [path for path in _scripts() if mark in path.read_text()]
    return chunk


def _zipped(scripts: list[Path]) -> int:
    """Add up what the scripts take on the network, in bytes."""
    return sum(len(gzip.compress(path.read_bytes())) for path in scripts)
