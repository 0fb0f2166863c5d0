import { asValues } from '../../core/values';

it.each([
  [
    '{"epochs": 2, "cache": true, "name": "x"}',
    { epochs: 2, cache: true, name: 'x' }
  ],
  ['{"epochs": null, "more": [1], "deep": {"a": 1}}', {}],
  ['null', {}],
  ['', {}],
  ['{', {}]
])('%s', (json, expected) => {
  expect(asValues(json)).toEqual(expected);
});
