import {
  hasValues,
  isChanged,
  options,
  parametersOf,
  written
} from '../../core/parameters';
import { module, parameter, step } from '../fixtures';

describe('options', () => {
  const values = (value: number | null) =>
    options(parameter({ value })).map(each => [each.value, each.current]);

  it('are the choices, the one that the notebook has marked', () => {
    expect(values(2)).toEqual([
      [4, false],
      [2, true]
    ]);
  });

  it('begin with a value that is no choice', () => {
    expect(values(7)).toEqual([
      [7, true],
      [4, false],
      [2, false]
    ]);
  });

  it('begin with what is no plain value', () => {
    expect(options(parameter({ value: null }))[0]).toMatchObject({
      value: null,
      offered: false
    });
  });

  it('tell a text from a number', () => {
    const choices = [{ value: '4', effect: '' }];
    const list = options(parameter({ value: 4, choices }));
    expect(list.map(each => each.current)).toEqual([true, false]);
  });
});

describe('written', () => {
  it.each([
    [true, 'True'],
    [false, 'False'],
    [0.001, '0.001'],
    ['cpu', 'cpu']
  ])('%p', (value, expected) => {
    expect(written(value)).toBe(expected);
  });
});

describe('isChanged', () => {
  it.each([
    ['the value that it was made with', 4, 4, false],
    ['another value', 2, 4, true],
    ['nobody knows what it was', 2, null, false],
    ['no plain value', null, 4, false]
  ])('%s', (_, value, original, expected) => {
    expect(isChanged(parameter({ value, original }))).toBe(expected);
  });
});

describe('the parameters of a module', () => {
  const given = module('m', 'M', [
    step('a', 'A', { parameters: [parameter({ value: 2 })] }),
    step('b', 'B', { parameters: [parameter({ id: 'batch', value: 64 })] })
  ]);

  it('are found in every step', () => {
    const found = parametersOf(given, ['batch', 'epochs', 'other']);
    expect(found.map(each => each.id)).toEqual(['batch', 'epochs']);
  });

  it.each([
    ['all', { epochs: 2, batch: 64 }, true],
    ['one is another', { epochs: 2, batch: 32 }, false],
    ['one is not there', { other: 1 }, false],
    ['none is asked for', {}, false]
  ])('have the values: %s', (_, values, expected) => {
    expect(hasValues(given, values)).toBe(expected);
  });
});
