import type { MaterialsView, Snapshot } from '../core/snapshot';
import { CommandIDs } from '../tokens';
import { job, snapshot, update as updateView, withStep } from './fixtures';
import {
  NOT_PREPARED,
  click,
  executed,
  host,
  one,
  row,
  show,
  update
} from './harness';

const OFFER = '[data-notice="outdated"]';
const REPORT = '[data-notice="updated"]';

function materials(
  outdated: boolean,
  last: MaterialsView['update'] = null
): Snapshot {
  return snapshot({ materials: { outdated, update: last } });
}

describe('a newer version of the materials', () => {
  it('is not spoken of while there is none', async () => {
    await show(snapshot());
    expect(host.querySelector(OFFER)).toBeNull();
    expect(row('prepare', 'materials').textContent).not.toContain('newer');
  });

  it('is offered near the top and in its row, beside the step that is next', async () => {
    await show(materials(true));
    expect(one(OFFER).textContent).toContain(
      'A newer version of the materials is there'
    );
    expect(one(OFFER).textContent).toContain('Your changes stay');
    expect(row('prepare', 'materials').textContent).toContain(
      'A newer version is there'
    );
    expect(one('[data-action="next"]').textContent).toBe('Run: Make the data');
  });

  it('is brought by one press', async () => {
    await show(materials(true));
    await click(`${OFFER} [data-action="update"]`);
    expect(executed).toEqual([[CommandIDs.update, { restoreDeleted: false }]]);
  });

  it('brings back deleted files where that is wanted', async () => {
    await show(materials(true));
    await click(`${OFFER} .jp-MonaiWorkshop-disclosure button`);
    await click(`${OFFER} [data-action="restore-deleted"]`);
    await click(`${OFFER} [data-action="update"]`);
    expect(executed).toEqual([[CommandIDs.update, { restoreDeleted: true }]]);
  });

  it('can wait: the row keeps the offer', async () => {
    await show(materials(true));
    await click(`${OFFER} [data-action="later"]`);
    expect(host.querySelector(OFFER)).toBeNull();
    await click('[data-step="materials"] > button');
    await click('[data-step="materials"] [data-action="update"]');
    expect(executed).toEqual([[CommandIDs.update, { restoreDeleted: false }]]);
  });

  it('is not brought while a step runs', async () => {
    await show(withStep(materials(true), 'data', { state: 'running' }));
    await click(`${OFFER} [data-action="update"]`);
    expect(executed).toEqual([]);
  });

  it('gives way to the update that runs', async () => {
    await show({ ...materials(true), jobs: [job({ kind: 'update' })] });
    expect(host.querySelector(OFFER)).toBeNull();
    expect(one('[data-job="update"]').textContent).toContain(
      'Updating the materials'
    );
  });

  it('leaves the keyboard at the primary button when its own is gone', async () => {
    await show(materials(true));
    one(`${OFFER} [data-action="update"]`).focus();
    await update({
      ...materials(true),
      number: 8,
      jobs: [job({ kind: 'update' })]
    });
    expect(document.activeElement).toBe(one('[data-action="next"]'));
  });
});

describe('an update that was made', () => {
  const did = updateView({
    followed: 2,
    merged: ['lessons/classify.ipynb'],
    beside: ['scripts/train (new).py'],
    deleted: ['old.txt']
  });

  it('tells what it did to who watched it', async () => {
    await show(materials(true));
    await update({ ...materials(false, did), number: 8 });
    const text = one(REPORT).textContent;
    expect(text).toContain('2 files follow the new version.');
    expect(text).toContain('lessons/classify.ipynb');
    expect(text).toContain('1 new version lies beside your file');
    expect(text).toContain('1 file stays deleted');
    await click(`${REPORT} [data-action="close"]`);
    expect(host.querySelector(REPORT)).toBeNull();
  });

  it('is told in its row only to who comes later', async () => {
    await show(materials(false, did));
    expect(host.querySelector(REPORT)).toBeNull();
    await click('[data-step="materials"] > button');
    await click('[data-step="materials"] .jp-MonaiWorkshop-disclosure button');
    expect(row('prepare', 'materials').textContent).toContain(
      '2 files follow the new version.'
    );
  });

  it('opens the versions that lie beside', async () => {
    await show(materials(true));
    await update({ ...materials(false, did), number: 8 });
    await click(`${REPORT} [data-action="open-file"]`);
    expect(executed).toEqual([
      [CommandIDs.openFile, { path: 'scripts/train (new).py' }]
    ]);
  });

  it('can be taken back', async () => {
    await show(materials(true));
    await update({ ...materials(false, did), number: 8 });
    await click(`${REPORT} [data-action="undo"]`);
    expect(executed).toEqual([[CommandIDs.undoUpdate, {}]]);
  });

  it('offers no way back where there is none', async () => {
    await show(materials(true));
    const final = { ...did, can_undo: false };
    await update({ ...materials(false, final), number: 8 });
    expect(one(REPORT).querySelector('[data-action="undo"]')).toBeNull();
  });

  it('says so when nothing had to change', async () => {
    await show(materials(true));
    await update({ ...materials(false, updateView()), number: 8 });
    expect(one(REPORT).textContent).toContain('No file had to change.');
  });

  it('tells why it failed until that is put away', async () => {
    const failure = {
      code: 'disk_full',
      message: 'The disk is full.',
      hint: 'Make room.',
      details: ''
    };
    await show({
      ...materials(true),
      jobs: [job({ kind: 'update', state: 'failed', failure })]
    });
    expect(host.textContent).toContain('The disk is full.');
    expect(host.querySelector('[data-action="token"]')).toBeNull();
    await click('[data-action="dismiss"]');
    expect(host.textContent).not.toContain('The disk is full.');
    expect(host.querySelector(OFFER)).not.toBeNull();
  });
});

describe('a module', () => {
  const BUTTON = '[data-action="start-again"][data-module="classify"]';
  const MORE = '[data-action="more"][data-module="classify"]';

  it('can begin anew', async () => {
    await show(snapshot());
    await click(MORE);
    await click(BUTTON);
    expect(executed).toEqual([[CommandIDs.startAgain, { module: 'classify' }]]);
  });

  it('can begin anew while its step runs or data is coming', async () => {
    const busy = withStep(snapshot(), 'data', { state: 'running' });
    await show({ ...busy, jobs: [job({ kind: 'data' })] });
    await click(MORE);
    await click(BUTTON);
    expect(executed).toEqual([[CommandIDs.startAgain, { module: 'classify' }]]);
  });

  it('cannot begin anew while notebooks are written', async () => {
    await show(snapshot({ jobs: [job({ kind: 'update' })] }));
    await click(MORE);
    await click(BUTTON);
    expect(executed).toEqual([]);
  });

  it('has nothing to begin anew before it is there', async () => {
    await show(NOT_PREPARED);
    expect(host.querySelector(MORE)).toBeNull();
  });

  it('offers to bring back a notebook that is gone', async () => {
    const [first, ...others] = snapshot().modules;
    await show(snapshot({ modules: [{ ...first!, absent: true }, ...others] }));
    await click('[data-action="open"][data-module="classify"]');
    expect(executed).toEqual([]);
    await click('[data-action="bring-back"]');
    expect(executed).toEqual([[CommandIDs.startAgain, { module: 'classify' }]]);
    expect(host.querySelector(MORE)).toBeNull();
  });
});
