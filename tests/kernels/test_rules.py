"""Which packages a Python with this torch gets: the table of what was measured."""

from __future__ import annotations

import pytest

from jupyter_monai_workshop.definition.models import Environment, PackageRule
from jupyter_monai_workshop.kernels.failures import EnvironmentFailure
from jupyter_monai_workshop.kernels.rules import (
    Target,
    check_conditions,
    module_of,
    rules_for,
    torch_conditions,
    torch_serves,
    unserved,
)

BOOTCAMP = Environment(
    torch=">=1.13",
    packages=(
        PackageRule(require="monai==1.2.0", torch="<2.4", python="<3.12"),
        PackageRule(require="monai==1.5.2", torch=">=2.4.1"),
        PackageRule(require="nibabel<5.4", torch="<2.4"),
        PackageRule(require="nibabel", torch=">=2.4.1"),
        PackageRule(require="numpy<2", torch="<2.4"),
        PackageRule(require="fire"),
        PackageRule(require="pytorch-ignite", provides="ignite"),
        PackageRule(require="mlflow", torch=">=2.4.1"),
    ),
)
ALWAYS = ["fire", "pytorch-ignite"]
OLD = ["monai==1.2.0", "nibabel<5.4", "numpy<2", *ALWAYS]
NEW = ["monai==1.5.2", "nibabel", *ALWAYS, "mlflow"]


@pytest.mark.parametrize(
    ("python", "torch", "chosen"),
    [
        ("3.10.13", "2.0.1", OLD),
        ("3.10.13", "1.13.1+cu117", OLD),
        ("3.11.11", "2.3.1", OLD),
        ("3.11.11", "2.6.0", NEW),
        ("3.11.7", "2.13.0+cpu", NEW),
        ("3.12.9", "2.6.0+cu126", NEW),
        ("3.12.13", "2.8.0", NEW),
        ("3.13.0", "2.4.1", NEW),
        ("3.12.13", None, ALWAYS),
    ],
)
def test_the_rules_of_a_python_and_its_torch(
    python: str, torch: str | None, chosen: list[str]
) -> None:
    rules = rules_for(BOOTCAMP.packages, Target(python, torch))
    assert [rule.require for rule in rules] == chosen


@pytest.mark.parametrize(
    ("python", "torch", "without"),
    [
        ("3.11.7", "2.6.0", ()),
        ("3.11.7", "2.0.1", ()),
        ("3.12.1", "2.0.1", ("monai",)),  # 1.2.0 does not import on 3.12
        ("3.11.7", "2.4.0", ("monai", "nibabel")),  # between the two rules
    ],
)
def test_a_package_of_several_rules_needs_one_that_applies(
    python: str, torch: str, without: tuple[str, ...]
) -> None:
    target = Target(python, torch)
    assert unserved(BOOTCAMP.packages, target) == without
    assert torch_serves(BOOTCAMP, target) is not bool(without)


def test_a_package_of_one_rule_may_be_left_out() -> None:
    assert "mlflow" not in unserved(BOOTCAMP.packages, Target("3.11.7", "2.0.1"))


@pytest.mark.parametrize("torch", [None, "1.12.1"])
def test_a_torch_that_the_workshop_refuses_does_not_serve(torch: str | None) -> None:
    assert not torch_serves(BOOTCAMP, Target("3.11.7", torch))


def test_any_torch_serves_a_workshop_without_torch() -> None:
    environment = Environment(packages=(PackageRule(require="fire"),))
    assert torch_serves(environment, Target("3.11.7", None))


def test_where_to_look_for_a_torch() -> None:
    assert torch_conditions(BOOTCAMP, "3.11.7") == ("<2.4", ">=2.4.1")
    assert torch_conditions(Environment(torch=">=2"), "3.11.7") == ("",)


def test_the_module_that_proves_a_rule() -> None:
    assert [module_of(rule) for rule in BOOTCAMP.packages[-3:]] == ["fire", "ignite", "mlflow"]
    assert module_of(PackageRule(require="nvidia-ml-py[x]>=12")) == "nvidia_ml_py"


@pytest.mark.parametrize(
    "environment",
    [
        Environment(torch="two"),
        Environment(packages=(PackageRule(require="monai=1.5"),)),
        Environment(packages=(PackageRule(require="monai", python="three"),)),
        Environment(packages=(PackageRule(require="monai", torch="=>2"),)),
    ],
)
def test_a_condition_that_cannot_be_read_is_refused_by_name(environment: Environment) -> None:
    with pytest.raises(EnvironmentFailure) as caught:
        check_conditions(environment)
    assert caught.value.hint
