"""The administrators' pages: what they tell to type is typed here."""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from traitlets.config import Config

from jupyter_monai_workshop import cli
from jupyter_monai_workshop.server.app import MonaiWorkshopApp
from jupyter_monai_workshop.studio import dockerfile, lifecycle_config, version_wanted

DOCS = Path(__file__).parents[2] / "docs"
STUDIO = (DOCS / "studio.md").read_text(encoding="utf-8")
HUB = (DOCS / "jupyterhub.md").read_text(encoding="utf-8")

RECORDER = """\
#!{python}
import json, os, sys
with open({record!r}, "a") as file:
    print(json.dumps([os.path.basename(sys.argv[0]), *sys.argv[1:]]), file=file)
if "--query" in sys.argv:
    print("arn:aws:sagemaker:us-east-1:111122223333:studio-lifecycle-config/monai-workshop-0-1-0")
"""


def blocks(page: str, language: str) -> list[str]:
    """Return the code blocks of a page, also those within lists."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", page, re.MULTILINE | re.DOTALL)
    return [re.sub(f"^{indent}", "", text, flags=re.MULTILINE) for indent, text in found]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    """What `aws` and `docker` are asked for by whoever follows the page on Studio."""
    folder = tmp_path_factory.mktemp("administrator")
    record = folder / "record.jsonl"
    commands = folder / "bin"
    commands.mkdir()
    for name in ("aws", "docker"):
        (commands / name).write_text(RECORDER.format(python=sys.executable, record=str(record)))
    ours = f'shift; exec {shlex.quote(sys.executable)} -m jupyter_monai_workshop "$@"'
    (commands / "jupyter").write_text(f"#!/bin/sh\n{ours}\n")
    for command in commands.iterdir():
        command.chmod(0o755)
    done = subprocess.run(
        ["sh", "-eu", "-c", "\n".join(blocks(STUDIO, "sh"))],
        cwd=folder,
        env={**os.environ, "PATH": f"{commands}:{os.defpath}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (folder / "Dockerfile").read_text() == dockerfile(version_wanted("0.1.0"))
    return [json.loads(line) for line in record.read_text().splitlines()]


def option(command: list[str], name: str) -> str:
    return command[command.index(name) + 1]


def test_sagemaker_is_given_just_the_script(asked: list[list[str]]) -> None:
    (command,) = (it for it in asked if "create-studio-lifecycle-config" in it)
    content = option(command, "--studio-lifecycle-config-content")
    assert base64.b64decode(content).decode() == lifecycle_config(version_wanted("0.1.0"))
    assert len(content) < 16_384
    name = option(command, "--studio-lifecycle-config-name")
    assert re.fullmatch("[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", name)


def test_every_setting_of_the_domain_is_json(asked: list[list[str]]) -> None:
    updates = [it for it in asked if "update-domain" in it]
    assert len(updates) == 3
    offered, images, removed = (
        json.loads(option(it, "--default-user-settings"))["JupyterLabAppSettings"] for it in updates
    )
    (arn,) = offered["LifecycleConfigArns"]
    assert arn.endswith("studio-lifecycle-config/monai-workshop-0-1-0")
    assert images["CustomImages"][0]["ImageName"] == "monai-workshop"
    assert not any(removed.values())
    (config,) = (it for it in asked if "create-app-image-config" in it)
    json.loads(option(config, "--jupyter-lab-app-image-config"))


def test_what_was_made_is_removed(asked: list[list[str]]) -> None:
    made = {it[2].removeprefix("create-") for it in asked if it[1:2] == ["sagemaker"]}
    removed = {it[2].removeprefix("delete-") for it in asked if it[1:2] == ["sagemaker"]}
    kinds = {"studio-lifecycle-config", "app-image-config", "image"}
    assert kinds <= made
    assert kinds <= removed


@pytest.mark.parametrize("page", ["studio.md", "jupyterhub.md"])
def test_every_command_of_ours_is_understood(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    commands = re.findall(r"jupyter monai-workshop ([a-z][^`\n>]*)", text)
    assert len(commands) >= 3
    for command in commands:
        cli._parser().parse_args(shlex.split(command))


@pytest.mark.parametrize("page", ["studio.md", "jupyterhub.md"])
def test_every_setting_that_is_named_is_one(page: str, tmp_path: Path) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    config = Config()
    for block in blocks(text, "python"):
        exec(compile(block, page, "exec"), {"c": config})
    for inline in re.findall(r'`(\{"MonaiWorkshopApp.*?\}\})`', text):
        config.merge(json.loads(inline))
    assert config["MonaiWorkshopApp"]
    traits = MonaiWorkshopApp.class_trait_names(config=True)
    assert set(config["MonaiWorkshopApp"]) <= set(traits)
    app = MonaiWorkshopApp(config=config)
    for name, value in config["MonaiWorkshopApp"].items():
        assert getattr(app, name) == value


@pytest.mark.parametrize("page", ["studio.md", "jupyterhub.md"])
def test_links_lead_somewhere(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    heads = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if target.startswith("#"):
            assert target[1:] in anchors
        elif "://" not in target:
            assert (DOCS / target).exists(), target
