import { CommandIDs } from '../tokens';
import { job, parts, snapshot, withStep } from './fixtures';
import { click, executed, host, one, row, show } from './harness';

const waits = [
  {
    part: 'data',
    data: 'mednist',
    message: 'MedNIST: 30 of 100 MB are there.',
    fraction: 0.3
  },
  {
    part: 'environment',
    data: '',
    message: 'The kernel is not made yet.',
    fraction: null
  }
] as const;
const waiting = withStep(snapshot(), 'install', { waits_for: waits });

describe('a blocked step', () => {
  it('says what it waits for without being opened', async () => {
    await show(waiting);
    expect(row('segment', 'install').textContent).toContain(
      'Waits for: Data and Kernel for the notebooks'
    );
  });

  it('says how much of it is there when it is opened', async () => {
    await show(waiting);
    await click('[data-step="install"] > button');
    const entries = '[data-step="install"] .jp-MonaiWorkshop-waits';
    expect(one(entries).textContent).toBe(
      'MedNIST: 30 of 100 MB are there.The kernel is not made yet.'
    );
    const bar = one(`${entries} [role="progressbar"]`);
    expect(bar.getAttribute('aria-label')).toBe('mednist');
    expect(bar.getAttribute('aria-valuenow')).toBe('30');
  });

  it('does not say the same twice', async () => {
    const [first] = waits;
    await show(
      withStep(snapshot(), 'install', {
        waits_for: [first],
        reason: first.message
      })
    );
    await click('[data-step="install"] > button');
    const text = row('segment', 'install').textContent ?? '';
    expect(text.split(first.message)).toHaveLength(2);
  });

  it('has no such note while nothing is on its way', async () => {
    await show(
      withStep(snapshot(), 'install', {
        waits_for: [{ ...waits[0], fraction: null }]
      })
    );
    expect(row('segment', 'install').textContent).not.toContain('Waits for');
  });
});

describe('parts that come side by side', () => {
  const coming = snapshot({
    preparation: parts('running').map((part, index) => ({
      ...part,
      fraction: index === 2 ? null : 0.25 * (index + 1)
    })),
    jobs: [
      job({ id: 'all', kind: 'prepare' }),
      job({ id: 'git', kind: 'materials', fraction: 0.25 })
    ]
  });

  it('show each how far they are', async () => {
    await show(coming);
    const amounts = ['materials', 'patches', 'environment'].map(part =>
      one(`[data-step="${part}"] [role="progressbar"]`).getAttribute(
        'aria-valuenow'
      )
    );
    expect(amounts).toEqual(['25', '50', null]);
  });

  it('can be stopped alone or together', async () => {
    await show(coming);
    await click('[data-step="materials"] [data-action="cancel"]');
    await click('[data-job="prepare"] [data-action="cancel"]');
    expect(executed).toEqual([
      [CommandIDs.cancel, { job: 'git' }],
      [CommandIDs.cancel, { job: 'all' }]
    ]);
  });

  it('do not hold up a step that can be run', async () => {
    await show(
      snapshot({
        jobs: [
          job({ id: 'all', kind: 'prepare' }),
          job({ id: 'data', kind: 'data' })
        ]
      })
    );
    expect(one('[data-action="next"]').textContent).toBe('Run: Make the data');
    await click('[data-step="data"] [data-action="run"]');
    expect(executed).toEqual([
      [CommandIDs.runStep, { module: 'classify', step: 'data' }]
    ]);
    expect(host.querySelectorAll('[data-job]')).toHaveLength(1);
  });
});
