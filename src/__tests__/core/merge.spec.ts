import { asPush, isNews, newer } from '../../core/merge';
import { snapshot } from '../fixtures';

describe('newer', () => {
  const held = snapshot({ number: 7 });
  it.each([
    ['a higher number replaces', { number: 8 }, true],
    ['the same number replaces', { number: 7 }, true],
    ['a lower number is ignored', { number: 6 }, false],
    ['a new server process starts again', { number: 1, server: 'b' }, true],
    ['another workshop replaces', { number: 1, id: 'rsna-2023' }, true]
  ])('%s', (_, different, replaces) => {
    const read = snapshot(different);
    expect(newer(held, read)).toBe(replaces ? read : held);
  });

  it('takes the first snapshot', () => {
    expect(newer(null, held)).toBe(held);
  });
});

describe('isNews', () => {
  const held = snapshot({ number: 7 });
  it.each([
    [{ workshop: 'first-light', number: 8, server: 'server-a' }, true],
    [{ workshop: 'first-light', number: 7, server: 'server-a' }, false],
    [{ workshop: 'first-light', number: 1, server: 'server-b' }, true],
    [{ workshop: 'rsna-2023', number: 9, server: 'server-a' }, false]
  ])('%j: %s', (push, expected) => {
    expect(isNews(held, push)).toBe(expected);
  });
});

describe('asPush', () => {
  it.each([
    [null],
    ['text'],
    [{}],
    [{ workshop: 'a', number: '1', server: 'b' }]
  ])('refuses %j', data => {
    expect(asPush(data)).toBeNull();
  });

  it('takes what the event carries besides its schema', () => {
    const push = { workshop: 'a', number: 1, server: 'b' };
    expect(asPush({ ...push, schema_id: 'x' })).toEqual(push);
  });
});
