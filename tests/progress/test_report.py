"""The report is one page that tells what ran, and lets no text out of its place."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timezone
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_monai_workshop.jobs.job import Failure
from jupyter_monai_workshop.progress.journal import Journal
from jupyter_monai_workshop.progress.record import Record, StepTraining
from jupyter_monai_workshop.progress.report import ReportFacts, duration, report_html
from jupyter_monai_workshop.progress.report_curves import HEIGHT, WIDTH, curve_svg
from jupyter_monai_workshop.progress.snapshot import Curve, Found, Snapshot
from jupyter_monai_workshop.progress.training import TrainingParser

from .test_steps import NAMES, START, STEP_TRAINING, look, ran

NOW = datetime(2026, 11, 24, 22, 5, tzinfo=timezone.utc)
FACTS = ReportFacts(when=NOW, machine=(("GPU", "Tesla T4"), ("MONAI", "1.5.2")))
VOID = {"meta", "line", "circle", "polyline"}


class Page(HTMLParser):
    """Reads a page; unbalanced tags are an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture
def record(tmp_path: Path) -> Record:
    return Record(Journal(tmp_path / "record"))


@pytest.fixture
def snapshot(record: Record) -> Snapshot:
    ran(record, "hello")
    found = (
        Found(text="Printed: hello", holds=True, found="hello"),
        Found(text="len(x) == 3", holds=False, found="2"),
    )
    findings = record.findings["one", "hello"].model_copy(update={"found": found})
    record.put(findings, lasting=False)
    ran(record, "train")
    parser = TrainingParser(STEP_TRAINING)
    parser.feed("".join(f"{step}/40, loss: {1 / step:.3f}\n" for step in range(1, 41)))
    record.put(StepTraining.of("one", "train", parser), lasting=False)
    ran(record, "boom", "error")
    return look(record, kernels=None)


def test_it_tells_what_ran_when_how_long_and_on_what(snapshot: Snapshot) -> None:
    page = Page(report_html(snapshot, replace(FACTS, started={("one", "hello"): START})))
    assert "Steps done 2 of 5" in page.text
    assert "Cells ran for 15 s" in page.text
    assert "Begun 1 Jan 2026, 00:00" in page.text
    assert "GPU Tesla T4 MONAI 1.5.2" in page.text
    assert "00:00:00 · 5.0 s" in page.text
    assert "Made on 24 Nov 2026, 22:05" in page.text


def test_it_tells_states_checks_metrics_and_failures(snapshot: Snapshot) -> None:
    page = Page(report_html(snapshot, FACTS))
    assert "✓ Printed: hello hello ✕ len(x) == 3 2" in page.text
    assert "0.0250 Loss" in page.text.replace("Loss 0.0250", "0.0250 Loss")
    assert "ValueError: x" in page.text
    assert "Not run" in page.text
    assert sum(tag == "svg" for tag, _ in page.tags) == 1
    states = [it["class"] for tag, it in page.tags if tag == "li" and it["class"]][:1]
    assert states == ["step done"]


def test_source_is_told_only_if_it_is_given(snapshot: Snapshot) -> None:
    assert "<pre>" not in report_html(snapshot, FACTS)
    shown = report_html(snapshot, replace(FACTS, sources={("one", "hello"): ("print(1 < 2)",)}))
    assert "<pre><code>print(1 &lt; 2)</code></pre>" in shown


HOSTILE = "</style></title><script>alert(1)</script><img src=x onerror='a'>\"&amp;"


def test_hostile_text_stays_text(snapshot: Snapshot) -> None:
    module = snapshot.modules[0]
    steps = tuple(
        step.model_copy(
            update={
                "title": HOSTILE,
                "reason": HOSTILE,
                "failure": Failure(code="x", message=HOSTILE, hint=HOSTILE),
                "found": (Found(text=HOSTILE, holds=False, found=HOSTILE),),
                "training": step.training
                and step.training.model_copy(
                    update={
                        "curves": tuple(
                            curve.model_copy(update={"title": HOSTILE})
                            for curve in step.training.curves
                        )
                    }
                ),
            }
        )
        for step in module.steps
    )
    hostile = snapshot.model_copy(
        update={
            "title": HOSTILE,
            "summary": HOSTILE,
            "modules": (module.model_copy(update={"title": HOSTILE, "steps": steps}),),
        }
    )
    facts = ReportFacts(
        when=NOW,
        machine=((HOSTILE, HOSTILE),),
        sources={("one", name): (HOSTILE,) for name in NAMES},
    )
    page = Page(report_html(hostile, facts))
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "img", "iframe", "object"})
    assert not any(name.startswith("on") for _, them in page.tags for name in them)
    assert page.text.count(" ".join(HOSTILE.split())) >= 20


def test_nothing_is_loaded_from_anywhere(snapshot: Snapshot) -> None:
    page = Page(report_html(snapshot, FACTS))
    names = {name for _, them in page.tags for name in them}
    assert names.isdisjoint({"src", "href", "srcset", "action", "data"})
    text = report_html(snapshot, FACTS)
    assert "url(" not in text
    assert "@import" not in text
    assert "prefers-color-scheme: dark" in text
    assert "default-src 'none'" in text


FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(st.one_of(st.none(), FINITE), min_size=1, max_size=60))
def test_any_curve_stays_in_its_picture(values: list[float | None]) -> None:
    curve = Curve(
        name="x",
        title="X",
        better="lower",
        digits=4,
        by="step",
        x=tuple(map(float, range(len(values)))),
        y=tuple(values),
    )
    svg = curve_svg(curve)
    finite = [value for value in values if value is not None]
    if not finite or max(map(abs, finite)) > 1e300:
        assert svg == ""
        return
    page = Page(svg)
    for tag, them in page.tags:
        if tag == "polyline":
            for pair in str(them["points"]).split():
                across, up = map(float, pair.split(","))
                assert 0 <= across <= WIDTH
                assert 0 <= up <= HEIGHT
        if tag == "circle":
            assert math.isfinite(float(str(them["cy"])))
    assert all(len(word) < 40 for word in page.words)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.6, "1 min"),
        (61, "1 min 1 s"),
        (3599.9, "1 h 0 min"),
        (7260, "2 h 1 min"),
    ],
)
def test_durations_are_told_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words
