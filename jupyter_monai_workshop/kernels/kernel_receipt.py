"""What was installed into a kernel's own Python, and whether it is still there."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from ..definition.models import Environment
from .failures import EnvironmentFailure
from .kernel_python import KernelPython, pip_wishes
from .packages import versions_in
from .place import EnvironmentPlace
from .receipt import digest_of


class KernelReceipt(BaseModel):
    """What was installed into the Python of a kernel that ran.

    Attributes
    ----------
    environment
        Digest of the definition's packages and torch.
    kernel
        Name of its kernelspec.
    executable, prefix, version, torch
        Its Python, and the torch in it.
    path
        The folders that it looks in.
    here
        Whether its Python is on this machine, where one can look.
    installed
        What pip installed, as pins; empty when everything was there.
    process
        The kernel process that has not seen it yet and must be restarted; empty for none.
    """

    model_config = ConfigDict(frozen=True)

    environment: str
    kernel: str
    executable: str
    prefix: str
    version: str
    torch: str | None
    path: tuple[str, ...]
    here: bool
    installed: tuple[str, ...]
    process: str = ""

    def serves(self, environment: Environment) -> bool:
        """Return whether the kernel has what `environment` asks for.

        Looked up where its Python is on this machine; what was done on another machine is
        believed.
        """
        if self.environment != digest_of(environment):
            return False
        if not self.here:
            return True
        packages = versions_in(Path(folder) for folder in self.path)
        python = KernelPython(self.executable, self.prefix, self.version, packages)
        try:
            return not pip_wishes(environment, python).missing
        except EnvironmentFailure:
            return False

    def sentence(self) -> str:
        """Return what was done in one sentence."""
        if self.torch:
            return (
                f"Ready in the kernel {self.kernel}: Python {self.version} and torch {self.torch}."
            )
        return f"Ready in the kernel {self.kernel}: Python {self.version}."


def receipt_file(place: EnvironmentPlace) -> Path:
    """Return where the receipt of a workshop lies."""
    return place.environment.with_name(f"{place.environment.name}.kernel.json")


def read_kernel_receipt(place: EnvironmentPlace) -> KernelReceipt | None:
    """Return the receipt of a workshop, ``None`` without one that can be read."""
    try:
        return KernelReceipt.model_validate_json(receipt_file(place).read_bytes())
    except (OSError, ValidationError):
        return None


def write_kernel_receipt(place: EnvironmentPlace, receipt: KernelReceipt) -> None:
    """Write the receipt of a workshop.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    file = receipt_file(place)
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.new")
    draft.write_text(receipt.model_dump_json(indent=1) + "\n", "utf-8")
    draft.replace(file)
