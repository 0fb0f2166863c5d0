"""Profiles in a notebook: chosen, seen, taken back, beside what the attendee does."""

from __future__ import annotations

import json
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_monai_workshop.definition.models import (
    CellAddress,
    Choice,
    Duration,
    EnsureLine,
    Module,
    Parameter,
    Profile,
    ProfileModule,
    Replace,
    Step,
)
from jupyter_monai_workshop.notebooks import (
    ParameterConflict,
    change_text,
    parse_notebook,
)
from jupyter_monai_workshop.notebooks.profiles import plan_profile, profile_presence
from jupyter_monai_workshop.notebooks.settings import plan_parameters, values_of

DATA, TRAIN = CellAddress(contains="glob"), CellAddress(contains="epochs")
NUMBERS = (Choice(value=1), Choice(value=2))
MODULE = Module(
    id="m",
    title="M",
    text="",
    notebook="m.ipynb",
    parameters=(
        Parameter(id="epochs", variable="epochs", title="Epochs", cell=TRAIN, choices=NUMBERS),
        Parameter(
            id="rate",
            variable="rate",
            title="Rate",
            cell=TRAIN,
            choices=(Choice(value=1e-5), Choice(value=0.1)),
        ),
    ),
    steps=(Step(id="s", title="S", text="", cells=(TRAIN,), duration=Duration(gpu=1, cpu=1)),),
)
CUT = Replace(kind="replace", id="cut", cell=DATA, old="glob(d)", new="glob(d)[:9]", why="Fewer.")
SMALL = EnsureLine(kind="ensure_line", id="small", cell=TRAIN, line="small = True", why="Small.")
FAST = EnsureLine(kind="ensure_line", id="fast", cell=TRAIN, line="fast = True", why="Fast.")


def profile(name: str, part: ProfileModule) -> Profile:
    return Profile(id=name, title=name, text="", modules={"m": part})


QUICK = profile("quick", ProfileModule(parameters={"epochs": 1, "rate": 0.1}, patches=(CUT, SMALL)))
OTHER = profile("other", ProfileModule(parameters={"epochs": 2}, patches=(CUT, FAST)))
VALUES = profile("values", ProfileModule(parameters={"epochs": 3}))
PROFILES = (QUICK, OTHER, VALUES)

DATA_SOURCE = "files = glob(d)"
TRAIN_SOURCE = "!echo 'begin\nepochs = 4  # Ü\nrate = 1e-5"


def text_of(*sources: str) -> str:
    cells = [
        {"cell_type": "code", "metadata": {}, "source": it.splitlines(keepends=True), "outputs": []}
        for it in sources
    ]
    content = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


GIVEN = text_of(DATA_SOURCE, TRAIN_SOURCE)
ORIGINALS = values_of(parse_notebook(GIVEN), MODULE)


def choose(text: str, chosen: Profile | None) -> str:
    return change_text(text, lambda it: plan_profile(it, MODULE, PROFILES, chosen, ORIGINALS))


def sources(text: str) -> list[str]:
    return [cell.source for cell in parse_notebook(text).cells]


def presence(text: str, which: Profile) -> tuple[bool, bool, bool]:
    found = profile_presence(parse_notebook(text), MODULE, which.modules["m"], ORIGINALS)
    return found.some, found.in_force, found.every


def test_a_profile_is_chosen_with_values_and_patches() -> None:
    assert sources(choose(GIVEN, QUICK)) == [
        "files = glob(d)[:9]",
        "!echo 'begin\nepochs = 1  # Ü\nrate = 0.1\nsmall = True",
    ]


@pytest.mark.parametrize("which", PROFILES, ids=lambda it: it.id)
def test_taken_back_not_a_byte_is_left_of_it(which: Profile) -> None:
    assert choose(choose(GIVEN, which), None) == GIVEN


@pytest.mark.parametrize("first", PROFILES, ids=lambda it: it.id)
@pytest.mark.parametrize("then", PROFILES, ids=lambda it: it.id)
def test_choosing_another_one_is_choosing_only_that(first: Profile, then: Profile) -> None:
    assert choose(choose(GIVEN, first), then) == choose(GIVEN, then)


def test_what_is_seen_of_it() -> None:
    assert presence(GIVEN, QUICK) == (False, False, False)
    on = choose(GIVEN, QUICK)
    assert presence(on, QUICK) == (True, True, True)
    assert presence(on.replace("epochs = 1", "epochs = 2"), QUICK) == (True, True, False)
    assert presence(on.replace("[:9]", ""), QUICK) == (True, False, False)
    assert presence(GIVEN.replace("epochs = 4", "epochs = 1"), QUICK) == (False, False, False)
    assert presence(GIVEN.replace("epochs = 4", "epochs = 3"), VALUES) == (True, True, True)


def test_a_value_that_the_attendee_chose_since_stays() -> None:
    on = choose(GIVEN, QUICK).replace("epochs = 1", "epochs = 7")
    assert choose(on, None) == GIVEN.replace("epochs = 4", "epochs = 7")


def test_an_expression_of_the_attendee_stays() -> None:
    on = choose(GIVEN, QUICK).replace("rate = 0.1", "rate = best()")
    assert choose(on, None) == GIVEN.replace("rate = 1e-5", "rate = best()")


def test_what_was_never_chosen_is_not_taken_back() -> None:
    mine = GIVEN.replace("epochs = 4", "epochs = 1")
    assert choose(mine, None) == mine


def test_where_the_original_is_not_known_it_is_not_guessed() -> None:
    on = parse_notebook(choose(GIVEN, QUICK))
    with pytest.raises(ParameterConflict, match="not known") as caught:
        plan_profile(on, MODULE, PROFILES, None, {})
    assert caught.value.hint


def test_an_original_value_is_written_as_it_was() -> None:
    changed = GIVEN.replace("1e-5", "0.5")
    back = partial(plan_parameters, module=MODULE, values={"rate": 1e-5}, originals=ORIGINALS)
    assert change_text(changed, back) == GIVEN


COMMENTS = st.text("abc ü𝄞'\"\\", max_size=8).map("# {}".format)


@settings(deadline=None)
@given(st.lists(COMMENTS, max_size=3), st.lists(COMMENTS, max_size=3), st.sampled_from(PROFILES))
def test_what_the_attendee_writes_meanwhile_stays(
    above: list[str], beside: list[str], which: Profile
) -> None:
    on = sources(choose(GIVEN, which))
    with_notes = text_of(
        "\n".join([*above, on[0]]), "\n".join([*beside, on[1].replace("# Ü", "# mine")])
    )
    assert sources(choose(with_notes, None)) == [
        "\n".join([*above, DATA_SOURCE]),
        "\n".join([*beside, TRAIN_SOURCE.replace("# Ü", "# mine")]),
    ]
