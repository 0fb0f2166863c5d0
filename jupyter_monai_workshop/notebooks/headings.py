"""The headings in a Markdown cell."""

from __future__ import annotations

import re

_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]+(?P<text>.*))?$")
_FENCE = re.compile(r" {0,3}(?P<fence>`{3,}|~{3,})(?P<info>.*)$")


def normal_heading(text: str) -> str:
    """Return a heading's text without ``#``, ``*`` and white space at its ends."""
    return text.strip("#* \t\r\n")


def last_heading(markdown: str) -> str | None:
    """Return the last ATX heading (``## Like this``) of a Markdown text, normalised.

    Lines within fenced code are not headings. ``None`` when there is no heading, or
    none that has a text.
    """
    heading = None
    fence = ""
    for line in re.split(r"\r\n|\r|\n", markdown):
        found = _FENCE.match(line)
        if fence:
            # Only a bare run of the same mark, at least as long, closes a fence.
            if found and found["fence"].startswith(fence) and not found["info"].strip():
                fence = ""
        elif found and not ("`" in found["info"] and found["fence"].startswith("`")):
            fence = found["fence"]
        elif (title := _HEADING.match(line)) and normal_heading(title["text"] or ""):
            heading = normal_heading(title["text"])
    return heading
