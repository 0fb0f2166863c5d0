"""Which workshops there are: built in, in configured folders, and of other packages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from ..errors import WorkshopError
from .loading import FILE_NAME, LoadedDefinition, load_definition

ENTRY_POINT_GROUP = "jupyter_monai_workshop.definitions"
"""Packages name here a package of theirs whose subfolders hold a ``workshop.yaml``."""

BUILT_IN = Path(__file__).parent.parent / "workshops"


class UnknownWorkshop(WorkshopError):
    """No workshop has that id."""

    code = "unknown_workshop"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(
            f"There is no workshop {name[:64]!r} here.",
            hint=f"Choose one of: {', '.join(known) or 'none is offered'}.",
        )


class FolderMissing(WorkshopError):
    """A folder that should hold definitions is not there."""

    code = "definitions_missing"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"The folder of definitions {folder.name!r} is not there.",
            hint="Look at the spelling of its path in the configuration or on the command line.",
            details=str(folder),
        )


@dataclass
class DefinitionCatalogue:
    """The definitions by id, in the order in which they are offered.

    Attributes
    ----------
    problems
        Why some files were left out. They never keep the others from being offered.
    """

    definitions: dict[str, LoadedDefinition] = field(default_factory=dict)
    problems: list[WorkshopError] = field(default_factory=list)

    def get(self, name: str) -> LoadedDefinition:
        """Return the definition with the id `name`.

        Raises
        ------
        UnknownWorkshop
            If there is none.
        """
        try:
            return self.definitions[name]
        except KeyError:
            raise UnknownWorkshop(name, self.definitions) from None


def discover(
    folders: Iterable[Path] = (), offered: Iterable[str] = (), *, found: Iterable[Path] = ()
) -> DefinitionCatalogue:
    """Return all definitions that can be found.

    Parameters
    ----------
    folders
        Folders for whose definitions somebody answers; each holds ``workshop.yaml`` or
        subfolders with one.
    offered
        Ids to offer; empty offers all. An id that a folder defines again replaces the
        built-in workshop of that id.
    found
        Folders for whose definitions nobody answers: each has to be trusted before it is run.
    """
    catalogue = DefinitionCatalogue()
    folders, found = list(folders), list(found)
    missing = [folder for folder in (*folders, *found) if not folder.is_dir()]
    catalogue.problems += [FolderMissing(folder) for folder in missing]
    packages = [BUILT_IN, *_entry_point_folders()]
    for vouched, places in ((True, packages), (False, found), (True, folders)):
        for path in _files(places):
            try:
                loaded = load_definition(path)
            except WorkshopError as error:
                catalogue.problems.append(error)
            else:
                catalogue.definitions[loaded.definition.id] = replace(loaded, vouched=vouched)
    wanted = set(offered)
    if wanted:
        kept = {name: it for name, it in catalogue.definitions.items() if name in wanted}
        catalogue.definitions = kept
        catalogue.problems += [UnknownWorkshop(name, kept) for name in sorted(wanted - set(kept))]
    return catalogue


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        if (folder / FILE_NAME).is_file():
            yield folder / FILE_NAME
        yield from sorted(folder.glob(f"*/{FILE_NAME}"))


def _entry_point_folders() -> Iterator[Path]:
    """Yield the folders that installed packages name, without importing their code."""
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        top, _, rest = entry.module.partition(".")
        spec = find_spec(top)
        for location in (spec.submodule_search_locations or ()) if spec else ():
            yield Path(location, *rest.split(".")) if rest else Path(location)
