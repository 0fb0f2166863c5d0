import type { CellEdit } from './snapshot';

/**
 * An edit whose places count UTF-16 code units, as JavaScript's strings and the shared
 * model do.
 */
export interface IUnitEdit {
  /** The cell's position among all cells. */
  readonly index: number;
  /** Where the replaced piece begins. */
  readonly start: number;
  /** Where the replaced piece ends. */
  readonly end: number;
  /** What takes its place. */
  readonly text: string;
}

/**
 * The edits with their places in UTF-16 code units; the server counts code points.
 *
 * @param sources - The sources of all cells, as they were sent to the server.
 * @param edits - By cell, and within a cell from the last place to the first.
 */
export function inUnits(
  sources: readonly string[],
  edits: readonly CellEdit[]
): readonly IUnitEdit[] {
  return edits.map(({ index, start, end, text }) => {
    const source = sources[index] ?? '';
    const from = units(source, start);
    return {
      index,
      start: from,
      end: from + units(source.slice(from), end - start),
      text
    };
  });
}

/** A source with edits of it made, which are given from the last place to the first. */
export function edited(
  source: string,
  edits: readonly Pick<IUnitEdit, 'start' | 'end' | 'text'>[]
): string {
  return edits.reduce(
    (text, edit) =>
      text.slice(0, edit.start) + edit.text + text.slice(edit.end),
    source
  );
}

/** How many UTF-16 code units the first code points of a text take. */
function units(text: string, codePoints: number): number {
  let at = 0;
  for (let point = 0; point < codePoints && at < text.length; point++) {
    at += text.codePointAt(at)! > 0xffff ? 2 : 1;
  }
  return at;
}
