"""Trust and the administrator's settings on the command line."""

from __future__ import annotations

import argparse
import sys

from .definition.loading import LoadedDefinition
from .settings import settings_in_words
from .site import Site
from .terminal import Answer
from .trust import NotTrusted, Trust


def trusted(loaded: LoadedDefinition, site: Site, options: argparse.Namespace) -> LoadedDefinition:
    """Return the definition once it is trusted: already, by ``--trust``, or by the answer here.

    Raises
    ------
    NotTrusted
        If it is not, and nobody is there to be asked or the answer is no.
    """
    trust = Trust(loaded, site.trusted)
    shown = trust.view()
    if shown is None:
        return loaded
    if not options.trust and not _agreed(loaded, trust):
        raise NotTrusted(loaded.definition.title)
    trust.give(shown.digest)
    return loaded


def show_settings(options: argparse.Namespace) -> Answer:
    """Tell every setting of the administrator: value, source, help."""
    settings = settings_in_words()
    lines: list[str] = []
    for it in settings:
        lines += [f"{it.name} = {it.value!r}  ({it.source or 'default'})", f"    {it.help}"]
    lines.append("A server that runs may have been given others on its command line.")
    return 0, {"ok": True, "settings": [vars(it) for it in settings]}, lines


def _agreed(loaded: LoadedDefinition, trust: Trust) -> bool:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    view = trust.view()
    assert view is not None
    told = [
        f"“{loaded.definition.title}” does not come with this extension.",
        f"  It lies in {view.folder}",
        f"  It fetches from: {', '.join(view.hosts) or 'nowhere'}",
        f"  It installs where missing: {', '.join(view.packages) or 'nothing'}",
        f"  It changes {view.patches} pieces of {view.notebooks} notebooks, runs {view.cells} "
        f"cells, evaluates {view.expressions} expressions",
    ]
    print("\n".join(told), file=sys.stderr)
    print("Trust it? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
