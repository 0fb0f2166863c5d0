"""A rehearsal as a terminal shows it: a live table where there is one, else plain lines."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from .following import Row

_COLOURS = {"running": "cyan", "passed": "green", "failed": "red", "stopped": "yellow"}


class RehearsalDisplay:
    """Shows the tasks on standard error while the context lasts."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        self._live = Live(console=self._console, auto_refresh=False)
        self._told: dict[int, str] = {}

    def __enter__(self) -> RehearsalDisplay:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def show(self, rows: Sequence[Row]) -> None:
        """Show where every task stands."""
        if self._console.is_terminal:
            self._live.update(_table(rows), refresh=True)
            return
        for number, row in enumerate(rows):
            line = f"{_name(row, rows)}: {row.state} {row.done}/{row.steps}"
            line += f" {row.words}" if row.words else ""
            if row.state != "waiting" and self._told.get(number) != line:
                self._told[number] = line
                self._console.print(line, markup=False, highlight=False, soft_wrap=True)


def _table(rows: Sequence[Row]) -> Table:
    table = Table(expand=True, box=None)
    for title in ("Module", "Kernel", "Machine", "State", "Steps", "Time"):
        table.add_column(title, no_wrap=title in ("State", "Steps", "Time"))
    table.add_column("Now", ratio=1, no_wrap=True)
    for row in rows:
        colour = _COLOURS.get(row.state, "dim")
        again = f" (try {row.tries})" if row.tries > 1 else ""
        table.add_row(
            escape(row.title),
            escape(row.kernel),
            escape(row.machine),
            f"[{colour}]{row.state}{again}[/{colour}]",
            f"{row.done}/{row.steps}",
            f"{row.seconds:.0f} s",
            escape(row.words),
        )
    return table


def _name(row: Row, rows: Sequence[Row]) -> str:
    alone = sum(other.title == row.title for other in rows) == 1
    return row.title if alone else f"{row.title} ({row.kernel})"
