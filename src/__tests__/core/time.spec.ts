import {
  clock,
  decimal,
  exactly,
  languageTag,
  percent,
  roughly
} from '../../core/time';

describe('time', () => {
  it.each([
    [0.2, '1 sec'],
    [8, '8 sec'],
    [33, '35 sec'],
    [60, '1 min'],
    [150, '2.5 min'],
    [1115, '19 min'],
    [5400, '1.5 hr']
  ])('roughly %d s', (seconds, expected) => {
    expect(roughly(seconds, 'en')).toBe(expected);
  });

  it.each([
    [0, '< 1 sec'],
    [8.4, '8 sec'],
    [60, '1 min'],
    [125, '2 min 5 sec'],
    [3725, '1 hr 2 min 5 sec']
  ])('exactly %d s', (seconds, expected) => {
    expect(exactly(seconds, 'en')).toBe(expected);
  });

  it('tells a time of the day where the page is', () => {
    const given = new Date(2026, 10, 24, 14, 30);
    expect(clock(given.toISOString(), 'en-GB')).toBe('14:30');
  });

  it('follows the language', () => {
    expect(decimal(0.98334, 4, 'de')).toBe('0,9833');
    expect(percent(0.5, 'en')).toBe('50%');
  });

  it.each([
    ['de_DE', 'de-DE'],
    ['en', 'en'],
    ['default', undefined],
    ['', undefined]
  ])('takes %p as language', (code, expected) => {
    expect(languageTag(code)).toBe(expected);
  });
});
