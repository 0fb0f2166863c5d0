"""The report of a workshop: one page that tells what ran, and needs nothing else.

Pure: the same snapshot and facts give the same page. All text is escaped, for titles,
printed lines and values come from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from html import escape
from pathlib import Path

from .report_curves import curve_svg
from .snapshot import Found, ModuleView, Snapshot, State, StepView, TrainingView

_MARKS: Mapping[State, tuple[str, str]] = {
    "done": ("✓", "Done"),
    "failed": ("✕", "Failed"),
    "running": ("●", "Running"),
    "ready": ("○", "Not run"),
    "blocked": ("○", "Not run"),
}
"""A shape and a word for each state; colour alone says nothing to everybody."""


@dataclass(frozen=True)
class ReportFacts:
    """What a report tells beside the snapshot.

    Attributes
    ----------
    when
        When the report was made.
    machine
        Names and values that describe machine and software, in their order.
    started
        When the steps were started, by module and step.
    sources
        The source of the steps' cells, by module and step; empty unless it is wanted.
    """

    when: datetime
    machine: Sequence[tuple[str, str]] = ()
    started: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    sources: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)


def report_html(snapshot: Snapshot, facts: ReportFacts) -> str:
    """Return the report as an HTML page."""
    title = escape(snapshot.title)
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="generator" content="jupyter-monai-workshop">',
            # Nothing is loaded and nothing is run, whatever the texts hold.
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
            "style-src 'unsafe-inline'\">",
            f"<title>{title} – report</title>",
            f"<style>{_style()}</style>",
            "</head>",
            "<body>",
            "<main>",
            '<p class="eyebrow">Workshop report</p>',
            f"<h1>{title}</h1>",
            f'<p class="summary">{escape(snapshot.summary)}</p>',
            _cards(snapshot, facts),
            _pairs("machine", facts.machine),
            *(_module(module, facts) for module in snapshot.modules),
            f"<footer>Made on {_moment(facts.when)} from what the kernels told while the cells "
            "ran. Times are in UTC.</footer>",
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _cards(snapshot: Snapshot, facts: ReportFacts) -> str:
    steps = [step for module in snapshot.modules for step in module.steps]
    done = sum(step.state == "done" for step in steps)
    took = sum(step.elapsed or 0 for step in steps)
    begun = [facts.started[key] for key in facts.started]
    cards = [("Steps done", f"{done} of {len(steps)}"), ("Cells ran for", duration(took))]
    cards += [("Begun", _moment(min(begun)))] if begun else []
    return _pairs("cards", cards)


def _pairs(kind: str, pairs: Iterable[tuple[str, str]]) -> str:
    inside = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in pairs
    )
    return f'<dl class="{kind}">{inside}</dl>'


def _module(module: ModuleView, facts: ReportFacts) -> str:
    done = sum(step.state == "done" for step in module.steps)
    took = sum(step.elapsed or 0 for step in module.steps)
    about = f"{done} of {len(module.steps)} steps" + f" · {duration(took)}" * bool(took)
    steps = "".join(_step(module, step, facts) for step in module.steps)
    return (
        f'<section class="module"><header><h2>{escape(module.title)}</h2>'
        f'<p>{about}</p></header><ol class="steps">{steps}</ol></section>'
    )


def _step(module: ModuleView, step: StepView, facts: ReportFacts) -> str:
    shape, word = _MARKS[step.state]
    key = (module.id, step.id)
    started = facts.started.get(key)
    times = [f"{started:%H:%M:%S}"] if started and step.elapsed is not None else []
    times += [duration(step.elapsed)] if step.elapsed is not None else [word]
    body = [_failure(step), *(_training(step.training) if step.training else ())]
    body += [_checks(step.found)]
    body += [f"<pre><code>{escape(source)}</code></pre>" for source in facts.sources.get(key, ())]
    inside = "".join(body)
    return (
        f'<li class="step {step.state}"><span class="mark" role="img" aria-label="{word}">{shape}'
        f'</span><h3>{escape(step.title)}</h3><p class="time">{" · ".join(times)}</p>'
        + (f'<div class="body">{inside}</div>' if inside else "")
        + "</li>"
    )


def _failure(step: StepView) -> str:
    if step.state != "failed" or not step.reason:
        return ""
    hint = step.failure.hint if step.failure else ""
    return f'<p class="reason">{escape(step.reason)}</p>' + (
        f'<p class="hint">{escape(hint)}</p>' if hint else ""
    )


def _training(training: TrainingView) -> Iterable[str]:
    figures = [(it.title, f"{it.value:.{it.digits}f}") for it in training.metrics]
    if training.epochs and training.epoch is not None:
        figures.append(("Epochs", f"{training.epoch} of {training.epochs}"))
    if figures:
        yield _pairs("figures", figures)
    pictures = [
        f"<figure>{svg}<figcaption>{escape(curve.title)} by {curve.by}</figcaption></figure>"
        for curve in training.curves
        if len(curve.x) > 1 and (svg := curve_svg(curve))
    ]
    if pictures:
        yield f'<div class="curves">{"".join(pictures)}</div>'


def _checks(found: Sequence[Found]) -> str:
    if not found:
        return ""
    lines = []
    for it in found:
        kind, shape, word = ("holds", "✓", "holds") if it.holds else ("unmet", "✕", "does not hold")
        value = f"<b>{escape(it.found)}</b>" if it.found else ""
        lines.append(
            f'<li class="{kind}"><span class="mark" role="img" aria-label="{word}">{shape}</span>'
            f"<span>{escape(it.text)}</span>{value}</li>"
        )
    return f'<ul class="checks">{"".join(lines)}</ul>'


def duration(seconds: float) -> str:
    """Return a duration in words."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def _moment(when: datetime) -> str:
    return f"{when.day} {when:%b %Y, %H:%M}"


@cache
def _style() -> str:
    return (Path(__file__).parent / "report.css").read_text("utf-8")
