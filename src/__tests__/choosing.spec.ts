import { YNotebook } from '@jupyter/ydoc';
import type { Event } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import type { CellEdit, EditRequest, Edits } from '../core/snapshot';
import { Choices } from '../lab/choices';
import { WorkshopClient } from '../lab/client';
import type { Notebooks } from '../lab/notebooks';
import { Workshop } from '../lab/workshop';
import { job, module, snapshot } from './fixtures';
import { type IAsked, Server } from './server';

// Yjs warns of the way in which the shared model makes its cells.
beforeAll(() => jest.spyOn(console, 'warn').mockImplementation());
afterAll(() => jest.restoreAllMocks());

const ASK = 'POST workshops/first-light/edits';
const LINES: CellEdit = {
  index: 0,
  id: null,
  start: 8,
  end: 10,
  text: '6',
  why: 'Fewer.'
};

let server: Server;
let workshop: Workshop;
let choices: Choices;
/** The open notebooks, by path. */
let open: Map<string, ReturnType<typeof panel>>;
let saved: string[];

/** An open notebook with one cell. */
function panel(path: string) {
  const sharedModel = new YNotebook({ disableDocumentWideUndoRedo: true });
  sharedModel.insertCell(0, { cell_type: 'code', source: 'lines = 12  # 🫁' });
  const cells = sharedModel.cells.map(cell => ({
    id: cell.id,
    type: 'code',
    sharedModel: cell
  }));
  const model = {
    cells,
    sharedModel,
    dirty: true,
    readOnly: false,
    collaborative: false
  };
  return {
    context: {
      isReady: true,
      model,
      save: () => {
        saved.push(path);
        return Promise.resolve();
      }
    },
    source: () => sharedModel.cells[0]!.getSource()
  };
}

function answer(edits: readonly CellEdit[], failure: Edits['failure'] = null) {
  server.answer(ASK, { edits, failure });
}

function posted(end: string): IAsked[] {
  return server.asked.filter(
    ({ method, path }) => method === 'POST' && path.endsWith(end)
  );
}

beforeEach(async () => {
  const modules = ['one', 'two', 'three'].map(id => module(id, id, []));
  server = new Server(snapshot({ modules }));
  server.answer('POST workshops/first-light/jobs', job(), 202);
  answer([LINES]);
  saved = [];
  open = new Map();
  workshop = new Workshop(
    new WorkshopClient(server.settings),
    new Signal<object, Event.Emission>({}) as unknown as Event.Stream
  );
  const notebooks = { find: (path: string) => open.get(path) };
  choices = new Choices(workshop, notebooks as unknown as Notebooks);
  await workshop.start();
});

afterEach(() => workshop.dispose());

function opened(...modules: string[]): void {
  modules.forEach(id => {
    const path = `first light/${id}.ipynb`;
    open.set(path, panel(path));
  });
}

function sources(): string[] {
  return [...open.values()].map(each => each.source());
}

describe('a value of a parameter', () => {
  it('is set in the page where the notebook is open', async () => {
    opened('one');
    await choices.setParameters('one', { lines: 6 });
    expect(sources()).toEqual(['lines = 6  # 🫁']);
    expect(saved).toEqual(['first light/one.ipynb']);
    expect(posted('edits')[0]!.body).toMatchObject({
      module: 'one',
      purpose: 'parameters',
      values: { lines: 6 },
      cells: [{ kind: 'code', source: 'lines = 12  # 🫁' }]
    });
    expect(posted('jobs')).toEqual([]);
  });

  it('is set in the file where it is not', async () => {
    await choices.setParameters('one', { lines: 6 });
    expect(posted('edits')).toEqual([]);
    expect(posted('jobs')[0]!.body).toMatchObject({
      kind: 'parameters',
      module: 'one',
      values: { lines: 6 }
    });
  });

  it('that does not fit is told, and nothing is changed', async () => {
    opened('one');
    answer([], { code: 'conflict', message: 'No.', hint: '', details: '' });
    await choices.setParameters('one', { lines: 6 });
    expect(sources()).toEqual(['lines = 12  # 🫁']);
    expect(saved).toEqual([]);
    expect(workshop.state.notice?.message).toBe('No.');
  });

  it('is asked for again when somebody types meanwhile', async () => {
    opened('one');
    const [held] = open.values();
    const read = workshop.readEdits.bind(workshop);
    const cell = held!.context.model.sharedModel.cells[0]!;
    jest.spyOn(workshop, 'readEdits').mockImplementationOnce(async asked => {
      const edits = await read(asked);
      cell.updateSource(0, 0, '#\n');
      answer([{ ...LINES, start: 10, end: 12 }]);
      return edits;
    });
    await choices.setParameters('one', { lines: 6 });
    expect(sources()).toEqual(['#\nlines = 6  # 🫁']);
  });
});

describe('a profile', () => {
  it('changes open notebooks first, and then the files of the others', async () => {
    opened('one', 'three');
    await choices.setProfile('quick');
    expect(sources()).toEqual(['lines = 6  # 🫁', 'lines = 6  # 🫁']);
    expect(saved).toHaveLength(2);
    const about = posted('').map(({ path, body }) => [
      path.split('/').pop(),
      (body as EditRequest).module,
      (body as EditRequest).profile
    ]);
    expect(about).toEqual([
      ['edits', 'one', 'quick'],
      ['edits', 'three', 'quick'],
      ['jobs', undefined, 'quick']
    ]);
  });

  it('that does not fit one of them changes none', async () => {
    opened('one', 'two');
    const read = workshop.readEdits.bind(workshop);
    jest.spyOn(workshop, 'readEdits').mockImplementation(async asked => {
      const failure = { code: 'x', message: 'No.', hint: '', details: '' };
      return asked.module === 'two' ? { edits: [], failure } : read(asked);
    });
    await choices.setProfile('quick');
    expect(sources()).toEqual(['lines = 12  # 🫁', 'lines = 12  # 🫁']);
    expect(posted('jobs')).toEqual([]);
    expect(workshop.state.notice?.message).toBe('No.');
  });
});

it('a solution goes into the page or into the file', async () => {
  await choices.showSolution('one', 'fill');
  opened('one');
  await choices.showSolution('one', 'fill');
  expect(posted('jobs')[0]!.body).toMatchObject({
    kind: 'solution',
    module: 'one',
    step: 'fill'
  });
  expect(posted('edits')[0]!.body).toMatchObject({
    purpose: 'solution',
    step: 'fill'
  });
});

it('corrections that do not fit hold nothing up', async () => {
  opened('one');
  answer([], { code: 'conflict', message: 'No.', hint: '', details: '' });
  await choices.patch(workshop.state.snapshot!);
  expect(sources()).toEqual(['lines = 12  # 🫁']);
});
