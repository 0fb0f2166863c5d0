import type { Curve, TrainingView } from './snapshot';

/** Where a horizontal axis begins and ends. */
export type Extent = readonly [from: number, to: number];

/** A curve in a few figures. */
export interface ICurveSummary {
  /** The first value that is finite; `null` when none is. */
  readonly first: number | null;
  /** The last value; `null` when it is not finite. */
  readonly last: number | null;
  /** What the horizontal axis says at the last value. */
  readonly at: number;
  /** Which way it went from the first to the last; `null` when that cannot be said. */
  readonly trend: 'rising' | 'falling' | 'steady' | null;
}

/** Spaces between the lines of a grid, at most. */
const SPACES = 3;

/** What a quotient of such numbers may be off by. */
const ROUNDING = 1e-6;

/** Up to so many points are each marked. */
const MARKED = 12;

/** The curves that have a point to show. */
export function shownCurves(training: TrainingView | null): readonly Curve[] {
  return (training?.curves ?? []).filter(curve => curve.x.length > 0);
}

/** The curve in a few figures; it has at least one point. */
export function summary(curve: Curve): ICurveSummary {
  const first = curve.y.find(value => value !== null) ?? null;
  const end = last(curve.y) ?? null;
  return {
    first,
    last: end,
    at: last(curve.x) ?? 0,
    trend: curve.y.length > 1 ? trend(first, end, curve.digits) : null
  };
}

function trend(
  first: number | null,
  last: number | null,
  digits: number
): ICurveSummary['trend'] {
  if (first === null || last === null) {
    return null;
  }
  if (first.toFixed(digits) === last.toFixed(digits)) {
    return 'steady';
  }
  return last > first ? 'rising' : 'falling';
}

/**
 * Where the curve's horizontal axis begins and ends.
 *
 * While the training runs, the axis has room for what is still to come, so that the curve
 * shows too how far the training is.
 */
export function extent(
  curve: Curve,
  training: TrainingView,
  running: boolean
): Extent {
  const from = Math.min(curve.x[0] ?? 1, 1);
  const to = Math.max(
    last(curve.x) ?? 1,
    running ? (total(curve, training) ?? 1) : 1
  );
  return from === to ? [from - 0.5, to + 0.5] : [from, to];
}

function total(curve: Curve, training: TrainingView): number | null {
  if (curve.by === 'epoch') {
    return training.epochs;
  }
  return training.steps === null
    ? null
    : training.steps * (training.epochs ?? 1);
}

/**
 * The lines of a grid that holds all values between the first and the last of them: two
 * to four round numbers.
 */
export function gridLines(low: number, high: number): readonly number[] {
  if (low === high) {
    const room = Math.abs(high) / 20 || 0.5;
    return gridLines(low - room, high + room);
  }
  const digit = Math.floor(Math.log10(high - low));
  const steps = [digit - 1, digit].flatMap(each =>
    [1, 2, 5].map(factor => factor * 10 ** each)
  );
  for (const step of [...steps, 10 ** (digit + 1)]) {
    const from = Math.floor(low / step + ROUNDING);
    const to = Math.ceil(high / step - ROUNDING);
    if (to - from <= SPACES) {
      return Array.from(
        { length: to - from + 1 },
        (_, index) => (from + index) * step
      );
    }
  }
  return [low, high];
}

/**
 * The points to mark: each where there are few, such as epochs, else the last one.
 */
export function markedPoints(y: Curve['y']): readonly number[] {
  const finite = y.flatMap((value, index) => (value === null ? [] : [index]));
  return finite.length <= MARKED ? finite : finite.slice(-1);
}

function last<T>(values: readonly T[]): T | undefined {
  return values[values.length - 1];
}
