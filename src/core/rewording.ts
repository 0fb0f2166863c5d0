import type { Say } from './said';

/** The fields of the server's answers that hold its own sentences. */
const FIELDS: ReadonlySet<string> = new Set([
  'message',
  'hint',
  'reason',
  'found',
  'wanted',
  'remedy',
  'problem'
]);

/** Fields that hold what people and programs call something. */
const NAMES: ReadonlySet<string> = new Set(['values', 'inherited', 'packages']);

/** The code of a failure whose message is the exception that a cell raised. */
const EXCEPTION = 'cell_error';

type Fields = Readonly<Record<string, unknown>>;

/**
 * An answer of the server, with its sentences in the language of the page.
 *
 * What the author of a workshop, an administrator or a program has written stays.
 */
export function inWords<T>(answer: T, say: Say): T {
  return worded(answer, say) as T;
}

function worded(value: unknown, say: Say): unknown {
  if (Array.isArray(value)) {
    return value.map(each => worded(each, say));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const fields = value as Fields;
  return Object.fromEntries(
    Object.entries(fields).map(([name, each]) => {
      if (typeof each === 'string') {
        return [name, isSaid(name, fields) ? say(each) : each];
      }
      return [name, NAMES.has(name) ? each : worded(each, say)];
    })
  );
}

/** Whether a field of an object is a sentence of the server's. */
function isSaid(name: string, fields: Fields): boolean {
  if ('holds' in fields) {
    // What was looked at in a cell: printed text and expressions are the cell's.
    const isFiles = /^(The file|Files) /.test(String(fields.text));
    return name === 'text' || (name === 'found' && isFiles);
  }
  if ('workshops' in fields || 'solved' in fields) {
    return false;
  }
  return FIELDS.has(name) && !isException(name, fields);
}

function isException(name: string, fields: Fields): boolean {
  const { code, failure } = fields;
  return (
    (name === 'message' && code === EXCEPTION) ||
    (name === 'reason' &&
      (failure as Fields | null | undefined)?.code === EXCEPTION)
  );
}
