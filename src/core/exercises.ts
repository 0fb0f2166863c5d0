import type { CellRef, StepView } from './snapshot';

/** What a cell holds while its exercise is to be done. */
const GAP = '???';
/** Strings and comments of Python, in which three question marks are no gap. */
const TEXTS =
  /("""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|#.*)/g;

/** Whether a cell is an exercise that is still to be done. */
export function isOpenExercise(
  step: StepView,
  cell: CellRef,
  source: string
): boolean {
  return exerciseOf(step, cell)
    ? source.includes(GAP)
    : source.replace(TEXTS, '').includes(GAP);
}

/** What helps to do the exercise in a cell; empty where nothing is known. */
export function hintFor(step: StepView, cell: CellRef): string {
  return exerciseOf(step, cell)?.hint ?? '';
}

function exerciseOf(
  step: StepView,
  cell: CellRef
): StepView['exercises'][number] | undefined {
  return step.exercises.find(each => each.cell.index === cell.index);
}
