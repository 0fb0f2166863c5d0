import { edited, inUnits } from '../../core/edits';
import type { CellEdit } from '../../core/snapshot';

function edit(start: number, end: number, text: string, index = 0): CellEdit {
  return { index, id: null, start, end, text, why: '' };
}

describe('edits from the server', () => {
  it.each([
    ['plain text', 'epochs = 4', edit(9, 10, '2'), 'epochs = 2'],
    [
      'after an emoji',
      's = "🫁🫁"; n = 4',
      edit(14, 15, '2'),
      's = "🫁🫁"; n = 2'
    ],
    ['over an emoji', 'a = "🫁b"', edit(5, 6, '🧠'), 'a = "🧠b"'],
    ['an insertion at the end', 'a 🫁', edit(3, 3, '!'), 'a 🫁!'],
    [
      'a combining accent is a code point',
      'e\u0301 = 4',
      edit(5, 6, '2'),
      'e\u0301 = 2'
    ],
    ['an empty cell', '', edit(0, 0, 'x'), 'x']
  ])('mean code points: %s', (_, source, asked, expected) => {
    expect(edited(source, inUnits([source], [asked]))).toBe(expected);
  });

  it('are made from the last place to the first', () => {
    const source = '🫁 a = 1; b = 2';
    const asked = [edit(13, 14, '20'), edit(6, 7, '10')];
    expect(edited(source, inUnits([source], asked))).toBe('🫁 a = 10; b = 20');
  });

  it('count in the cell that they are about', () => {
    const units = inUnits(['🫁', 'a🫁b'], [edit(2, 3, 'c', 1)]);
    expect(units).toEqual([{ index: 1, start: 3, end: 4, text: 'c' }]);
  });
});
