"""Expressions evaluated in real kernels: while a cell runs, without a trace, told shortly."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_monai_workshop.errors import Cancelled
from jupyter_monai_workshop.jobs.progress import Silent
from jupyter_monai_workshop.kernels.asking import ask
from jupyter_monai_workshop.kernels.looking import Looked, figure_of, look_at_expressions

from ..live_kernel import LiveKernel, live_kernel

WAIT = """
import os, time
print("begun", flush=True)
while not os.path.exists(os.environ["END"]):
    time.sleep(0.05)
print("ended")
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("END", str(tmp_path / "end"))
    return tmp_path


@pytest.fixture
def kernel(folder: Path) -> Iterator[LiveKernel]:
    with live_kernel(folder) as kernel:
        yield kernel


@pytest.fixture
def old_kernel(folder: Path) -> Iterator[LiveKernel]:
    with live_kernel(folder, subshells=False) as kernel:
        yield kernel


class Until(Silent):
    """A progress that is cancelled once it is told to."""

    def __init__(self) -> None:
        self.over = False

    def raise_if_cancelled(self) -> None:
        if self.over:
            raise Cancelled


def look(kernel: LiveKernel, *expressions: str) -> tuple[Looked, ...]:
    return look_at_expressions(kernel.connection, expressions, progress=Until())


@pytest.mark.parametrize(
    ("expression", "figure"),
    [
        ("x == 6", "x"),
        ("len(a) == len(b) == 8", "len(a)"),
        ("bool(metric_values[-1] > 0.9)", "metric_values[-1]"),
        ("  tuple(img.shape) == (64, 64, 64)", "tuple(img.shape)"),
        ("callable(AutoRunner)", ""),
        ("a == 1 or b == 2", ""),
        ("bool(a)", ""),
        ("not a", ""),
        ("a ==", ""),
    ],
)
def test_the_left_side_of_a_comparison_is_worth_telling(expression: str, figure: str) -> None:
    assert figure_of(expression) == figure


@pytest.mark.parametrize("which", ["kernel", "old_kernel"])
def test_an_idle_kernel_tells_what_holds_and_what_it_found(
    which: str, request: pytest.FixtureRequest
) -> None:
    kernel: LiveKernel = request.getfixturevalue(which)
    kernel.run("x = 7; scores = [0.5, 0.98765432]\ndef two(): return 2")
    assert look(
        kernel, "x == 6", "bool(scores[-1] > 0.9)", "callable(two)", "y == 1", "two() < 3"
    ) == (
        Looked("x == 6", False, "7"),
        Looked("bool(scores[-1] > 0.9)", True, "0.987654"),
        Looked("callable(two)", True),
        Looked("y == 1", False, "", "NameError: name 'y' is not defined"),
        Looked("two() < 3", True, "2"),
    )


def test_names_are_found_inside_comprehensions(kernel: LiveKernel) -> None:
    kernel.run("names = ['a', 'b']; wanted = {'a', 'b'}")
    [found] = look(kernel, "sum(name in wanted for name in names) == 2")
    assert (found.holds, found.found) == (True, "2")


def test_a_long_value_is_cut_in_the_kernel(kernel: LiveKernel) -> None:
    kernel.run("numbers = list(range(1_000_000)); text = 'x' * 1_000_000")
    first, second = look(kernel, "numbers == []", "text == ''")
    assert first.found == "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ...]"
    assert len(second.found) <= 121


def test_a_value_that_cannot_be_shown_does_not_hide_whether_it_holds(kernel: LiveKernel) -> None:
    kernel.run(
        "class Shy:\n    def __repr__(self): raise ValueError\n    def __eq__(self, _): return True"
    )
    kernel.run("shy = Shy()")
    [found] = look(kernel, "shy == 1")
    assert found.holds


def test_a_kernel_answers_while_a_cell_runs(kernel: LiveKernel, folder: Path) -> None:
    kernel.run("x = 6")
    running = kernel.start(WAIT)
    begun = time.monotonic()
    assert look(kernel, "x == 6")[0].holds
    assert time.monotonic() - begun < 5
    (folder / "end").touch()
    assert kernel.printed(running) == "ended"


def test_an_old_kernel_is_waited_for_until_nobody_waits_any_more(
    old_kernel: LiveKernel, folder: Path
) -> None:
    old_kernel.run("x = 6")
    running = old_kernel.start(WAIT)
    progress = Until()
    found: list[object] = []

    def wait() -> None:
        try:
            found.append(look_at_expressions(old_kernel.connection, ["x == 6"], progress=progress))
        except Cancelled:
            found.append("cancelled")

    impatient = threading.Thread(target=wait)
    impatient.start()
    time.sleep(0.5)
    assert found == []
    progress.over = True
    impatient.join(5)
    assert found == ["cancelled"]
    progress.over = False
    patient = threading.Thread(target=wait)
    patient.start()
    (folder / "end").touch()
    assert old_kernel.printed(running) == "ended"
    patient.join(10)
    assert found[1:] == [(Looked("x == 6", True, "6"),)]


STATE = """
import json
print(json.dumps([
    sorted(name for name in globals() if not name.startswith("_i")),
    get_ipython().execution_count,
    len(In),
    [repr(call) for call in get_ipython().events.callbacks["post_execute"]],
]))
"""


def test_nothing_is_left_in_the_kernel(kernel: LiveKernel) -> None:
    kernel.run(STATE)
    before = json.loads(kernel.run(STATE))
    look(kernel, "1 == 1")
    after = json.loads(kernel.run(STATE))
    assert after == [before[0], before[1] + 1, before[2] + 1, before[3]]


def test_many_threads_may_ask_at_once_and_the_cells_keep_their_figures(
    kernel: LiveKernel, folder: Path
) -> None:
    kernel.run(
        "import threading\nshown = []\n"
        "def show(): shown.append(threading.current_thread().name)\n"
        "get_ipython().events.register('post_execute', show)"
    )
    kernel.run("shown.clear()")
    running = kernel.start(WAIT)
    answers: list[bool] = []
    threads = [
        threading.Thread(target=lambda: answers.append(look(kernel, "1 == 1")[0].holds))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == [True] * 6
    (folder / "end").touch()
    assert kernel.printed(running) == "ended"
    assert kernel.run("print(shown)") == "['MainThread', 'MainThread']"


def test_a_kernel_that_was_interrupted_meanwhile_is_asked_again(
    old_kernel: LiveKernel, folder: Path
) -> None:
    old_kernel.run("x = 6")
    old_kernel.start(WAIT)
    found: list[tuple[Looked, ...]] = []
    thread = threading.Thread(target=lambda: found.append(look(old_kernel, "x == 6")))
    thread.start()
    time.sleep(1)
    old_kernel.manager.interrupt_kernel()
    thread.join(20)
    assert found == [(Looked("x == 6", True, "6"),)]


def test_a_call_that_raises_is_no_answer(kernel: LiveKernel) -> None:
    assert ask(kernel.connection, [], "1 / 0", timeout=20).state == "failed"
    assert ask(kernel.connection, ["name = 'x'"], "name * 3", timeout=20).text == "xxx"
