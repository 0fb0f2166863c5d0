/** An output as nbformat 4 has it. */
export type Output = Readonly<Record<string, unknown>>;

/**
 * How to turn the outputs that a cell shows into others, with as little as possible
 * drawn anew.
 */
export type OutputChange =
  /** They are the same. */
  | { readonly kind: 'none' }
  /** Further outputs follow those that are there. */
  | { readonly kind: 'more'; readonly outputs: readonly Output[] }
  /**
   * The last output is a stream that goes on: its text is cut at `keep`, `text` is
   * appended, and further outputs may follow.
   */
  | {
      readonly kind: 'stream';
      readonly index: number;
      readonly keep: number;
      readonly text: string;
      readonly outputs: readonly Output[];
    }
  /** All are replaced. */
  | { readonly kind: 'all'; readonly outputs: readonly Output[] };

/**
 * What turns the outputs `before` into those `after`.
 *
 * Text is cut off a stream only where all of it is what this page wrote last. Where others
 * wrote too, at the same time even, a page of JupyterLab may show the parts in another
 * order than the shared notebook has them, and would cut elsewhere.
 *
 * @param written - The outputs that this page wrote last; `null` if it wrote none.
 */
export function outputChange(
  before: readonly Output[],
  after: readonly Output[],
  written: readonly Output[] | null
): OutputChange {
  const all: OutputChange = { kind: 'all', outputs: after };
  if (before.length === 0) {
    return after.length === 0
      ? { kind: 'none' }
      : { kind: 'more', outputs: after };
  }
  const last = before.length - 1;
  if (after.length < before.length) {
    return all;
  }
  if (!before.slice(0, last).every((output, at) => same(output, after[at]!))) {
    return all;
  }
  const outputs = after.slice(before.length);
  const held = before[last]!;
  const wanted = after[last]!;
  if (same(held, wanted)) {
    return outputs.length === 0 ? { kind: 'none' } : { kind: 'more', outputs };
  }
  if (!isStream(held) || !isStream(wanted) || held.name !== wanted.name) {
    return all;
  }
  const text = textOf(wanted);
  const keep = sharedStart(textOf(held), text);
  const mine = written?.[last];
  if (keep < textOf(held).length && !(mine && same(held, mine))) {
    return all;
  }
  return { kind: 'stream', index: last, keep, text: text.slice(keep), outputs };
}

/** The text of a stream, which files may hold as a list of lines. */
export function textOf(output: Output): string {
  const { text } = output;
  return Array.isArray(text) ? text.join('') : String(text);
}

function isStream(output: Output): boolean {
  return output.output_type === 'stream';
}

/** Whether two outputs show the same; the order of keys is of no account. */
function same(one: Output, other: Output): boolean {
  return isStream(one) && isStream(other)
    ? one.name === other.name && textOf(one) === textOf(other)
    : equal(one, other);
}

function equal(one: unknown, other: unknown): boolean {
  if (one === other) {
    return true;
  }
  if (
    typeof one !== 'object' ||
    typeof other !== 'object' ||
    one === null ||
    other === null ||
    Array.isArray(one) !== Array.isArray(other)
  ) {
    return false;
  }
  const left = Object.entries(one);
  const right = other as Record<string, unknown>;
  return (
    left.length === Object.keys(right).length &&
    left.every(([key, value]) => key in right && equal(value, right[key]))
  );
}

/** How long the common beginning of two texts is, never in the middle of a character. */
function sharedStart(one: string, other: string): number {
  const end = Math.min(one.length, other.length);
  let at = 0;
  while (at < end && one.charCodeAt(at) === other.charCodeAt(at)) {
    at++;
  }
  const isHalf = at > 0 && (one.charCodeAt(at - 1) & 0xfc00) === 0xd800;
  return isHalf ? at - 1 : at;
}
