"""What is known before a build: the packages of the base, and where others would come from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .failures import EnvironmentFailure
from .interpreter import ask_interpreter
from .packages import versions_in
from .pip_settings import local_folder, read_pip_settings


def base_packages(base: Path) -> Mapping[str, str]:
    """Return the versions of the packages that `base` has, by normalised name.

    Starts the interpreter once; empty where it does not answer.
    """
    try:
        return versions_in(ask_interpreter(base).folders)
    except EnvironmentFailure:
        return {}


def index_addresses(base: Path, given: Mapping[str, str], package: str) -> tuple[str, ...]:
    """Return the addresses at which `package` would be looked for, best first.

    Those of uv's variables in `given`, else of pip's settings as `base` sees them, else
    pip's own default; none where no index may be asked.
    """
    settings = read_pip_settings(base, given)
    if settings.no_index or given.get("UV_NO_INDEX"):
        return ()
    first = given.get("UV_DEFAULT_INDEX") or given.get("UV_INDEX_URL") or settings.index_url
    more = given.get("UV_INDEX") or given.get("UV_EXTRA_INDEX_URL")
    others = more.split() if more else settings.extra_index_urls
    indexes = [first or _default_index(), *others]
    # uv lets an index have a name before it.
    bare = [
        index.rpartition("=")[2] if "=" in index.split("://")[0] else index for index in indexes
    ]
    return tuple(
        f"{index.rstrip('/')}/{package}/"
        for index in dict.fromkeys(bare)
        if index and local_folder(index) is None
    )


def _default_index() -> str:
    """Return the index that pip asks unless it is told otherwise; empty without pip."""
    try:
        from pip._internal.models.index import PyPI
    except ImportError:
        return ""
    return str(PyPI.simple_url)
