import { announcements } from '../../core/announce';
import { job, snapshot, withStep } from '../fixtures';

describe('announcements', () => {
  const before = snapshot();
  it.each([
    ['nothing at first', null, before, []],
    ['nothing for another workshop', snapshot({ id: 'x' }), before, []],
    [
      'nothing for progress',
      snapshot({ jobs: [job({ fraction: 0.1 })] }),
      snapshot({ jobs: [job({ fraction: 0.2 })] }),
      []
    ],
    [
      'a step that is done',
      before,
      withStep(before, 'data', { state: 'done' }),
      [{ kind: 'step-done', title: 'Make the data' }]
    ],
    [
      'a job that failed',
      snapshot({ jobs: [job()] }),
      snapshot({ jobs: [job({ state: 'failed' })] }),
      [{ kind: 'job-failed', job: 'prepare' }]
    ],
    [
      'a newer version of the materials',
      before,
      snapshot({ materials: { outdated: true, update: null } }),
      [{ kind: 'outdated' }]
    ],
    [
      'nothing of a newer version that was told before',
      snapshot({ materials: { outdated: true, update: null } }),
      snapshot({ materials: { outdated: true, update: null } }),
      []
    ],
    [
      'the end',
      before,
      snapshot({ next: { action: 'finished', module: '', step: '' } }),
      [{ kind: 'finished' }]
    ]
  ])('%s', (_, from, to, expected) => {
    expect(announcements(from, to)).toEqual(expected);
  });
});
