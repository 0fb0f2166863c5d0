"""What the parameters were in the notebooks as they came."""

from __future__ import annotations

from pathlib import Path

from .definition.models import BundledSource, GitSource, Module
from .errors import WorkshopError
from .materials.pristine import version_there
from .materials.pristine_file import pristine_file
from .notebooks import Originals, apply_patches, parse_notebook
from .notebooks.settings import values_of


class OriginalValues:
    """Reads the notebooks as they came, each once for every version of the materials.

    Parameters
    ----------
    folder
        The folder of the materials.
    """

    def __init__(
        self, source: GitSource | BundledSource, folder: Path, definition_folder: Path
    ) -> None:
        self._source = source
        self._folder = folder
        self._definition_folder = definition_folder
        self._known: dict[str, tuple[str, Originals]] = {}

    def of(self, module: Module) -> Originals:
        """Return a module's original values, with the workshop's patches that fit.

        Those are left out that cannot be told, such as all of a notebook that nobody kept.
        """
        if not module.parameters:
            return {}
        version = version_there(self._source, self._folder)
        if not version:
            return {}
        known = self._known.get(module.id)
        if known and known[0] == version:
            return known[1]
        values = self._read(module)
        self._known[module.id] = (version, values)
        return values

    def _read(self, module: Module) -> Originals:
        content = pristine_file(
            self._source,
            self._folder,
            module.notebook,
            definition_folder=self._definition_folder,
        )
        try:
            text = (content or b"").decode("utf-8")
            for patch in module.patches:
                try:
                    text = apply_patches(text, [patch])
                except WorkshopError:
                    continue
            return values_of(parse_notebook(text), module)
        except (WorkshopError, UnicodeDecodeError):
            return {}
