"""The administrator's settings: what they mean, and where a value comes from."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_config_path
from traitlets import Bool, Dict, Enum, Int, List, TraitError, TraitType, Unicode, validate
from traitlets.config import Config, Configurable
from traitlets.config.loader import JSONFileConfigLoader, PyFileConfigLoader

from .definition.catalogue import DefinitionCatalogue, discover
from .definition.paths import check_relative
from .errors import WorkshopError
from .policy import FEATURES, Policy

SECTION = "MonaiWorkshopApp"
"""The name before the settings in Jupyter's configuration: ``c.MonaiWorkshopApp.…``."""

_FILES = ("jupyter_config", "jupyter_server_config", "jupyter_monai_workshop_config")
"""Where a server looks for them, in every folder of its configuration; the last one wins."""


class WorkshopSettings(Configurable):
    """What an administrator can set."""

    definition_folders = List(
        Unicode(),
        help="Folders with workshop definitions of your own: each holds a workshop.yaml, or "
        "subfolders that do. Every person is asked once before such a workshop does anything; "
        "see trusted_folders. Default: none; the built-in workshops are offered anyway.",
    ).tag(config=True)

    trusted_folders = List(
        Unicode(),
        help="Folders like definition_folders for whose workshops you answer: nobody is asked. "
        "Put here only folders that nobody but you can write. Default: none.",
    ).tag(config=True)

    offered = List(
        Unicode(),
        help="Ids of the workshops to offer. Default: empty, which offers all.",
    ).tag(config=True)

    default_workshop = Unicode(
        "",
        help="Id of the workshop that opens for somebody who has not chosen one. "
        "Default: empty, which means first-light.",
    ).tag(config=True)

    folder = Unicode(
        "",
        help="Folder below the server's root that receives the materials, with forward "
        "slashes. Default: empty, the server's root itself.",
    ).tag(config=True)

    base_python = Unicode(
        "",
        help="Interpreter whose packages the workshops' environments inherit. "
        "Default: empty, the interpreter that runs the server.",
    ).tag(config=True)

    protocols = List(
        Unicode(),
        default_value=["https"],
        help="Protocols by which materials may be fetched. Add 'file', 'http' or 'ssh' only "
        "where every definition is trusted. Default: https.",
    ).tag(config=True)

    hosts = List(
        Unicode(),
        help="Names of the hosts from which materials and data sets may come, such as "
        "github.com; '*.example.org' means every host below. An allowed host may lead on to "
        "another one. Mirrors and copies that you name, and the package index, are not "
        "concerned. Default: empty, which allows every host that a definition names.",
    ).tag(config=True)

    mirrors = List(
        Unicode(),
        help="Addresses of git repositories to try before those of the definition. Default: none.",
    ).tag(config=True)

    data_copies = Dict(
        value_trait=Unicode(),
        help="For data sets by id, a path or an address that stands in for the definition's "
        "own, such as a copy on a shared disk. Default: none.",
    ).tag(config=True)

    check_data_copies = Bool(
        True,
        help="Whether copies of data sets must have the size and checksum that the definition "
        "states. Default: yes.",
    ).tag(config=True)

    most_files = Int(
        0,
        min=0,
        help="Most bytes that the materials and data sets of one workshop may have together. "
        "A workshop that says it has more is refused before anything is fetched, and one that "
        "brings more than it says is stopped. Default: 0, no limit.",
    ).tag(config=True)

    most_environment = Int(
        0,
        min=0,
        help="Most bytes of Python packages that one workshop may install, in the same way. "
        "Default: 0, no limit.",
    ).tag(config=True)

    disabled = List(
        Enum(FEATURES),
        help="What is switched off. 'parameters': changing values of notebooks from the panel; "
        "'private_sources': fetching with an access token; 'environment_installs': installing "
        "Python packages, so that a workshop runs only where the base interpreter has all it "
        "needs. Default: nothing.",
    ).tag(config=True)

    message = Unicode(
        "",
        help="What you tell everybody on top of the panel, as Markdown. Default: empty, nothing.",
    ).tag(config=True)

    activity_file = Unicode(
        "",
        help="File by which SageMaker Studio is told that a cell runs, so that the space is not "
        "shut down as idle. Written in Studio only. Default: empty, the file that Studio looks at.",
    ).tag(config=True)

    @validate("folder")
    def _folder_below_the_root(self, proposal: Any) -> str:
        folder = str(proposal["value"]).strip("/")
        try:
            return check_relative(folder) if folder else ""
        except ValueError as error:
            raise TraitError(f"{SECTION}.folder: {error}") from None

    def policy(self) -> Policy:
        """Return what is allowed."""
        return Policy(
            hosts=frozenset(self.hosts),
            disabled=frozenset(self.disabled),
            most_files=self.most_files,
            most_environment=self.most_environment,
        )

    def catalogue(self, given: Iterable[Path] = ()) -> DefinitionCatalogue:
        """Return the workshops that are offered.

        Parameters
        ----------
        given
            Folders with definitions that the person names, and so answers for. Where there
            are any, all workshops are offered.
        """
        trusted = [Path(folder).expanduser() for folder in self.trusted_folders]
        found = [Path(folder).expanduser() for folder in self.definition_folders]
        given = list(given)
        return discover(
            [*trusted, *given],
            () if given else self.offered,
            found=[folder for folder in found if folder not in trusted],
        )


class ConfigurationUnreadable(WorkshopError):
    """A file of Jupyter's configuration cannot be read, or holds a value that does not fit."""

    code = "configuration_unreadable"


class SettingUnfit(ConfigurationUnreadable):
    """A setting has a value that it cannot have."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"A setting does not fit: {reason.rstrip('.')}.",
            hint="The administrator has to correct it in Jupyter's configuration: "
            "'jupyter --paths' lists the folders of its files.",
        )


@dataclass(frozen=True)
class Setting:
    """One setting as it is.

    Attributes
    ----------
    source
        The file that sets it; empty for the default.
    """

    name: str
    value: object
    default: object
    help: str
    source: str


def read_settings() -> tuple[WorkshopSettings, dict[str, str]]:
    """Return the settings of the configuration files, and which file sets each.

    What a server was given on its command line is not known here.

    Raises
    ------
    ConfigurationUnreadable
        If a file cannot be read or a value does not fit.
    """
    merged = Config()
    sources: dict[str, str] = {}
    for folder in reversed(jupyter_config_path()):
        for name in _FILES:
            for loader, suffix in ((PyFileConfigLoader, ".py"), (JSONFileConfigLoader, ".json")):
                path = Path(folder, name + suffix)
                if path.is_file():
                    found = _section(loader, path)
                    merged.merge(found)
                    sources.update(dict.fromkeys(found, str(path)))
    try:
        settings = WorkshopSettings(config=Config({WorkshopSettings.__name__: merged}))
    except TraitError as error:
        raise SettingUnfit(str(error)) from None
    return settings, sources


def settings_in_words() -> tuple[Setting, ...]:
    """Return every setting with its value, where that comes from, and its help."""
    settings, sources = read_settings()
    traits: dict[str, TraitType[Any, Any]] = WorkshopSettings.class_traits(config=True)
    return tuple(
        Setting(
            name=name,
            value=getattr(settings, name),
            default=trait.default(settings),
            help=inspect.cleandoc(trait.help),
            source=sources.get(name, ""),
        )
        for name, trait in traits.items()
    )


def _section(loader: type[PyFileConfigLoader] | type[JSONFileConfigLoader], path: Path) -> Config:
    try:
        config: Config = loader(path.name, path=str(path.parent)).load_config()
        return Config(config.get(SECTION, {}))
    except Exception as error:  # a file of the configuration is a program
        raise ConfigurationUnreadable(
            f"{path} cannot be read: {error}.",
            hint="Correct that file; Jupyter itself reads it, too.",
            details=f"{type(error).__name__}: {error}",
        ) from error
