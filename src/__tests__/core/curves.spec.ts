import {
  extent,
  gridLines,
  markedPoints,
  shownCurves,
  summary
} from '../../core/curves';
import { curve, training } from '../fixtures';

describe('summary', () => {
  it.each([
    ['falling', [1.5, 1.2, 0.4], { first: 1.5, last: 0.4, trend: 'falling' }],
    ['rising', [0.1, 0.9], { first: 0.1, last: 0.9, trend: 'rising' }],
    ['steady', [0.5001, 0.5002], { first: 0.5001, trend: 'steady' }],
    ['unknown of one value', [0.5], { first: 0.5, last: 0.5, trend: null }],
    ['unknown of what is no number', [0.5, null], { last: null, trend: null }],
    ['from the first number', [null, 2, 1], { first: 2, trend: 'falling' }]
  ])('%s', (_, y, expected) => {
    expect(summary(curve(y))).toMatchObject(expected);
  });

  it('knows where the last value is', () => {
    expect(summary(curve([3, 2], { x: [10, 20] })).at).toBe(20);
  });
});

describe('extent', () => {
  const steps = curve([3, 2, 1]);
  const epochs = curve([0.8, 0.9], { by: 'epoch' });
  it.each([
    ['all steps', steps, { steps: 10, epochs: 4 }, true, [1, 40]],
    ['steps of one epoch', steps, { steps: 10 }, true, [1, 10]],
    ['all epochs', epochs, { steps: 10, epochs: 4 }, true, [1, 4]],
    ['what there is when it ended', steps, { steps: 10 }, false, [1, 3]],
    ['what there is while nobody knows', steps, {}, true, [1, 3]],
    ['more than was foretold', steps, { steps: 2 }, true, [1, 3]],
    ['a single point', curve([1]), {}, true, [0.5, 1.5]]
  ] as const)('holds %s', (_, given, different, running, expected) => {
    expect(extent(given, training(different), running)).toEqual(expected);
  });
});

describe('gridLines', () => {
  it.each([
    [0.06, 1.75, [0, 1, 2]],
    [0.9982, 0.9999, [0.998, 0.999, 1]],
    [0.9654, 0.9924, [0.96, 0.98, 1]],
    [0.5, 0.5, [0.45, 0.5, 0.55]],
    [0, 0, [-0.5, 0, 0.5]],
    [-3, 12, [-10, 0, 10, 20]],
    [5, 5000, [0, 2000, 4000, 6000]]
  ])('from %d to %d', (low, high, expected) => {
    const lines = gridLines(low, high);
    expect(lines).toHaveLength(expected.length);
    lines.forEach((line, index) => {
      expect(line).toBeCloseTo(expected[index]!, 9);
    });
  });

  it('are two at least, whatever is given', () => {
    expect(gridLines(0, Infinity)).toEqual([0, Infinity]);
  });

  it('hold values of every size', () => {
    for (let power = -9; power <= 9; power++) {
      for (const [low, high] of [
        [1, 1.000001],
        [0.3, 0.7],
        [-1, 99]
      ] as const) {
        const lines = gridLines(low * 10 ** power, high * 10 ** power);
        const tolerance = 10 ** power * 1e-6;
        expect(lines[0]).toBeLessThanOrEqual(low * 10 ** power + tolerance);
        expect(lines[lines.length - 1]).toBeGreaterThanOrEqual(
          high * 10 ** power - tolerance
        );
        expect(lines.length).toBeLessThanOrEqual(4);
      }
    }
  });
});

describe('markedPoints', () => {
  it('are all where there are few', () => {
    expect(markedPoints([0.8, null, 0.9])).toEqual([0, 2]);
  });

  it('are the last number where there are many', () => {
    expect(markedPoints([...Array<number>(50).fill(1), null])).toEqual([49]);
  });

  it('are none where there is no number', () => {
    expect(markedPoints([null])).toEqual([]);
  });
});

describe('shownCurves', () => {
  it('are those that have a point', () => {
    const curves = [curve([]), curve([1], { name: 'auc' })];
    expect(shownCurves(training({ curves })).map(each => each.name)).toEqual([
      'auc'
    ]);
    expect(shownCurves(null)).toEqual([]);
  });
});
