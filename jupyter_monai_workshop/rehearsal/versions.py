"""The versions of what a kernel imports."""

from __future__ import annotations

import ast
import asyncio
import contextlib
from typing import TYPE_CHECKING

from jupyter_core.utils import ensure_async

if TYPE_CHECKING:
    from .cell_client import CellClient

PACKAGES = ("monai", "torch", "numpy", "nibabel", "pytorch-ignite", "ipykernel")
"""The packages whose versions decide whether notebooks run."""

_ASK = """\
(lambda metadata, platform: {{"python": platform.python_version(), **{{
    name: metadata.version(name) for name in {names}
    if any(True for _ in metadata.distributions(name=name))}}}})(
    __import__("importlib.metadata").metadata, __import__("platform"))"""


async def versions_in_kernel(client: CellClient, seconds: float = 20) -> dict[str, str]:
    """Return versions by name; none where the kernel is no Python or does not answer.

    Nothing of it stays in the kernel, not even a number in its history.
    """
    assert client.kc is not None
    asked = client.kc.execute(
        "",
        silent=True,
        store_history=False,
        allow_stdin=False,
        user_expressions={"versions": _ASK.format(names=PACKAGES).replace("\n", "")},
    )
    with contextlib.suppress(asyncio.TimeoutError, ValueError, SyntaxError):
        answer = await asyncio.wait_for(_reply(client, asked), seconds)
        versions = ast.literal_eval(answer)
        if isinstance(versions, dict):
            return {str(name): str(version) for name, version in versions.items()}
    return {}


async def _reply(client: CellClient, asked: str) -> str:
    assert client.kc is not None
    while True:
        message = await ensure_async(client.kc.shell_channel.get_msg())
        if message["parent_header"].get("msg_id") == asked:
            answer = message["content"].get("user_expressions", {}).get("versions", {})
            return str(answer.get("data", {}).get("text/plain", "{}"))
