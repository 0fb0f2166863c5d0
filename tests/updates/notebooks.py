"""Notebooks in a few words."""

from __future__ import annotations

import json
from collections.abc import Callable


def notebook(*cells: str, ids: bool = True, outputs: dict[int, str] | None = None) -> str:
    """Return a notebook's text; a cell that begins with ``#`` and a space is Markdown.

    Parameters
    ----------
    outputs
        What running printed, by cell.
    """
    made = []
    for number, source in enumerate(cells):
        markdown = source.startswith("# ")
        cell: dict[str, object] = {
            "cell_type": "markdown" if markdown else "code",
            "metadata": {},
            "source": source.splitlines(keepends=True),
        }
        if not markdown:
            printed = (outputs or {}).get(number)
            cell["execution_count"] = None if printed is None else number
            cell["outputs"] = (
                []
                if printed is None
                else [{"name": "stdout", "output_type": "stream", "text": [printed]}]
            )
        if ids:
            cell["id"] = f"cell-{number}"
        made.append(cell)
    content = {
        "cells": made,
        "metadata": {"language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5 if ids else 4,
    }
    return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def sources(text: str) -> list[str]:
    """Return the sources of a notebook's cells."""
    return ["".join(cell["source"]) for cell in json.loads(text)["cells"]]


def printed(text: str) -> list[str]:
    """Return what the cells of a notebook have printed."""
    return [
        "".join(output["text"])
        for cell in json.loads(text)["cells"]
        for output in cell.get("outputs", [])
    ]


def has(*wanted: str, outputs: tuple[str, ...] = ()) -> Callable[[str], bool]:
    """Return the test whether a notebook has exactly these cells and outputs.

    A wanted cell that ends with ``…`` stands for one that contains the rest.
    """

    def test(text: str) -> bool:
        cells = sources(text)
        same = [
            want[:-1] in cell if want.endswith("…") else want == cell
            for want, cell in zip(wanted, cells, strict=False)
        ]
        return len(cells) == len(wanted) and all(same) and printed(text) == list(outputs)

    return test
