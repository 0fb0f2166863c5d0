"""A run that nobody heard for a while: it goes on, or it has ended, and is no success."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from jupyter_monai_workshop.progress.journal import Journal
from jupyter_monai_workshop.progress.kernel_log import KernelLog, LocatedCell
from jupyter_monai_workshop.progress.output_files import OutputFiles
from jupyter_monai_workshop.progress.output_log import OutputLog
from jupyter_monai_workshop.progress.output_record import OutputRecord
from jupyter_monai_workshop.progress.record import CellRun, Record

from .conftest import CELLS, definition
from .folding import nothing_stored

INDEX = {source: index for index, source in enumerate(CELLS.values())}
NAMES = list(CELLS)


@dataclass
class Server:
    """A server's memory of one notebook; made again on the same folder, it is a restart."""

    folder: Path

    def __post_init__(self) -> None:
        self.record = Record(Journal(self.folder / "record.jsonl"))
        self.files = OutputFiles(self.folder / "outputs")
        self.outputs = OutputRecord()
        self.outputs.replay(self.files.entries())
        self.finished: list[str] = []
        self.log = KernelLog(
            definition().modules[0],
            self.record,
            self.locate,
            changed=lambda: None,
            finished=lambda step, output: self.finished.append(output.text),
            outputs=OutputLog(self.outputs, lambda at_once: None),
        )

    def locate(self, code: str, after: int) -> LocatedCell | None:
        index = INDEX.get(code)
        return None if index is None else LocatedCell(index, NAMES[index], NAMES[index])

    def hear(self, kind: str, parent: str, process: str = "kernel-1", **content: Any) -> None:
        request = "kernel_info_request" if parent == "probe" else "execute_request"
        self.log.handle(
            {
                "header": {"msg_type": kind, "session": process},
                "parent_header": {"msg_id": parent, "msg_type": request, "session": "page"},
                "content": content,
            }
        )
        self.files.append(self.outputs.news())

    def starts(self, name: str) -> None:
        self.hear("status", name, execution_state="busy")
        self.hear("execute_input", name, code=CELLS[name], execution_count=1)

    def prints(self, name: str, text: str) -> None:
        self.hear("stream", name, name="stdout", text=text)

    def ends(self, name: str) -> None:
        self.hear("status", name, execution_state="idle")

    def probes(self) -> None:
        self.log.probe = "probe"
        self.hear("status", "probe", execution_state="busy")
        self.hear("status", "probe", execution_state="idle")

    @property
    def state(self) -> str:
        return self.log.state

    def run(self, name: str = "hello") -> CellRun:
        return self.record.runs["one", name, 0]

    def text(self, name: str = "hello") -> str:
        outputs = self.outputs.runs[name].area.nbformat(nothing_stored)
        return "".join(output["text"] for output in outputs if output["name"] == "stdout")


@pytest.fixture
def server(tmp_path: Path) -> Server:
    server = Server(tmp_path)
    server.starts("hello")
    server.prints("hello", "hel")
    return server


def test_after_a_restart_a_run_is_no_success_until_its_kernel_is_heard(server: Server) -> None:
    again = Server(server.folder)
    assert again.run().outcome == "unheard"
    assert again.run().failure is not None
    assert not again.outputs.runs["hello"].running
    assert again.text() == "hel"


Gap = Callable[[Server], Server]


def dropped(server: Server) -> Server:
    server.log.unheard()
    assert server.state == "unheard"
    assert server.run().outcome == "unheard"
    return server


@pytest.mark.parametrize("gap", [lambda server: Server(server.folder), dropped])
def test_a_run_that_goes_on_in_the_same_kernel_goes_on(server: Server, gap: Gap) -> None:
    again = gap(server)
    again.prints("hello", "lo\n")
    assert again.run().outcome == "running"
    assert again.state == "busy"
    assert again.outputs.runs["hello"].running
    assert again.text() == "hello\n"
    again.ends("hello")
    assert again.run().outcome == "ok"
    assert again.finished == ["hello\n"]
    assert not again.outputs.runs["hello"].running


@pytest.mark.parametrize("gap", [lambda server: Server(server.folder), dropped])
def test_what_was_printed_while_nobody_heard_is_said_to_be_missing(
    server: Server, gap: Gap
) -> None:
    again = gap(server)
    again.prints("hello", "lo\n")
    outputs = again.outputs.runs["hello"].area.nbformat(nothing_stored)
    assert [output["name"] for output in outputs] == ["stdout", "stderr", "stdout"]
    assert "missing" in outputs[1]["text"]


@pytest.mark.parametrize("gap", [lambda server: Server(server.folder), dropped])
def test_a_run_that_ended_unheard_is_never_a_success(server: Server, gap: Gap) -> None:
    again = gap(server)
    again.probes()
    assert again.run().outcome == "unheard"
    assert again.run().ended is not None
    assert again.state == "idle"
    assert again.finished == []
    assert again.outputs.runs["hello"].ended is not None
    assert Server(server.folder).run().outcome == "unheard"


def test_a_run_that_ended_before_the_probe_was_heard_counts(server: Server) -> None:
    again = Server(server.folder)
    again.log.probe = "probe"
    again.prints("hello", "lo\n")
    again.ends("hello")
    again.probes()
    assert again.run().outcome == "ok"


def test_another_kernel_process_means_that_the_run_has_died(server: Server) -> None:
    again = Server(server.folder)
    again.hear("status", "x", "kernel-2", execution_state="starting")
    assert again.run().outcome == "died"
    assert again.state == "idle"
    assert not again.outputs.runs["hello"].running


def test_a_kernel_that_was_lost_and_is_dead_takes_its_run_with_it(server: Server) -> None:
    server.log.unheard()
    server.log.died("The kernel died while this ran.")
    assert server.run().outcome == "died"
    assert server.state == "dead"
    server.prints("hello", "late")  # still on its way when the process died
    assert server.state == "dead"
    server.hear("status", "x", "kernel-2", execution_state="starting")
    assert server.state == "idle"
    assert server.run().outcome == "died"


def test_a_question_beside_a_running_cell_does_not_make_the_kernel_idle(server: Server) -> None:
    server.hear("status", "probe", execution_state="busy")
    server.hear("status", "probe", execution_state="idle")
    assert server.state == "busy"


def test_an_interrupt_is_a_state_until_the_cell_has_ended(server: Server) -> None:
    server.log.interrupted()
    assert server.state == "interrupting"
    server.prints("hello", "cleaning up")
    assert server.state == "interrupting"
    server.ends("hello")
    assert server.state == "idle"
    assert server.run().outcome == "interrupted"


def test_an_idle_kernel_that_is_asked_to_interrupt_stays_idle(server: Server) -> None:
    server.ends("hello")
    server.log.interrupted()
    assert server.state == "idle"


def test_outputs_of_cells_that_run_one_after_the_other_keep_apart(server: Server) -> None:
    server.ends("hello")
    server.starts("train")
    server.prints("train", "1/3\n")
    server.prints("hello", "from a thread\n")  # which the first cell has started
    assert server.text("hello") == "helfrom a thread\n"
    assert server.text("train") == "1/3\n"


def test_a_run_whose_end_was_lost_has_ended_when_the_next_cell_begins(server: Server) -> None:
    server.starts("train")
    assert server.run("hello").outcome == "unheard"
    assert server.run("train").outcome == "running"
    server.ends("train")
    assert server.state == "idle"
    assert server.finished == [""]


def test_what_runs_in_a_subshell_ends_nothing(server: Server) -> None:
    parent = {"msg_id": "s", "msg_type": "execute_request", "subshell_id": "1"}
    for state in ("busy", "idle"):
        server.log.handle(
            {
                "header": {"msg_type": "status", "session": "kernel-1"},
                "parent_header": parent,
                "content": {"execution_state": state},
            }
        )
        assert (server.state, server.run().outcome) == ("busy", "running")
