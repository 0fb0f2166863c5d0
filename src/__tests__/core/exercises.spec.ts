import { hintFor, isOpenExercise } from '../../core/exercises';
import { step } from '../fixtures';

const exercise = step('fill', 'Fill in', {
  exercises: [
    {
      cell: { index: 3, id: 'abc' },
      open: true,
      hint: 'Try ReLU.',
      solved: true
    }
  ]
});
const its = { index: 3, id: 'abc' };
const other = { index: 5, id: 'def' };

describe('an exercise is open', () => {
  it.each([
    ['while its cell holds ???', its, 'act = ???', true],
    ['also in a comment', its, 'act = None  # ???', true],
    ['no more once it is done', its, 'act = "ReLU"', false],
    ['in a cell that the workshop does not know', other, 'act = ???', true],
    ['but not because of a comment there', other, 'a = 1  # why???', false],
    ['or a string', other, 'print("really???")', false],
    ['or a long string', other, '"""\nreally???\n"""', false],
    ['strings end', other, 'print("a") or ??? or "b"', true]
  ])('%s', (_, cell, source, expected) => {
    expect(isOpenExercise(exercise, cell, source)).toBe(expected);
  });
});

it('a hint is that of the cell', () => {
  expect([hintFor(exercise, its), hintFor(exercise, other)]).toEqual([
    'Try ReLU.',
    ''
  ]);
});
