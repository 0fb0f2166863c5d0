import {
  cellNumber,
  expectedLeft,
  findStep,
  focus,
  fraction,
  isBusy,
  mayRun,
  shownJobs,
  timeLeft
} from '../../core/steps';
import type { JobKind } from '../../core/snapshot';
import {
  job,
  snapshot,
  step,
  training as makeTraining,
  withStep
} from '../fixtures';

describe('focus', () => {
  it('is what runs', () => {
    const running = withStep(snapshot(), 'train', { state: 'running' });
    expect(focus(running)?.step.id).toBe('train');
  });

  it('else is what is next', () => {
    expect(focus(snapshot())?.step.id).toBe('data');
  });

  it('else is what failed', () => {
    const stuck = withStep(
      snapshot(),
      'train',
      { state: 'failed' },
      {
        next: { action: 'stuck', module: '', step: '' }
      }
    );
    expect(focus(stuck)?.step.id).toBe('train');
  });

  it('is nothing when all is done', () => {
    const next = { action: 'finished', module: '', step: '' } as const;
    expect(focus(snapshot({ next }))).toBeNull();
  });
});

describe('isBusy', () => {
  it.each([
    ['nothing runs', snapshot(), false],
    ['a job runs', snapshot({ jobs: [job()] }), true],
    ['a job ended', snapshot({ jobs: [job({ state: 'failed' })] }), false],
    ['a step runs', withStep(snapshot(), 'data', { state: 'running' }), true]
  ])('%s', (_, given, expected) => {
    expect(isBusy(given)).toBe(expected);
  });
});

describe('mayRun', () => {
  const kinds = (...running: JobKind[]) =>
    snapshot({ jobs: running.map(kind => job({ id: kind, kind })) });
  it.each([
    ['nothing runs', snapshot(), true],
    ['data and packages are coming', kinds('prepare', 'data'), true],
    ['notebooks are patched', kinds('prepare', 'patches'), false],
    ['the materials are updated', kinds('update'), false],
    ['a step runs', withStep(snapshot(), 'data', { state: 'running' }), false]
  ])('%s', (_, given, expected) => {
    expect(mayRun(given)).toBe(expected);
  });
});

describe('shownJobs', () => {
  const shown = (...running: JobKind[]) =>
    shownJobs(
      snapshot({ jobs: running.map(kind => job({ id: kind, kind })) })
    ).map(each => each.kind);
  it.each<[string, JobKind[], JobKind[]]>([
    [
      'leaves the parts of getting ready to their rows',
      ['prepare', 'data', 'environment'],
      ['prepare']
    ],
    ['shows a part that runs alone', ['data'], ['data']],
    [
      'hides the look at the machine beside work',
      ['preflight', 'update'],
      ['update']
    ],
    ['shows the look at the machine alone', ['preflight'], ['preflight']]
  ])('%s', (_, running, expected) => {
    expect(shown(...running)).toEqual(expected);
  });
});

describe('fraction', () => {
  const training = makeTraining({
    step: null,
    steps: null,
    epoch: null,
    epochs: null,
    metrics: []
  });
  const four = [0, 1, 2, 3].map(index => ({ index, id: null }));
  it.each([
    ['nothing is known of one cell', {}, null],
    ['cells count', { cells: four, cells_done: 1 }, 0.25],
    ['steps count', { training: { ...training, step: 10, steps: 40 } }, 0.25],
    [
      'epochs count, the first is number 1',
      { training: { ...training, epoch: 2, epochs: 4 } },
      0.25
    ],
    [
      'steps within an epoch count',
      { training: { ...training, epoch: 2, epochs: 4, step: 5, steps: 10 } },
      0.375
    ],
    [
      'never more than all',
      { training: { ...training, step: 50, steps: 40 } },
      1
    ]
  ])('%s', (_, different, expected) => {
    expect(fraction(step('a', 'A', different))).toBe(expected);
  });
});

describe('timeLeft', () => {
  const training = makeTraining({
    step: 20,
    steps: 40,
    epoch: null,
    epochs: null,
    metrics: []
  });
  it('is what the definition expects at first', () => {
    expect(timeLeft(step('a', 'A', { expected: 60 }), 20)).toBe(40);
  });

  it('is unknown when it takes longer than expected', () => {
    expect(timeLeft(step('a', 'A', { expected: 60 }), 61)).toBeNull();
  });

  it('goes by the pace of the training once that is known', () => {
    expect(timeLeft(step('a', 'A', { expected: 60, training }), 100)).toBe(100);
  });

  it('is what the server measured, less what has passed since', () => {
    const measured = step('a', 'A', {
      elapsed: 100,
      training: { ...training, left: 30 }
    });
    expect(timeLeft(measured, 110)).toBe(20);
    expect(timeLeft(measured, 140)).toBeNull();
  });

  it('does not trust the pace of the first moments', () => {
    const early = { ...training, step: 1 };
    expect(
      timeLeft(step('a', 'A', { expected: 60, training: early }), 10)
    ).toBe(50);
  });
});

describe('steps', () => {
  it('adds up what is still to do', () => {
    const done = step('a', 'A', { state: 'done', expected: 100 });
    expect(expectedLeft([done, step('b', 'B'), step('c', 'C')])).toBe(60);
  });

  it('counts a cell among those of its step', () => {
    const cells = [7, 9].map(index => ({ index, id: null }));
    const given = step('a', 'A', { cells });
    expect(cellNumber(given, { index: 9, id: null })).toBe(2);
    expect(cellNumber(given, { index: 8, id: null })).toBeNull();
  });

  it('finds no step of another module', () => {
    expect(findStep(snapshot(), 'segment', 'data')).toBeNull();
  });
});
