"""The built-in RSNA 2023 workshop fits the notebooks that it leads through."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from jupyter_monai_workshop.definition.linting import lint
from jupyter_monai_workshop.definition.models import (
    CellAddress,
    DataSet,
    Definition,
    EnsureLine,
    GitDataSet,
    GitSource,
    Module,
    PackageRule,
    Parameter,
    Patch,
    Profile,
    Step,
    Training,
)
from jupyter_monai_workshop.notebooks import edit_source, revert_source
from jupyter_monai_workshop.notebooks.parameters import find_value, written
from jupyter_monai_workshop.preflight import SharedMemory, shared_memory_check

ROOT = Path(__file__).parents[2]
WORKSHOP = ROOT / "jupyter_monai_workshop" / "workshops" / "rsna-2023" / "workshop.yaml"
DATA = ROOT / "tests" / "data"

ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
PROGRESS = {"step", "steps", "epoch", "epochs"}

NOT_TAKEN = {
    "a rule between epochs": r"-{10}",
    "says what the line after it says with figures": r"saved new best metric network",
    "repeats the best epoch, which is not where the training is": (
        r"train completed, best_metric: \S+ at epoch: \d+"
    ),
}
"""Lines of the first notebook's training that tell no progress, by the reason."""

SHM = (64 * 2**20, 256 * 2**20)
"""A container's usual shared memory, and a little more than is needed."""


RUNNER_CELL = (
    "runner = AutoRunner(",
    "    work_dir=work_dir,",
    "    input={",
    '        "modality": "MRI",',
    '        "datalist": datalist_file,',
    '        "dataroot": dataroot_dir,',
    "    }",
    ")",
)
"""The cell in which Auto3DSeg is set up, as it is at the pinned commit."""

TRAINING_CELL = """\
max_epochs = 2

train_param = {
    "num_epochs_per_validation": 1,
    "num_epochs": max_epochs,
    "num_warmup_epochs": 1,
}
"""
"""The cell that chooses a short training, without what is not touched there."""

EXPLORE_LINE = 'image_files = [sorted(glob(f"{d}/*")) for d in subdirs]'

_LOADERS = "batch_size = 512\nnum_workers = 10\n\nloader = DataLoader(batch_size=batch_size)"
SETTINGS = {
    "batch_size": _LOADERS,
    "num_workers": _LOADERS,
    "learning_rate": 'learning_rate = 1e-5\ndevice = torch.device("cuda:0")',
    "epoch_num": "epoch_num = 4\nbest_metric = -1\nfor epoch in range(epoch_num):\n    step = 1",
}
"""How the first notebook assigns what may be chosen."""


@dataclass(frozen=True)
class OutlineCell:
    """A code cell as the outline knows it: all but its source."""

    index: int
    id: str | None
    heading: str | None
    lines: int


@pytest.fixture(scope="module")
def definition() -> Definition:
    return Definition.model_validate(yaml.safe_load(WORKSHOP.read_text(encoding="utf-8")))


def module_of(definition: Definition, name: str) -> Module:
    return next(module for module in definition.modules if module.id == name)


def step_of(definition: Definition, module: str, step: str) -> Step:
    return next(item for item in module_of(definition, module).steps if item.id == step)


def training_of(definition: Definition, module: str, step: str) -> Training:
    found = step_of(definition, module, step).training
    assert found is not None
    return found


def outline() -> dict[str, dict[str, list[dict[str, object]]]]:
    text = (DATA / "outlines" / "monai-bootcamp.json").read_text(encoding="utf-8")
    notebooks: dict[str, dict[str, list[dict[str, object]]]] = json.loads(text)["notebooks"]
    return notebooks


def code_cells(notebook: str) -> Iterator[OutlineCell]:
    """Yield a notebook's code cells, each with the nearest Markdown heading above it."""
    heading: str | None = None
    for cell in outline()[notebook]["cells"]:
        headings, index, lines = cell.get("headings"), cell["index"], cell["lines"]
        if cell["type"] == "markdown" and isinstance(headings, list) and headings:
            heading = str(headings[-1]).strip("#* ")
        elif cell["type"] == "code":
            assert isinstance(index, int)
            assert isinstance(lines, int)
            identity = cell.get("id")
            yield OutlineCell(index, None if identity is None else str(identity), heading, lines)


def found_by(address: CellAddress, cells: list[OutlineCell]) -> list[OutlineCell]:
    """Return the cells that an address may mean, its contained text left aside."""
    return [
        cell
        for cell in cells
        if address.id in (None, cell.id) and address.heading in (None, cell.heading)
    ]


def recording(name: str) -> dict[str, list[str]]:
    """Return the recorded lines of each stream, as the observer splits them."""
    text = (DATA / "outputs" / f"{name}.json").read_text(encoding="utf-8")
    streams: dict[str, str] = {"stdout": "", "stderr": ""}
    for output in json.loads(text):
        if "stream" in output:
            streams[output["stream"]] += output["text"]
    return {
        stream: [ANSI.sub("", line) for line in re.split(r"\r\n|\r|\n", text) if line]
        for stream, text in streams.items()
    }


def read(training: Training, line: str) -> dict[str, float] | None:
    """Return what a line tells; ``None`` if no pattern matches, and never two patterns."""
    found = [match for item in training.patterns if (match := re.fullmatch(item, line))]
    assert len(found) <= 1, line
    return {name: float(text) for name, text in found[0].groupdict().items()} if found else None


def told(training: Training, lines: list[str]) -> list[dict[str, float]]:
    return [figures for line in lines if (figures := read(training, line)) is not None]


def applying(definition: Definition, python: str, torch: str) -> list[PackageRule]:
    return [
        rule
        for rule in definition.environment.packages
        if SpecifierSet(rule.python).contains(python) and SpecifierSet(rule.torch).contains(torch)
    ]


def test_the_definition_has_no_mistakes(definition: Definition) -> None:
    assert list(lint(definition)) == []


def test_it_brings_the_pinned_commit_and_only_the_notebooks_folder(definition: Definition) -> None:
    assert definition.source == GitSource(
        kind="git",
        urls=("https://github.com/Project-MONAI/monai-bootcamp.git",),
        commit="ab018b1f3fa1da9c0879fe8d61d1e0da889079d5",
        sparse=("MONAICore",),
        folder="monai-bootcamp",
        size=3_035_000,
    )
    outlined = json.loads((DATA / "outlines" / "monai-bootcamp.json").read_text(encoding="utf-8"))
    assert outlined["commit"] == definition.source.commit


def test_it_has_the_two_modules_of_the_day(definition: Definition) -> None:
    assert [(module.id, module.notebook) for module in definition.modules] == [
        ("end-to-end", "MONAICore/MONAI End-to-End Workflow - Solution.ipynb"),
        ("auto3dseg", "MONAICore/Auto3DSeg Hello World.ipynb"),
    ]


@pytest.mark.parametrize("name", ["end-to-end", "auto3dseg"])
def test_every_address_means_exactly_one_code_cell(definition: Definition, name: str) -> None:
    module = module_of(definition, name)
    cells = list(code_cells(module.notebook))
    addresses = [
        *(address for step in module.steps for address in step.cells),
        *(patch.cell for patch in module.patches),
        *(parameter.cell for parameter in module.parameters),
        *(
            patch.cell
            for profile in definition.profiles
            if name in profile.modules
            for patch in profile.modules[name].patches
        ),
    ]
    assert {str(item): len(found_by(item, cells)) for item in addresses} == {
        str(item): 1 for item in addresses
    }


@pytest.mark.parametrize("name", ["end-to-end", "auto3dseg"])
def test_every_cell_with_source_belongs_to_one_step_in_order(
    definition: Definition, name: str
) -> None:
    module = module_of(definition, name)
    cells = list(code_cells(module.notebook))
    covered = [found_by(address, cells)[0].index for step in module.steps for address in step.cells]
    assert covered == [cell.index for cell in cells if cell.lines]


def test_only_the_empty_cell_at_the_end_is_left_out(definition: Definition) -> None:
    left_out = [
        (module.id, cell.index)
        for module in definition.modules
        for cell in code_cells(module.notebook)
        if not cell.lines
    ]
    assert left_out == [("auto3dseg", 24)]


def test_the_notebook_without_ids_is_addressed_without_ids(definition: Definition) -> None:
    module = module_of(definition, "auto3dseg")
    assert all(cell.id is None for cell in code_cells(module.notebook))
    assert all(address.id is None for step in module.steps for address in step.cells)


def patch_of(definition: Definition, name: str) -> Patch:
    [patch] = [
        patch for module in definition.modules for patch in module.patches if patch.id == name
    ]
    return patch


def test_only_two_cells_of_the_second_notebook_are_patched(definition: Definition) -> None:
    assert [(module.id, patch.id) for module in definition.modules for patch in module.patches] == [
        ("auto3dseg", "install-fire"),
        ("auto3dseg", "local-templates"),
    ]


def test_one_patch_is_the_line_that_the_workshop_is_known_for(definition: Definition) -> None:
    patch = patch_of(definition, "install-fire")
    assert isinstance(patch, EnsureLine)
    assert patch.line == '!python -c "import fire" || pip install -U "fire"'
    assert patch.cell.heading == "0.1 Installation"


def test_the_other_patch_adds_two_lines_and_a_blank_one_and_changes_none(
    definition: Definition,
) -> None:
    patch = patch_of(definition, "local-templates")
    before = "\n".join(RUNNER_CELL)
    after = edit_source(before, patch)
    assert after is not None
    assert after.splitlines() == [
        "from monai.apps.auto3dseg.bundle_gen import ALGO_HASH",
        "",
        RUNNER_CELL[0],
        '    templates_path_or_url=os.environ.get("AUTO3DSEG_TEMPLATES_" + ALGO_HASH.upper()),',
        *RUNNER_CELL[1:],
    ]
    assert edit_source(after, patch) is None
    assert revert_source(after, patch) == before
    [address] = step_of(definition, "auto3dseg", "runner").cells
    assert patch.cell == address


def test_the_templates_patch_fits_a_cell_that_was_changed_for_a_machine_without_gpu(
    definition: Definition,
) -> None:
    changed = "\n".join([*RUNNER_CELL[:2], '    algos=["segresnet"],', *RUNNER_CELL[2:]])
    after = edit_source(changed, patch_of(definition, "local-templates"))
    assert after is not None
    assert 'algos=["segresnet"],' in after


@pytest.mark.parametrize("algo_hash", ["9db946d", "21ed8e5", "e4cf5a1"])
def test_each_monai_gets_the_templates_that_it_wants(
    definition: Definition, algo_hash: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the patched cell hands over, for MONAI 1.2, 1.5 and 1.4, of which there is no copy."""
    sets = {data.commit[:7]: data for data in definition.data if isinstance(data, GitDataSet)}
    assert set(sets) == {"9db946d", "21ed8e5"}
    for data in sets.values():
        monkeypatch.setenv(data.variable, f"/kept/{data.id}")
    source = edit_source("\n".join(RUNNER_CELL), patch_of(definition, "local-templates"))
    assert source is not None
    _, _, call = source.partition("\n")
    given: dict[str, object] = {}
    names = {"os": os, "ALGO_HASH": algo_hash, "AutoRunner": lambda **kwargs: given.update(kwargs)}
    names |= {"work_dir": ".", "datalist_file": "", "dataroot_dir": ""}
    exec(call, names)
    wanted = sets.get(algo_hash)
    assert given["templates_path_or_url"] == (f"/kept/{wanted.id}" if wanted else None)


def test_the_images_are_brought_and_the_notebook_finds_them(definition: Definition) -> None:
    data = next(data for data in definition.data if data.id == "mednist")
    assert isinstance(data, DataSet)
    assert data.checksum == "md5:0bc7306e7427e00ad1c5526a6677552d"
    assert (data.size_is, data.size // 1_000_000) == ("about", 61)
    assert data.unpacked_size is not None
    assert data.unpacked_size > 58954 * 4096
    assert [urlsplit(url).hostname for url in data.urls] == ["github.com", "www.dropbox.com"]
    assert urlsplit(data.urls[1]).query == "dl=1"
    assert data.provides == ("MedNIST",)
    assert data.variable == "MONAI_DATA_DIRECTORY"


def test_the_templates_are_the_folder_that_was_seen_to_run(definition: Definition) -> None:
    sets = [data for data in definition.data if isinstance(data, GitDataSet)]
    assert {data.commit for data in sets} == {
        "9db946dc6bb714f5fae6d9085df5acb577807b52",
        "21ed8e57c7256834d4fbaf19579ca25ad3d135ee",
    }
    for data in sets:
        assert data.urls == ("https://github.com/Project-MONAI/research-contributions.git",)
        assert data.path == "auto3dseg/algorithm_templates"
        assert data.variable == f"AUTO3DSEG_TEMPLATES_{data.commit[:7].upper()}"
        assert data.id.endswith(data.commit[:7])


def test_steps_wait_for_no_more_data_than_they_need(definition: Definition) -> None:
    waits = {step.id: step.data for module in definition.modules for step in module.steps}
    assert {name: data for name, data in waits.items() if data} == {
        "data": ("mednist",),
        "run": ("auto3dseg-templates-9db946d", "auto3dseg-templates-21ed8e5"),
    }
    assert [module.data for module in definition.modules] == [(), ()]


def test_the_epochs_may_be_cut_down_to_one(definition: Definition) -> None:
    parameter = parameters_of(definition)["epochs"]
    assert (parameter.variable, parameter.cell.id) == ("epoch_num", "d2fe3627")
    assert [choice.value for choice in parameter.choices] == [4, 3, 2, 1]


def parameters_of(definition: Definition) -> dict[str, Parameter]:
    return {it.id: it for it in module_of(definition, "end-to-end").parameters}


def test_what_may_be_chosen_begins_with_what_the_notebook_has(definition: Definition) -> None:
    assert {
        name: (parameter.variable, parameter.choices[0].value)
        for name, parameter in parameters_of(definition).items()
    } == {
        "batch-size": ("batch_size", 512),
        "workers": ("num_workers", 10),
        "learning-rate": ("learning_rate", 1e-5),
        "epochs": ("epoch_num", 4),
    }
    for parameter in parameters_of(definition).values():
        assert all(choice.effect for choice in parameter.choices)


@pytest.mark.parametrize("name", ["batch-size", "workers", "learning-rate", "epochs"])
def test_each_choice_changes_one_value_in_its_cell(definition: Definition, name: str) -> None:
    parameter = parameters_of(definition)[name]
    source = SETTINGS[parameter.variable]
    old = find_value(source, parameter.variable)
    assert old.value == parameter.choices[0].value
    for choice in parameter.choices:
        text = written(choice.value, like=old)
        after = source[: old.start] + text + source[old.end :]
        assert after == source.replace(
            f"{parameter.variable} = {old.text}", f"{parameter.variable} = {text}"
        )
        assert find_value(after, parameter.variable).value == choice.value


@pytest.mark.parametrize(
    ("images", "right", "holds"),
    [(58954, 0.95, True), (58954, 0.85, False), (900, 0.85, True), (900, 0.5, False)],
)
def test_few_images_need_not_be_named_as_well_as_all(
    definition: Definition, images: int, right: float, holds: bool
) -> None:
    class Matrix:
        def trace(self) -> float:
            return right

        def sum(self) -> float:
            return 1.0

    numpy = SimpleNamespace(mean=lambda it: it, equal=lambda *_: right)
    names = {"num_total": images, "cmat": Matrix(), "np": numpy, "y_true": 0, "y_pred": 0}
    for step in ("evaluate", "report"):
        expression = step_of(definition, "end-to-end", step).check.expressions[-1]
        assert eval(expression, dict(names)) is holds


@pytest.mark.parametrize(
    ("images", "auc", "holds"),
    [
        (58954, [0.95, 0.99], True),
        (58954, [0.99, 0.85], False),
        (720, [0.99, 0.85], True),
        (720, [0.8, 0.85], False),
    ],
)
def test_with_few_images_the_kept_state_counts(
    definition: Definition, images: int, auc: list[float], holds: bool
) -> None:
    [expression] = [
        it for it in step_of(definition, "end-to-end", "train").check.expressions if "0.9" in it
    ]
    assert eval(expression, {"num_total": images, "metric_values": auc}) is holds


# The profile for machines without a GPU


def no_gpu(definition: Definition) -> Profile:
    [profile] = definition.profiles
    assert (profile.id, profile.suits) == ("no-gpu", "no-gpu")
    return profile


def test_without_a_gpu_both_modules_can_be_cut(definition: Definition) -> None:
    modules = no_gpu(definition).modules
    assert list(modules) == ["end-to-end", "auto3dseg"]
    assert dict(modules["end-to-end"].parameters) == {
        "batch-size": 32,
        "workers": 2,
        "learning-rate": 1e-3,
        "epochs": 3,
    }
    assert [patch.id for patch in modules["auto3dseg"].patches] == ["one-network", "small-network"]


def test_the_cut_says_that_it_is_one(definition: Definition) -> None:
    text = no_gpu(definition).text
    assert "It is a cut" in text
    assert "150 images" in text
    for module in definition.modules:
        assert "profile *No GPU*" in " ".join(module.text.split())


def test_the_cut_is_announced_as_minutes(definition: Definition) -> None:
    for name, part in no_gpu(definition).modules.items():
        for step, seconds in part.durations.items():
            assert seconds <= 300
            assert seconds < step_of(definition, name, step).duration.cpu


@pytest.mark.parametrize("name", ["end-to-end", "auto3dseg"])
def test_the_patches_of_the_profile_address_cells_of_steps(
    definition: Definition, name: str
) -> None:
    covered = {cell for step in module_of(definition, name).steps for cell in step.cells}
    assert {patch.cell for patch in no_gpu(definition).modules[name].patches} <= covered


def test_the_cut_takes_150_images_of_each_class(definition: Definition) -> None:
    [patch] = no_gpu(definition).modules["end-to-end"].patches
    after = edit_source(EXPLORE_LINE, patch)
    assert after == 'image_files = [sorted(glob(f"{d}/*"))[:150] for d in subdirs]'
    assert revert_source(after, patch) == EXPLORE_LINE


def test_the_cut_trains_one_small_network(definition: Definition) -> None:
    network, size = no_gpu(definition).modules["auto3dseg"].patches
    templates = patch_of(definition, "local-templates")
    cell = "\n".join(RUNNER_CELL)
    sources = []
    for order in ((templates, network), (network, templates)):
        source: str | None = cell
        for patch in order:
            assert source is not None
            source = edit_source(source, patch)
        assert source is not None
        sources.append(source)
    assert sources[0] == sources[1]
    given: dict[str, object] = {}
    names = {"os": os, "ALGO_HASH": "", "AutoRunner": lambda **kwargs: given.update(kwargs)}
    exec(
        sources[0].partition("\n")[2],
        names | {"work_dir": "w", "datalist_file": "", "dataroot_dir": ""},
    )
    assert given["algos"] == ["segresnet"]

    after = edit_source(TRAINING_CELL, size)
    assert after is not None
    values: dict[str, Any] = {}
    exec(after, values)
    assert values["train_param"] == {
        "num_epochs_per_validation": 1,
        "num_epochs": 2,
        "num_warmup_epochs": 1,
        "network#init_filters": 8,
        "num_workers": 2,
    }
    assert revert_source(after, size) == TRAINING_CELL


def test_the_checks_hold_with_the_cut(definition: Definition) -> None:
    files = [str(number) for number in range(900)]
    names: dict[str, object] = {
        "num_class": 6,
        "num_total": 900,
        "num_each": [150] * 6,
        "image_files_list": files,
        "train_x": files[:720],
        "val_x": files[720:810],
        "test_x": files[810:],
        "train_ds": files[:720],
        "train_loader": range(23),
        "batch_size": 32,
    }
    for step in ("explore", "split", "loaders"):
        for expression in step_of(definition, "end-to-end", step).check.expressions:
            assert eval(expression, dict(names)), expression


@pytest.mark.parametrize(
    ("run", "epochs", "steps"),
    [
        ("monai-1.2.0.python-3.11", 2, 2),
        ("monai-1.5.2.python-3.12", 1, 10),
        ("monai-1.6.1.python-3.11", 3, 19),
    ],
)
def test_every_line_of_the_first_training_is_understood(
    definition: Definition, run: str, epochs: int, steps: int
) -> None:
    training = training_of(definition, "end-to-end", "train")
    lines = recording(f"end-to-end.{run}")["stdout"]
    silent = [line for line in lines if read(training, line) is None]
    assert [x for x in silent if not any(re.fullmatch(y, x) for y in NOT_TAKEN.values())] == []
    figures = told(training, lines)
    assert [item["epoch"] for item in figures if "epochs" in item] == list(range(1, epochs + 1))
    assert {item["epochs"] for item in figures if "epochs" in item} == {epochs}
    assert {item["steps"] for item in figures if "steps" in item} == {steps}
    assert sum("auc" in item and "accuracy" in item for item in figures) == epochs
    assert all(item["loss"] > 0 for item in figures if "step" in item)


def test_warnings_beside_the_first_training_tell_nothing(definition: Definition) -> None:
    training = training_of(definition, "end-to-end", "train")
    lines = recording("end-to-end.monai-1.2.0.python-3.11")["stderr"]
    assert lines
    assert told(training, lines) == []


@pytest.mark.parametrize("loss", ["0.0712", "nan", "inf"])
def test_a_loss_that_is_no_number_is_still_a_step(definition: Definition, loss: str) -> None:
    training = training_of(definition, "end-to-end", "train")
    figures = read(training, f"93/93, training_loss: {loss}")
    assert figures is not None
    assert (figures["step"], figures["steps"]) == (93, 93)


def test_every_bar_of_the_auto3dseg_training_is_understood(definition: Definition) -> None:
    training = training_of(definition, "auto3dseg", "run")
    lines = recording("auto3dseg.monai-1.2.0")
    bars = [line for line in lines["stderr"] if " - training" in line]
    assert told(training, lines["stdout"] + lines["stderr"]) == told(training, bars)
    assert told(training, bars) == [
        {"epoch": 0, "epochs": 2},
        {"epoch": 1, "epochs": 2},
        {"epoch": 2, "epochs": 2},
        {"epoch": 2, "epochs": 2},
    ]


@pytest.mark.parametrize("run", ["without-fire", "monai-1.6.1"])
def test_analysis_and_ensembling_are_not_taken_for_training(
    definition: Definition, run: str
) -> None:
    lines = recording(f"auto3dseg.{run}")
    assert any("24/24" in line for line in lines["stderr"])
    training = training_of(definition, "auto3dseg", "run")
    assert told(training, lines["stdout"] + lines["stderr"]) == []


def test_a_run_without_fire_does_not_pass_for_a_finished_pipeline(definition: Definition) -> None:
    step = next(x for x in module_of(definition, "auto3dseg").steps if x.id == "run")
    [pattern] = step.check.prints
    ended_well = {
        run: any(
            re.search(pattern, line)
            for lines in recording(f"auto3dseg.{run}").values()
            for line in lines
        )
        for run in ("without-fire", "monai-1.2.0", "monai-1.6.1")
    }
    assert ended_well == {"without-fire": False, "monai-1.2.0": True, "monai-1.6.1": True}


@pytest.mark.parametrize(
    ("line", "figures"),
    [
        (
            "swinunetr_0 - training ...:  50%|█████     | 1/2 [00:20<00:20, 20.11s/round]",
            {"epoch": 1, "epochs": 2},
        ),
        (
            "dints_0 - training ...:   0%|          | 0/2 [00:00<?, ?round/s]",
            {"epoch": 0, "epochs": 2},
        ),
        (
            "Epoch 0/2 0/12 loss: 2.1109 acc [ 0.423]  time 1.57s",
            {"epoch": 0, "epochs": 2, "step": 0, "steps": 12, "loss": 2.1109, "acc": 0.423},
        ),
        (
            "2026-11-23 05:09:50,012 - INFO - Epoch 1/2 11/12 loss: 1.0 acc [0.5 0.3]  time 2.00s ",
            {"epoch": 1, "epochs": 2, "step": 11, "steps": 12, "loss": 1.0, "acc": 0.5},
        ),
        (
            "Final validation 1/1 loss: 0.8112 acc_avg: 0.6021 acc: [ 0.602] time: 3.10s",
            {"dice": 0.6021},
        ),
        (
            "Current epoch: 2 current mean dice: 0.7012 best mean dice: 0.7012 at epoch 2",
            {"epoch": 2, "dice": 0.7012},
        ),
    ],
)
def test_each_network_of_auto3dseg_is_understood(
    definition: Definition, line: str, figures: dict[str, float]
) -> None:
    assert read(training_of(definition, "auto3dseg", "run"), line) == figures


def test_patterns_hold_whole_lines_also_for_a_search(definition: Definition) -> None:
    for module in definition.modules:
        for step in module.steps:
            for pattern in step.training.patterns if step.training else ():
                assert pattern.startswith("^"), pattern
                assert pattern.endswith("$"), pattern


@pytest.mark.parametrize("python", ["3.10.14", "3.11.11", "3.12.13", "3.13.2"])
@pytest.mark.parametrize("torch", ["1.13.1", "2.0.1", "2.4.0", "2.4.1", "2.6.0+cu126", "2.13.0"])
def test_exactly_one_rule_a_package_whatever_the_versions(
    definition: Definition, python: str, torch: str
) -> None:
    names = [Requirement(rule.require).name for rule in applying(definition, python, torch)]
    assert sorted(set(names)) == sorted(names)
    assert {"monai", "numpy", "nibabel", "fire", "einops"} <= set(names)


@pytest.mark.parametrize(
    ("python", "torch", "wanted"),
    [
        ("3.10.14", "2.0.1", {"monai==1.2.0", "nibabel<5.4", "numpy<2"}),
        ("3.12.3", "2.3.0", {"monai==1.4.0", "nibabel<5.4", "numpy<2"}),
        ("3.11.11", "2.6.0+cu126", {"monai==1.5.2", "nibabel", "numpy", "mlflow-skinny>=2.12.2"}),
        ("3.12.13", "2.8.0", {"monai==1.5.2", "nibabel", "numpy", "mlflow-skinny>=2.12.2"}),
    ],
)
def test_the_versions_that_were_seen_to_run(
    definition: Definition, python: str, torch: str, wanted: set[str]
) -> None:
    provided = {"monai", "nibabel", "numpy", "mlflow"}
    rules = applying(definition, python, torch)
    assert {rule.require for rule in rules if rule.provides in provided} == wanted


def test_everything_that_the_notebooks_import_is_provided(definition: Definition) -> None:
    provided = {rule.provides for rule in applying(definition, "3.11.11", "2.6.0")} | {"torch"}
    imported: set[str] = set()
    for module in definition.modules:
        for cell in outline()[module.notebook]["cells"]:
            names = cell.get("imports", [])
            assert isinstance(names, list)
            imported |= set(names)
    assert {"monai", "PIL", "sklearn", "nibabel"} <= imported
    assert imported - set(sys.stdlib_module_names) <= provided


def test_old_monai_comes_without_mlflow(definition: Definition) -> None:
    rules = applying(definition, "3.10.14", "2.0.1")
    assert "mlflow" not in {rule.provides for rule in rules}


def test_no_machine_is_turned_away(definition: Definition) -> None:
    needs = definition.needs
    for need in (needs.gpu_memory, needs.memory, needs.workers, needs.processors, needs.disk):
        assert need is not None
        assert need.level == "recommended"
        assert need.without


def test_shared_memory_is_held_against_the_workers_of_the_cell(definition: Definition) -> None:
    workers = definition.needs.workers
    assert workers is not None
    assert (workers.count, workers.module, workers.variable) == (10, "end-to-end", "num_workers")
    assert workers.batch_mib * 2**20 == 512 * 64 * 64 * 4
    small, large = (shared_memory_check(SharedMemory("ok", size), None, workers) for size in SHM)
    assert (small.level, large.level) == ("warn", "pass")
    assert small.wanted == "168 MiB for 10 workers"
    assert "Set num_workers to 3" in small.remedy


def test_training_without_a_gpu_is_announced_as_hours(definition: Definition) -> None:
    train = next(x for x in module_of(definition, "end-to-end").steps if x.id == "train")
    assert train.duration.gpu == 4 * 2.5 * 60
    assert train.duration.cpu >= 3600
