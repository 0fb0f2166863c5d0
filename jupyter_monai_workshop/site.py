"""Where workshops live on this machine, and what may be done there."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .policy import EVERYTHING, Policy


@dataclass(frozen=True)
class Site:
    """Where workshops live on this machine, and what may be done there.

    Attributes
    ----------
    root
        Folder that receives the materials: the server's root, or the one given.
    jupyter_data
        Jupyter's data folder of this user; environments, kernelspecs and the record
        live below it.
    base_python
        Interpreter whose packages the workshop's environment inherits.
    protocols
        Protocols by which materials may be fetched.
    mirrors
        Addresses to try before the definition's own.
    data_copies
        For data sets by id, a path or an address that stands in for the definition's own.
    check_copies
        Whether copies must have the size and checksum that the definition states.
    wheels
        A folder with all packages that the environment needs; they are then taken from
        there and from nowhere else. ``None`` asks the package index.
    kernels_elsewhere
        Whether kernels run on another machine, where no environment can be made from here.
    policy
        What the administrator allows.
    walls
        Folder out of which no link may lead the materials; ``None`` for no such limit.
    """

    root: Path
    jupyter_data: Path
    base_python: Path = field(default_factory=lambda: Path(sys.executable))
    protocols: frozenset[str] = frozenset({"https"})
    mirrors: tuple[str, ...] = ()
    data_copies: Mapping[str, str] = field(default_factory=dict)
    check_copies: bool = True
    wheels: Path | None = None
    kernels_elsewhere: bool = False
    policy: Policy = EVERYTHING
    walls: Path | None = None

    @property
    def data(self) -> Path:
        """The folder of this extension below Jupyter's data folder."""
        return self.jupyter_data / "monai-workshop"

    @property
    def trusted(self) -> Path:
        """Remembers which workshops the person trusts."""
        return self.data / "trusted"

    @property
    def arriving(self) -> Path:
        """Keeps what has arrived of repositories, so that the next try goes on there."""
        return self.data / "arriving"

    @property
    def kept(self) -> Path:
        """Keeps the attendee's files as they were before an update changed them."""
        return self.data / "kept"
