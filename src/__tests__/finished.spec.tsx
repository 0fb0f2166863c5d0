import { CommandIDs } from '../tokens';
import { snapshot, training, withStep } from './fixtures';
import { click, executed, host, one, show, update } from './harness';

const finished = withStep(
  snapshot(),
  'train',
  {
    state: 'done',
    training: training({
      metrics: [{ name: 'auc', title: 'AUC', value: 0.99991, digits: 4 }]
    })
  },
  { next: { action: 'finished', module: '', step: '' } }
);

describe('the end', () => {
  it('tells what each module has reached', async () => {
    await show(finished);
    expect(one('[data-result="classify"]').textContent).toBe(
      'ClassifyAUC 0.9999'
    );
    expect(host.querySelector('[data-result="segment"]')).toBeNull();
  });

  it('is not told before', async () => {
    await show(snapshot());
    expect(host.querySelector('[data-result]')).toBeNull();
    expect(host.querySelector('[data-action="report"]')).toBeNull();
  });

  it('has a report written, without the source of cells', async () => {
    await show(finished);
    expect(host.querySelector('[data-action="open-report"]')).toBeNull();
    await click('[data-action="report"]');
    expect(executed).toEqual([[CommandIDs.writeReport, {}]]);
  });

  it('has the source of cells in the report when asked', async () => {
    await show(finished);
    await click('[data-action="source"]');
    await click('[data-action="report"]');
    expect(executed).toEqual([[CommandIDs.writeReport, { source: true }]]);
  });

  it('opens the report once it is there', async () => {
    await show(finished);
    await update({
      ...finished,
      number: 30,
      report: { path: 'first light/report.html', when: '2026-11-24T10:00:00Z' }
    });
    await click('[data-action="open-report"]');
    expect(executed).toEqual([[CommandIDs.openFile, { path: 'report.html' }]]);
    expect(one('[data-action="report"]').textContent).toBe('Write it again');
  });
});
