"""What a notebook tells about itself: its steps, what it installs, downloads and trains.

Everything found is a proposal, for a person to look through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from ..definition.models import CellAddress
from ..errors import WorkshopError
from ..notebooks import Cell, Notebook, find_cell
from ..notebooks.exercises import OPEN
from ..notebooks.parameters import Plain, find_value

_INSTALL = re.compile(r"\b(?:pip3?|mamba|conda)\s+install\b(?P<rest>[^\n|;&]*)")
_FLAG_WITH_VALUE = {"-r", "-c", "-i", "-f", "--index-url", "--extra-index-url", "--find-links"}
_DOWNLOAD = re.compile(
    r"\bdownload\w*\(|download=True|\bwget\b|\bcurl\b|\bgdown\b|urlretrieve|requests\.get\("
)
_URL = re.compile(r"https?://[^\s\"'<>)\]}\\]+")
_CHECKSUM = re.compile(r"\b(?:[0-9a-f]{64}|[0-9a-f]{32})\b")
_TRAINING = re.compile(r"\.backward\(|\btrainer\.(?:run|fit|train)\(|\brunner\.run\(|\.fit\(")
_SHOWS = re.compile(r"\.show\(\)|imshow\(|matshow\(|plot_2d_or_3d_image\(")
_WORTH_CHOOSING = ("max_epochs", "epoch_num", "num_epochs", "n_epochs", "epochs")

TRAINING_LINES = (
    r"^[Ee]poch (?P<epoch>\d+)/(?P<epochs>\d+)$",
    r"^(?P<step>\d+)/(?P<steps>\d+), (?:train|training)_loss: (?P<loss>\d+\.\d+|nan|inf)",
    r"^epoch (?P<epoch>\d+) average loss: (?P<average_loss>\d+\.\d+|nan|inf)$",
    r"Epoch: (?P<epoch>\d+)/(?P<epochs>\d+), Iter: (?P<step>\d+)/(?P<steps>\d+) "
    r"-- train_loss: (?P<loss>\d+\.\d+|nan|inf)",
    r"^[Cc]urrent epoch: (?P<epoch>\d+) current mean dice: (?P<dice>\d+\.\d+)",
    r"^[Cc]urrent epoch: (?P<epoch>\d+) current AUC: (?P<auc>\d+\.\d+) "
    r"current accuracy: (?P<accuracy>\d+\.\d+)",
    r"^[Cc]urrent epoch: (?P<epoch>\d+) current accuracy: (?P<accuracy>\d+\.\d+)",
)
"""Lines that trainings of MONAI notebooks print; those that match the outputs are proposed."""


@dataclass(frozen=True)
class ProposedStep:
    """One step: the code cells below one heading.

    Attributes
    ----------
    installs
        Requirements that its cells install.
    urls, checksums
        Addresses of downloads and checksums beside them.
    downloads, trains, image, exercise
        What its cells do.
    patterns
        Those of `TRAINING_LINES` that the notebook's stored outputs match.
    """

    id: str
    title: str
    cells: tuple[CellAddress, ...]
    installs: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    checksums: tuple[str, ...] = ()
    downloads: bool = False
    trains: bool = False
    image: bool = False
    exercise: bool = False
    patterns: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProposedParameter:
    """A variable that somebody may want to choose, and the value it has."""

    variable: str
    value: Plain
    cell: CellAddress


@dataclass(frozen=True)
class ProposedModule:
    """One notebook.

    Attributes
    ----------
    left_out
        Positions of cells that no address of the format can name alone.
    """

    id: str
    title: str
    notebook: str
    steps: tuple[ProposedStep, ...]
    parameters: tuple[ProposedParameter, ...] = ()
    left_out: tuple[int, ...] = field(default=())


def propose_module(notebook: Notebook, outputs: Sequence[str], path: str) -> ProposedModule:
    """Return what a module for this notebook could be.

    Parameters
    ----------
    outputs
        What is stored of each cell's printed output, by the cell's position.
    path
        The notebook's path in the materials.
    """
    code = [cell for cell in notebook.cells if cell.kind == "code" and cell.source.strip()]
    addresses = {cell.index: address_of(notebook, cell) for cell in code}
    named = [cell for cell in code if addresses[cell.index]]
    names = _Names()
    steps = []
    for heading, group in groupby(named, key=lambda cell: cell.heading):
        cells = list(group)
        own = tuple(address for it in cells if (address := addresses[it.index]))
        text = "\n".join(outputs[it.index] for it in cells)
        steps.append(_step(names, heading, cells, own, text))
    stem = path.rpartition("/")[2].removesuffix(".ipynb")
    return ProposedModule(
        id=identifier(stem),
        title=_title(notebook) or stem,
        notebook=path,
        steps=tuple(steps),
        parameters=tuple(_parameters(named, addresses)),
        left_out=tuple(cell.index for cell in code if not addresses[cell.index]),
    )


def address_of(notebook: Notebook, cell: Cell) -> CellAddress | None:
    """Return the simplest address that means `cell` alone: its id, heading, or a line of it."""
    lines = [line.strip() for line in cell.source.splitlines() if len(line.strip()) > 3]
    tries: list[dict[str, str]] = [{"id": cell.id}] if cell.id else []
    if cell.heading:
        tries.append({"heading": cell.heading})
        tries += [{"heading": cell.heading, "contains": line} for line in lines]
    tries += [{"contains": line} for line in lines]
    for words in tries:
        address = CellAddress(**words)
        try:
            if find_cell(notebook, address).index == cell.index:
                return address
        except WorkshopError:
            continue
    return None


def stored_text(outputs: Sequence[Any]) -> str:
    """Return the printed text of a cell's outputs as the notebook file stores them."""
    texts = [output.get("text", "") for output in outputs if isinstance(output, dict)]
    return "".join(text if isinstance(text, str) else "".join(text) for text in texts)


def identifier(text: str) -> str:
    """Return words of `text` as an id: lower case, joined by hyphens."""
    return "-".join(re.findall(r"[a-z0-9]+", text.lower()))[:60].strip("-") or "part"


class _Names:
    """Ids that are given once only."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def new(self, text: str) -> str:
        name, number = identifier(text), 2
        while name in self._given:
            name, number = f"{identifier(text)}-{number}", number + 1
        self._given.add(name)
        return name


def _step(
    names: _Names,
    heading: str,
    cells: Sequence[Cell],
    addresses: tuple[CellAddress, ...],
    output: str,
) -> ProposedStep:
    source = "\n".join(cell.source for cell in cells)
    trains = bool(_TRAINING.search(source))
    lines = output.splitlines()
    downloads = bool(_DOWNLOAD.search(source))
    return ProposedStep(
        id=names.new(heading or "start"),
        title=heading or "Start",
        cells=addresses,
        installs=tuple(dict.fromkeys(_installed(source))),
        urls=tuple(dict.fromkeys(_URL.findall(source))) if downloads else (),
        checksums=tuple(dict.fromkeys(_CHECKSUM.findall(source))) if downloads else (),
        downloads=downloads,
        trains=trains,
        image=bool(_SHOWS.search(source)),
        exercise=OPEN in source,
        patterns=tuple(
            pattern
            for pattern in TRAINING_LINES
            if trains and any(re.search(pattern, line) for line in lines)
        ),
    )


def _installed(source: str) -> Iterator[str]:
    for found in _INSTALL.finditer(source):
        words = iter(re.findall(r"\"[^\"]*\"|'[^']*'|\S+", found["rest"]))
        for word in words:
            name = word.strip("\"'")
            if name in _FLAG_WITH_VALUE:
                next(words, None)
            elif name and not name.startswith(("-", "$", "{", ".", "/", "http", "git+")):
                yield name


def _parameters(
    cells: Sequence[Cell], addresses: dict[int, CellAddress | None]
) -> Iterator[ProposedParameter]:
    seen: set[str] = set()
    for cell in cells:
        for variable in _WORTH_CHOOSING:
            try:
                value = find_value(cell.source, variable).value
            except WorkshopError:
                continue
            address = addresses[cell.index]
            if address and variable not in seen and isinstance(value, int) and value > 1:
                seen.add(variable)
                yield ProposedParameter(variable, value, address)


def _title(notebook: Notebook) -> str:
    for cell in notebook.cells:
        if cell.kind == "markdown":
            for line in cell.source.splitlines():
                if line.startswith("# "):
                    return line.strip("#* ")
    return ""
