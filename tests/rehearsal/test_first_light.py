"""A workshop that is built in, rehearsed with real training."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from jupyter_monai_workshop.definition.catalogue import discover

from .workbench import rehearse


@pytest.mark.timeout(900)
def test_first_light_passes_and_junit_says_so(tmp_path: Path) -> None:
    files = {name: tmp_path / f"out/{name}" for name in ("junit", "json", "record", "html")}
    options = [part for name, path in files.items() for part in (f"--{name}", path)]
    done = rehearse(
        *("first-light", "--set", "segment-3d.epochs=4", *options),
        data=tmp_path / "jupyter",
        timeout=840,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 of 2 passed" in done.stdout
    definition = discover([]).get("first-light").definition

    root = ElementTree.parse(files["junit"]).getroot()
    cases = {(case.get("classname"), case.get("name")) for case in root.iter("testcase")}
    for module in definition.modules:
        for step in module.steps:
            assert (f"first-light.{module.id}", step.id) in cases
    assert root.get("failures") == root.get("skipped") == "0"
    assert int(root.get("tests", "0")) == len(cases)
    assert not list(root.iter("failure"))

    found = json.loads(files["json"].read_text())
    classify, segment = found["results"]
    assert {"monai", "torch", "python"} <= set(classify["versions"])
    (training,) = (step["training"] for step in classify["steps"] if step["id"] == "train")
    losses = next(curve["y"] for curve in training["curves"] if curve["name"] == "loss")
    assert len(losses) > 10
    assert losses[-1] < losses[0] / 2
    assert found["values"] == {"segment-3d": {"epochs": 4}}
    (training,) = (step["training"] for step in segment["steps"] if step["id"] == "train")
    assert training["epochs"] == 4

    page = files["html"].read_text(encoding="utf-8")
    assert page.count('<svg class="curve"') >= 3
    assert "Train the network" in page
    assert "<script" not in page

    (machine,) = yaml.safe_load(files["record"].read_text())["machines"]
    assert set(machine["modules"]) == {"classify-2d", "segment-3d"}
    assert machine["modules"]["classify-2d"]["train"]["duration"]["cpu"] > 1
    assert machine["machine"]["processors"] >= 1
