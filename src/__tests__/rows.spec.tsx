import { CommandIDs } from '../tokens';
import {
  parts,
  snapshot,
  training as makeTraining,
  withStep
} from './fixtures';
import {
  NOT_PREPARED,
  click,
  executed,
  host,
  one,
  open,
  row,
  show,
  update
} from './harness';
import { Server } from './server';

describe('rows', () => {
  it('has one for each part and each step, with its state', async () => {
    await show(snapshot());
    const rows = [...host.querySelectorAll<HTMLElement>('li[data-step]')];
    expect(
      rows.map(({ dataset }) =>
        [dataset.module, dataset.step, dataset.state].join(' ')
      )
    ).toEqual([
      'prepare materials done',
      'prepare patches done',
      'prepare environment done',
      'classify data ready',
      'classify train ready',
      'segment install blocked'
    ]);
  });

  it('says the state in words too', async () => {
    await show(snapshot());
    expect(row('segment', 'install').textContent).toContain('Not yet possible');
  });

  it('has only the next step open', async () => {
    await show(snapshot());
    const open = [...host.querySelectorAll('li [aria-expanded="true"]')];
    expect(open.map(each => each.closest('li')?.dataset.step)).toEqual([
      'data'
    ]);
    expect(row('classify', 'data').textContent).toContain(
      'What **Make the data** does.'
    );
  });

  it('opens the following step when the first is done', async () => {
    await show(snapshot());
    await update(
      withStep(
        snapshot(),
        'data',
        { state: 'done', elapsed: 4 },
        {
          next: { action: 'run', module: 'classify', step: 'train' }
        }
      )
    );
    const open = [...host.querySelectorAll('li [aria-expanded="true"]')];
    expect(open.map(each => each.closest('li')?.dataset.step)).toEqual([
      'train'
    ]);
    expect(row('classify', 'data').textContent).toContain('4 sec');
  });

  it('tells why a step is blocked when it is opened', async () => {
    await show(snapshot());
    await click('[data-step="install"] > button');
    expect(row('segment', 'install').textContent).toContain('Later.');
    expect(row('segment', 'install').querySelector('[data-action]')).toBeNull();
  });

  it('runs a step by its own button', async () => {
    await show(snapshot());
    await click('[data-step="data"] [data-action="run"]');
    expect(executed).toEqual([
      [CommandIDs.runStep, { module: 'classify', step: 'data' }]
    ]);
  });

  it('opens a notebook', async () => {
    await show(snapshot());
    await click('[data-action="open"][data-module="segment"]');
    expect(executed).toEqual([
      [CommandIDs.openNotebook, { module: 'segment' }]
    ]);
  });

  it('does not open a notebook that is not there', async () => {
    await show(NOT_PREPARED);
    await click('[data-action="open"][data-module="segment"]');
    expect(executed).toEqual([]);
  });
});

describe('a training', () => {
  const training = makeTraining({
    step: 5,
    steps: 10,
    epoch: 2,
    epochs: 4,
    metrics: [
      { name: 'loss', title: 'Loss', value: 0.51234, digits: 3 },
      { name: 'accuracy', title: 'Accuracy', value: 0.98333, digits: 4 }
    ]
  });
  const cells = [0, 1, 2].map(index => ({ index, id: null }));

  it('shows where it is and how good', async () => {
    await show(
      withStep(snapshot(), 'train', {
        state: 'running',
        elapsed: 30,
        cells,
        cells_done: 1,
        training
      })
    );
    const text = row('classify', 'train').textContent;
    expect(text).toContain('Cell 2 of 3 · Epoch 2/4 · Step 5/10');
    expect(text).toContain('Loss 0.512');
    expect(text).toContain('about 50 sec left');
    const bar = one('[data-step="train"] [role="progressbar"]');
    expect(bar.getAttribute('aria-valuenow')).toBe('38');
  });

  it('keeps its last values when it is done', async () => {
    await show(withStep(snapshot(), 'train', { state: 'done', training }));
    expect(row('classify', 'train').textContent).toContain('Accuracy 0.9833');
  });
});

describe('failures', () => {
  const failure = {
    code: 'cell_failed',
    message: 'A cell failed.',
    hint: 'Look at it.',
    details: 'ValueError'
  };

  it('are told at the step, with something to copy', async () => {
    const write = jest.fn().mockResolvedValue(undefined);
    Object.assign(navigator, { clipboard: { writeText: write } });
    await show(
      withStep(snapshot(), 'data', { state: 'failed', failure, reason: 'No.' })
    );
    expect(row('classify', 'data').textContent).toContain('A cell failed.');
    expect(row('classify', 'data').textContent).toContain('Look at it.');
    await click('[data-step="data"] [data-action="copy"]');
    expect(write).toHaveBeenCalledWith(
      'A cell failed.\n\nLook at it.\n\nValueError\n\n(cell_failed)'
    );
  });

  it('of a part are open at once', async () => {
    await show(
      snapshot({
        preparation: parts('done').map(part =>
          part.name === 'materials'
            ? { ...part, state: 'failed', failure }
            : part
        )
      })
    );
    expect(row('prepare', 'materials').textContent).toContain('Look at it.');
  });

  it('of the server are a message and a hint, no exception', async () => {
    const nobody = new Server();
    nobody.answers.clear();
    await open(nobody);
    expect(host.textContent).toContain(
      'The server part of the workshop does not answer.'
    );
    expect(host.textContent).toContain('jupyter server extension list');
  });
});
