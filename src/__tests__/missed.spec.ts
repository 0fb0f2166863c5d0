import { YNotebook, type YCodeCell } from '@jupyter/ydoc';
import { CodeCellModel } from '@jupyterlab/cells/lib/model';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { KernelMessage } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import { textOf } from '../core/outputs';
import type { RecordedCell } from '../core/snapshot';
import { MissedReplies } from '../lab/missed';

// Yjs warns of the way in which the shared model makes its cells.
beforeAll(() => jest.spyOn(console, 'warn').mockImplementation());
afterAll(() => jest.restoreAllMocks());

const connection = new Signal<object, string>({});
let cell: CodeCellModel;
let lost: number;
let answers: KernelMessage.IMessage[];
let request: { isDisposed: boolean };
let replies: MissedReplies;

beforeEach(() => {
  lost = 0;
  answers = [];
  const shared = new YNotebook({ disableDocumentWideUndoRedo: true });
  shared.insertCell(0, { id: 'cell-0', cell_type: 'code', source: 'run()' });
  cell = new CodeCellModel({ sharedModel: shared.cells[0] as YCodeCell });
  request = {
    isDisposed: false,
    msg: { header: { msg_id: 'run-1', session: 'this-page' } },
    dispose: () => (request.isDisposed = true),
    handleMsg: (message: KernelMessage.IMessage) => {
      answers.push(message);
      return Promise.resolve();
    }
  } as { isDisposed: boolean };
  const widget = { model: cell, outputArea: { future: request } };
  const views = [{ content: { widgets: [widget] } }];
  replies = new MissedReplies(
    {
      model: { sharedModel: shared },
      sessionContext: { connectionStatusChanged: connection }
    } as unknown as NotebookPanel['context'],
    () => views as unknown as NotebookPanel[],
    () => (lost += 1)
  );
});

afterEach(() => replies.dispose());

function record(different: Partial<RecordedCell> = {}): RecordedCell {
  return {
    index: 0,
    id: 'cell-0',
    run: 'run-1',
    requester: 'this-page',
    execution_count: 4,
    running: false,
    lost: false,
    file_execution_count: null,
    outputs: [{ output_type: 'stream', name: 'stdout', text: 'a\nb\n' }],
    version: 1,
    source: 'run()',
    ...different
  };
}

function shown(): string {
  return cell.outputs.toJSON().map(textOf).join('');
}

it('asks nothing while the connection holds, or when nothing ran', () => {
  connection.emit('connected');
  request.isDisposed = true;
  connection.emit('connecting');
  expect(replies.isWaiting).toBe(false);
  expect(lost).toBe(0);
});

it('waits while the run goes on', async () => {
  connection.emit('connecting');
  expect(lost).toBe(1);
  for (let look = 0; look < 20; look++) {
    await replies.settle([record({ running: true })], true);
  }
  expect(replies.isWaiting).toBe(true);
  expect(shown()).toBe('');
  expect(request.isDisposed).toBe(false);
});

it('gives the kernel’s own answer a moment, then tells what the server heard', async () => {
  connection.emit('connecting');
  await replies.settle([record()], false);
  expect(answers).toEqual([]);
  await replies.settle([record()], false);
  expect(shown()).toBe('a\nb\n');
  expect(answers.map(each => each.header.msg_type)).toEqual([
    'execute_reply',
    'status'
  ]);
  expect(answers[0]!.content).toMatchObject({
    status: 'ok',
    execution_count: 4
  });
  expect(answers[0]!.parent_header).toMatchObject({ msg_id: 'run-1' });
  expect(request.isDisposed).toBe(true);
  expect(replies.isWaiting).toBe(false);
});

it('tells of an error as the kernel did', async () => {
  connection.emit('connecting');
  const error = {
    output_type: 'error',
    ename: 'ValueError',
    evalue: 'no',
    traceback: ['…']
  };
  await replies.settle([record({ outputs: [error] })], false);
  await replies.settle([record({ outputs: [error] })], false);
  expect(answers[0]!.content).toMatchObject({
    status: 'error',
    ename: 'ValueError',
    evalue: 'no',
    traceback: ['…']
  });
});

it('fills the gap of a run whose answer came', async () => {
  connection.emit('connecting');
  request.isDisposed = true;
  cell.executionCount = 4;
  await replies.settle([record()], false);
  expect(shown()).toBe('a\nb\n');
  expect(answers).toEqual([]);
});

it('leaves a cell alone that was cleared or shows another run', async () => {
  connection.emit('connecting');
  request.isDisposed = true;
  cell.executionCount = 5;
  await replies.settle([record()], false);
  expect(shown()).toBe('');
  expect(replies.isWaiting).toBe(false);
});

it('lets go of a request that never reached an idle kernel, not of one that waits its turn', async () => {
  connection.emit('connecting');
  for (let look = 0; look < 20; look++) {
    await replies.settle([record({ run: 'another', running: true })], true);
  }
  expect(request.isDisposed).toBe(false);
  for (let look = 0; look < 5; look++) {
    expect(request.isDisposed).toBe(false);
    await replies.settle([], false);
  }
  expect(request.isDisposed).toBe(true);
  expect(replies.isWaiting).toBe(false);
});
