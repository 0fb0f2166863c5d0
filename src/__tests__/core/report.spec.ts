import { finalMetrics, relativeTo } from '../../core/report';
import { module, step, training } from '../fixtures';

describe('relativeTo', () => {
  it.each([
    ['first light', 'first light/report.html', 'report.html'],
    ['a/b', 'a/b/c/report.html', 'c/report.html'],
    ['a/b', 'a/report.html', '../report.html'],
    ['a', 'ab/report.html', '../ab/report.html'],
    ['', 'report.html', 'report.html']
  ])('from %p: %p', (folder, path, expected) => {
    expect(relativeTo(folder, path)).toBe(expected);
  });
});

describe('finalMetrics', () => {
  const metrics = (value: number) => [
    { name: 'auc', title: 'AUC', value, digits: 3 }
  ];

  it('are those of the last training that printed some', () => {
    const given = module('m', 'M', [
      step('a', 'A', { training: training({ metrics: metrics(0.8) }) }),
      step('b', 'B', { training: training({ metrics: metrics(0.9) }) }),
      step('c', 'C', { training: training() }),
      step('d', 'D')
    ]);
    expect(finalMetrics(given)).toEqual(metrics(0.9));
  });

  it('are none where nothing was trained', () => {
    expect(finalMetrics(module('m', 'M', [step('a', 'A')]))).toEqual([]);
  });
});
