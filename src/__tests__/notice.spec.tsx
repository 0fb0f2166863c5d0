import { act } from 'react';
import { clientFailure, WorkshopFailure } from '../core/failure';
import { snapshot } from './fixtures';
import { click, host, one, show, workshop } from './harness';

const CARD = '.jp-MonaiWorkshop-failure';

async function tell(failure: ReturnType<typeof clientFailure>): Promise<void> {
  await show(snapshot());
  await act(async () => {
    await workshop.act({ action: 'open-notebook' }, () =>
      Promise.reject(new WorkshopFailure(failure))
    );
  });
}

describe('an action that ended otherwise than asked', () => {
  it.each([
    ['notebook-elsewhere', 'The notebook was opened in a tab of its own.'],
    ['exercise-open', 'This cell is an exercise: it still holds ???.']
  ] as const)('is no failure when it is %s', async (code, words) => {
    await tell(clientFailure(code));
    expect(one(`[data-notice="${code}"]`).textContent).toContain(words);
    expect(host.querySelector(CARD)).toBeNull();
    await click(`[data-notice="${code}"] [data-action="dismiss"]`);
    expect(host.querySelector('[data-notice]')).toBeNull();
  });

  it('says the hint that comes with it', async () => {
    await tell({ ...clientFailure('exercise-open'), hint: 'A number.' });
    expect(one('[data-notice="exercise-open"]').textContent).toContain(
      'A number.'
    );
  });

  it('is a failure otherwise', async () => {
    await tell(clientFailure('notebook-not-opened'));
    expect(one(CARD).textContent).toContain('could not be opened');
    await click(`${CARD} [data-action="dismiss"]`);
    expect(host.querySelector(CARD)).toBeNull();
  });
});
