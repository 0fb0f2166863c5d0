"""What will be installed, its size and its source are known before anything is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.models import Environment, PackageRule
from jupyter_monai_workshop.kernels import InstallPlan, plan_environment
from jupyter_monai_workshop.kernels.failures import PackageNotFound, WouldReplace
from jupyter_monai_workshop.kernels.plan import pins_of, size_in_words, source_of

from .workbench import Recorder, Room, StillIndex, write_wheel

WORKSHOP = Environment(torch=">=2.0", packages=(PackageRule(require="monai==1.5.2"),))


@pytest.fixture
def room(room: Room) -> Room:
    room.base.add("torch", "2.8.0")
    room.base.add("numpy", "1.26.4")
    write_wheel(room.links, "monai", "1.5.2", ["torch>=2.4.1", "numpy<3", "tqdm"])
    write_wheel(room.links, "tqdm", "4.67.1")
    return room


def plan(room: Room, environment: Environment = WORKSHOP) -> InstallPlan:
    return plan_environment(
        environment,
        room.place.environment.parent,
        base_python=room.base.python,
        gpu=False,
        progress=Recorder(),
    )


def test_names_versions_sizes_and_sources(room: Room) -> None:
    found = plan(room)
    assert [(it.name, it.version) for it in found.packages] == [
        ("monai", "1.5.2"),
        ("tqdm", "4.67.1"),
    ]
    wheels = {path.name.partition("-")[0]: path.stat().st_size for path in room.links.iterdir()}
    assert {it.name: it.size for it in found.packages} == wheels
    assert {it.source for it in found.packages} == {str(room.links)}
    assert found.torch == "2.8.0"
    assert found.inherited["numpy"] == "1.26.4"
    assert found.sentence() == (
        f"2 packages, {size_in_words(sum(wheels.values()))}, from {room.links}"
    )


def test_a_plan_installs_nothing_and_leaves_nothing(room: Room) -> None:
    plan(room)
    assert room.observe(WORKSHOP).problem == "missing"
    assert list(room.place.environment.parent.iterdir()) == []


def test_a_build_tells_the_plan_before_it_installs(room: Room) -> None:
    progress = Recorder()
    room.build(WORKSHOP, progress)
    told = [phase for phase, _, message in progress.reports if "2 packages," in message]
    assert told[0] == "resolving"
    assert progress.phases.index("resolving") < progress.phases.index("downloading")
    assert room.plans == [plan(room, WORKSHOP)]


def test_what_the_base_has_is_no_part_of_it(room: Room) -> None:
    room.base.add("monai", "1.5.2")
    found = plan(room)
    assert found.packages == ()
    assert found.sentence() == "nothing; this Python has everything"
    assert set(found.inherited) >= {"monai", "torch"}


def test_what_would_be_replaced_is_refused_before_anything_is_installed(room: Room) -> None:
    write_wheel(room.links, "monai", "1.5.0", ["torch<2.7"])
    rule = PackageRule(require="monai==1.5.0")
    with pytest.raises(WouldReplace) as caught:
        plan(room, Environment(torch=">=2.0", packages=(rule,)))
    assert caught.value.packages == ("torch",)
    assert "2.8.0" in caught.value.message
    assert room.generations() == []


def test_a_package_that_does_not_exist(room: Room) -> None:
    with pytest.raises(PackageNotFound):
        plan(room, Environment(packages=(PackageRule(require="no-such-thing"),)))


def test_an_index_is_named_by_its_host_without_the_login(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    with StillIndex([("fire", "0.7.0")]) as index:
        monkeypatch.delenv("PIP_NO_INDEX")
        host = index.url.partition("://")[2].partition("/")[0]
        monkeypatch.setenv("PIP_INDEX_URL", f"http://somebody:secret@{host}/simple")
        found = plan(room, Environment(packages=(PackageRule(require="fire"),)))
    (package,) = found.packages
    assert (package.source, package.size) == (host, None)
    assert "secret" not in found.model_dump_json() + found.sentence()


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("https://me:pw@files.test/a/b.whl?token=x#sha256=1", "files.test"),
        ("https://files.test:8443/b.whl", "files.test:8443"),
        ("file:///srv/wheel%20house/b.whl", "/srv/wheel house"),
        ("/srv/wheels/b.whl", "/srv/wheels"),
        ("git+https://me@git.test/x.git", "git.test"),
        ("", ""),
    ],
)
def test_where_a_package_comes_from(address: str, source: str) -> None:
    assert source_of(address) == source


def test_of_several_wheels_the_one_that_will_be_taken_counts() -> None:
    from packaging.tags import parse_tag

    lock = """
lock-version = "1.0"
[[packages]]
name = "numpy"
version = "2.4.6"
wheels = [
  { url = "https://f.test/numpy-2.4.6-py3-none-any.whl", size = 1 },
  { url = "https://f.test/numpy-2.4.6-cp311-cp311-linux_x86_64.whl", size = 2 },
  { url = "https://f.test/numpy-2.4.6-cp312-cp312-linux_x86_64.whl", size = 3 },
]
[[packages]]
name = "only-source"
version = "1"
sdist = { url = "https://f.test/only_source-1.tar.gz", size = 7 }
[[packages]]
name = "direct"
vcs = { type = "git", url = "https://g.test/d.git", commit-id = "abc" }
"""
    tags = [*parse_tag("cp311-cp311-linux_x86_64"), *parse_tag("py3-none-any")]
    pins = pins_of(lock, tags)
    assert [pin.package.size for pin in pins] == [2, 7, None]
    assert [pin.requirement for pin in pins] == [
        "numpy==2.4.6",
        "only-source==1",
        "direct @ git+https://g.test/d.git@abc",
    ]


def test_sizes_for_people() -> None:
    assert [size_in_words(it) for it in (12, 4_300, 191_794_682, 2_500_000_000)] == [
        *("12 bytes", "4.3 kB", "191.8 MB", "2.5 GB"),
    ]


def test_a_folder_that_cannot_be_written(room: Room, tmp_path: Path) -> None:
    from jupyter_monai_workshop.kernels.failures import FolderNotWritable

    (tmp_path / "file").touch()
    with pytest.raises(FolderNotWritable):
        plan_environment(
            WORKSHOP, tmp_path / "file", base_python=room.base.python, gpu=False,
            progress=Recorder(),
        )  # fmt: skip
