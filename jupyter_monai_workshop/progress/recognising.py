"""What is known about a failure: cause, remedy, and what a button can do."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from pydantic import BaseModel, Field

from ..definition.models import KnownFailure
from ..definition.patterns import searchable
from ..jobs.job import Failure
from .general_failures import GENERAL_FAILURES, VAGUE_FAILURES
from .snapshot import Remedy

_GENERAL = "general:"
"""Begins the names of failures that are known everywhere."""


_CODE = re.compile(r"^(?:-+> ?\d+|\s+\d+)(?: .*)?\n?", re.MULTILINE)
"""Lines of source code in a traceback, which hold words that nobody said."""


class Recognised(BaseModel):
    """A failure that is known.

    Attributes
    ----------
    name
        The id of the known failure.
    words
        What its pattern has found, by the name of the group.
    """

    name: str
    words: dict[str, str] = Field(default_factory=dict)


def recognise(
    exception: str, errors: str, known: Sequence[KnownFailure], module: str
) -> Recognised | None:
    """Return which known failure it is, ``None`` if none.

    The exception tells more than what was printed, and a workshop knows its own failures
    better than everybody's. A traceback begins with the deepest cause, so that is found
    before what was raised because of it.

    Parameters
    ----------
    exception
        The exception in one line and its whole traceback, causes first.
    errors
        What the cell printed to its error stream.
    module
        The module in which it happened.
    """
    own = [it for it in known if not it.modules or module in it.modules]
    said = searchable(_CODE.sub("", exception))
    errors = searchable(errors)
    return (
        _first("", own, said)
        or _first(_GENERAL, GENERAL_FAILURES, said)
        or _first("", own, errors)
        or _first(_GENERAL, GENERAL_FAILURES, errors)
        or _first(_GENERAL, VAGUE_FAILURES, said)
    )


def _first(start: str, failures: Sequence[KnownFailure], text: str) -> Recognised | None:
    for failure in failures:
        match = re.search(failure.pattern, text, re.MULTILINE)
        if match:
            words = {name: it for name, it in match.groupdict().items() if it}
            return Recognised(name=start + failure.id, words=words)
    return None


def known_failure(
    recognised: Recognised | None, known: Sequence[KnownFailure]
) -> KnownFailure | None:
    """Return what is known of a failure, by the definition as it is now."""
    if recognised is None:
        return None
    name = recognised.name.removeprefix(_GENERAL)
    general = (*GENERAL_FAILURES, *VAGUE_FAILURES)
    among = general if recognised.name.startswith(_GENERAL) else known
    found = next((it for it in among if it.id == name), None)
    if found is None:
        return None
    return found.model_copy(
        update={
            "cause": _filled(found.cause, recognised.words),
            "remedy": _filled(found.remedy, recognised.words),
        }
    )


def told(failure: Failure, known: KnownFailure) -> Failure:
    """Return a failure with cause and remedy; the exception goes to the details."""
    return failure.model_copy(
        update={
            "code": f"known_{known.id}",
            "message": known.cause,
            "hint": known.remedy,
            "details": "\n\n".join(filter(None, (failure.message, failure.details))),
        }
    )


def remedies_of(known: KnownFailure | None, parameters: Collection[str]) -> tuple[Remedy, ...]:
    """Return what buttons can do about a failed step.

    Parameters
    ----------
    parameters
        Ids of the parameters that the module has.
    """
    if known is None:
        return (Remedy(action="run"),)
    remedies = [Remedy(action=known.action)] if known.action else []
    values = {name: value for name, value in known.set.items() if name in parameters}
    if values:
        remedies.append(Remedy(action="parameters", values=values))
    if known.profile:
        remedies.append(Remedy(action="profile", profile=known.profile))
    # After a restart, or with other patches, the steps before have to run first.
    if known.action != "restart" and not known.profile:
        remedies.append(Remedy(action="run"))
    return tuple(remedies)


def _filled(text: str, words: dict[str, str]) -> str:
    for name, word in words.items():
        text = text.replace("{" + name + "}", word)
    return text
