"""What can go wrong with a kernel environment, each with its own code."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import RemedyKind, WorkshopError


class EnvironmentFailure(WorkshopError):
    """The kernel environment could not be made; the one before it is still in use."""

    code = "environment_failed"


class InstallerMissing(EnvironmentFailure):
    """There is no uv."""

    code = "installer_missing"
    remedy: RemedyKind = "install_in_kernel"

    def __init__(self) -> None:
        super().__init__(
            "The installer uv was not found.",
            hint="Install it into the Python that runs JupyterLab: pip install uv",
        )


class InterpreterGone(EnvironmentFailure):
    """The base interpreter does not exist any more."""

    code = "interpreter_gone"

    def __init__(self, python: str) -> None:
        super().__init__(
            f"The Python at {python} is not there.",
            hint="Restart JupyterLab from a Python that exists, then prepare the workshop again.",
        )


class InterpreterBroken(EnvironmentFailure):
    """The base interpreter exists but does not answer."""

    code = "interpreter_broken"

    def __init__(self, python: str, details: str = "") -> None:
        super().__init__(
            f"The Python at {python} does not work.",
            hint="Repair or reinstall that Python, or start JupyterLab from another one.",
            details=details,
        )


class IndexUnreachable(EnvironmentFailure):
    """The package index did not answer."""

    code = "index_unreachable"

    def __init__(self, details: str = "") -> None:
        super().__init__(
            "The package index could not be reached.",
            hint="Check the network and the proxy, or ask your administrator which index to use.",
            details=details,
        )


class IndexRefused(EnvironmentFailure):
    """The package index wants a login, or refuses the one that it got."""

    code = "index_refused"

    def __init__(self, details: str = "") -> None:
        super().__init__(
            "The package index refused to answer.",
            hint="It wants a login or another one. Ask your administrator, and write it into "
            "pip's configuration or a .netrc file.",
            details=details,
        )


class PackageNotFound(EnvironmentFailure):
    """A package, or the version asked for, does not exist on the index.

    Attributes
    ----------
    package
        Its name.
    """

    code = "package_not_found"

    def __init__(self, package: str, details: str = "") -> None:
        super().__init__(
            f"The package index has no {package} that serves here.",
            hint="Check the name and version in the workshop's definition, and the index in use.",
            details=details,
        )
        self.package = package


class WheelMissing(EnvironmentFailure):
    """The folder that all packages should come from lacks one.

    Attributes
    ----------
    package
        Its name; empty if the packages that are there do not go together.
    """

    code = "wheel_missing"

    def __init__(self, package: str, details: str = "") -> None:
        super().__init__(
            f"The packages that were brought along lack a {package} that serves here."
            if package
            else "The packages that were brought along do not fit together on this Python.",
            hint="They were packed for another kind of machine, or are not complete. Pack them "
            "anew where the same Python has the same packages as here, or prepare the workshop "
            "with a network.",
            details=details,
        )
        self.package = package


class PipMissing(EnvironmentFailure):
    """There is no pip, which alone can keep the packages that it downloads."""

    code = "pip_missing"

    def __init__(self, details: str = "") -> None:
        super().__init__(
            "Packages can be packed only with pip, and no pip was found.",
            hint="Install it into the Python that runs JupyterLab: python -m ensurepip",
            details=details,
        )


class KernelsElsewhere(EnvironmentFailure):
    """Kernels run on another machine, where no environment can be made from here."""

    code = "kernels_elsewhere"
    remedy: RemedyKind = "install_in_kernel"

    def __init__(self) -> None:
        super().__init__(
            "The kernels of this server run on another machine.",
            hint="The packages can be installed into the kernel itself.",
        )


class KernelMissing(EnvironmentFailure):
    """No kernel runs that packages could be installed into."""

    code = "kernel_missing"

    def __init__(self) -> None:
        super().__init__(
            "No kernel runs for this notebook.",
            hint="Open the notebook with any Python kernel, then try again.",
        )


class KernelUnreachable(EnvironmentFailure):
    """The kernel runs on another machine, which does not let this server talk to it."""

    code = "kernel_unreachable"

    def __init__(self, details: str = "") -> None:
        super().__init__(
            "The kernel runs on another machine, and this server cannot talk to it.",
            hint="Ask your administrator to put the packages into the image of the kernels.",
            details=details,
        )


class KernelBusy(EnvironmentFailure):
    """The kernel runs a cell, and is not disturbed."""

    code = "kernel_busy"

    def __init__(self) -> None:
        super().__init__(
            "The kernel does not answer, because it is busy.",
            hint="Wait until its cell has ended, or interrupt it, then try again.",
        )


class KernelUnfit(EnvironmentFailure):
    """The kernel is none that packages can be installed into with pip."""

    code = "kernel_unfit"

    def __init__(self, details: str = "") -> None:
        super().__init__(
            "Packages cannot be installed into this kernel.",
            hint="Choose a kernel of Python that has pip.",
            details=details,
        )


class KernelGone(EnvironmentFailure):
    """The kernel ended while it was worked with."""

    code = "kernel_gone"

    def __init__(self) -> None:
        super().__init__(
            "The kernel ended before the packages were installed.",
            hint="Start it again, then try again.",
        )


class ResolutionConflict(EnvironmentFailure):
    """The packages asked for do not go together."""

    code = "resolution_conflict"

    def __init__(self, details: str = "") -> None:
        super().__init__(
            "The workshop's packages do not fit together on this Python.",
            hint="Tell the organiser; the details say which packages contradict each other.",
            details=details,
        )


class WouldReplace(EnvironmentFailure):
    """Only other versions of packages of the base would do, and the base is not touched.

    Attributes
    ----------
    packages
        Their names.
    """

    code = "would_replace_base_package"

    def __init__(self, packages: tuple[str, ...], wanted: str, details: str = "") -> None:
        names = ", ".join(packages)
        super().__init__(
            f"The workshop needs another version of {names} than this Python has: {wanted}",
            hint="Nothing was changed. Use an image or a base Python with other versions, or "
            "loosen the workshop's package rules.",
            details=details,
        )
        self.packages = packages


class NoSuitableTorch(EnvironmentFailure):
    """The torch that is there, or that can be had, does not serve the workshop."""

    code = "no_suitable_torch"


class UnsuitableBaseTorch(NoSuitableTorch):
    """The base has a torch, and it does not serve; no other one may take its place."""


class UnsupportedCombination(EnvironmentFailure):
    """No package rule fits this Python with this torch."""

    code = "unsupported_combination"


class DiskFull(EnvironmentFailure):
    """No room for the environment."""

    code = "disk_full"

    def __init__(self, details: str = "") -> None:
        super().__init__(
            "The disk is full.",
            hint="Delete what you no longer need, or make the disk larger, and try again.",
            details=details,
        )


class FolderNotWritable(EnvironmentFailure):
    """The environment's folder, or uv's cache, cannot be written."""

    code = "folder_not_writable"
    remedy: RemedyKind = "install_in_kernel"

    def __init__(self, details: str = "") -> None:
        super().__init__(
            "The folder for the kernel environment cannot be written.",
            hint="Check that your home folder is writable, or set JUPYTER_DATA_DIR to one that is.",
            details=details,
        )


class VerificationFailed(EnvironmentFailure):
    """Everything was installed, and still something cannot be imported.

    Attributes
    ----------
    modules
        The modules that cannot be imported.
    """

    code = "environment_incomplete"

    def __init__(self, modules: tuple[str, ...], details: str = "") -> None:
        names = ", ".join(modules) or "ipykernel"
        super().__init__(
            f"The environment was installed, but {names} cannot be imported in it.",
            hint="The details say why. Where a module is not found, check the names under "
            "`provides` in the workshop's definition.",
            details=details,
        )
        self.modules = modules


class InstallFailed(EnvironmentFailure):
    """uv failed for a reason that has no class of its own."""

    code = "install_failed"

    def __init__(self, details: str = "") -> None:
        super().__init__(
            "Installing the workshop's packages failed.",
            hint="Look at the installer's last lines in the details.",
            details=details,
        )


def of_os_error(error: OSError) -> EnvironmentFailure:
    """Return the failure that says in plain words what `error` means."""
    details = str(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(details)
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST):
        return FolderNotWritable(details)
    return EnvironmentFailure(
        "The kernel environment could not be written.",
        hint="The details say what the system answered.",
        details=details,
    )


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn every :class:`OSError` of the block into its typed failure."""
    try:
        yield
    except OSError as error:
        raise of_os_error(error) from error


@contextmanager
def told_of_wheels(wheels: Path | None) -> Iterator[None]:
    """Turn the failures of the block that only speak of an index into :class:`WheelMissing`.

    Does nothing where packages do come from an index, that is, where `wheels` is ``None``.
    """
    try:
        yield
    except PackageNotFound as failure:
        if wheels is None:
            raise
        raise WheelMissing(failure.package, failure.details) from failure
    except UnsuitableBaseTorch:
        raise
    except (NoSuitableTorch, ResolutionConflict) as failure:
        if wheels is None:
            raise
        package = "torch" if isinstance(failure, NoSuitableTorch) else ""
        raise WheelMissing(package, failure.details) from failure
