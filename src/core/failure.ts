import type { Failure } from './snapshot';

/**
 * Failures that the browser finds, not the server; the panel has their words.
 */
export type ClientCode =
  | 'extension-missing'
  | 'server-unreachable'
  | 'signed-out'
  | 'unexpected-answer'
  | 'notebook-not-opened'
  | 'notebook-elsewhere'
  | 'notebook-not-saved'
  | 'cells-not-found'
  | 'change-not-saved'
  | 'exercise-open'
  | 'kernel-unheard'
  | 'notebook-changing'
  | 'step-blocked';

const NO_PROBLEM: ReadonlySet<string> = new Set<ClientCode>([
  'exercise-open',
  'notebook-elsewhere'
]);

/** Whether something only ended otherwise than asked, and nothing is to be mended. */
export function isNoProblem(failure: Failure): boolean {
  return NO_PROBLEM.has(failure.code);
}

/** A failure with no words of its own. */
export function clientFailure(code: ClientCode, details = ''): Failure {
  return { code, message: '', hint: '', details };
}

/** An action that did not work, with its failure in words for people. */
export class WorkshopFailure extends Error {
  /**
   * @param failure - What to show.
   */
  constructor(readonly failure: Failure) {
    super(failure.message || failure.code);
    this.name = 'WorkshopFailure';
  }
}

/** A failure that the browser found, with what was thrown as its details. */
export function clientFailureOf(
  code: ClientCode,
  reason: unknown
): WorkshopFailure {
  const details = reason instanceof Error ? reason.message : '';
  return new WorkshopFailure(clientFailure(code, details));
}

/** The failure that anything thrown tells. */
export function asFailure(reason: unknown): Failure {
  if (reason instanceof WorkshopFailure) {
    return reason.failure;
  }
  return clientFailure(
    'unexpected-answer',
    reason instanceof Error ? reason.message : String(reason)
  );
}

/**
 * The failure that an unsuccessful answer of the server tells.
 *
 * @param status - HTTP status.
 * @param body - The parsed body; anything, when something other than our server answered.
 */
export function failureOf(status: number, body: unknown): Failure {
  if (isFailure(body)) {
    return {
      code: body.code,
      message: body.message,
      hint: body.hint ?? '',
      details: body.details ?? ''
    };
  }
  if (status === 404) {
    return clientFailure('extension-missing');
  }
  if (status === 401 || status === 403) {
    return clientFailure('signed-out');
  }
  return clientFailure('unexpected-answer', `HTTP ${status}`);
}

/** All of a failure as text to paste into a question. */
export function copyText(failure: Failure): string {
  return [failure.message, failure.hint, failure.details, `(${failure.code})`]
    .filter(part => part !== '')
    .join('\n\n');
}

function isFailure(
  body: unknown
): body is Pick<Failure, 'code' | 'message'> & Partial<Failure> {
  if (typeof body !== 'object' || body === null) {
    return false;
  }
  const { code, message } = body as Partial<Failure>;
  return typeof code === 'string' && typeof message === 'string';
}
