/** One line of a unified diff and what it is. */
export interface IDiffLine {
  /**
   *
   */
  readonly kind: 'added' | 'removed' | 'same' | 'place';
  /**
   *
   */
  readonly text: string;
}

/**
 * The lines of one file's unified diff, without the header that names the file.
 */
export function diffLines(diff: string): readonly IDiffLine[] {
  const lines = diff.replace(/\n$/, '').split('\n');
  const start = lines.findIndex(line => line.startsWith('@@'));
  return start < 0
    ? []
    : lines.slice(start).map(text => ({ kind: kindOf(text), text }));
}

function kindOf(line: string): IDiffLine['kind'] {
  switch (line[0]) {
    case '+':
      return 'added';
    case '-':
      return 'removed';
    case '@':
      return 'place';
    default:
      return 'same';
  }
}
