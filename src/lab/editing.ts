import type { INotebookModel, NotebookPanel } from '@jupyterlab/notebook';
import {
  clientFailure,
  clientFailureOf,
  WorkshopFailure
} from '../core/failure';
import { inUnits, type IUnitEdit } from '../core/edits';
import type { EditRequest } from '../core/snapshot';
import type { IWorkshop } from '../tokens';
import { saveNow } from './disk';

/** An edit that somebody wants in a module's notebook. */
export type Wish = Pick<EditRequest, 'module' | 'purpose'> &
  Partial<Pick<EditRequest, 'step' | 'values' | 'profile'>>;

/** A wish, and the open notebook that it is about. */
export interface IOpenWish {
  /** What is wanted. */
  readonly wish: Wish;
  /** The notebook. */
  readonly panel: NotebookPanel;
}

/** How often an edit is asked for anew when somebody types into its cells meanwhile. */
const TRIES = 3;

/**
 * Make edits in open notebooks, saved or not, and save them.
 *
 * The server says what to change in the cells as they are in the page. All is asked for
 * before anything is changed, so that either all notebooks get theirs or none.
 */
export async function editOpen(
  workshop: IWorkshop,
  wishes: readonly IOpenWish[]
): Promise<void> {
  const plans = await Promise.all(
    wishes.map(each => plan(workshop, each).then(edits => ({ ...each, edits })))
  );
  for (const { wish, panel, edits } of plans) {
    await make(workshop, { wish, panel }, edits);
    try {
      await saveNow(panel.context);
    } catch (reason) {
      throw clientFailureOf('change-not-saved', reason);
    }
  }
}

/** What the server wants to have changed, and in what. */
interface IPlan {
  readonly sources: readonly string[];
  readonly edits: readonly IUnitEdit[];
}

async function plan(
  workshop: IWorkshop,
  { wish, panel }: IOpenWish
): Promise<IPlan> {
  const cells = Array.from(panel.context.model.cells, cell => ({
    id: cell.id,
    kind: cell.type as 'code' | 'markdown' | 'raw',
    source: cell.sharedModel.getSource()
  }));
  const answer = await workshop.readEdits({
    step: '',
    profile: '',
    ...wish,
    cells
  });
  if (answer.failure) {
    throw new WorkshopFailure(answer.failure);
  }
  const sources = cells.map(cell => cell.source);
  return { sources, edits: inUnits(sources, answer.edits) };
}

async function make(
  workshop: IWorkshop,
  wish: IOpenWish,
  planned: IPlan
): Promise<void> {
  const { model } = wish.panel.context;
  for (let tries = 0; tries < TRIES; tries++) {
    const now = Array.from(model.cells, cell => cell.sharedModel.getSource());
    const { sources, edits } = planned;
    const same =
      now.length === sources.length &&
      edits.every(({ index }) => now[index] === sources[index]);
    if (same) {
      applyEdits(model.sharedModel, edits);
      return;
    }
    planned = await plan(workshop, wish);
  }
  throw new WorkshopFailure(clientFailure('notebook-changing'));
}

/**
 * Make edits in a shared notebook, so that one *Undo* takes them back.
 *
 * JupyterLab undoes by notebook or, as it comes, by cell.
 *
 * @param edits - By cell, and within a cell from the last place to the first.
 */
export function applyEdits(
  notebook: INotebookModel['sharedModel'],
  edits: readonly IUnitEdit[]
): void {
  const cells = notebook.cells;
  const byCell = new Map<number, IUnitEdit[]>();
  for (const edit of edits) {
    byCell.set(edit.index, [...(byCell.get(edit.index) ?? []), edit]);
  }
  const changeCell = (own: readonly IUnitEdit[], index: number) => {
    const cell = cells[index]!;
    const change = () =>
      cell.transact(() => {
        own.forEach(({ start, end, text }) =>
          cell.updateSource(start, end, text)
        );
      });
    apart(cell, change);
  };
  const all = () => byCell.forEach(changeCell);
  if (notebook.disableDocumentWideUndoRedo) {
    all();
  } else {
    apart(notebook, () => notebook.transact(all));
  }
}

/** Do something that is a step of its own for *Undo*, apart from what was just typed. */
function apart(undoable: object, change: () => void): void {
  const { undoManager } = undoable as {
    undoManager?: { stopCapturing(): void } | null;
  };
  undoManager?.stopCapturing();
  change();
  undoManager?.stopCapturing();
}
