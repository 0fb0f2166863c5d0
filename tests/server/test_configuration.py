"""The administrator's settings."""

import pytest
from traitlets import TraitError

from jupyter_monai_workshop.server.app import MonaiWorkshopApp
from jupyter_monai_workshop.settings import WorkshopSettings


@pytest.mark.parametrize("folder", ["../out", "a/../../out", "a//b", "C:/x", "a\\b"])
def test_a_folder_outside_the_root_is_refused_with_its_name(folder: str) -> None:
    with pytest.raises(TraitError, match=r"MonaiWorkshopApp\.folder"):
        MonaiWorkshopApp(folder=folder)


@pytest.mark.parametrize(("given", "kept"), [("", ""), ("/a/b/", "a/b"), ("work", "work")])
def test_a_folder_below_the_root_is_taken(given: str, kept: str) -> None:
    assert MonaiWorkshopApp(folder=given).folder == kept


def test_every_setting_has_help() -> None:
    for name, trait in WorkshopSettings.class_own_traits(config=True).items():
        assert "Default" in trait.help, name
