"""Two ways to a kernel that has imported MONAI, each with a clock."""

from __future__ import annotations

import json
import os
import shlex
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from benchmarks.base_python import Base
from jupyter_monai_workshop.definition.models import Environment
from jupyter_monai_workshop.jobs.progress import Phase, Silent
from jupyter_monai_workshop.kernels import EnvironmentPlace, build_environment

_KERNEL_SECONDS = 600


@dataclass(frozen=True)
class Run:
    """Seconds since the start.

    Attributes
    ----------
    installed
        Until all packages were there.
    ready
        Until MONAI had been imported: by the cell after pip's, or by *Prepare* itself.
    in_new_kernel
        Until a kernel that was started then had imported it.
    """

    installed: float
    ready: float
    in_new_kernel: float


def by_pip(base: Base, wanted: Sequence[str], cache: Path) -> Run:
    """Let a cell in a kernel on `base` install `wanted`, as the workshop's notebooks do."""
    words = " ".join(shlex.quote(it) for it in wanted)
    with _kernel_on(base, cache) as kernel:
        began = time.perf_counter()
        _execute(kernel, f'!python -c "import monai" || pip install -qU {words}')
        installed = time.perf_counter() - began
        _execute(kernel, "import monai")
        ready = time.perf_counter() - began
    return Run(installed, ready, ready)


def by_cells(base: Base, cells: Sequence[str], cache: Path) -> list[float]:
    """Run `cells` in a kernel on `base`; return the seconds until each, and an import, was done."""
    ready = []
    with _kernel_on(base, cache) as kernel:
        began = time.perf_counter()
        for cell in cells:
            _execute(kernel, cell)
            _execute(kernel, "import monai")
            ready.append(time.perf_counter() - began)
    return ready


def by_us(base: Base, environment: Environment, place: EnvironmentPlace, cache: Path) -> Run:
    """Prepare the environment, then start its kernel."""
    before = os.environ.get("UV_CACHE_DIR")
    os.environ["UV_CACHE_DIR"] = str(cache)
    watch = _Watch()
    began = time.perf_counter()
    try:
        build_environment(
            environment, place, title="", base_python=base.python, gpu=False, progress=watch
        )
    finally:
        os.environ.pop("UV_CACHE_DIR")
        if before is not None:
            os.environ["UV_CACHE_DIR"] = before
    ready = time.perf_counter() - began
    with _started(place.name, place.kernelspec.parent, os.environ) as kernel:
        _execute(kernel, "import monai")
        in_new_kernel = time.perf_counter() - began
    return Run(watch.installed - began, ready, in_new_kernel)


def import_again(place: EnvironmentPlace) -> float:
    """Return how long the import alone takes in a kernel, when all is compiled."""
    with _started(place.name, place.kernelspec.parent, os.environ) as kernel:
        began = time.perf_counter()
        _execute(kernel, "import monai")
        return time.perf_counter() - began


class _Watch(Silent):
    """Notes when the installation is over."""

    installed = 0.0

    def report(self, phase: Phase, fraction: float | None = None, message: str = "") -> None:
        """Take the time of the phase after the installation."""
        if phase == "verifying" and not self.installed:
            self.installed = time.perf_counter()


@contextmanager
def _kernel_on(base: Base, cache: Path) -> Iterator[BlockingKernelClient]:
    """Start a kernel of `base` whose pip keeps its files in `cache`."""
    environ = {
        **os.environ,
        "PATH": f"{base.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PIP_CACHE_DIR": str(cache),
    }
    with TemporaryDirectory() as folder:
        spec = Path(folder) / "base" / "kernel.json"
        spec.parent.mkdir()
        argv = [str(base.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec.write_text(json.dumps({"argv": argv, "display_name": "", "language": "python"}))
        with _started("base", Path(folder), environ) as kernel:
            yield kernel


@contextmanager
def _started(name: str, folder: Path, environ: Mapping[str, str]) -> Iterator[BlockingKernelClient]:
    specs = KernelSpecManager(kernel_dirs=[str(folder)])
    manager = KernelManager(kernel_name=name, kernel_spec_manager=specs)
    manager.start_kernel(env=dict(environ))
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=_KERNEL_SECONDS)
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _execute(kernel: BlockingKernelClient, code: str) -> None:
    reply = kernel.execute_interactive(
        code, timeout=_KERNEL_SECONDS, output_hook=lambda message: None
    )
    if reply["content"]["status"] != "ok":
        raise RuntimeError(f"{code!r}: {reply['content']}")
