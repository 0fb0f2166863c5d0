"""Hearing kernels: signed messages only, in few batches, without holding the server up."""

import json
import time
from typing import Any

from jupyter_client.session import Session as Protocol

from jupyter_monai_workshop.server import listening
from jupyter_monai_workshop.server.kernel_messages import MessageReader

from .conftest import Client, Fetch
from .kernel_session import Session
from .test_outputs import cell_of, ended, text_of

KEY = b"a key"

FLOOD = """\
for i in range(20_000):
    print('line', i)
    if i % 40 == 0:
        sys.stdout.flush()
"""
TICKS = "import time\nfor i in range(250):\n    print(i, flush=True)\n    time.sleep(0.01)"


def frames(kind: str, parent: str = "p", key: bytes = KEY, **content: Any) -> list[bytes]:
    protocol = Protocol(key=key, session="kernel")
    message = protocol.msg(kind, content, parent={"msg_id": parent, "session": "page"})
    return [b"kernel.topic", *protocol.serialize(message)]


def batch(*messages: list[bytes]) -> list[dict[str, Any]]:
    reader = MessageReader(KEY)
    for message in messages:
        reader.feed(message)
    return reader.batch()


def test_a_message_is_read() -> None:
    [message] = batch(frames("status", execution_state="busy"))
    assert message["header"]["msg_type"] == "status"
    assert message["header"]["session"] == "kernel"
    assert message["parent_header"]["msg_id"] == "p"
    assert message["content"] == {"execution_state": "busy"}


def test_text_of_one_stream_of_one_run_is_joined_in_order() -> None:
    heard = batch(
        frames("stream", name="stdout", text="a"),
        frames("stream", name="stdout", text="b"),
        frames("stream", name="stderr", text="c"),
        frames("stream", name="stdout", text="d"),
        frames("stream", "other", name="stdout", text="e"),
        frames("clear_output", wait=False),
        frames("stream", "other", name="stdout", text="f"),
        frames("stream", "other", name="stdout", text="g"),
    )
    assert [message["content"].get("text", "-") for message in heard] == [
        "ab",
        "c",
        "d",
        "e",
        "-",
        "fg",
    ]


def test_text_that_goes_on_after_a_batch_is_another_message() -> None:
    reader = MessageReader(KEY)
    reader.feed(frames("stream", name="stdout", text="a"))
    [first] = reader.batch()
    reader.feed(frames("stream", name="stdout", text="b"))
    assert [message["content"]["text"] for message in [first, *reader.batch()]] == ["a", "b"]


def test_what_is_not_signed_by_the_kernel_is_passed_over() -> None:
    forged = frames("status", key=b"another key", execution_state="idle")
    changed = frames("status", execution_state="busy")
    changed[-1] = b'{"execution_state": "idle"}'
    unsigned = frames("status", key=b"", execution_state="idle")
    assert batch(forged, changed, unsigned, [b"noise"], []) == []


def signed(header: bytes, content: bytes) -> list[bytes]:
    parts = [header, b"{}", b"{}", content]
    return [b"<IDS|MSG>", Protocol(key=KEY).sign(parts), *parts]


def test_a_message_that_makes_no_sense_costs_only_itself() -> None:
    stream = b'{"msg_type": "stream", "session": "kernel"}'
    broken = [
        signed(b"{", b"{}"),
        signed(b"[]", b"{}"),
        signed(b"{}", b"{}"),
        signed(stream, b"{}"),
        signed(stream, b'{"name": "stdout", "text": 7}'),
    ]
    assert len(batch(*broken, frames("status", execution_state="busy"))) == 1


async def test_ten_thousand_lines_a_second_are_all_there_and_hold_nobody_up(
    client: Client, session: Session, jp_fetch: Fetch
) -> None:
    batches: list[float] = []
    offer = client.server.web_app.settings["monai_workshop_offer"]
    heard = offer._watcher._heard

    def count(kernel: str, what: Any) -> None:
        batches.append(time.monotonic())
        heard(kernel, what)

    offer._watcher._heard = count
    session.run_edited("train", "import sys\n" + FLOOD)
    slowest = 0.0
    while True:
        began = time.monotonic()
        await jp_fetch("api", "status")
        slowest = max(slowest, time.monotonic() - began)
        if ended(await cell_of(client, "train", lambda cell: True)):
            break
    cell = await cell_of(client, "train", ended)
    assert text_of(cell) == "".join(f"line {i}\n" for i in range(20_000))
    assert slowest < 1.0
    for first in batches:
        within = [it for it in batches if 0 <= it - first < 1]
        assert len(within) <= listening.BATCHES + 2


async def test_what_a_cell_prints_is_written_down_once_a_second_and_at_its_end(
    client: Client, session: Session, jp_data_dir: Any
) -> None:
    session.run_edited("train", TICKS)
    began = time.monotonic()
    await cell_of(client, "train", ended)
    seconds = time.monotonic() - began
    [folder] = (jp_data_dir / "monai-workshop" / "records").glob("tiny-*/only")
    journal = folder / "journal.jsonl"
    entries = [json.loads(line) for line in journal.read_text().splitlines()]
    ends = [entry for entry in entries if entry["kind"] == "outputs" and entry["ended"]]
    assert [entry["kind"] for entry in entries].count("run") == 1
    assert len(ends) == 1
    assert len(entries) <= seconds + 4
    text = "".join(
        output["ended"] for entry in entries for output in entry.get("changed", {}).values()
    )
    assert text == "".join(f"{i}\n" for i in range(250))
