"""Hostile inputs: each is refused with a clear word, and the same server goes on.

What is hostile in archives of data sets is in ``tests/materials/test_data_archives.py``, in
answers of servers in ``test_data_downloads.py`` and ``test_git_refusals.py``, in kits in
``tests/kit/test_opening.py``, in notebook files in ``tests/notebooks/test_reading.py``.
"""

from __future__ import annotations

import os

import pytest

from tests.hostile.definitions import HOSTILE
from tests.hostile.repositories import BUNDLES, HARMLESS, LFS, REFUSED
from tests.hostile.requests import ODD
from tests.hostile.room import Room, code_of


def test_there_are_enough_of_them() -> None:
    assert len(HOSTILE) + len(ODD) + len(REFUSED) + len(BUNDLES) >= 60


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_definition_is_left_out_and_the_reason_told(room: Room, name: str) -> None:
    expected = HOSTILE[name]
    problems = room.ask("GET", "monai-workshop/workshops").body["problems"]
    found = [problem for problem in problems if code_of(problem, name)]
    assert len(found) == 1, (name, found)
    assert found[0]["code"] == expected.code
    assert expected.said in found[0]["message"] + found[0]["details"], found[0]
    assert found[0]["hint"]
    assert room.workshop(name).status == 404


@pytest.mark.parametrize("name", ODD)
def test_an_odd_request_is_refused(room: Room, name: str) -> None:
    odd = ODD[name]
    answer = room.ask(odd.method, f"monai-workshop/{odd.path}", odd.body)
    assert answer.status == odd.status, answer
    assert answer.body["code"] == odd.code, answer
    assert answer.body["message"]
    assert odd.said in answer.body["message"], answer


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_repository_is_refused(room: Room, name: str) -> None:
    failure = room.job(name, "materials")["failure"]
    assert failure, "it was brought"
    assert failure["code"] == REFUSED[name][1], failure
    assert failure["message"]
    assert failure["hint"]
    assert not (room.root / name).exists()
    assert not [it for it in room.root.iterdir() if it.name.startswith(".monai")]
    assert room.workshop(name).status == 200


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_dangerous_in_a_repository_is_not_brought(room: Room, name: str) -> None:
    job = room.job(name, "materials")
    assert job["state"] == "succeeded", job
    assert (room.root / name / "one.ipynb").is_file()
    assert room.workshop(name).status == 200
    target = room.root / name
    if name == "submodule":
        assert not list(target.glob("sub/*"))
    if name == "filter":
        assert (target / "a.txt").read_bytes() == b"as it is"
    if name == "lfs":
        assert (target / "a.bin").read_bytes() == LFS


def test_a_clone_that_lies_there_runs_nothing_that_its_settings_say(room: Room) -> None:
    job = room.job("by-hand", "materials")
    assert job["state"] == "succeeded", job
    assert room.job("by-hand", "update")["state"] in ("succeeded", "failed")


@pytest.mark.parametrize("name", BUNDLES)
def test_a_hostile_bundled_folder_is_refused(room: Room, name: str) -> None:
    failure = room.job(name, "materials")["failure"]
    assert failure, "it was brought"
    assert failure["code"] == BUNDLES[name][1], failure
    assert failure["hint"]
    assert not (room.root / name).exists()
    answer = room.workshop(name)
    assert answer.status == 200 or answer.body["code"] == BUNDLES[name][1]


@pytest.mark.parametrize("name", ["linked", "linked-round", "linked-system"])
def test_a_link_in_the_place_of_the_materials_leads_nothing_out(room: Room, name: str) -> None:
    body = b'{"kind": "materials"}'
    answer = room.ask("POST", f"monai-workshop/workshops/{name}/jobs", body)
    assert (answer.status, answer.body["code"]) == (409, "folder_outside"), answer
    assert answer.body["hint"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("host-refused-example", "host_refused"),
        ("host-allowed-example-refused-example", "host_refused"),
        ("host-xallowed-example", "host_refused"),
        ("protocol", "protocol_refused"),
        ("no-such-commit", "commit_missing"),
        ("no-such-repository", "repository_missing"),
    ],
)
def test_an_address_that_is_not_allowed_is_not_asked(room: Room, name: str, code: str) -> None:
    failure = room.job(name, "materials")["failure"]
    assert failure["code"] == code, failure
    assert failure["hint"]


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'{"cells": [{"cell_type": "code", "id": "a", "source": "x = \\"\\ud800\\""}], '
        b'"metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
        b'{"cells": [' + b'{"cell_type": "code", "source": ""},' * 5_000 + b"{}]}",
        b"\xff\xfe" * 100,
        None,
    ],
    ids=["deep", "half a letter", "no kind", "no text", "200 MB"],
)
def test_a_hostile_notebook_blocks_its_module_only(room: Room, content: bytes | None) -> None:
    if not (room.root / "filter").exists():
        room.job("filter", "materials")
    notebook = room.root / "filter" / "one.ipynb"
    if content is None:
        with notebook.open("wb") as file:
            file.truncate(200_000_000)
    else:
        notebook.write_bytes(content)
    os.utime(notebook, (1e9, 1e9))  # long ago, so that nobody takes it for half written
    for path in ("", "/patches", "/outputs/one"):
        answer = room.ask("GET", f"monai-workshop/workshops/filter{path}")
        assert answer.status < 500, answer
        if answer.status != 200:
            assert answer.body["hint"]
    [step] = room.workshop("filter").body["modules"][0]["steps"]
    assert step["state"] == "blocked", step
