"""How many workers the cells of a notebook ask for."""

from __future__ import annotations

import pytest

from jupyter_monai_workshop.preflight import workers_asked


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        ("num_workers = 10", 10),
        ("num_workers=0", 0),
        ("num_workers: int = 4", 4),
        ("loader = DataLoader(data, batch_size=512, shuffle=True, num_workers=10)", 10),
        ("batch_size, num_workers = 512, 10", None),
        ("!pip install monai\n%matplotlib inline\nnum_workers = 6", 6),
        ("if True:\n    !ls\n    num_workers = 6", 6),
        ("import os\nnum_workers = min(10, os.cpu_count())", 4),
        ("num_workers = os.cpu_count() or 1", 4),
        ("num_workers = max(1, multiprocessing.cpu_count() // 2)", 2),
        ("num_workers = int(os.cpu_count())", 4),
        ("num_workers = 3 // 0", None),
        ("num_workers = -1", None),
        ("num_workers = True", None),
        ("num_workers = 2.5", None),
        ("num_workers = choose()", None),
        ("num_workers = min(10, choose())", None),
        ("# num_workers = 10", None),
        ("'num_workers = 10'", None),
        ("print(num_workers)", None),
        ("config.num_workers = 10", None),
        ("other_num_workers = 10", None),
        ("num_workers = 10\nthis is no Python", None),
        ("num_workers = \0", None),
        ("num_workers = " + "(" * 5000, None),
    ],
)
def test_what_a_cell_asks_for(source: str, asked: int | None) -> None:
    assert workers_asked([source], processors=4) == asked


def test_the_largest_number_of_all_cells_counts() -> None:
    cells = ["num_workers = 2", "%%bash\nnum_workers=99 ((", "DataLoader(x, num_workers=8)", "1"]
    assert workers_asked(cells) == 8
    assert workers_asked([]) is None


def test_another_variable_and_processors_that_are_not_known() -> None:
    assert workers_asked(["workers = 3; num_workers = 9"], "workers") == 3
    assert workers_asked(["num_workers = os.cpu_count()"]) is None
