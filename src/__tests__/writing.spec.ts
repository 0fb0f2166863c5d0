import { YNotebook, type YCodeCell } from '@jupyter/ydoc';
import { applyUpdate, encodeStateAsUpdate } from 'yjs';
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
  different: Partial<RecordedCell> = {},
  written: readonly Output[] | null = null
): void {
  const notebook = { sharedModel: shared } as unknown as INotebookModel;
  const record = {
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
  };
  writeOutputs(notebook, cell, record, written);
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
    let written: readonly Output[] | null = null;
    for (const outputs of PROGRESS) {
      write(outputs, { running: true }, written);
      expect(shown()).toEqual(outputs);
      written = outputs;
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

  // The numbers tell whose text comes first.
  it.each([
    [1, 2],
    [2, 1]
  ])('are the same for two who wrote at once: %j, %j', (first, second) => {
    const running = { running: true };
    open([]);
    write([stream('1\n2\n')], running);
    const mine = { shared, cell };
    const theirs = {
      shared: new YNotebook({ disableDocumentWideUndoRedo: true }),
      cell
    };
    const deliver = connect(mine.shared, theirs.shared);
    theirs.cell = new CodeCellModel({
      sharedModel: theirs.shared.cells[0] as YCodeCell
    });
    mine.shared.ydoc.clientID = first;
    theirs.shared.ydoc.clientID = second;
    ({ shared, cell } = mine);
    write([stream('1\n2\n3\n4\n')], running);
    ({ shared, cell } = theirs);
    write([stream('1\n2\n3\n4\n5\n')], running);
    deliver();
    ({ shared, cell } = mine);
    const whole = [stream('1\n2\n3\n4\n5\n6\n')];
    write(whole, running, [stream('1\n2\n3\n4\n')]);
    deliver();
    for (const page of [mine, theirs]) {
      ({ shared, cell } = page);
      expect(shown()).toEqual(whole);
    }
  });
});

/** Connect two pages; each has what the other wrote once that is delivered, bit by bit. */
function connect(one: YNotebook, other: YNotebook): () => void {
  applyUpdate(other.ydoc, encodeStateAsUpdate(one.ydoc));
  const sent: [YNotebook, Uint8Array][] = [];
  const wire = {};
  for (const [from, to] of [
    [one, other],
    [other, one]
  ] as const) {
    from.ydoc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== wire) {
        sent.push([to, update]);
      }
    });
  }
  return () => {
    for (const [to, update] of sent.splice(0)) {
      applyUpdate(to.ydoc, update, wire);
    }
  };
}
