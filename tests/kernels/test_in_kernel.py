"""Installing into the kernel that runs: real kernels, real pip."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

from jupyter_monai_workshop.definition.models import Environment, PackageRule
from jupyter_monai_workshop.kernels import in_kernel
from jupyter_monai_workshop.kernels.failures import (
    EnvironmentFailure,
    KernelBusy,
    KernelGone,
    KernelUnfit,
    PackageNotFound,
    UnsuitableBaseTorch,
    UnsupportedCombination,
    VerificationFailed,
    WouldReplace,
)
from jupyter_monai_workshop.kernels.in_kernel import install_in_kernel
from jupyter_monai_workshop.kernels.kernel_python import KernelPython, pip_wishes
from jupyter_monai_workshop.kernels.kernel_receipt import KernelReceipt
from jupyter_monai_workshop.kernels.receipt import digest_of

from .workbench import Recorder, Room, StillIndex, write_wheel

WORKSHOP = Environment(
    torch=">=2.0",
    packages=(
        PackageRule(require="monai==1.2.0", torch="<2.4.1"),
        PackageRule(require="monai==1.5.2", torch=">=2.4.1"),
        PackageRule(require="fire"),
    ),
)


@pytest.fixture
def room(room: Room, real_ipykernel: Path, real_pip: Path) -> Room:
    """A base that is a kernel of its own, as in an image."""
    room.base.replace("ipykernel", real_ipykernel)
    room.base.replace("pip", real_pip)
    room.base.add("torch", "2.8.0+conda")
    room.base.add("numpy", "1.26.4")
    write_wheel(room.links, "monai", "1.5.2", ["torch>=2.4.1", "numpy<3", "glue"])
    write_wheel(room.links, "glue", "2.0")
    write_wheel(room.links, "fire", "0.7.0")
    write_wheel(room.links, "torch", "2.15.0")
    return room


class Kernel:
    """A kernel on the base, and a client of it."""

    def __init__(self, manager: AsyncKernelManager, client: AsyncKernelClient) -> None:
        self.manager = manager
        self.client = client
        self.alive = True

    async def install(
        self, environment: Environment = WORKSHOP, progress: Recorder | None = None
    ) -> KernelReceipt:
        return await install_in_kernel(
            environment,
            self.client,
            kernel_name="image",
            alive=lambda: self.alive,
            progress=progress or Recorder(),
        )

    async def value(self, expression: str) -> str:
        reply = await self.client.execute_interactive(
            "", silent=True, user_expressions={"it": expression}, timeout=60
        )
        return str(reply["content"]["user_expressions"]["it"]["data"]["text/plain"])


@asynccontextmanager
async def kernel_of(room: Room, tmp_path: Path) -> AsyncIterator[Kernel]:
    folder = tmp_path / "specs" / "image"
    folder.mkdir(parents=True, exist_ok=True)
    argv = [str(room.base.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Image", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec))
    specs = KernelSpecManager(kernel_dirs=[str(folder.parent)])
    manager = AsyncKernelManager(kernel_name="image", kernel_spec_manager=specs)
    await manager.start_kernel(cwd=str(tmp_path))
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=60)
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        if await manager.is_alive():
            await manager.shutdown_kernel(now=True)


async def test_what_is_missing_comes_and_what_is_there_stays(room: Room, tmp_path: Path) -> None:
    async with kernel_of(room, tmp_path) as kernel:
        progress = Recorder()
        receipt = await kernel.install(progress=progress)
        assert receipt.installed == ("fire==0.7.0", "glue==2.0", "monai==1.5.2")
        assert (receipt.kernel, receipt.torch, receipt.here) == ("image", "2.8.0+conda", True)
        assert receipt.process
        assert receipt.serves(WORKSHOP)
        assert sorted(it.name for it in room.base.packages.glob("torch-*")) == [
            "torch-2.8.0+conda.dist-info"
        ]
        line = "%pip install monai==1.5.2 fire torch==2.8.0 numpy==1.26.4"
        assert ("resolving", line) in [(phase, said) for phase, _, said in progress.reports]
        assert progress.fractions == sorted(progress.fractions)
        phases = ["looking", "resolving", "downloading", "installing", "verifying"]
        assert progress.phases == phases
        assert await kernel.value("'answer' in dir() or 'subprocess' in dir()") == "False"
        before = await kernel.value("__import__('os').getpid()")
        await kernel.manager.restart_kernel()
        await kernel.client.wait_for_ready(timeout=60)
        assert await kernel.value("__import__('os').getpid()") != before
        assert await kernel.value("__import__('monai').__version__") == "'1.5.2'"
        again = await kernel.install()
        assert (again.installed, again.process) == ((), "")


async def test_nobody_restarts_the_kernel_unasked(room: Room, tmp_path: Path) -> None:
    async with kernel_of(room, tmp_path) as kernel:
        await kernel.client.execute_interactive("mine = 7", timeout=60)
        await kernel.install()
        assert await kernel.value("mine") == "7"


async def test_what_would_be_replaced_is_refused(room: Room, tmp_path: Path) -> None:
    for name in ("monai-1.5.2-py3-none-any.whl", "glue-2.0-py3-none-any.whl"):
        (room.links / name).unlink()
    room.base.add("glue", "1.0")
    write_wheel(room.links, "glue", "2.0")
    write_wheel(room.links, "monai", "1.5.2", ["glue>=2"])
    async with kernel_of(room, tmp_path) as kernel:
        with pytest.raises(WouldReplace) as caught:
            await kernel.install()
        assert caught.value.packages == ("glue",)
        assert await kernel.value("__import__('glue').__version__") == "'1.0'"
        assert not (room.base.packages / "fire").exists()


async def test_a_package_that_would_move_torch_is_refused(room: Room, tmp_path: Path) -> None:
    (room.links / "monai-1.5.2-py3-none-any.whl").unlink()
    write_wheel(room.links, "monai", "1.5.2", ["torch>=2.9"])
    async with kernel_of(room, tmp_path) as kernel:
        with pytest.raises(EnvironmentFailure) as caught:
            await kernel.install()
        assert "torch" in caught.value.details
    assert (room.base.packages / "torch-2.8.0+conda.dist-info").exists()
    assert not (room.base.packages / "monai").exists()


async def test_a_package_that_does_not_exist(room: Room, tmp_path: Path) -> None:
    environment = Environment(packages=(PackageRule(require="no-such-thing"),))
    async with kernel_of(room, tmp_path) as kernel:
        with pytest.raises(PackageNotFound) as caught:
            await kernel.install(environment)
        assert caught.value.package == "no-such-thing"
        assert await kernel.value("1 + 1") == "2"


async def test_a_module_that_the_packages_do_not_have(room: Room, tmp_path: Path) -> None:
    environment = Environment(packages=(PackageRule(require="fire", provides="blaze"),))
    async with kernel_of(room, tmp_path) as kernel:
        with pytest.raises(VerificationFailed) as caught:
            await kernel.install(environment)
        assert caught.value.modules == ("blaze",)


async def test_a_busy_kernel_is_left_alone(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_kernel, "ANSWER_SECONDS", 1.0)
    async with kernel_of(room, tmp_path) as kernel:
        kernel.client.execute("import time; time.sleep(600)")
        await asyncio.sleep(0.5)
        began = time.monotonic()
        with pytest.raises(KernelBusy):
            await kernel.install()
        assert time.monotonic() - began < 5
        assert await kernel.manager.is_alive()
    assert not (room.base.packages / "monai").exists()


async def test_a_kernel_that_dies_meanwhile(room: Room, tmp_path: Path) -> None:
    async with kernel_of(room, tmp_path) as kernel:

        def die(phase: str, _: str) -> bool:
            if phase == "verifying":
                asyncio.get_running_loop().create_task(end())
            return False

        async def end() -> None:
            await kernel.manager.shutdown_kernel(now=True)
            kernel.alive = False

        with pytest.raises(KernelGone):
            await asyncio.wait_for(kernel.install(progress=Recorder(die)), 30)


async def test_a_kernel_without_pip(room: Room, tmp_path: Path) -> None:
    for path in room.base.packages.glob("pip*"):
        path.unlink()
    async with kernel_of(room, tmp_path) as kernel:
        with pytest.raises(KernelUnfit):
            await kernel.install()


async def test_a_stop_ends_pip_and_the_kernel_lives_on(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    with StillIndex([("glacier", "1.0")]) as index:
        monkeypatch.setenv("PIP_INDEX_URL", index.url)
        environment = Environment(packages=(PackageRule(require="glacier"),))
        async with kernel_of(room, tmp_path) as kernel:
            work = asyncio.create_task(kernel.install(environment))
            while not index.asked.is_set():
                await asyncio.sleep(0.05)
                assert not work.done()
            began = time.monotonic()
            work.cancel()
            with pytest.raises(asyncio.CancelledError):
                await work
            assert await kernel.value("1 + 1") == "2"
            assert time.monotonic() - began < 2


# Which line it is, without a kernel


def python(version: str, **packages: str) -> KernelPython:
    return KernelPython("/p", "/", version, packages)


@pytest.mark.parametrize(
    ("packages", "line"),
    [
        ({"torch": "2.0.1", "numpy": "1.26"},
         "%pip install monai==1.2.0 fire torch==2.0.1 numpy==1.26"),
        ({"torch": "2.8.0", "fire": "1"}, "%pip install monai==1.5.2 torch==2.8.0"),
        ({"torch": "2.8.0", "monai": "1.5.2", "fire": "1"}, ""),
        ({}, '%pip install "torch>=2.0,>=2.4.1" monai==1.5.2 fire'),
    ],
)  # fmt: skip
def test_the_line(packages: dict[str, str], line: str) -> None:
    assert pip_wishes(WORKSHOP, python("3.11.7", **packages)).line == line


def test_kernels_that_nothing_serves() -> None:
    with pytest.raises(UnsuitableBaseTorch):
        pip_wishes(WORKSHOP, python("3.11.7", torch="1.13"))
    narrow = Environment(
        packages=(
            PackageRule(require="monai==1.2.0", torch="<2.4"),
            PackageRule(require="monai==1.5.2", torch=">=2.4.1"),
        )
    )
    with pytest.raises(UnsupportedCombination):
        pip_wishes(narrow, python("3.11.7", torch="2.4.0"))
    with pytest.raises(WouldReplace):
        pip_wishes(WORKSHOP, python("3.11.7", torch="2.8.0", monai="1.3.0"))


def test_a_receipt_is_believed_only_where_nothing_can_be_seen(room: Room, tmp_path: Path) -> None:
    wishes = {
        "environment": digest_of(WORKSHOP), "kernel": "k", "executable": "/p",
        "prefix": "/", "version": "3.11.7", "torch": "2.8.0", "installed": (),
    }  # fmt: skip
    elsewhere = KernelReceipt(**wishes, path=("/no/such",), here=False)
    gone = KernelReceipt(**wishes, path=("/no/such",), here=True)
    assert elsewhere.serves(WORKSHOP)
    assert not elsewhere.serves(Environment())
    assert not gone.serves(WORKSHOP)
