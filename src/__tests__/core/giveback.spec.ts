import {
  gifts,
  goesOn,
  type IGiveBackFacts,
  type IHeldCell,
  moduleAt
} from '../../core/giveback';
import type { Catalogue, RecordedCell } from '../../core/snapshot';
import { module, snapshot } from '../fixtures';

function recorded(different: Partial<RecordedCell> = {}): RecordedCell {
  return {
    index: 1,
    id: 'cell-1',
    run: 'run-1',
    requester: 'page-that-is-gone',
    execution_count: 4,
    running: false,
    lost: true,
    file_execution_count: null,
    outputs: [],
    version: 3,
    source: 'print(1)',
    ...different
  };
}

function cell(different: Partial<IHeldCell> = {}): IHeldCell {
  return {
    id: 'cell-1',
    code: true,
    source: 'print(1)',
    executionCount: null,
    executing: false,
    ...different
  };
}

const heading = cell({ id: 'cell-0', code: false, source: '# A' });

function facts(different: Partial<IGiveBackFacts> = {}): IGiveBackFacts {
  return {
    held: [heading, cell()],
    asInFile: true,
    client: 'this-page',
    given: new Map(),
    touched: new Set(),
    ...different
  };
}

/** Where a record's outputs go; `null` when they are given to no cell. */
function target(record: RecordedCell, known: IGiveBackFacts): number | null {
  return gifts([record], known)[0]?.at ?? null;
}

describe('outputs that were lost', () => {
  it.each<
    [string, Partial<RecordedCell>, Partial<IGiveBackFacts>, number | null]
  >([
    ['are given back', {}, {}, 1],
    ['while the run goes on', { running: true }, {}, 1],
    [
      'in place of those of an earlier run',
      { file_execution_count: 2 },
      { held: [heading, cell({ executionCount: 2 })] },
      1
    ],
    ['but not where none were lost', { lost: false }, {}, null],
    [
      'but not over newer ones',
      {},
      { held: [heading, cell({ executionCount: 9 })] },
      null
    ],
    [
      'but not where the cell runs in this page',
      {},
      { held: [heading, cell({ executing: true })] },
      null
    ],
    [
      'but not where it was run in this page since',
      {},
      { touched: new Set(['cell-1']) },
      null
    ],
    [
      'but not where this page asked for the run',
      { requester: 'this-page' },
      {},
      null
    ],
    ['but not into text', {}, { held: [heading, cell({ code: false })] }, null],
    ['wherever the cell was moved', {}, { held: [cell(), heading] }, 0],
    [
      'but not when the cell is gone',
      {},
      { held: [heading, cell({ id: 'x' })] },
      null
    ]
  ])('%s', (_, record, known, expected) => {
    expect(target(recorded(record), facts(known))).toBe(expected);
  });
});

describe('in a notebook file without cell ids', () => {
  const held = [heading, cell({ id: 'made-by-the-page' })];
  it.each<[string, Partial<IGiveBackFacts>, number | null]>([
    ['the place counts', { held }, 1],
    [
      'also where the source was edited before',
      { held: [heading, cell({ source: 'x' })] },
      1
    ],
    [
      'but not in an edited notebook',
      { held: [heading, cell({ source: 'x' })], asInFile: false },
      null
    ],
    ['unless the source is that of the run', { held, asInFile: false }, 1],
    ['and not beyond the end', { held: [heading] }, null]
  ])('%s', (_, known, expected) => {
    expect(target(recorded({ id: null }), facts(known))).toBe(expected);
  });
});

describe('a run that is being given back', () => {
  const given = (ended: boolean) =>
    new Map([['cell-1', { run: 'run-1', version: 3, outputs: [], ended }]]);
  it.each<
    [string, Partial<RecordedCell>, Partial<IGiveBackFacts>, number | null]
  >([
    ['goes on with what is new', { running: true, version: 4 }, {}, 1],
    [
      'whatever count the file had',
      { running: true, version: 4, file_execution_count: 2 },
      {},
      1
    ],
    ['waits while there is nothing new', { running: true }, {}, null],
    ['is ended once', { lost: false }, {}, 1],
    ['and then left alone', {}, { given: given(true) }, null],
    [
      'makes place for the next',
      { run: 'run-2', running: true, version: 0 },
      {},
      1
    ],
    [
      'ends where the attendee has something newer',
      { running: true, version: 4 },
      { held: [heading, cell({ executionCount: 5 })] },
      null
    ]
  ])('%s', (_, record, known, expected) => {
    const all = facts({ given: given(false), ...known });
    expect(target(recorded(record), all)).toBe(expected);
  });
});

it.each([
  ['a run of another page', { running: true }, true],
  ['no run of this page', { running: true, requester: 'this-page' }, false],
  ['no run that has ended', {}, false]
])('there may be more soon because of %s', (_, record, expected) => {
  expect(goesOn([recorded(record)], 'this-page')).toBe(expected);
});

describe('the module of a notebook', () => {
  const lesson = { ...module('lesson', 'Lesson', []), kernel: 'busy' } as const;
  const shown = snapshot({ id: 'one', modules: [lesson] });
  const catalogue = {
    workshops: [
      { id: 'two', notebooks: [{ module: 'talk', path: 'two/talk.ipynb' }] }
    ]
  } as unknown as Catalogue;

  it.each([
    ['of the workshop shown', lesson.notebook, 'one lesson true'],
    ['of another one', 'two/talk.ipynb', 'two talk false'],
    ['of none', 'mine.ipynb', undefined]
  ])('is that %s', (_, path, expected) => {
    const found = moduleAt(path, { snapshot: shown, catalogue });
    expect(found && Object.values(found).join(' ')).toBe(expected ?? null);
  });
});
