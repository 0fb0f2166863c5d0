"""The report of a rehearsal: one page that needs nothing else, modules by machines first.

Pure, as the report of an attendee is, whose style and curves it has. All text is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from html import escape
from pathlib import Path

from ..jobs.job import Failure
from ..progress import report
from ..progress.report import duration
from ..progress.report_curves import curve_svg
from ..progress.snapshot import Found, TrainingView
from .results import Machine, ModuleResult, Rehearsal, StepResult

_MARKS = {
    "passed": ("✓", "Passed"),
    "failed": ("✕", "Failed"),
    "stopped": ("●", "Stopped"),
    "not run": ("○", "Not run"),
}
"""A shape and a word for each state; colour alone says nothing to everybody."""


def page(rehearsal: Rehearsal) -> str:
    """Return the report as an HTML page."""
    title = escape(rehearsal.title)
    word = "All passed" if rehearsal.passed else "Something is to be mended"
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            # Nothing is loaded and nothing is run, whatever the texts hold.
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
            "style-src 'unsafe-inline'\">",
            f"<title>{title} – rehearsal</title>",
            f"<style>{_style()}</style>",
            "</head>",
            "<body>",
            "<main>",
            '<p class="eyebrow">Rehearsal</p>',
            f"<h1>{title}</h1>",
            f'<p class="summary">{word}.</p>',
            _pairs("cards", _cards(rehearsal)),
            _matrix(rehearsal.results),
            _to_fix(rehearsal.results),
            *(_module(result) for result in rehearsal.results),
            f"<footer>Made by jupyter-monai-workshop {escape(rehearsal.version)} on "
            f"{rehearsal.started:%Y-%m-%d, %H:%M} UTC.</footer>",
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _cards(rehearsal: Rehearsal) -> Iterable[tuple[str, str]]:
    passed = sum(result.state == "passed" for result in rehearsal.results)
    yield "Passed", f"{passed} of {len(rehearsal.results)}"
    yield "Took", duration(rehearsal.seconds)
    if rehearsal.profile:
        yield "Profile", rehearsal.profile
    values = [
        f"{name} = {value}" for them in rehearsal.values.values() for name, value in them.items()
    ]
    if values:
        yield "Set", ", ".join(values)


def _pairs(kind: str, pairs: Iterable[tuple[str, str]]) -> str:
    inside = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in pairs
    )
    return f'<dl class="{kind}">{inside}</dl>'


def _mark(state: str) -> str:
    shape, word = _MARKS[state]
    return f'<span class="mark" role="img" aria-label="{word}">{shape}</span>'


# Modules by machines


def _matrix(results: Sequence[ModuleResult]) -> str:
    machines = list(dict.fromkeys(result.machine for result in results))
    rows = list(dict.fromkeys((result.module, result.kernel) for result in results))
    head = "".join(f'<th scope="col">{_machine(machine)}</th>' for machine in machines)
    body = ""
    for module, kernel in rows:
        own = [it for it in results if (it.module, it.kernel) == (module, kernel)]
        cells = "".join(_cell([it for it in own if it.machine == machine]) for machine in machines)
        title = f"{escape(own[0].title)}<small>{escape(kernel)}</small>"
        body += f'<tr><th scope="row">{title}</th>{cells}</tr>'
    return (
        '<div class="wide"><table class="matrix"><thead><tr><th scope="col">Module</th>'
        f"{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _machine(machine: Machine | None) -> str:
    if machine is None:
        return "no machine yet"
    return f"{escape(machine.name)}<small>{escape(machine.kind)}</small>"


def _cell(results: Sequence[ModuleResult]) -> str:
    inside = "".join(
        f'<a class="{it.state}" href="#task-{it.task}">{_mark(it.state)} {_MARKS[it.state][1]}, '
        f"{duration(it.seconds)}</a>"
        for it in results
    )
    return f"<td>{inside}</td>"


# What to mend


def _to_fix(results: Sequence[ModuleResult]) -> str:
    items = [
        f'<li><p class="where">{escape(result.title)} · {escape(where)}</p>{_failure(failure)}</li>'
        for result in results
        for where, failure in result.failures
    ]
    return f'<h2 class="part">What to mend</h2><ul class="fix">{"".join(items)}</ul>' * bool(items)


def _failure(failure: Failure, source: str = "") -> str:
    text = f'<p class="reason">{escape(failure.message)}</p>'
    text += f'<p class="hint">{escape(failure.hint)}</p>' if failure.hint else ""
    text += f"<pre><code>{escape(source)}</code></pre>" if source else ""
    if failure.details:
        details = f"<pre><code>{escape(failure.details)}</code></pre>"
        text += f"<details><summary>Details</summary>{details}</details>"
    return text


# Each module


def _module(result: ModuleResult) -> str:
    about = f"{_MARKS[result.state][1]} · {duration(result.seconds)}"
    facts = list(result.versions.items())
    if result.machine:
        facts = [("Machine", f"{result.machine.name}: {result.machine.kind}"), *facts]
    lost = "".join(f'<p class="lost">{escape(sentence)}</p>' for sentence in result.lost)
    steps = "".join(
        f'<li class="step {part.state}">{_mark(part.state)}<h3>{escape(part.name)}</h3>'
        f'<p class="time">{duration(part.seconds)}</p>'
        + (f'<div class="body">{_failure(part.failure)}</div>' if part.failure else "")
        + "</li>"
        for part in result.preparation
    )
    steps += "".join(_step(step) for step in result.steps)
    return (
        f'<section class="module" id="task-{result.task}"><header><h2>{escape(result.title)}</h2>'
        f"<p>{about}</p></header>{_pairs('machine', facts)}{lost}"
        f'<ol class="steps">{steps}</ol></section>'
    )


def _step(step: StepResult) -> str:
    time = _MARKS[step.state][1] if step.seconds is None else duration(step.seconds)
    time += f" (expected {duration(step.expected)})" if step.seconds is not None else ""
    inside = ""
    if step.failure:
        cell = f"<p>Cell {step.cell} of the notebook</p>" if step.cell else ""
        inside = cell + _failure(step.failure, step.source)
    inside += _training(step.training) if step.training else ""
    inside += _unmet([found for found in step.found if not found.holds])
    return (
        f'<li class="step {step.state.replace(" ", "-")}">{_mark(step.state)}'
        f'<h3>{escape(step.title)}</h3><p class="time">{time}</p>'
        + (f'<div class="body">{inside}</div>' if inside else "")
        + "</li>"
    )


def _training(training: TrainingView) -> str:
    figures = [(it.title, f"{it.value:.{it.digits}f}") for it in training.metrics]
    curves = [
        f"<figure>{svg}<figcaption>{escape(curve.title)} by {curve.by}</figcaption></figure>"
        for curve in training.curves
        if len(curve.x) > 1 and (svg := curve_svg(curve))
    ]
    text = _pairs("figures", figures) if figures else ""
    return text + f'<div class="curves">{"".join(curves)}</div>' * bool(curves)


def _unmet(found: Sequence[Found]) -> str:
    lines = "".join(
        f'<li class="unmet">{_mark("failed")}<span>{escape(it.text)}</span>'
        f"<b>{escape(it.found)}</b></li>"
        for it in found
    )
    return f'<ul class="checks">{lines}</ul>' * bool(lines)


@cache
def _style() -> str:
    own = Path(__file__).with_name("page.css").read_text("utf-8")
    return Path(report.__file__).with_name("report.css").read_text("utf-8") + own
