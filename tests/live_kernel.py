"""Real kernels for the tests: with subshells, without, and with a small package for PyTorch."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

WITHOUT_SUBSHELLS = """
import sys
from ipykernel.kernelapp import IPKernelApp

class Plain(IPKernelApp):
    def init_control(self, context):
        super().init_control(context)
        self.shell_channel_thread = None

Plain.launch_instance(argv=sys.argv[1:])
"""
"""ipykernel as it was before version 7."""


class LiveKernel:
    """A kernel and an attendee at it."""

    def __init__(self, manager: KernelManager) -> None:
        self.manager = manager
        self.attendee: BlockingKernelClient = manager.client()
        self.attendee.start_channels()
        self.attendee.wait_for_ready(timeout=60)

    @property
    def connection(self) -> KernelConnectionInfo:
        return self.manager.get_connection_info()

    def start(self, code: str) -> str:
        """Send a cell, wait until it has printed something, and return the request's id."""
        request = str(self.attendee.execute(code))
        while True:
            message = self.attendee.get_iopub_msg(timeout=30)
            if (
                message["parent_header"].get("msg_id") == request
                and message["msg_type"] == "stream"
            ):
                return request

    def printed(self, request: str) -> str:
        """Wait until the cell has ended and return what it printed since it was started."""
        text = ""
        while True:
            message = self.attendee.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["msg_type"] == "stream":
                text += message["content"]["text"]
            elif message["msg_type"] == "error":
                raise AssertionError(message["content"]["evalue"])
            elif message["content"].get("execution_state") == "idle":
                return text.strip()

    def run(self, code: str) -> str:
        """Run a cell and return what it prints."""
        return self.printed(self.attendee.execute(code))


@contextmanager
def live_kernel(folder: Path, *, subshells: bool = True) -> Iterator[LiveKernel]:
    """Run a kernel that finds the packages in `folder` first."""
    start = ["-m", "ipykernel_launcher"] if subshells else ["-c", WITHOUT_SUBSHELLS]
    manager = KernelManager()
    manager._kernel_spec = KernelSpec(
        argv=[sys.executable, *start, "-f", "{connection_file}"], language="python"
    )
    inherited = os.environ.get("PYTHONPATH", "")
    path = os.pathsep.join(filter(None, (str(folder), inherited)))
    manager.start_kernel(env=os.environ | {"PYTHONPATH": path})
    kernel = LiveKernel(manager)
    try:
        yield kernel
    finally:
        kernel.attendee.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
