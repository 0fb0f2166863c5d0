"""Stopped by the person, or killed: quick, no debris, and the next run finishes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from filelock import FileLock

from jupyter_monai_workshop.definition.models import GitSource
from jupyter_monai_workshop.errors import Cancelled, WorkshopError
from jupyter_monai_workshop.jobs.progress import Phase
from jupyter_monai_workshop.materials import bring_materials, observe_materials
from tests.git_server import AUTO3DSEG, GitServer, git
from tests.materials.watching import Recorder, everything_in


def finish(source: GitSource, target: Path) -> None:
    state = bring_materials(
        source, target, definition_folder=target, protocols=("http",), progress=Recorder()
    )
    assert state.present
    assert (target / AUTO3DSEG).exists()
    assert [path.name for path in target.parent.iterdir()] == [target.name]


# A few bytes in, and in the middle of the notebooks.
@pytest.mark.parametrize("stall_after", [0, 100, 40_000])
def test_a_stop_while_the_server_is_silent(
    source: GitSource, bootcamp: Path, home: Path, target: Path, stall_after: int
) -> None:
    progress = Recorder()
    ends: list[WorkshopError] = []

    with GitServer(bootcamp, stall_after=stall_after) as silent:

        def work() -> None:
            try:
                bring_materials(
                    source.model_copy(update={"urls": (silent.url,)}),
                    target,
                    definition_folder=home,
                    protocols=("http",),
                    progress=progress,
                )
            except WorkshopError as error:
                ends.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        assert silent.stalled.wait(20)
        time.sleep(0.2)  # let git go to sleep over the silence
        assert not silent.left.is_set()
        began = time.monotonic()
        progress.cancel()
        asked = time.monotonic() - began
        thread.join(10)
        took = time.monotonic() - began
        assert silent.left.wait(1)
    assert [type(end) for end in ends] == [Cancelled]
    assert asked < 0.1
    assert took < 2
    assert everything_in(home) == {}
    finish(source, target)


@pytest.mark.parametrize("phase", ["looking", "connecting", "receiving", "writing", "verifying"])
def test_a_stop_in_each_phase(source: GitSource, home: Path, target: Path, phase: Phase) -> None:
    began = time.monotonic()
    with pytest.raises(Cancelled):
        bring_materials(
            source,
            target,
            definition_folder=home,
            protocols=("http",),
            progress=Recorder(stop_at=phase),
        )
    assert time.monotonic() - began < 4
    assert everything_in(home) == {}
    finish(source, target)


def test_a_stop_removes_the_folders_that_were_made_above(source: GitSource, home: Path) -> None:
    with pytest.raises(Cancelled):
        bring_materials(
            source,
            home / "new" / "newer" / "bootcamp",
            definition_folder=home,
            protocols=("http",),
            progress=Recorder(stop_at="receiving"),
        )
    assert everything_in(home) == {}


def test_what_a_killed_run_left_does_not_count_and_is_removed(
    source: GitSource, bootcamp: Path, home: Path, target: Path
) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from jupyter_monai_workshop.definition.models import GitSource\n"
        "from jupyter_monai_workshop.jobs.progress import Silent\n"
        "from jupyter_monai_workshop.materials import bring_materials\n"
        "bring_materials(GitSource.model_validate_json(sys.argv[1]), Path(sys.argv[2]),"
        " definition_folder=Path(), protocols=('http',), progress=Silent())\n"
    )
    with GitServer(bootcamp, stall_after=40_000) as silent:
        stalling = source.model_copy(update={"urls": (silent.url,)})
        arguments = [sys.executable, "-c", code, stalling.model_dump_json(), str(target)]
        with subprocess.Popen(arguments) as child:
            assert silent.stalled.wait(20)
            child.send_signal(signal.SIGKILL)
        [left] = home.iterdir()
        assert left.name.startswith(".monai-workshop-bootcamp-")
        assert not observe_materials(source, target, definition_folder=home).present
        finish(source, target)


def test_what_a_living_run_uses_is_left_alone(source: GitSource, home: Path, target: Path) -> None:
    alive = home / ".monai-workshop-bootcamp-0123456789ab"
    other = home / ".monai-workshop-bootcamp-2-0123456789ab"
    for stage in (alive, other):
        stage.mkdir()
        (stage / "part").write_text("half")
    with FileLock(alive / "owner.lock"):
        bring_materials(
            source, target, definition_folder=home, protocols=("http",), progress=Recorder()
        )
        assert (alive / "part").exists()
    assert (other / "part").exists()
    bring_materials(
        source, target, definition_folder=home, protocols=("http",), progress=Recorder()
    )
    assert {path.name for path in home.iterdir()} == {other.name, "bootcamp"}


def test_damage_on_the_way_to_the_disk_is_noticed(
    source: GitSource, home: Path, target: Path, bootcamp: Path
) -> None:
    class Vandal(Recorder):
        """Spoils a file after git has written it and before it is looked at."""

        def report(self, phase: Phase, fraction: float | None = None, message: str = "") -> None:
            if phase == "verifying" and phase not in self.phases:
                [written] = home.glob(f".monai-workshop-*/**/{AUTO3DSEG}")
                content = bytearray(written.read_bytes())
                content[10] ^= 1
                times = written.stat()
                written.write_bytes(content)
                os.utime(written, ns=(times.st_atime_ns, times.st_mtime_ns))
            super().report(phase, fraction, message)

    with pytest.raises(WorkshopError) as caught:
        bring_materials(
            source, target, definition_folder=home, protocols=("http",), progress=Vandal()
        )
    assert caught.value.code == "materials_damaged"
    assert everything_in(home) == {}


def test_a_folder_that_appears_meanwhile_is_not_replaced(
    source: GitSource, home: Path, target: Path
) -> None:
    class Other(Recorder):
        def report(self, phase: Phase, fraction: float | None = None, message: str = "") -> None:
            if phase == "verifying" and not target.exists():
                target.mkdir()
                (target / "mine.txt").write_text("mine")
            super().report(phase, fraction, message)

    with pytest.raises(WorkshopError) as caught:
        bring_materials(
            source, target, definition_folder=home, protocols=("http",), progress=Other()
        )
    assert caught.value.code == "target_occupied"
    assert [path.name for path in home.iterdir()] == ["bootcamp"]
    assert (target / "mine.txt").read_text() == "mine"


def test_the_clone_is_free_of_locks(source: GitSource, target: Path) -> None:
    finish(source, target)
    assert not list(target.rglob("*.lock"))
    assert git(target, "fsck").strip() == ""
