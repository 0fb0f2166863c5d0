"""Handing pip's configuration to uv, which does not read it.

Company networks and prepared images say in pip's configuration where packages come
from. An installer that ignores it fails there, or goes where it should not.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

ANSWER_SECONDS = 60
LISTS = ("extra-index-url", "find-links", "constraint", "trusted-host", "only-binary")
"""Settings of pip that hold several values, separated by white space."""


@dataclass(frozen=True)
class PipSettings:
    """What pip is told on this machine, as far as it concerns where packages come from."""

    # These may hold a login.
    index_url: str = field(default="", repr=False)
    extra_index_urls: tuple[str, ...] = field(default=(), repr=False)
    find_links: tuple[str, ...] = ()
    no_index: bool = False
    constraints: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    only_wheels: bool = False
    certificate: str = ""
    client_certificate: str = ""
    proxy: str = field(default="", repr=False)
    timeout: str = ""

    def local_links(self) -> tuple[Path, ...]:
        """Return the folders of this machine among the find-links that exist."""
        folders = (local_folder(link) for link in self.find_links)
        return tuple(folder for folder in folders if folder is not None and folder.is_dir())

    def environ(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return the environment variables that tell uv the same.

        What is already set for uv in `given` was meant for uv and stays. Places on this
        machine that do not exist are left out: pip passes over them, uv would fail.
        """
        indexes = [url for url in self.extra_index_urls if _exists(url)]
        links = [link for link in self.find_links if _exists(link)]
        told = {
            "UV_DEFAULT_INDEX": self.index_url,
            "UV_INDEX": " ".join(indexes),
            # pip takes the best version of all its indexes; so must whoever stands in for it.
            "UV_INDEX_STRATEGY": "unsafe-best-match" if indexes else "",
            "UV_FIND_LINKS": ",".join(links),
            "UV_INSECURE_HOST": " ".join(self.trusted_hosts),
            "UV_NO_BUILD": "1" if self.only_wheels else "",
            "UV_HTTP_TIMEOUT": self.timeout,
            "SSL_CERT_FILE": self.certificate,
            "SSL_CLIENT_CERT": self.client_certificate,
            "ALL_PROXY": self.proxy,
        }
        older = {"UV_DEFAULT_INDEX": "UV_INDEX_URL", "UV_INDEX": "UV_EXTRA_INDEX_URL"}
        return {
            name: value
            for name, value in told.items()
            if value and name not in given and older.get(name, name) not in given
        }

    def only_from(self, wheels: Path) -> PipSettings:
        """Return settings that take packages from the folder `wheels` and nowhere else.

        The constraints stay: they say which versions are wanted, not where they are.
        """
        return PipSettings(
            # As an address, for uv separates places by commas, and a path may have one.
            find_links=(wheels.absolute().as_uri(),),
            no_index=True,
            constraints=self.constraints,
            only_wheels=True,
        )


def read_pip_settings(base: Path, given: Mapping[str, str]) -> PipSettings:
    """Return pip's settings as the pip of `base` sees them.

    Where `base` has no pip the running interpreter's is asked; where that has none
    either, only the ``PIP_…`` variables of `given` count.
    """
    for python in dict.fromkeys((str(base), sys.executable)):
        listing = _list_settings(python, given)
        if listing is not None:
            return settings_from(parse_listing(listing.splitlines()))
    return settings_from(
        {
            name[4:].lower().replace("_", "-"): value
            for name, value in given.items()
            if name.startswith("PIP_") and value
        }
    )


def _list_settings(python: str, given: Mapping[str, str]) -> str | None:
    try:
        done = subprocess.run(
            [python, "-m", "pip", "--disable-pip-version-check", "config", "list"],
            env=dict(given),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=ANSWER_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout


def parse_listing(lines: Iterable[str]) -> dict[str, str]:
    """Return the settings that apply to installing, from what ``pip config list`` prints.

    A section for ``install`` beats ``global``, and an environment variable beats both.
    """
    found: dict[tuple[int, str], str] = {}
    for line in lines:
        key, _, literal = line.partition("=")
        section, _, name = key.strip().rpartition(".")
        if section not in SECTIONS:
            continue
        try:
            value = ast.literal_eval(literal.strip())
        except (ValueError, SyntaxError):
            continue
        found[SECTIONS.index(section), name] = str(value)
    return {name: value for (_, name), value in sorted(found.items())}


SECTIONS = ("global", "install", ":env:")
"""Where settings come from, the weakest first."""


def settings_from(values: Mapping[str, str]) -> PipSettings:
    """Return the settings that pip's own words for them say."""
    several = {name: tuple(values.get(name, "").split()) for name in LISTS}
    return PipSettings(
        index_url=values.get("index-url", ""),
        extra_index_urls=several["extra-index-url"],
        find_links=several["find-links"],
        no_index=values.get("no-index", "").lower() in ("1", "true", "yes", "on"),
        constraints=several["constraint"],
        trusted_hosts=several["trusted-host"],
        only_wheels=":all:" in several["only-binary"],
        certificate=values.get("cert", ""),
        client_certificate=values.get("client-cert", ""),
        proxy=values.get("proxy", ""),
        timeout=values.get("timeout", "") or values.get("default-timeout", ""),
    )


def local_folder(link: str) -> Path | None:
    """Return the path on this machine that `link` means, ``None`` for a remote address."""
    parts = urlsplit(link)
    if parts.scheme == "file":
        return Path(url2pathname(unquote(parts.path)))
    if "://" in link:
        return None
    return Path(link).expanduser()


def _exists(link: str) -> bool:
    folder = local_folder(link)
    return folder is None or folder.exists()
