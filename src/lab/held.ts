import type { Cell, CodeCell, ICodeCellModel } from '@jupyterlab/cells';
import type { INotebookModel, NotebookPanel } from '@jupyterlab/notebook';
import type { IHeldCell } from '../core/giveback';

/**
 * The cells of an open notebook as they are in the page now.
 *
 * @param model - The notebook.
 * @param views - Where it is shown, and where its cells are run.
 */
export function heldCells(
  model: INotebookModel,
  views: readonly NotebookPanel[]
): IHeldCell[] {
  const executing = new Set<string>();
  for (const view of views) {
    view.content.widgets
      .filter(isExecuting)
      .forEach(cell => executing.add(cell.model.id));
  }
  return Array.from(model.cells, cell => ({
    id: cell.id,
    code: cell.type === 'code',
    source: cell.sharedModel.getSource(),
    executionCount:
      cell.type === 'code' ? (cell as ICodeCellModel).executionCount : null,
    executing: executing.has(cell.id)
  }));
}

/** Whether this page has asked for a cell's execution and still waits for the answer. */
function isExecuting(cell: Cell): boolean {
  if (cell.model.type !== 'code') {
    return false;
  }
  const { future } = (cell as CodeCell).outputArea as {
    future: { isDisposed: boolean } | null | undefined;
  };
  return future?.isDisposed === false;
}
