"""Which profile is recommended, and how long steps take with one."""

from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Literal

import pytest

from jupyter_monai_workshop.definition.models import Profile
from jupyter_monai_workshop.preflight.verdict import Preflight
from jupyter_monai_workshop.progress.deriving import derive
from jupyter_monai_workshop.progress.facts import ProfileFacts
from jupyter_monai_workshop.progress.journal import Journal
from jupyter_monai_workshop.progress.record import Record
from jupyter_monai_workshop.progress.snapshot import Snapshot

from .test_steps import facts

State = Literal["on", "part", "off"]


@pytest.fixture
def record(tmp_path: Path) -> Record:
    return Record(Journal(tmp_path / "record"))


def with_profile(
    record: Record,
    state: State = "off",
    *,
    gpu: bool | None = False,
    suits: str = "no-gpu",
    serves: bool = False,
) -> Snapshot:
    profile = Profile.model_validate(
        {"id": "quick", "title": "Quick", "text": "", "suits": suits, "modules": {"one": {}}}
    )
    checked = datetime(2026, 1, 1, tzinfo=timezone.utc)
    preflight = None if gpu is None else Preflight(checks=(), gpu=gpu, checked=checked)
    base = facts(preflight=preflight)
    durations = {"one": {"train": 3.0}} if serves else {}
    seen = replace(
        base,
        definition=base.definition.model_copy(update={"profiles": (profile,)}),
        profiles=(ProfileFacts("quick", state, serves, durations),),
    )
    return derive(seen, record, number=1, server="s")


@pytest.mark.parametrize(
    ("gpu", "suits", "state", "serves", "recommended"),
    [
        (False, "no-gpu", "off", False, True),
        (False, "no-gpu", "part", False, True),
        (False, "no-gpu", "part", True, False),
        (False, "no-gpu", "on", True, False),
        (False, "", "off", False, False),
        (True, "no-gpu", "off", False, False),
        (None, "no-gpu", "off", False, False),
    ],
)
def test_it_is_recommended_where_it_suits_and_does_not_serve_yet(
    record: Record, gpu: bool | None, suits: str, state: State, serves: bool, recommended: bool
) -> None:
    [found] = with_profile(record, state, gpu=gpu, suits=suits, serves=serves).profiles
    assert (found.state, found.recommended) == (state, recommended)


def test_steps_take_as_long_as_the_profile_in_the_notebook_says(record: Record) -> None:
    expected = {
        serves: {
            step.id: step.expected for step in with_profile(record, serves=serves).modules[0].steps
        }
        for serves in (False, True)
    }
    assert expected[True]["train"] == 3
    assert expected[True] | {"train": 1} == expected[False]
