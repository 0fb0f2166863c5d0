import type { Event } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import type { CellRef, Snapshot, StepView } from '../core/snapshot';
import type { Notebooks } from '../lab/notebooks';
import { Runs } from '../lab/runs';
import { WorkshopClient } from '../lab/client';
import { Workshop } from '../lab/workshop';
import { module, snapshot, step } from './fixtures';
import { Server } from './server';

/** What each step's cell holds, by the cell's index. */
let sources: Record<number, string>;
/** What was done, in order. */
let done: string[];
/** What happens to a step when its cell is run. */
let outcomes: Record<number, Partial<StepView>>;
/** Lets a cell that is being run come to its end. */
let end: (() => void) | null;
let server: Server;
let workshop: Workshop;
let runs: Runs;

const STEPS = ['one', 'two', 'three'];

function ready(different: Partial<StepView>[] = []): Snapshot {
  const steps = STEPS.map((id, index) =>
    step(id, id, { cells: [{ index, id }], ...different[index] })
  );
  return snapshot({ modules: [module('lesson', 'Lesson', steps)] });
}

/** A notebook whose cells do what the test says. */
const notebooks = {
  open: () => Promise.resolve({ context: { localPath: 'lesson.ipynb' } }),
  save: () => Promise.resolve(),
  sources: (_: unknown, cells: readonly CellRef[]) =>
    cells.map(cell => sources[cell.index]),
  show: (_: unknown, cell: CellRef) => done.push(`show ${cell.id}`),
  run: async (_: unknown, cells: readonly CellRef[]) => {
    const [cell] = cells;
    done.push(`run ${cell!.id}`);
    if (end) {
      await new Promise<void>(resolve => (end = resolve));
    }
    const now = workshop.state.snapshot!.modules[0]!.steps;
    const outcome = outcomes[cell!.index] ?? { state: 'done' };
    server.show(
      ready(now.map((each, at) => (at === cell!.index ? outcome : each)))
    );
    return outcome.state !== 'failed';
  },
  interrupt: (path: string) => {
    done.push(`interrupt ${path}`);
    return Promise.resolve();
  }
};

beforeEach(async () => {
  sources = { 0: 'a = 1', 1: 'b = 2', 2: 'c = 3' };
  done = [];
  outcomes = {};
  end = null;
  server = new Server(ready());
  workshop = new Workshop(
    new WorkshopClient(server.settings),
    new Signal<object, Event.Emission>({}) as unknown as Event.Stream
  );
  runs = new Runs(workshop, notebooks as unknown as Notebooks);
  await workshop.start();
});

afterEach(() => workshop.dispose());

describe('running a module', () => {
  it('runs what is not done, in order', async () => {
    server.show(ready([{ state: 'done' }]));
    await workshop.refresh();
    await runs.runModule('lesson');
    expect(done).toEqual(['run two', 'run three']);
  });

  it('goes on with a step that waited for the one before it', async () => {
    server.show(ready([{}, { state: 'blocked', reason: 'First: one.' }]));
    outcomes[0] = { state: 'done' };
    const run = notebooks.run;
    jest
      .spyOn(notebooks, 'run')
      .mockImplementationOnce(async (panel, cells) => {
        const ran = await run(panel, cells);
        server.show(ready([{ state: 'done' }]));
        return ran;
      });
    await runs.runModule('lesson');
    expect(done).toEqual(['run one', 'run two', 'run three']);
  });

  it('says why a step cannot be run yet', async () => {
    server.show(ready([{ state: 'blocked', reason: 'The data is missing.' }]));
    await runs.runModule('lesson');
    expect(done).toEqual([]);
    expect(workshop.state.notice?.message).toBe('The data is missing.');
  });

  it.each([
    ['a cell that fails', { state: 'failed' }],
    ['a check that does not hold', { state: 'failed', cells_done: 1 }]
  ] as const)('stops at %s', async (_, outcome) => {
    outcomes[1] = outcome;
    await runs.runModule('lesson');
    expect(done).toEqual(['run one', 'run two']);
    expect(workshop.state.pending).toBeNull();
  });

  it('stops kindly at an exercise, with its hint', async () => {
    sources[1] = 'b = ???';
    const { cells } = ready().modules[0]!.steps[1]!;
    const exercises = [
      { cell: cells[0]!, open: true, hint: 'A number.', solved: true }
    ];
    server.show(ready([{}, { exercises }]));
    outcomes[0] = { state: 'done' };
    await runs.runModule('lesson');
    expect(done).toEqual(['run one', 'show two']);
    expect(workshop.state.notice).toMatchObject({
      code: 'exercise-open',
      hint: 'A number.'
    });
  });

  it('runs nothing more after Stop', async () => {
    end = () => undefined;
    const running = runs.runModule('lesson');
    while (!done.includes('run one')) {
      await new Promise(resolve => setTimeout(resolve));
    }
    // A step of a module that runs is not begun a second time.
    await runs.runStep('lesson', 'two');
    await runs.stop('lesson');
    end();
    await running;
    expect(done).toEqual(['run one', 'interrupt first light/lesson.ipynb']);
  });
});

describe('running a step', () => {
  it('runs the cells above an exercise that is open', async () => {
    const cells = [
      { index: 0, id: 'one' },
      { index: 1, id: 'two' }
    ];
    server.show(ready([{ cells }]));
    sources[1] = 'b = ???';
    await runs.runStep('lesson', 'one');
    expect(done).toEqual(['run one', 'show two']);
    expect(workshop.state.notice?.code).toBe('exercise-open');
  });

  it('tells that its cells are gone', async () => {
    server.show(ready([{ cells: [] }]));
    await runs.runStep('lesson', 'one');
    expect(done).toEqual([]);
    expect(workshop.state.notice?.code).toBe('cells-not-found');
  });
});
