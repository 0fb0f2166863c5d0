"""What an administrator sets, and what a person trusts, on a real server."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from jupyter_monai_workshop.settings import settings_in_words

from .conftest import DEFINITION, Client, write_workshop


@pytest.fixture
def settings() -> dict[str, Any]:
    """What the administrator sets; a test may have its own."""
    return {}


@pytest.fixture
def strangers(tmp_path: Path) -> Path:
    """A folder for whose workshop nobody answers."""
    folder = tmp_path / "strangers"
    write_workshop(folder / "tiny")
    return folder


@pytest.fixture
def jp_server_config(strangers: Path, settings: dict[str, Any]) -> dict[str, Any]:
    return {
        "ServerApp": {"jpserver_extensions": {"jupyter_monai_workshop": True}},
        "MonaiWorkshopApp": {
            "definition_folders": [str(strangers)],
            "base_python": sys.executable,
            **settings,
        },
    }


async def trust(client: Client) -> dict[str, Any]:
    digest = (await client.ask("workshops", "tiny"))["trust"]["digest"]
    body = json.dumps({"digest": digest})
    answer: dict[str, Any] = await client.ask(
        "workshops", "tiny", "trust", method="POST", body=body
    )
    return answer


async def refused_job(client: Client, **request: object) -> tuple[int, str]:
    body = json.dumps(request)
    code, failure = await client.refused("workshops", "tiny", "jobs", method="POST", body=body)
    assert failure["hint"]
    return code, failure["code"]


KINDS = ["prepare", "materials", "patches", "environment", "plan", "preflight", "update"]


@pytest.mark.parametrize("kind", KINDS)
async def test_nothing_is_done_before_a_workshop_is_trusted(client: Client, kind: str) -> None:
    assert await refused_job(client, kind=kind) == (403, "not_trusted")
    assert list(client.root.iterdir()) == []


async def test_what_it_would_do_is_shown_and_once_is_enough(
    client: Client, strangers: Path
) -> None:
    before = await client.ask("workshops", "tiny")
    assert before["next"]["action"] == "trust"
    shown = before["trust"]
    assert shown["folder"] == str(strangers / "tiny")
    assert (shown["cells"], shown["patches"], shown["expressions"]) == (3, 1, 1)
    assert {s["state"] for s in before["modules"][0]["steps"]} == {"blocked"}
    after = await trust(client)
    assert (after["trust"], after["next"]["action"]) == (None, "prepare")
    assert after["number"] > before["number"]
    snapshot = await client.prepared()
    assert snapshot["next"] == {"action": "run", "module": "only", "step": "setup"}


async def test_a_bundled_file_that_changes_is_asked_for_again(
    client: Client, strangers: Path
) -> None:
    await trust(client)
    await client.prepared()
    (strangers / "tiny" / "files" / "more.py").write_text("print('other')")
    snapshot = await client.ask("workshops", "tiny")
    assert snapshot["trust"] is not None
    assert {s["state"] for s in snapshot["modules"][0]["steps"]} == {"blocked"}
    assert await refused_job(client, kind="update") == (403, "not_trusted")


async def test_what_changed_after_it_was_shown_is_not_trusted(
    client: Client, strangers: Path
) -> None:
    digest = (await client.ask("workshops", "tiny"))["trust"]["digest"]
    (strangers / "tiny" / "files" / "more.py").write_text("print('other')")
    body = json.dumps({"digest": digest})
    code, failure = await client.refused("workshops", "tiny", "trust", method="POST", body=body)
    assert (code, failure["code"]) == (409, "trust_outdated")
    assert await refused_job(client, kind="prepare") == (403, "not_trusted")


async def test_what_comes_with_the_package_needs_no_trust(client: Client) -> None:
    for name in ("first-light", "rsna-2023"):
        assert (await client.ask("workshops", name))["trust"] is None


@pytest.mark.parametrize("settings", [{"message": "**Closed** on Sunday."}])
async def test_the_message_of_the_administrator_is_told(client: Client) -> None:
    assert (await client.ask("workshops"))["message"] == "**Closed** on Sunday."


@pytest.mark.parametrize("settings", [{"disabled": ["parameters", "private_sources"]}])
async def test_what_is_switched_off_is_refused_and_said_in_the_snapshot(client: Client) -> None:
    snapshot = await trust(client)
    assert snapshot["disabled"] == ["parameters", "private_sources"]
    values = {"kind": "parameters", "module": "only", "values": {}}
    for request in ({"kind": "profile"}, {"kind": "materials", "token": "t"}, values):
        assert await refused_job(client, **request) == (403, "feature_disabled")
    assert (await client.prepared())["next"]["action"] == "run"


@pytest.mark.parametrize("settings", [{"disabled": ["environment_installs"]}])
async def test_without_installs_a_workshop_runs_where_the_base_has_all(client: Client) -> None:
    await trust(client)
    body = {"kind": "install_in_kernel", "module": "only"}
    assert await refused_job(client, **body) == (403, "feature_disabled")
    await client.prepared()


class TestWithoutInstallsAndSomethingMissing:
    @pytest.fixture
    def settings(self) -> dict[str, Any]:
        return {"disabled": ["environment_installs"]}

    @pytest.fixture
    def strangers(self, tmp_path: Path) -> Path:
        folder = tmp_path / "strangers"
        write_workshop(folder / "tiny")
        packages = "environment: {packages: [{require: colorama-like-none==9}]}\nmodules:"
        text = DEFINITION.replace("modules:", packages)
        (folder / "tiny" / "workshop.yaml").write_text(text)
        return folder

    async def test_nothing_is_installed(self, client: Client) -> None:
        await trust(client)
        job = await client.end_of(await client.start("environment"))
        assert job["state"] == "failed"


@pytest.mark.parametrize("settings", [{"most_files": 100}])
async def test_materials_above_the_quota_are_stopped_and_nothing_is_left(client: Client) -> None:
    await trust(client)
    job = await client.end_of(await client.start("materials"))
    assert job["failure"]["code"] == "quota_exceeded"
    assert list(client.root.iterdir()) == []


class TestAnnouncedSizes:
    @pytest.fixture
    def settings(self) -> dict[str, Any]:
        return {"most_files": 1_000_000, "most_environment": 5_000_000}

    @pytest.fixture
    def strangers(self, tmp_path: Path) -> Path:
        folder = tmp_path / "strangers"
        write_workshop(folder / "tiny")
        source = (
            "source: {kind: git, urls: ['https://h.example/x'], "
            f"commit: {'a' * 40}, folder: tiny, size: 2000000}}\n"
            "environment: {size: 6000000}"
        )
        text = DEFINITION.replace("source: {kind: bundled, path: files, folder: tiny}", source)
        (folder / "tiny" / "workshop.yaml").write_text(text)
        return folder

    async def test_are_refused_before_anything_is_asked_for(self, client: Client) -> None:
        await trust(client)
        for kind in ("prepare", "materials", "data", "update", "environment"):
            assert await refused_job(client, kind=kind) == (403, "quota_exceeded")


@pytest.mark.parametrize("settings", [{"disabled": ["everything"]}, {"most_files": "few"}])
async def test_a_setting_with_a_mistake_never_means_no_limit(client: Client) -> None:
    for path in ("workshops", "status"):
        code, failure = await client.refused(path)
        assert (code, failure["code"]) == (503, "configuration_unreadable")
        assert failure["hint"]


def test_every_setting_is_shown_with_value_source_and_help(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    file = tmp_path / "jupyter_server_config.py"
    file.write_text("c.MonaiWorkshopApp.hosts.append('github.com')\n")
    settings = {it.name: it for it in settings_in_words()}
    assert settings["hosts"].value == ["github.com"]
    assert settings["hosts"].source == str(file)
    assert settings["protocols"].value == settings["protocols"].default == ["https"]
    assert settings["protocols"].source == ""
    for it in settings.values():
        assert "Default" in it.help, it.name
