"""The built-in workshop First light fits the notebooks that ship with it."""

from __future__ import annotations

import ast
import builtins
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from jupyter_monai_workshop.definition.linting import lint
from jupyter_monai_workshop.definition.models import (
    BundledSource,
    CellAddress,
    Definition,
    EnsureLine,
    Module,
    Step,
)

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "jupyter_monai_workshop" / "workshops" / "first-light"
DEFINITION = Definition.model_validate(
    yaml.safe_load((FOLDER / "workshop.yaml").read_text(encoding="utf-8"))
)
assert isinstance(DEFINITION.source, BundledSource)
MATERIALS = FOLDER / DEFINITION.source.path

MODULES = [pytest.param(module, id=module.id) for module in DEFINITION.modules]
STEPS = [
    pytest.param(module, step, id=f"{module.id}-{step.id}")
    for module in DEFINITION.modules
    for step in module.steps
]
PROGRESS = {"step", "steps", "epoch", "epochs"}

PRINTED = {
    ("classify-2d", "train"): {
        "----------": {},
        "epoch 1/4": {"epoch": "1", "epochs": "4"},
        "1/53, training_loss: 1.8441": {"step": "1", "steps": "53", "loss": "1.8441"},
        "53/53, training_loss: nan": {"step": "53", "steps": "53", "loss": "nan"},
        "epoch 1 average loss: 1.3422": {"epoch": "1"},
        "saved new best metric network": {},
        "current epoch: 3 current AUC: 1.0000 / current accuracy: 0.9944"
        " best AUC: 1.0000 / at epoch: 3": {"epoch": "3", "auc": "1.0000", "accuracy": "0.9944"},
        "train completed, best_metric: 1.0000 at epoch: 4": {},
    },
    ("classify-2d", "evaluate"): {
        "test accuracy: 0.9889, test AUC: 0.9981": {"accuracy": "0.9889", "auc": "0.9981"},
    },
    ("segment-3d", "train"): {
        "----------": {},
        "epoch 8/8": {"epoch": "8", "epochs": "8"},
        "12/12, training_loss: 0.0286": {"step": "12", "steps": "12", "loss": "0.0286"},
        "epoch 8 average loss: 0.0376": {"epoch": "8"},
        "saved new best metric network": {},
        "current epoch: 8 current mean dice: 0.9739 best mean dice: 0.9791 / at epoch: 7": {
            "epoch": "8",
            "dice": "0.9739",
        },
        "train completed, best_metric: 0.9791 at epoch: 7": {},
    },
    ("segment-3d", "evaluate"): {
        "test volume 4: dice 0.9227": {},
        "test mean dice: 0.9664": {"dice": "0.9664"},
    },
}
"""Lines of a real run and what the first pattern that fits takes from them."""


def cells_of(module: Module) -> list[dict[str, object]]:
    """Return the code cells of a module's notebook, in order."""
    notebook = json.loads((MATERIALS / module.notebook).read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def source_of(cell: dict[str, object]) -> str:
    lines = cell["source"]
    assert isinstance(lines, list)
    return "".join(lines)


def matching(module: Module, address: CellAddress) -> list[dict[str, object]]:
    """Return the code cells that an address means; this workshop addresses by id alone."""
    assert address.id
    assert not address.heading
    assert not address.contains
    return [cell for cell in cells_of(module) if cell["id"] == address.id]


def the_cell(module: Module, address: CellAddress) -> dict[str, object]:
    (cell,) = matching(module, address)
    return cell


def python_of(cell: dict[str, object]) -> ast.Module:
    """Return a cell's Python, without the lines that only IPython knows."""
    lines = source_of(cell).splitlines()
    return ast.parse("\n".join("" if line.startswith(("!", "%")) else line for line in lines))


def names_made_by(code: ast.AST) -> set[str]:
    """Return the names that code assigns, imports or defines."""
    names: set[str] = set()
    for node in ast.walk(code):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.FunctionDef):
            names.add(node.name)
    return names


def printed_by(code: ast.AST) -> Iterator[str]:
    """Yield a line as each call of ``print`` with one argument may print it."""
    for node in ast.walk(code):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "print"
        ):
            (argument,) = node.args
            yield rendered(argument)


def rendered(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(rendered(value) for value in node.values)
    if isinstance(node, ast.FormattedValue):
        return "0.1234" if node.format_spec else "3"
    return str(eval(compile(ast.Expression(node), "<constant>", "eval"), {}))


def first_match(step: Step, line: str) -> dict[str, str | None] | None:
    """Return the groups of the first pattern that is found in a line."""
    assert step.training
    for pattern in step.training.patterns:
        if found := re.search(pattern, line):
            return found.groupdict()
    return None


def test_the_definition_has_nothing_to_complain_about() -> None:
    assert list(lint(DEFINITION)) == []
    assert DEFINITION.id == "first-light"


@pytest.mark.parametrize("module", MODULES)
def test_every_code_cell_belongs_to_exactly_one_step(module: Module) -> None:
    addressed = [the_cell(module, cell)["id"] for step in module.steps for cell in step.cells]
    assert addressed == [cell["id"] for cell in cells_of(module)]


@pytest.mark.parametrize("module", MODULES)
def test_the_notebook_is_as_nbformat_writes_it_and_holds_no_results(module: Module) -> None:
    text = (MATERIALS / module.notebook).read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    assert text == nbformat.writes(notebook) + "\n"
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    for cell in cells_of(module):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None


@pytest.mark.parametrize("module", MODULES)
def test_every_code_cell_is_introduced_in_words(module: Module) -> None:
    notebook = json.loads((MATERIALS / module.notebook).read_text(encoding="utf-8"))
    kinds = [cell["cell_type"] for cell in notebook["cells"]]
    assert all(kinds[i - 1] == "markdown" for i, kind in enumerate(kinds) if kind == "code")


def test_nothing_else_lies_in_the_materials() -> None:
    files = {path.name for path in MATERIALS.rglob("*") if ".ipynb_checkpoints" not in path.parts}
    assert files == {module.notebook for module in DEFINITION.modules}


@pytest.mark.parametrize(("module", "step"), STEPS)
def test_named_groups_are_progress_or_metrics(module: Module, step: Step) -> None:
    for pattern in step.check.prints:
        re.compile(pattern)
    if step.training:
        groups = [set(re.compile(pattern).groupindex) for pattern in step.training.patterns]
        assert set().union(*groups) - PROGRESS == set(step.training.metrics)


def test_every_training_has_lines_to_be_tried_on() -> None:
    trained = {(m.id, s.id) for m in DEFINITION.modules for s in m.steps if s.training}
    assert trained == set(PRINTED)


@pytest.mark.parametrize(("module", "step"), STEPS)
def test_lines_of_a_real_run_are_understood(module: Module, step: Step) -> None:
    for line, groups in PRINTED.get((module.id, step.id), {}).items():
        assert first_match(step, line) == groups


@pytest.mark.parametrize("module", MODULES)
def test_every_line_that_the_training_cell_prints_has_a_pattern(module: Module) -> None:
    step = next(step for step in module.steps if step.id == "train")
    lines = [line for cell in step.cells for line in printed_by(python_of(the_cell(module, cell)))]
    assert len(lines) == 7
    assert [line for line in lines if first_match(step, line) is None] == []


def test_the_final_accuracy_and_dice_are_shown() -> None:
    last = {
        name: step.id
        for module in DEFINITION.modules
        for step in module.steps
        for name in (step.training.metrics if step.training else ())
    }
    assert last["accuracy"] == last["dice"] == "evaluate"


@pytest.mark.parametrize("module", MODULES)
def test_checks_ask_only_for_names_that_the_cells_have_made(module: Module) -> None:
    known = set(dir(builtins))
    for step in module.steps:
        for cell in step.cells:
            known |= names_made_by(python_of(the_cell(module, cell)))
        for expression in step.check.expressions:
            asked = {
                node.id for node in ast.walk(ast.parse(expression)) if isinstance(node, ast.Name)
            }
            assert asked <= known, f"{step.id}: {asked - known}"


@pytest.mark.parametrize("module", MODULES)
def test_the_notebook_holds_one_of_a_parameters_choices(module: Module) -> None:
    (parameter,) = module.parameters
    assigned = [
        ast.literal_eval(node.value)
        for cell in cells_of(module)
        for node in ast.walk(python_of(cell))
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id == parameter.variable
    ]
    assert assigned == [parameter.choices[0].value]
    assert f"{parameter.variable} = " in source_of(the_cell(module, parameter.cell))


def test_the_install_cell_lacks_the_line_that_the_patch_brings() -> None:
    module = next(module for module in DEFINITION.modules if module.patches)
    (patch,) = module.patches
    assert isinstance(patch, EnsureLine)
    lines = source_of(the_cell(module, patch.cell)).splitlines()
    assert not any("nibabel" in line for line in lines)
    assert sum(patch.after in line for line in lines) == 1
    assert 'import nibabel"' in patch.line
    later = [name for cell in cells_of(module) for name in names_made_by(python_of(cell))]
    assert "nib" in later


def test_the_environment_brings_all_that_the_notebooks_import() -> None:
    provided = {rule.provides for rule in DEFINITION.environment.packages} | {"torch"}
    imported = set()
    for module in DEFINITION.modules:
        for cell in cells_of(module):
            for node in ast.walk(python_of(cell)):
                if isinstance(node, ast.Import):
                    imported |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    imported.add(node.module.split(".")[0])
    assert imported - set(sys.stdlib_module_names) <= provided


@pytest.mark.parametrize(
    ("python", "torch", "monai"),
    [
        ("3.10.14", "2.0.1", "monai==1.2.0"),
        ("3.11.7", "2.4.0", "monai==1.2.0"),
        ("3.12.9", "2.3.1", "monai==1.4.0"),
        ("3.11.11", "2.4.1", "monai==1.5.2"),
        ("3.11.7", "2.13.0+cpu", "monai==1.5.2"),
        ("3.13.1", "2.8.0", "monai==1.5.2"),
    ],
)
def test_one_rule_of_each_package_applies(python: str, torch: str, monai: str) -> None:
    rules = [
        rule
        for rule in DEFINITION.environment.packages
        if SpecifierSet(rule.python).contains(python) and SpecifierSet(rule.torch).contains(torch)
    ]
    names = Counter(Requirement(rule.require).name for rule in rules)
    assert names == Counter(["monai", "numpy", "nibabel", "matplotlib"])
    assert monai in {rule.require for rule in rules}
    old = SpecifierSet("<2.4.1").contains(torch)
    assert ("numpy<2" in {rule.require for rule in rules}) == old


def test_no_machine_is_turned_away_and_no_gpu_is_asked_for() -> None:
    needs = DEFINITION.needs
    assert needs.gpu_memory is None
    for need in (needs.memory, needs.disk):
        assert need is not None
        assert need.level == "recommended"
        assert need.without


def test_it_takes_less_than_three_minutes_without_a_gpu() -> None:
    assert sum(s.duration.cpu for m in DEFINITION.modules for s in m.steps) < 180
