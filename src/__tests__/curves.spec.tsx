import { act } from 'react';
import { curve, snapshot, training, withStep } from './fixtures';
import { click, host, one, row, show, update } from './harness';

/** What the stand-in for a canvas remembers. */
interface IDrawing {
  readonly strokes: string[];
  readonly texts: string[];
}

const width = jest.spyOn(HTMLElement.prototype, 'clientWidth', 'get');
beforeEach(() => width.mockReturnValue(180));
afterAll(() => width.mockRestore());

const trained = training({
  step: 3,
  steps: 10,
  epoch: 1,
  epochs: 2,
  curves: [
    curve([1.7, 1.2, 0.512]),
    curve([0.9, 0.95], {
      name: 'auc',
      title: 'AUC',
      better: 'higher',
      by: 'epoch',
      digits: 2
    })
  ]
});
const running = withStep(snapshot(), 'train', {
  state: 'running',
  elapsed: 5,
  training: trained
});

function drawing(name: string): IDrawing {
  const canvas = one<HTMLCanvasElement>(`[data-curve="${name}"] canvas`);
  return canvas.getContext('2d') as unknown as IDrawing;
}

describe('curves', () => {
  it('are drawn for each metric while the training runs', async () => {
    await show(running);
    expect(one('[data-curve="loss"] figcaption').textContent).toBe('Loss0.512');
    expect(one('[data-curve="auc"] figcaption').textContent).toBe('AUC0.95');
    expect(host.querySelectorAll('canvas')).toHaveLength(2);
    expect(drawing('loss').texts).toEqual(['0.5', '1.0', '1.5', '2.0']);
  });

  it('are told in words', async () => {
    await show(running);
    const label = (name: string) =>
      one(`[data-curve="${name}"] [role="img"]`).getAttribute('aria-label');
    expect(label('loss')).toBe(
      'Loss by step: 0.512 after step 3, falling from 1.700.'
    );
    expect(label('auc')).toBe(
      'AUC by epoch: 0.95 after epoch 2, rising from 0.90.'
    );
  });

  it('have room for what is to come', async () => {
    await show(running);
    expect(one('[data-curve="loss"] .jp-MonaiWorkshop-axis').textContent).toBe(
      'Step 120'
    );
    await update(withStep(running, 'train', { state: 'done' }, { number: 20 }));
    await click('[data-step="train"] > button');
    expect(one('[data-curve="loss"] .jp-MonaiWorkshop-axis').textContent).toBe(
      'Step 13'
    );
  });

  it('grow with the training', async () => {
    await show(running);
    const canvas = one('[data-curve="loss"] canvas');
    const longer = { ...trained, curves: [curve([1.7, 1.2, 0.512, 9.5])] };
    await update(withStep(running, 'train', { training: longer }));
    expect(one('[data-curve="loss"] canvas')).toBe(canvas);
    expect(drawing('loss').texts.slice(-3)).toEqual(['0', '5', '10']);
    expect(one('[data-curve="loss"] strong').textContent).toBe('9.500');
  });

  it('stay after the end, and are there after a reload', async () => {
    await show(
      withStep(snapshot(), 'train', { state: 'done', training: trained })
    );
    expect(host.querySelector('canvas')).toBeNull();
    await click('[data-step="train"] > button');
    expect(host.querySelectorAll('canvas')).toHaveLength(2);
  });

  it('are not drawn in a closed row', async () => {
    await show(running);
    await click('[data-step="train"] > button');
    expect(host.querySelector('canvas')).toBeNull();
    expect(row('classify', 'train').textContent).not.toContain('0.512');
  });

  it('are not drawn where there is no room', async () => {
    width.mockReturnValue(0);
    await show(running);
    expect(host.querySelector('canvas')).toBeNull();
  });

  it('take the colours of a new theme', async () => {
    await show(running);
    one('[data-curve="loss"] [role="img"]').style.setProperty(
      '--mw-plot-line',
      'rebeccapurple'
    );
    expect(drawing('loss').strokes).not.toContain('rebeccapurple');
    await act(async () => {
      document.body.dataset.jpThemeName = 'Another';
      await new Promise(resolve => setTimeout(resolve));
    });
    expect(drawing('loss').strokes).toContain('rebeccapurple');
  });

  it('say so when a training goes astray', async () => {
    await show(
      withStep(running, 'train', {
        training: { ...trained, curves: [curve([1.7, null])] }
      })
    );
    expect(one('[data-curve="loss"] strong').textContent).toBe('not a number');
  });
});
