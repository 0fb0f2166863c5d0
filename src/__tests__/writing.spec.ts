import { YNotebook, type YCodeCell } from '@jupyter/ydoc';
import { CodeCellModel } from '@jupyterlab/cells/lib/model';
import type { INotebookModel } from '@jupyterlab/notebook';
import type { RecordedCell } from '../core/snapshot';
import type { Output } from '../core/outputs';
import { writeOutputs } from '../lab/writing';

// Yjs warns of the way in which the shared model makes its cells.
beforeAll(() => jest.spyOn(console, 'warn').mockImplementation());
afterAll(() => jest.restoreAllMocks());

let shared: YNotebook;
let cell: CodeCellModel;

function stream(text: string, name = 'stdout'): Output {
  return { output_type: 'stream', name, text };
}

const image: Output = {
  output_type: 'display_data',
  data: { 'text/plain': 'an image' },
  metadata: {}
};

function open(outputs: readonly Output[], count: number | null = null): void {
  shared = new YNotebook({ disableDocumentWideUndoRedo: true });
  shared.insertCell(0, {
    cell_type: 'code',
    source: 'run()',
    metadata: {},
    execution_count: count,
    outputs: outputs as never
  });
  cell = new CodeCellModel({ sharedModel: shared.cells[0] as YCodeCell });
}

function write(
  outputs: readonly Output[],
  different: Partial<RecordedCell> = {}
): void {
  const notebook = { sharedModel: shared } as unknown as INotebookModel;
  writeOutputs(notebook, cell, {
    index: 0,
    id: null,
    run: 'run-1',
    requester: 'gone',
    execution_count: 7,
    running: false,
    lost: true,
    file_execution_count: null,
    outputs,
    version: 1,
    source: 'run()',
    ...different
  });
}

/** What the page shows and what everybody else in the room has. */
function shown(): unknown[] {
  const everybody = (shared.cells[0] as YCodeCell).getOutputs();
  expect(cell.outputs.toJSON()).toEqual(everybody);
  return everybody;
}

describe('outputs in an open notebook', () => {
  const PROGRESS = [
    [stream('10%')],
    [stream('20%')],
    [stream('20%\ndone 🫁\n'), image],
    [stream('20%\ndone 🫁\n'), image, stream('w', 'stderr')],
    [stream('only this')],
    [stream('else', 'stderr')],
    [],
    [stream('a'), image, stream('b')],
    [stream('b'), image, stream('b')]
  ];

  it('follow what a run prints, in the page and in the shared model', () => {
    open([]);
    for (const outputs of PROGRESS) {
      write(outputs, { running: true });
      expect(shown()).toEqual(outputs);
    }
  });

  it.each(PROGRESS.map(each => [each]))('replace older ones: %j', outputs => {
    open([stream('older'), image, stream('older still')], 3);
    write(outputs);
    expect(shown()).toEqual(outputs);
  });

  it('show that the cell runs, and when it has run', () => {
    open([stream('older')], 3);
    write([stream('a')], { running: true });
    expect([cell.executionState, cell.executionCount]).toEqual([
      'running',
      null
    ]);
    write([stream('ab')]);
    expect([cell.executionState, cell.executionCount]).toEqual(['idle', 7]);
  });

  it('are trusted, as the kernel of this person said them', () => {
    open([stream('of whoever made the file')]);
    expect(cell.trusted).toBe(false);
    write([image]);
    expect(cell.trusted).toBe(true);
    expect(cell.outputs.get(0).trusted).toBe(true);
  });

  it('are not what Undo takes back', () => {
    open([]);
    const own = shared.cells[0]!;
    own.setSource('mine()');
    write([stream('a')]);
    own.undo();
    expect(own.getSource()).toBe('run()');
    expect(shown()).toEqual([stream('a')]);
  });
});
