import { failedChange, isSettled, mayHaveWritten } from '../../core/materials';
import type { JobStatus, Snapshot } from '../../core/snapshot';
import { job, snapshot, update } from '../fixtures';

const failure = { code: 'x', message: 'No.', hint: '', details: '' };

function jobs(...some: Partial<JobStatus>[]): Snapshot {
  return snapshot({ jobs: some.map(each => job(each)) });
}

function updated(when: string): Snapshot {
  return snapshot({ materials: { outdated: false, update: update({ when }) } });
}

describe('isSettled', () => {
  it.each([
    ['nothing runs', snapshot(), true],
    ['data is coming', jobs({ kind: 'data' }), true],
    ['an update runs', jobs({ kind: 'update' }), false],
    ['an update ended', jobs({ kind: 'update', state: 'failed' }), true],
    ['notebooks are patched', jobs({ kind: 'patches' }), false]
  ])('%s', (_, given, expected) => {
    expect(isSettled(given)).toBe(expected);
  });
});

describe('mayHaveWritten', () => {
  it.each<[string, Snapshot, Snapshot, boolean]>([
    ['nothing happened', snapshot(), snapshot(), false],
    [
      'an update runs',
      jobs({ kind: 'update' }),
      jobs({ kind: 'update' }),
      false
    ],
    [
      'an update ended',
      jobs({ kind: 'update' }),
      jobs({ kind: 'update', state: 'succeeded' }),
      true
    ],
    [
      'an update failed half way',
      jobs({ kind: 'update' }),
      jobs({ kind: 'update', state: 'failed' }),
      true
    ],
    [
      'an undo was too quick to be seen running',
      snapshot(),
      jobs({ kind: 'undo', state: 'succeeded' }),
      true
    ],
    [
      'a fresh notebook was made long ago',
      jobs({ kind: 'start_again', state: 'succeeded' }),
      jobs({ kind: 'start_again', state: 'succeeded' }),
      false
    ],
    ['the server died in mid-update', jobs({ kind: 'update' }), jobs(), true],
    ['patches were applied', jobs({ kind: 'prepare' }), jobs(), true],
    [
      'only data came',
      jobs({ kind: 'data' }),
      jobs({ kind: 'data', state: 'succeeded' }),
      false
    ],
    [
      'another program updated',
      updated('2026-11-01T10:00:00Z'),
      updated('2026-11-02T10:00:00Z'),
      true
    ],
    [
      'another program undid an update',
      updated('2026-11-01T10:00:00Z'),
      snapshot(),
      true
    ]
  ])('%s', (_, before, after, expected) => {
    expect(mayHaveWritten(before, after)).toBe(expected);
  });
});

describe('failedChange', () => {
  const failed = (more: Partial<JobStatus> = {}) => ({
    state: 'failed' as const,
    failure,
    finished: '2026-11-01T10:00:00Z',
    ...more
  });
  it.each<[string, Snapshot, string | undefined]>([
    ['nothing failed', snapshot(), undefined],
    ['an update failed', jobs(failed({ kind: 'update' })), 'update'],
    ['other work failed', jobs(failed({ kind: 'data' })), undefined],
    [
      'it is tried again',
      jobs(failed({ kind: 'update' }), { kind: 'undo' }),
      undefined
    ],
    [
      'something later went well',
      jobs(failed({ kind: 'update' }), {
        kind: 'start_again',
        state: 'succeeded',
        finished: '2026-11-01T11:00:00Z'
      }),
      undefined
    ],
    [
      'something later failed too',
      jobs(
        failed({ kind: 'update' }),
        failed({ kind: 'undo', finished: '2026-11-01T11:00:00Z' })
      ),
      'undo'
    ],
    [
      'it was stopped',
      jobs(failed({ kind: 'update', state: 'cancelled' })),
      undefined
    ]
  ])('%s', (_, given, expected) => {
    expect(failedChange(given)?.kind).toBe(expected);
  });
});
