"""What a terminal shows of a rehearsal."""

import io
from dataclasses import replace

from rich.console import Console

from jupyter_monai_workshop.rehearsal.following import Row
from jupyter_monai_workshop.rehearsal.table import RehearsalDisplay

RUNNING = Row(
    title="Lungs [b]3D",
    kernel="python3",
    machine="cloud",
    state="running",
    words="Train [the] network",
    done=2,
    steps=5,
    seconds=12.4,
    tries=2,
)


def console(*, terminal: bool) -> tuple[Console, io.StringIO]:
    file = io.StringIO()
    return Console(file=file, force_terminal=terminal, width=140, color_system=None), file


def test_elsewhere_than_on_a_terminal_each_change_is_one_line() -> None:
    plain, file = console(terminal=False)
    with RehearsalDisplay(plain) as display:
        display.show([replace(RUNNING, state="waiting")])
        display.show([RUNNING])
        display.show([replace(RUNNING, seconds=14)])
        display.show([replace(RUNNING, state="passed", words="", done=5)])
    assert file.getvalue().splitlines() == [
        "Lungs [b]3D: running 2/5 Train [the] network",
        "Lungs [b]3D: passed 5/5",
    ]


def test_modules_of_the_same_title_are_told_apart_by_their_kernel() -> None:
    plain, file = console(terminal=False)
    with RehearsalDisplay(plain) as display:
        display.show([RUNNING, replace(RUNNING, kernel="other")])
    assert "Lungs [b]3D (other): running" in file.getvalue()


def test_on_a_terminal_there_is_a_table() -> None:
    live, file = console(terminal=True)
    with RehearsalDisplay(live) as display:
        display.show([RUNNING])
    text = file.getvalue()
    for word in ("Lungs [b]3D", "cloud", "running (try 2)", "2/5", "12 s", "Train [the] network"):
        assert word in text
