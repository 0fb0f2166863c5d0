"""Proposes a definition for the notebooks of a folder, and writes it."""

from __future__ import annotations

import json
from pathlib import Path

from git import GitError, Repo

from ..definition.loading import FILE_NAME
from ..definition.models import BundledSource, GitSource
from ..errors import WorkshopError
from ..notebooks import read_notebook
from .finding import ProposedModule, identifier, propose_module, stored_text
from .writing import definition_yaml


class NothingToPropose(WorkshopError):
    """The folder holds no notebook that a workshop could be made of."""

    code = "nothing_to_propose"


class DefinitionThere(WorkshopError):
    """A definition is there already, and is not replaced."""

    code = "definition_there"


def propose_definition(folder: Path, output: Path | None = None) -> Path:
    """Write a definition for the notebooks below `folder`; return its path.

    The materials are the repository that `folder` is a clone of, at the commit that is
    checked out. Where it is no clone of something that others can reach, they are the
    folder itself, and the definition lies beside it.

    Parameters
    ----------
    output
        The file to write; ``workshop.yaml`` in the folder above when left out.

    Raises
    ------
    NothingToPropose
        If there is no folder, or no notebook with code in it.
    DefinitionThere
        If the file is there already.
    """
    folder = folder.resolve()
    if not folder.is_dir():
        raise NothingToPropose(f"{folder} is no folder.", hint="Give the path of a folder.")
    source = _git_source(folder)
    root = folder
    path = (output or folder.parent / FILE_NAME).resolve()
    if path.exists():
        raise DefinitionThere(f"{path} is there already.", hint="Name another file with -o.")
    if source is None:
        if not folder.is_relative_to(path.parent) or folder == path.parent:
            raise NothingToPropose(
                f"{folder} is no clone of a repository, so it must lie below the definition.",
                hint=f"Write the definition into {folder.parent}.",
            )
        bundled = folder.relative_to(path.parent).as_posix()
        found: GitSource | BundledSource = BundledSource(
            kind="bundled", path=bundled, folder=identifier(folder.name)
        )
    else:
        found, root = source
    modules = tuple(_modules(folder, root))
    if not modules:
        raise NothingToPropose(
            f"There is no notebook with code below {folder}.",
            hint="Give the folder that holds the notebooks.",
        )
    text = definition_yaml(
        path.name, identifier(found.folder), _title(found.folder), found, modules
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _modules(folder: Path, root: Path) -> list[ProposedModule]:
    modules: list[ProposedModule] = []
    for path in sorted(folder.rglob("*.ipynb")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if hidden or not path.is_file():
            continue
        try:
            notebook = read_notebook(path)
        except WorkshopError:
            continue
        cells = json.loads(notebook.text).get("cells", [])
        outputs = [stored_text(cell.get("outputs") or ()) for cell in cells]
        module = propose_module(notebook, outputs, path.relative_to(root).as_posix())
        if module.steps:
            modules.append(_with_own_id(module, modules))
    return modules


def _with_own_id(module: ProposedModule, others: list[ProposedModule]) -> ProposedModule:
    taken = {other.id for other in others}
    if module.id not in taken:
        return module
    whole = identifier(module.notebook.removesuffix(".ipynb"))
    names = [whole, *(f"{whole[:55]}-{number}" for number in range(2, len(others) + 3))]
    own = next(name for name in names if name not in taken)
    return ProposedModule(
        own, module.title, module.notebook, module.steps, module.parameters, module.left_out
    )


def _git_source(folder: Path) -> tuple[GitSource, Path] | None:
    """Return the repository that `folder` is a clone of, and its root; ``None`` if it is none."""
    try:
        repository = Repo(folder, search_parent_directories=True)
        commit = repository.head.commit.hexsha
        address = repository.remotes.origin.url
    except (GitError, ValueError, AttributeError):
        return None
    if not address.startswith("https://") or repository.working_tree_dir is None:
        return None
    root = Path(repository.working_tree_dir).resolve()
    below = folder.relative_to(root).as_posix()
    name = address.rstrip("/").rpartition("/")[2].removesuffix(".git")
    return (
        GitSource(
            kind="git",
            urls=(address,),
            commit=commit,
            sparse=() if below == "." else (below,),
            folder=name,
        ),
        root,
    )


def _title(folder: str) -> str:
    return folder.replace("-", " ").replace("_", " ").strip().capitalize()
