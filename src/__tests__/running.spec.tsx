import { CommandIDs } from '../tokens';
import {
  snapshot,
  training as makeTraining,
  withModule,
  withStep
} from './fixtures';
import { click, executed, host, one, row, show, update } from './harness';

const wait = { action: 'wait', module: 'classify', step: 'train' } as const;
const running = withModule(
  withStep(
    snapshot(),
    'train',
    {
      state: 'running',
      elapsed: 30,
      training: makeTraining({
        step: 5,
        steps: 10,
        epoch: 2,
        epochs: 4,
        pace: 1.87,
        left: 95
      })
    },
    { next: wait }
  ),
  'classify',
  { kernel: 'busy', cell: 12, cells: 20 }
);
const TOP = '.jp-MonaiWorkshop-top';

describe('a running step', () => {
  it('says cell, epoch, step and pace, how long it runs and how long still', async () => {
    await show(running);
    const text = row('classify', 'train').textContent;
    expect(text).toContain(
      'Cell 12 of 20 · Epoch 2/4 · Step 5/10 · 1.9 steps/sec'
    );
    expect(text).toContain('30 sec so far');
    expect(text).toContain('about 1.5 min left');
  });

  it('says a slow pace as seconds a step', async () => {
    await show(
      withStep(running, 'train', { training: makeTraining({ pace: 0.4 }) })
    );
    expect(row('classify', 'train').textContent).toContain('2.5 sec/step');
  });

  it('says no pace and no time that nobody knows', async () => {
    await show(
      withStep(running, 'train', {
        elapsed: 100,
        expected: 60,
        training: makeTraining({ step: 3 })
      })
    );
    const text = row('classify', 'train').textContent;
    expect(text).toContain('Cell 12 of 20 · Step 3');
    expect(text).not.toContain('left');
    expect(text).not.toContain('/sec');
  });

  it('can be stopped in its row', async () => {
    await show(running);
    await click('[data-step="train"] [data-action="stop"]');
    expect(executed).toEqual([[CommandIDs.stopStep, { module: 'classify' }]]);
  });

  it('is told in the primary place, with its stop beside', async () => {
    await show(running);
    expect(one('[data-action="next"]').textContent).toBe(
      'Running:Train the network'
    );
    expect(one('[data-action="next"]').getAttribute('aria-disabled')).toBe(
      'true'
    );
    expect(one(`${TOP} .jp-MonaiWorkshop-primary p`).textContent).toBe(
      '38% · about 1.5 min left'
    );
    await click(`${TOP} [data-action="stop"]`);
    expect(executed).toEqual([[CommandIDs.stopStep, { module: 'classify' }]]);
  });

  it('has no stop when nothing runs', async () => {
    await show(snapshot());
    expect(host.querySelector('[data-action="stop"]')).toBeNull();
  });

  it('says until when the space is kept awake', async () => {
    await show({ ...running, awake: { until: '2026-11-24T14:30:00Z' } });
    expect(one('[data-part="awake"]').textContent).toMatch(
      /^This space is kept awake while the cell runs, until \d+:\d\d.* at the latest\.$/
    );
    await update({ ...running, number: 50, awake: null });
    expect(host.querySelector('[data-part="awake"]')).toBeNull();
  });
});

describe('a kernel', () => {
  it('that was asked to stop cannot be asked again, but be restarted', async () => {
    await show(withModule(running, 'classify', { kernel: 'interrupting' }));
    const stop = one('[data-step="train"] [data-action="stop"]');
    expect(stop.textContent).toBe('Stopping…');
    expect(stop.getAttribute('aria-disabled')).toBe('true');
    stop.click();
    expect(executed).toEqual([]);
    await click('[data-notice="kernel-interrupting"] [data-action="restart"]');
    expect(executed).toEqual([
      [CommandIDs.restartKernel, { module: 'classify' }]
    ]);
  });

  it('that is not heard is told once, at the running step', async () => {
    await show(withModule(running, 'classify', { kernel: 'unheard' }));
    expect(one('[data-notice="kernel-unheard"]').closest('li')).toBe(
      row('classify', 'train')
    );
    expect(one('[data-notice="kernel-unheard"]').textContent).toContain(
      'No contact with the kernel'
    );
  });

  it('that died is told at its module, with the way on', async () => {
    await show(withModule(snapshot(), 'classify', { kernel: 'dead' }));
    expect(one('[data-notice="kernel-dead"]').textContent).toContain(
      'The kernel died'
    );
    await click('[data-notice="kernel-dead"] [data-action="restart"]');
    expect(executed).toEqual([
      [CommandIDs.restartKernel, { module: 'classify' }]
    ]);
  });

  it.each(['none', 'idle', 'busy'] as const)(
    'that is %s needs no words',
    async kernel => {
      await show(withModule(snapshot(), 'classify', { kernel }));
      expect(host.querySelector('[data-notice^="kernel"]')).toBeNull();
    }
  );
});

describe('a module', () => {
  const button = (action: string) =>
    `[data-action="${action}"][data-module="classify"]`;

  it('can be run as a whole', async () => {
    await show(snapshot());
    await click(button('run-module'));
    expect(executed).toEqual([[CommandIDs.runModule, { module: 'classify' }]]);
  });

  it('is not run while one of its steps runs', async () => {
    await show(running);
    await click(button('run-module'));
    expect(executed).toEqual([]);
  });

  it('is not run when all its steps are blocked', async () => {
    await show(snapshot());
    await click('[data-action="run-module"][data-module="segment"]');
    expect(executed).toEqual([]);
  });

  it('has nothing to run when it is done', async () => {
    const done = withStep(snapshot(), 'data', { state: 'done' });
    await show(withStep(done, 'train', { state: 'done' }));
    expect(host.querySelector(button('run-module'))).toBeNull();
  });

  it('has its kernel restarted, where it has one', async () => {
    await show(snapshot());
    await click(button('more'));
    await click(button('restart'));
    expect(executed).toEqual([]);
    await update(withModule(snapshot(), 'classify', { session: true }));
    await click(button('restart'));
    expect(executed).toEqual([
      [CommandIDs.restartKernel, { module: 'classify' }]
    ]);
    expect(one(button('more')).getAttribute('aria-expanded')).toBe('true');
  });
});
