"""Evaluates expressions inside a live kernel, and tells values shortly.

:mod:`.looking` hands this file's text to the kernel, where it runs in a namespace of its
own. Nothing of the attendee's is changed, as long as the expressions do not.
"""

from __future__ import annotations

import json
import reprlib
import sys

LONGEST = 120
"""Characters of a value that are told."""


def look(questions: str) -> str:
    """Return as JSON what each expression is.

    Parameters
    ----------
    questions
        JSON: pairs of an expression and of another one whose value is worth telling,
        empty for none.

    Returns
    -------
    str
        JSON: for each pair whether the first is true, the value of the second as a short
        text, and the name of the error if one was raised.
    """
    names = sys.modules["IPython"].get_ipython().user_ns
    return json.dumps(
        [_look(expression, figure, names) for expression, figure in json.loads(questions)]
    )


def _look(expression: str, figure: str, names: dict[str, object]) -> list[object]:
    try:
        holds = bool(eval(expression, names))  # noqa: S307
    except Exception as error:
        return [False, "", type(error).__name__ + ": " + str(error)[:LONGEST]]
    try:
        return [holds, _short(eval(figure, names)) if figure else "", ""]  # noqa: S307
    except Exception:
        return [holds, "", ""]


def _short(value: object) -> str:
    scalar = getattr(value, "item", None)
    if callable(scalar) and getattr(value, "ndim", None) == 0:
        value = scalar()
    if isinstance(value, float):
        return format(value, ".6g")
    teller = reprlib.Repr()
    teller.maxlist = teller.maxtuple = teller.maxdict = teller.maxset = teller.maxarray = 12
    teller.maxstring = teller.maxother = LONGEST
    text = " ".join(teller.repr(value).split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
