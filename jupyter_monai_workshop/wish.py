"""What a job should do, beyond its kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .errors import WorkshopError
from .materials import Login
from .notebooks import Plain
from .preparing import PARTS
from .progress.snapshot import PartName


class TokenUnfit(WorkshopError):
    """What was given as an access token cannot be one."""

    code = "token_unfit"


@dataclass(frozen=True)
class Wish:
    """What a job should do, beyond its kind.

    Attributes
    ----------
    parts
        What ``prepare`` gets ready.
    module
        The module that ``start_again``, ``parameters`` and ``solution`` are about, or whose
        kernel is meant. With ``profile``, the only one whose notebook changes; empty means
        all.
    step
        The step whose exercises ``solution`` does.
    values
        What ``parameters`` sets, by the parameter's id.
    profile
        What ``profile`` chooses; empty takes every profile back. ``prepare`` chooses it,
        too, unless it is empty.
    source
        Whether ``report`` shows the source of the attendee's cells.
    restore_deleted
        Whether ``update`` brings back files that the attendee has deleted.
    token
        An access token for a private repository; kept for this job only.
    """

    parts: Sequence[PartName] = PARTS
    module: str = ""
    step: str = ""
    values: Mapping[str, Plain] = field(default_factory=dict)
    profile: str = ""
    source: bool = False
    restore_deleted: bool = False
    token: str = field(default="", repr=False)

    @property
    def login(self) -> Login | None:
        """The token as git is given it.

        Raises
        ------
        TokenUnfit
            If it is not one word.
        """
        try:
            return Login(self.token) if self.token else None
        except ValueError as error:
            raise TokenUnfit(str(error), hint="Copy the token again, without spaces.") from None


NO_WISH = Wish()
"""Nothing special."""
