import type { TranslationBundle } from '@jupyterlab/translation';
import { summary } from '../core/curves';
import type { Curve, ModuleView, StepView } from '../core/snapshot';
import { decimal } from '../core/time';

/** A curve in words: what it shows, its last value, and which way it went. */
export function curveText(
  trans: TranslationBundle,
  curve: Curve,
  locale?: string
): string {
  const { first, last, at, trend } = summary(curve);
  const number = (value: number | null) =>
    value === null
      ? trans.__('not a number')
      : decimal(value, curve.digits, locale);
  const what =
    curve.by === 'epoch'
      ? trans.__('%1 by epoch', curve.title)
      : trans.__('%1 by step', curve.title);
  const place =
    curve.by === 'epoch'
      ? trans.__('%1 after epoch %2', number(last), whole(at, locale))
      : trans.__('%1 after step %2', number(last), whole(at, locale));
  const trends = {
    rising: trans.__('rising from %1', number(first)),
    falling: trans.__('falling from %1', number(first)),
    steady: trans.__('steady')
  };
  return trend
    ? trans.__('%1: %2, %3.', what, place, trends[trend])
    : trans.__('%1: %2.', what, place);
}

/** Where a running step is: "Cell 12 of 20", "Epoch 2/4", "Step 5/93", its pace. */
export function countWords(
  trans: TranslationBundle,
  module: ModuleView,
  step: StepView,
  locale?: string
): readonly string[] {
  const { cells, cells_done: done, training } = step;
  const counts: string[] = [];
  if (module.cell !== null && module.cells > 0) {
    counts.push(trans.__('Cell %1 of %2', module.cell, module.cells));
  } else if (cells.length > 1) {
    const cell = Math.min(done + 1, cells.length);
    counts.push(trans.__('Cell %1 of %2', cell, cells.length));
  }
  if (training?.epoch) {
    const { epoch, epochs } = training;
    counts.push(
      epochs === null
        ? trans.__('Epoch %1', whole(epoch, locale))
        : trans.__('Epoch %1/%2', whole(epoch, locale), whole(epochs, locale))
    );
  }
  if (training?.step) {
    const { step: at, steps } = training;
    counts.push(
      steps === null
        ? trans.__('Step %1', whole(at, locale))
        : trans.__('Step %1/%2', whole(at, locale), whole(steps, locale))
    );
  }
  if (training?.pace) {
    counts.push(paceWord(trans, training.pace, locale));
  }
  return counts;
}

function whole(amount: number, locale?: string): string {
  return decimal(amount, 0, locale);
}

/** Steps a second or, where they take longer, seconds a step. */
function paceWord(
  trans: TranslationBundle,
  pace: number,
  locale?: string
): string {
  return pace >= 1
    ? trans.__('%1 steps/sec', decimal(pace, pace < 10 ? 1 : 0, locale))
    : trans.__('%1 sec/step', decimal(1 / pace, 1, locale));
}
