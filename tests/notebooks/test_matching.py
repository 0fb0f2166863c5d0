"""Code that was executed is matched to its cell, or to none rather than to a wrong one."""

from __future__ import annotations

import json
import time
from random import Random

import pytest

from jupyter_monai_workshop.notebooks import Notebook, match_cell, parse_notebook

TRAIN = """epochs = 4
for epoch in range(epochs):
    model.train()
    for batch in train_loader:
        loss = step(model, batch)
        print(f"{epoch}: loss {loss:.4f}")
"""
EVALUATE = """model.eval()
with torch.no_grad():
    for batch in test_loader:
        predictions.append(model(batch["image"]).argmax(dim=1))
print(accuracy(predictions, truth))
"""


def notebook_of(*sources: str, markdown: str = "text") -> Notebook:
    cells = [{"cell_type": "markdown", "source": markdown}]
    cells += [{"cell_type": "code", "source": source} for source in sources]
    return parse_notebook(json.dumps({"cells": cells, "nbformat": 4}))


def matched(notebook: Notebook, code: str, after: int = -1) -> int | None:
    cell = match_cell(notebook, code, after=after)
    return None if cell is None else cell.index


@pytest.mark.parametrize(
    "code",
    [
        TRAIN,
        TRAIN.rstrip(),
        TRAIN + "\n\n",
        TRAIN.replace("\n", "  \n"),
        TRAIN.replace("\n", "\r\n"),
    ],
)
def test_the_same_source_is_the_cell_whatever_white_space_ends_its_lines(code: str) -> None:
    assert matched(notebook_of("1", TRAIN, EVALUATE), code) == 2


def test_indentation_is_not_white_space_to_ignore() -> None:
    assert (
        matched(
            notebook_of("if a:\n    b()\n    c()", "if a:\n    b()\nc()"), "if a:\n    b()\nc()"
        )
        == 2
    )


@pytest.mark.parametrize(("after", "index"), [(-1, 1), (0, 1), (1, 3), (2, 3), (3, 4), (4, 1)])
def test_of_equal_cells_it_is_the_next_one(after: int, index: int) -> None:
    notebook = notebook_of("!nvidia-smi", "x", "!nvidia-smi", "!nvidia-smi\n")
    assert matched(notebook, "!nvidia-smi", after) == index


def test_an_equal_cell_above_counts_before_a_similar_one_below() -> None:
    assert matched(notebook_of(TRAIN, TRAIN.replace("4", "5")), TRAIN, after=1) == 1


@pytest.mark.parametrize(
    ("code", "index"),
    [
        (TRAIN.replace("epochs = 4", "epochs = 2"), 1),
        (TRAIN + "print('done')\n", 1),
        ("import time\n" + EVALUATE, 2),
        (EVALUATE.replace("test_loader", "loader"), 2),
        ("print('hello')", None),
        ("", None),
        (" \n", None),
        ("text", None),
        ("%%time", None),
    ],
)
def test_an_edited_cell_is_recognised_and_foreign_code_is_not(code: str, index: int | None) -> None:
    assert matched(notebook_of(TRAIN, EVALUATE, ""), code) == index


def test_when_two_cells_are_as_similar_it_is_neither() -> None:
    edited = TRAIN.replace("epochs = 4", "epochs = 2")
    assert matched(notebook_of(TRAIN, TRAIN), edited) is None
    assert matched(notebook_of(TRAIN, TRAIN.replace("= 4", "= 8")), edited) is None


def test_of_two_similar_cells_the_clearly_closer_one_is_meant() -> None:
    other = TRAIN.replace("train", "validate").replace("loss", "score").replace("4", "1")
    assert matched(notebook_of(other, TRAIN), TRAIN.replace("epochs = 4", "epochs = 2")) == 2


def test_an_empty_notebook_matches_nothing() -> None:
    assert matched(notebook_of(), TRAIN) is None


def test_a_hundred_cells_of_a_hundred_lines_are_matched_quickly() -> None:
    random = Random(0)
    words = ["model", "loss", "epoch", "loader", "metric", "x", "y", "np", "torch", "step"]

    def line() -> str:
        a, b, c, d = random.choices(words, k=4)
        return f"{a} = {b}({c}, {d}={random.randint(0, 99)})"

    sources = ["\n".join(line() for _ in range(100)) for _ in range(100)]
    notebook = notebook_of(*sources)
    worst = notebook_of(*["x = x + x\n" * 100] * 100)
    started = time.process_time()
    assert matched(notebook, sources[60].replace("model", "network")) == 61
    assert matched(notebook, "\n".join(line() for _ in range(100))) is None
    assert matched(worst, "x = x - x\n" * 100) is None
    assert matched(worst, "x = x - x\n" * 50) is None
    assert time.process_time() - started < 3
