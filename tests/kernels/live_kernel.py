"""A kernel started from its kernelspec, as Jupyter starts it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from jupyter_monai_workshop.kernels import EnvironmentPlace

from .workbench import TITLE


@contextmanager
def started(place: EnvironmentPlace, folder: Path) -> Iterator[BlockingKernelClient]:
    """Start the kernel of `place` in `folder`."""
    specs = KernelSpecManager(kernel_dirs=[str(place.kernelspec.parent)])
    assert specs.get_kernel_spec(place.name).display_name == TITLE
    manager = KernelManager(kernel_name=place.name, kernel_spec_manager=specs)
    manager.start_kernel(cwd=str(folder))
    kernel = manager.client()
    try:
        kernel.start_channels()
        kernel.wait_for_ready(timeout=120)
        yield kernel
    finally:
        kernel.stop_channels()
        manager.shutdown_kernel(now=True)


def printed_by(kernel: BlockingKernelClient, code: str) -> str:
    printed: list[str] = []

    def hear(message: dict[str, object]) -> None:
        content = message["content"]
        if message["msg_type"] == "stream" and isinstance(content, dict):
            printed.append(content["text"])

    reply = kernel.execute_interactive(code, timeout=60, output_hook=hear)
    assert reply["content"]["status"] == "ok", reply["content"]
    return "".join(printed)
