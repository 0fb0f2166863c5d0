"""What a page loads stays small. Reads the built extension."""

import gzip
import json
from pathlib import Path

LABEXTENSION = Path(__file__).parents[1] / "jupyter_monai_workshop" / "labextension"

MARK = '"data-offer":'
"""Stands in the panel's code, and in no style sheet."""


def test_the_whole_extension_is_smaller_than_what_its_start_may_load() -> None:
    scripts = sorted((LABEXTENSION / "static").glob("*.js"))
    assert scripts, "build the extension first: make lab, or jlpm build:prod"
    zipped = sum(len(gzip.compress(path.read_bytes())) for path in scripts)
    # At start 40 kB are allowed and 150 kB in all; the first bound holds for all of it.
    assert zipped < 40_000


def test_the_panel_is_a_chunk_that_the_start_does_not_load() -> None:
    package = json.loads((LABEXTENSION / "package.json").read_text())
    entry = LABEXTENSION / package["jupyterlab"]["_build"]["load"]
    assert MARK not in entry.read_text()
    chunks = [p for p in (LABEXTENSION / "static").glob("*.js") if MARK in p.read_text()]
    assert len(chunks) == 1
