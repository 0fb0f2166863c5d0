"""Recorded outputs as the REST interface tells them."""

from __future__ import annotations

from collections.abc import Iterable

from ..progress.giving_back import GivenBack
from .bodies import ModuleOutputs, RecordedCell


def outputs_json(module: str, notebook: str, cells: Iterable[GivenBack]) -> str:
    """Return the answer about a module's outputs as JSON."""
    recorded = tuple(_recorded(it) for it in cells)
    return ModuleOutputs(module=module, notebook=notebook, cells=recorded).model_dump_json()


def _recorded(it: GivenBack) -> RecordedCell:
    run, cell = it.run, it.cell.cell
    return RecordedCell(
        index=cell.index,
        id=cell.id,
        run=run.run,
        requester=run.requester,
        execution_count=run.execution_count,
        running=run.running,
        lost=it.lost,
        file_execution_count=it.cell.execution_count,
        outputs=tuple(it.outputs),
        version=run.area.version,
        source=run.source,
    )
