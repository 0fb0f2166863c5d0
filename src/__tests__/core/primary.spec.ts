import { primary } from '../../core/primary';
import type { Snapshot } from '../../core/snapshot';
import { job, parts, snapshot, withStep } from '../fixtures';

describe('primary', () => {
  const failedPart = parts('done').map(part => ({
    ...part,
    state: part.name === 'environment' ? ('failed' as const) : part.state
  }));
  const cases: [string, Snapshot, object][] = [
    [
      'prepare',
      snapshot({
        preparation: parts('ready'),
        next: { action: 'prepare', module: '', step: '' }
      }),
      { kind: 'prepare', again: false }
    ],
    [
      'prepare after a failure',
      snapshot({
        preparation: failedPart,
        next: { action: 'prepare', module: '', step: '' }
      }),
      { kind: 'prepare', again: true }
    ],
    [
      'stuck in the preparation',
      snapshot({
        preparation: failedPart,
        next: { action: 'stuck', module: '', step: '' }
      }),
      { kind: 'prepare', again: true }
    ],
    ['run', snapshot(), { kind: 'run', again: false }],
    [
      'run a failed step',
      withStep(snapshot(), 'data', { state: 'failed' }),
      { kind: 'run', again: true }
    ],
    [
      'stuck at a failed step',
      withStep(
        snapshot(),
        'train',
        { state: 'failed' },
        {
          next: { action: 'stuck', module: '', step: '' }
        }
      ),
      { kind: 'run', again: true }
    ],
    [
      'a notebook that is gone',
      snapshot({
        modules: snapshot().modules.map(each => ({
          ...each,
          absent: each.id === 'segment'
        })),
        next: { action: 'stuck', module: '', step: '' }
      }),
      { kind: 'bring-back', module: { id: 'segment' } }
    ],
    [
      'wait',
      snapshot({ next: { action: 'wait', module: '', step: '' } }),
      { kind: 'wait' }
    ],
    [
      'finished',
      snapshot({ next: { action: 'finished', module: '', step: '' } }),
      { kind: 'finished' }
    ]
  ];
  it.each(cases)('%s', (_, given, expected) => {
    expect(primary(given, false)).toMatchObject(expected);
  });

  it('runs the step that is next', () => {
    const offer = primary(snapshot(), false);
    expect(offer.kind === 'run' && offer.place.step.id).toBe('data');
  });

  it('offers the step that can be run while data is still coming', () => {
    const coming = snapshot({
      jobs: [
        job({ kind: 'prepare' }),
        job({ id: 'job-2', kind: 'data', fraction: 0.1 })
      ]
    });
    expect(primary(coming, false)).toMatchObject({ kind: 'run' });
  });

  it('waits while something asked for is on its way', () => {
    expect(primary(snapshot(), true)).toEqual({ kind: 'wait' });
  });
});
