import type { ICodeCellModel } from '@jupyterlab/cells';
import type { INotebookModel } from '@jupyterlab/notebook';
import { type Output, outputChange, textOf } from '../core/outputs';
import type { RecordedCell } from '../core/snapshot';

type Outputs = ReturnType<ICodeCellModel['sharedModel']['getOutputs']>;

/** What every shared code cell can do beside its interface. */
interface IStreams {
  removeStreamOutput(index: number, start: number): void;
  appendStreamOutput(index: number, text: string): void;
}

/**
 * Write what a run printed and showed into a cell of the shared notebook, as if the
 * kernel had just said it. The attendee's *Undo* does not take it back.
 *
 * @param notebook - The notebook that has the cell.
 * @param cell - The cell.
 * @param record - The run, which may still go on.
 * @param written - What this page wrote into the cell before; `null` for nothing.
 */
export function writeOutputs(
  notebook: INotebookModel,
  cell: ICodeCellModel,
  record: RecordedCell,
  written: readonly Output[] | null
): void {
  const { sharedModel } = notebook;
  const write = (change: () => void) => sharedModel.transact(change, false);
  if (!cell.trusted) {
    // What the file had is not trusted by what this kernel says now.
    write(() => cell.sharedModel.setOutputs([]));
    cell.trusted = true;
  }
  if (record.running) {
    write(() => {
      cell.executionCount = null;
      cell.executionState = 'running';
    });
  }
  replaceOutputs(cell, record.outputs, written, write);
  if (!record.running) {
    write(() => {
      cell.executionState = 'idle';
      cell.executionCount = record.execution_count;
    });
  }
}

/**
 * Turn the outputs of a cell into others.
 *
 * What goes away and what comes are separate transactions: JupyterLab takes what comes
 * first, and would join a stream to one that is about to go.
 */
function replaceOutputs(
  cell: ICodeCellModel,
  wanted: readonly Output[],
  written: readonly Output[] | null,
  write: (change: () => void) => void
): void {
  const shared = cell.sharedModel;
  const before: readonly Output[] = shared.getOutputs();
  const change = outputChange(before, wanted, written);
  switch (change.kind) {
    case 'none':
      return;
    case 'all':
      write(() => shared.setOutputs([]));
      write(() => shared.setOutputs(plain(wanted)));
      return;
    case 'stream': {
      const { index, keep, text } = change;
      const stream = shared as unknown as IStreams;
      if (keep < textOf(before[index]!).length) {
        write(() => stream.removeStreamOutput(index, keep));
      }
      if (text !== '') {
        write(() => stream.appendStreamOutput(index, text));
      }
    }
  }
  if (change.outputs.length > 0) {
    const end = before.length;
    write(() => shared.updateOutputs(end, end, plain(change.outputs)));
  }
}

/** Outputs as the shared model takes them: the text of a stream in one piece. */
function plain(outputs: readonly Output[]): Outputs {
  return outputs.map(output =>
    output.output_type === 'stream'
      ? { ...output, text: textOf(output) }
      : { ...output }
  ) as Outputs;
}
