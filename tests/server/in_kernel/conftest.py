"""A machine whose only kernel runs on the Python of its image, where no environment can be made."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.kernels.conftest import link_with_needs, new_base
from tests.kernels.workbench import BasePython, write_wheel
from tests.server.conftest import DEFINITION, Client, Fetch, write_workshop

PACKAGES = "environment: {torch: '>=2', packages: [{require: monai==1.5.2}, {require: fire}]}\n"


@pytest.fixture
def image(jp_environ: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BasePython:
    """A machine without uv, with torch in the Python that its only kernel runs on."""
    # The server's fixtures let every Python see the packages of the tests.
    monkeypatch.delenv("PYTHONPATH", raising=False)
    base = new_base(tmp_path / "image", Path(sys.executable))
    for name in ("ipykernel", "pip"):
        folder = tmp_path / name
        folder.mkdir()
        base.replace(name, link_with_needs(name, folder))
    base.add("torch", "2.8.0")
    links = tmp_path / "wheels"
    write_wheel(links, "monai", "1.5.2", ["torch>=2.4.1"])
    write_wheel(links, "fire", "0.7.0")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(links))
    monkeypatch.setitem(sys.modules, "uv", None)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    return base


@pytest.fixture
def definitions(tmp_path: Path) -> Path:
    folder = tmp_path / "definitions"
    write_workshop(folder / "tiny")
    (folder / "tiny" / "workshop.yaml").write_text(
        DEFINITION.replace("modules:\n", f"{PACKAGES}modules:\n")
    )
    return folder


@pytest.fixture
def jp_server_config(jp_server_config: dict[str, Any], image: BasePython) -> dict[str, Any]:
    jp_server_config["MonaiWorkshopApp"]["base_python"] = str(image.python)
    return jp_server_config


@pytest.fixture
def kernelspec(jp_data_dir: Path, image: BasePython) -> str:
    folder = jp_data_dir / "kernels" / "image"
    folder.mkdir(parents=True)
    argv = [str(image.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Image", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec))
    return "image"


async def open_notebook(client: Client, fetch: Fetch, kernel: str) -> str:
    snapshot = await client.ask("workshops", "tiny")
    body = {
        "path": snapshot["modules"][0]["notebook"],
        "name": "a notebook.ipynb",
        "type": "notebook",
        "kernel": {"name": kernel},
    }
    response = await fetch("api", "sessions", method="POST", body=json.dumps(body))
    await client.ask("workshops", "tiny")
    identity: str = json.loads(response.body)["kernel"]["id"]
    return identity


async def post(client: Client, kind: str) -> dict[str, Any]:
    body = json.dumps({"kind": kind, "module": "only"})
    job = await client.ask("workshops", "tiny", "jobs", method="POST", body=body)
    return await client.end_of(job)


def environment_of(snapshot: dict[str, Any]) -> dict[str, Any]:
    (part,) = [it for it in snapshot["preparation"] if it["name"] == "environment"]
    found: dict[str, Any] = part
    return found


async def kernels(fetch: Fetch) -> list[dict[str, Any]]:
    response = await fetch("api", "kernels")
    found: list[dict[str, Any]] = json.loads(response.body)
    return found
