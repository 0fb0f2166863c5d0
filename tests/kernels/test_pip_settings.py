"""uv is told what pip is told."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from jupyter_monai_workshop.kernels.pip_settings import (
    PipSettings,
    parse_listing,
    read_pip_settings,
    settings_from,
)

LISTING = r"""
:env:.find-links='/wheels'
global.cert='/etc/company.pem'
global.extra-index-url='https://one.test/simple\nhttps://two.test/simple'
global.find-links='/elsewhere'
global.index-url='https://global.test/simple'
install.index-url='https://install.test/simple'
global.trusted-host='one.test'
global.no-index='false'
freeze.timeout='10'
a line that is no setting
""".splitlines()


def test_the_nearest_setting_wins() -> None:
    settings = settings_from(parse_listing(LISTING))
    assert settings == PipSettings(
        index_url="https://install.test/simple",
        extra_index_urls=("https://one.test/simple", "https://two.test/simple"),
        find_links=("/wheels",),
        trusted_hosts=("one.test",),
        certificate="/etc/company.pem",
    )


def test_uv_hears_the_same(tmp_path: Path) -> None:
    settings = PipSettings(
        index_url="https://index.test/simple",
        extra_index_urls=("https://extra.test/simple", tmp_path.as_uri()),
        find_links=(str(tmp_path),),
        certificate="/etc/company.pem",
        timeout="180",
    )
    assert settings.environ({}) == {
        "UV_DEFAULT_INDEX": "https://index.test/simple",
        "UV_INDEX": f"https://extra.test/simple {tmp_path.as_uri()}",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": str(tmp_path),
        "SSL_CERT_FILE": "/etc/company.pem",
        "UV_HTTP_TIMEOUT": "180",
    }


def test_places_of_this_machine_that_are_not_there_are_left_out(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    settings = PipSettings(extra_index_urls=(gone.as_uri(),), find_links=(str(gone),))
    assert settings.environ({}) == {}
    assert settings.local_links() == ()


@pytest.mark.parametrize("name", ["UV_DEFAULT_INDEX", "UV_INDEX_URL"])
def test_what_was_meant_for_uv_stays(name: str) -> None:
    settings = PipSettings(index_url="https://pip.test/simple")
    assert settings.environ({name: "https://uv.test/simple"}) == {}


@pytest.mark.parametrize("with_pip", [True, False])
def test_pip_itself_is_asked(tmp_path: Path, with_pip: bool) -> None:
    config = tmp_path / "pip.conf"
    config.write_text("[global]\nindex-url = https://file.test/simple\n")
    given = {"PIP_CONFIG_FILE": str(config), "PIP_FIND_LINKS": "/wheels", "PATH": ""}
    base = Path(sys.executable) if with_pip else tmp_path / "python-without-pip"
    settings = read_pip_settings(base, given)
    assert settings.index_url == "https://file.test/simple"
    assert settings.find_links == ("/wheels",)
