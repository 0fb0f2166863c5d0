import type { StepView } from '../core/snapshot';
import { CommandIDs } from '../tokens';
import { parameter, snapshot, withStep } from './fixtures';
import { click, executed, host, one, row, show, update } from './harness';

const batch = parameter({
  id: 'batch',
  title: 'Batch size',
  value: 512,
  original: 512
});
const failed: Partial<StepView> = {
  state: 'failed',
  cells: [7, 8, 9].map(index => ({ index, id: null })),
  failed_cell: { index: 9, id: null },
  failure: {
    code: 'cell-failed',
    message: 'The GPU has no memory left.',
    hint: 'Take a smaller batch.',
    details: 'OutOfMemoryError'
  },
  remedies: [
    { action: 'parameters', values: { batch: 64 }, profile: '' },
    { action: 'restart', values: {}, profile: '' },
    { action: 'prepare', values: {}, profile: '' },
    { action: 'run', values: {}, profile: '' }
  ]
};
const stuck = { action: 'stuck', module: '', step: '' } as const;
const given = withStep(
  withStep(snapshot(), 'data', { state: 'done', parameters: [batch] }),
  'train',
  failed,
  { next: stuck }
);
const STEP = '[data-step="train"]';

describe('a failed step', () => {
  it('says in which cell, why, and what to do', async () => {
    await show(given);
    const text = row('classify', 'train').textContent;
    expect(text).toContain('The GPU has no memory left.');
    expect(text).toContain('Cell 3 of the step');
    expect(text).toContain('Take a smaller batch.');
  });

  it('has the way to the cell', async () => {
    await show(given);
    await click(`${STEP} [data-action="go-to-cell"]`);
    expect(executed).toEqual([
      [CommandIDs.openNotebook, { module: 'classify', cell: '9' }]
    ]);
  });

  it('has a button for each remedy, in order', async () => {
    await show(given);
    const buttons = [
      ...host.querySelectorAll<HTMLElement>(`${STEP} [data-action^="remedy"]`)
    ];
    expect(buttons.map(each => each.textContent)).toEqual([
      'Set Batch size: 64',
      'Restart kernel',
      'Get everything ready again',
      'Run step again'
    ]);
    for (const each of buttons) {
      await click(`${STEP} [data-action="${each.dataset.action!}"]`);
    }
    expect(executed).toEqual([
      [
        CommandIDs.setParameters,
        { module: 'classify', values: '{"batch":64}' }
      ],
      [CommandIDs.restartKernel, { module: 'classify' }],
      [CommandIDs.prepare, {}],
      [CommandIDs.runStep, { module: 'classify', step: 'train' }]
    ]);
  });

  it('says when the value of a remedy is set', async () => {
    await show(given);
    await update(
      withStep(given, 'data', { parameters: [{ ...batch, value: 64 }] })
    );
    expect(one(`${STEP} [data-remedy="set"]`).textContent).toBe(
      'DoneBatch size: 64'
    );
    expect(
      host.querySelector(`${STEP} [data-action="remedy-parameters"]`)
    ).toBeNull();
  });

  it('has a button for a profile, until it is in use', async () => {
    const remedies = [
      { action: 'profile', values: {}, profile: 'cut' }
    ] as const;
    const profile = {
      id: 'cut',
      title: 'No GPU',
      text: '',
      state: 'off',
      recommended: true
    } as const;
    const failing = withStep(given, 'train', { ...failed, remedies });
    await show({ ...failing, profiles: [profile] });
    await click(`${STEP} [data-action="remedy-profile"]`);
    expect(executed).toEqual([[CommandIDs.setProfile, { profile: 'cut' }]]);
    await update({ ...failing, profiles: [{ ...profile, state: 'on' }] });
    expect(one(`${STEP} [data-remedy="set"]`).textContent).toBe('DoneNo GPU');
  });

  it('offers to run again once, also without a remedy', async () => {
    await show(given);
    expect(host.querySelector(`${STEP} [data-action="run"]`)).toBeNull();
    await update(withStep(given, 'train', { remedies: [] }));
    await click(`${STEP} [data-action="run"]`);
    expect(executed).toEqual([
      [CommandIDs.runStep, { module: 'classify', step: 'train' }]
    ]);
  });
});

describe('what was checked', () => {
  const found = [
    { text: 'The file model.pt', holds: true, found: '28 MB' },
    { text: 'accuracy > 0.9', holds: false, found: '0.71' },
    { text: 'An image', holds: true, found: '' }
  ];
  const lines = () =>
    [...host.querySelectorAll('[data-part="check"] li')].map(
      each => each.textContent
    );

  it('is told item by item, what does not hold first', async () => {
    await show(withStep(given, 'train', { found }));
    expect(lines()).toEqual([
      'Does not holdaccuracy > 0.9Found: 0.71',
      'HoldsThe file model.ptFound: 28 MB',
      'HoldsAn image'
    ]);
  });

  it('is told when the row of a done step is opened', async () => {
    await show(
      withStep(snapshot(), 'train', { state: 'done', found: found.slice(0, 1) })
    );
    expect(lines()).toEqual([]);
    await click(`${STEP} > button`);
    expect(lines()).toEqual(['HoldsThe file model.ptFound: 28 MB']);
  });
});
