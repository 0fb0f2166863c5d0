import { YNotebook, type YCodeCell } from '@jupyter/ydoc';
import { CodeCellModel } from '@jupyterlab/cells/lib/model';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import { textOf } from '../core/outputs';
import type { ModuleOutputs, RecordedCell } from '../core/snapshot';
import { Giver, type IScheduled } from '../lab/giver';

// Yjs warns of the way in which the shared model makes its cells.
beforeAll(() => jest.spyOn(console, 'warn').mockImplementation());
afterAll(() => jest.restoreAllMocks());

/** What the server answers, and how often it was asked. */
let recorded: RecordedCell[] | Error;
let asked: number;
/** What was done to the notebook's file. */
let saved: number;
/** How many pages hear the kernel, this one included. */
let connections: number;
/** Whether this page hears the kernel. */
let kernel: { clientId: string; connectionStatus: string };
let shared: YNotebook;
let cell: CodeCellModel;
let model: { dirty: boolean; collaborative: boolean };
let giver: Giver;
const scheduled = new Signal<object, IScheduled>({});
const messages = new Signal<object, unknown>({});

function record(different: Partial<RecordedCell> = {}): RecordedCell {
  return {
    index: 0,
    id: 'cell-0',
    run: 'run-1',
    requester: 'page-that-is-gone',
    execution_count: 4,
    running: false,
    lost: true,
    file_execution_count: null,
    outputs: [{ output_type: 'stream', name: 'stdout', text: 'a\n' }],
    version: 1,
    source: 'run()',
    ...different
  };
}

function printed(text: string, different: Partial<RecordedCell> = {}): void {
  const outputs = [{ output_type: 'stream', name: 'stdout', text }];
  recorded = [record({ outputs, version: text.length, ...different })];
}

function shown(): string {
  return cell.outputs.toJSON().map(textOf).join('');
}

function pass(milliseconds: number): Promise<void> {
  return jest.advanceTimersByTimeAsync(milliseconds);
}

beforeEach(() => {
  jest.useFakeTimers();
  recorded = [];
  asked = 0;
  saved = 0;
  connections = 1;
  kernel = { clientId: 'this-page', connectionStatus: 'connected' };
  shared = new YNotebook({ disableDocumentWideUndoRedo: true });
  shared.insertCell(0, { id: 'cell-0', cell_type: 'code', source: 'run()' });
  cell = new CodeCellModel({ sharedModel: shared.cells[0] as YCodeCell });
  const cells = Object.assign([cell], { get: () => cell });
  model = { dirty: false, collaborative: false };
  cell.contentChanged.connect(() => {
    model.dirty = true;
  });
  const context = {
    path: 'lesson.ipynb',
    model: Object.assign(model, { cells, sharedModel: shared }),
    contentsModel: { hash: 'as read' },
    save: () => {
      saved += 1;
      model.dirty = false;
      return Promise.resolve();
    },
    sessionContext: {
      iopubMessage: messages,
      connectionStatusChanged: new Signal<object, unknown>({}),
      kernelChanged: new Signal<object, unknown>({}),
      session: { kernel }
    }
  } as unknown as NotebookPanel['context'];
  giver = new Giver({
    context,
    views: () => [],
    module: () => ({ workshop: 'first', id: 'lesson', busy: false }),
    read: () => {
      asked += 1;
      return recorded instanceof Error
        ? Promise.reject(recorded)
        : Promise.resolve({ cells: recorded } as unknown as ModuleOutputs);
    },
    connections: () => Promise.resolve(connections),
    contents: {
      get: () => Promise.resolve({ hash: 'as read' })
    } as unknown as Contents.IManager,
    scheduled
  });
});

afterEach(() => {
  giver.dispose();
  jest.useRealTimers();
});

it('gives back what was lost, and saves it', async () => {
  printed('a\nb\n');
  giver.look();
  await pass(0);
  expect([shown(), cell.executionCount, saved]).toEqual(['a\nb\n', 4, 1]);
});

it('asks once where nothing runs', async () => {
  giver.look();
  await pass(60_000);
  expect([asked, saved]).toEqual([1, 0]);
});

it('follows a run to its end', async () => {
  printed('a', { running: true });
  giver.look();
  await pass(0);
  expect([shown(), cell.executionState, saved]).toEqual(['a', 'running', 0]);
  printed('a\nb', { running: true });
  await pass(1000);
  expect(shown()).toBe('a\nb');
  printed('a\nb\nc', { lost: false });
  await pass(1000);
  expect([shown(), cell.executionState, saved]).toEqual(['a\nb\nc', 'idle', 1]);
  await pass(60_000);
  expect(asked).toBeLessThan(6);
});

it('leaves the cell to the page that runs it again', async () => {
  printed('old', { running: true });
  giver.look();
  await pass(0);
  scheduled.emit({
    notebook: { model },
    cell: { model: cell }
  } as unknown as IScheduled);
  cell.sharedModel.setOutputs([]);
  cell.executionCount = 9;
  printed('old, and more', { running: true });
  await pass(2000);
  printed('old, and all');
  await pass(2000);
  expect([shown(), cell.executionCount]).toEqual(['', 9]);
});

it('saves nothing where the attendee has unsaved changes', async () => {
  model.dirty = true;
  printed('a');
  giver.look();
  await pass(0);
  expect([shown(), saved, model.dirty]).toEqual(['a', 0, true]);
});

it('has nothing to save where another page hears the kernel', async () => {
  connections = 2;
  printed('a', { running: true });
  giver.look();
  await pass(0);
  expect([shown(), model.dirty]).toEqual(['a', false]);
  printed('ab');
  await pass(1000);
  expect([shown(), model.dirty, saved]).toEqual(['ab', false, 0]);
});

it('goes on when the server was away for a while', async () => {
  printed('a', { running: true });
  giver.look();
  await pass(0);
  recorded = new Error('away');
  await pass(30_000);
  expect(asked).toBeLessThan(12);
  printed('ab');
  await pass(11_000);
  expect([shown(), cell.executionState]).toEqual(['ab', 'idle']);
});

it('leaves no cell running whose run is forgotten', async () => {
  printed('a', { running: true });
  giver.look();
  await pass(0);
  recorded = [];
  await pass(1000);
  expect(cell.executionState).toBe('idle');
});

it('looks when something runs that this page did not ask for', async () => {
  const input = (session: string) => ({
    header: { msg_type: 'execute_input' },
    parent_header: { session }
  });
  messages.emit(input('this-page'));
  await pass(0);
  expect(asked).toBe(0);
  printed('a');
  messages.emit(input('page-that-is-gone'));
  await pass(0);
  expect([asked, shown()]).toEqual([1, 'a']);
});

describe('in a notebook that several have open', () => {
  /** Somebody else in the room, whose connection to the kernel is that one. */
  function other(number: number, kernel: string | null): void {
    shared.awareness.getStates().set(number, { monaiWorkshop: { kernel } });
  }

  beforeEach(() => {
    model.collaborative = true;
    connections = 2;
    printed('a');
    giver.look();
  });

  it('the page with the lowest number writes, and the server saves', async () => {
    other(shared.awareness.clientID + 1, 'their-page');
    await pass(1000);
    expect([shown(), saved]).toEqual(['a', 0]);
  });

  it('others do not, but see whether it is done', async () => {
    other(shared.awareness.clientID - 1, 'their-page');
    await pass(5000);
    expect(shown()).toBe('');
    shared.awareness.getStates().delete(shared.awareness.clientID - 1);
    await pass(5000);
    expect(shown()).toBe('a');
    await pass(60_000);
    expect(asked).toBeLessThan(10);
  });

  it('whoever asked for the run has its outputs', async () => {
    other(shared.awareness.clientID + 1, 'page-that-is-gone');
    await pass(5000);
    expect(shown()).toBe('');
  });

  it('but who only seems to be there has not', async () => {
    other(shared.awareness.clientID + 1, 'page-that-is-gone');
    connections = 1;
    await pass(1000);
    expect(shown()).toBe('a');
  });

  it('the one connection may be theirs, before this page has its own', async () => {
    other(shared.awareness.clientID - 1, 'their-page');
    connections = 1;
    kernel.connectionStatus = 'connecting';
    await pass(5000);
    expect(shown()).toBe('');
  });
});
