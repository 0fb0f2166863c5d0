import { announcements } from '../../core/announce';
import {
  curve,
  job,
  snapshot,
  training,
  withModule,
  withStep
} from '../fixtures';

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
      'a step that begins',
      before,
      withStep(before, 'data', { state: 'running' }),
      [{ kind: 'step-running', title: 'Make the data' }]
    ],
    [
      'a step that failed',
      withStep(before, 'data', { state: 'running' }),
      withStep(before, 'data', { state: 'failed' }),
      [{ kind: 'step-failed', title: 'Make the data' }]
    ],
    [
      'a step that was stopped',
      withStep(before, 'data', { state: 'running' }),
      withStep(before, 'data', { state: 'ready' }),
      [{ kind: 'step-stopped', title: 'Make the data' }]
    ],
    [
      'nothing of the lines that a training prints',
      withStep(before, 'train', {
        state: 'running',
        training: training({ step: 1, curves: [curve([2])] })
      }),
      withStep(before, 'train', {
        state: 'running',
        training: training({ step: 2, curves: [curve([2, 1])] })
      }),
      []
    ],
    [
      'a kernel that died',
      withModule(before, 'classify', { kernel: 'busy' }),
      withModule(before, 'classify', { kernel: 'dead' }),
      [{ kind: 'kernel-dead', title: 'Classify' }]
    ],
    [
      'a kernel that is no longer heard',
      withModule(before, 'classify', { kernel: 'busy' }),
      withModule(before, 'classify', { kernel: 'unheard' }),
      [{ kind: 'kernel-unheard', title: 'Classify' }]
    ],
    [
      'nothing of a kernel that was dead before',
      withModule(before, 'classify', { kernel: 'dead' }),
      withModule(before, 'classify', { kernel: 'dead' }),
      []
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
