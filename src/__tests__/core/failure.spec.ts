import { copyText, failureOf } from '../../core/failure';
import type { Failure } from '../../core/snapshot';

const FAILURE: Failure = {
  code: 'no_network',
  message: 'No network.',
  hint: 'Try later.',
  details: 'errno 101'
};

describe('failures', () => {
  it.each([
    ['ours is passed on', 409, FAILURE, 'no_network'],
    ['a bare 404 is no extension', 404, undefined, 'extension-missing'],
    [
      'a login page is a lost session',
      403,
      { message: 'Forbidden' },
      'signed-out'
    ],
    ['anything else is unexpected', 502, 'Bad gateway', 'unexpected-answer']
  ])('%s', (_, status, body, code) => {
    expect(failureOf(status, body).code).toBe(code);
  });

  it('copies all there is', () => {
    expect(copyText(FAILURE)).toBe(
      'No network.\n\nTry later.\n\nerrno 101\n\n(no_network)'
    );
  });
});
