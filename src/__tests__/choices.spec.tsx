import { act } from 'react';
import type {
  ExerciseView,
  ParameterView,
  ProfileView
} from '../core/snapshot';
import { CommandIDs } from '../tokens';
import { job, parameter, snapshot, withStep } from './fixtures';
import {
  NOT_PREPARED,
  click,
  executed,
  host,
  one,
  show,
  update
} from './harness';

describe('a parameter', () => {
  const given = (different: Partial<ParameterView> = {}, id = 'data') =>
    withStep(snapshot(), id, { parameters: [parameter(different)] });
  const SELECT = '[data-parameter="epochs"] select';
  const effect = () => {
    const id = one(SELECT).getAttribute('aria-describedby')!;
    return document.getElementById(id)?.textContent;
  };
  const choose = (text: string) =>
    act(async () => {
      const select = one<HTMLSelectElement>(SELECT);
      const index = [...select.options].findIndex(each =>
        each.text.startsWith(text)
      );
      // React listens to the setter of the page's own class.
      Object.getOwnPropertyDescriptor(
        HTMLSelectElement.prototype,
        'value'
      )!.set!.call(select, String(index));
      select.dispatchEvent(new Event('change', { bubbles: true }));
      await Promise.resolve();
    });

  it('has a name, its value, and what that costs', async () => {
    await show(given());
    const select = one<HTMLSelectElement>(SELECT);
    expect(select.labels[0]?.textContent).toBe('Epochs');
    expect(select.selectedOptions[0]?.text).toBe('4: 10 minutes');
    expect(effect()).toBe('10 minutes');
  });

  it('is set by choosing and one click', async () => {
    await show(given());
    await click('[data-parameter] [data-action="set"]');
    expect(executed).toEqual([]);
    await choose('2');
    expect(effect()).toBe('5 minutes, less accurate');
    await click('[data-parameter] [data-action="set"]');
    expect(executed).toEqual([
      [CommandIDs.setParameters, { module: 'classify', values: '{"epochs":2}' }]
    ]);
  });

  it('bears a mark when it was changed', async () => {
    await show(given());
    expect(host.querySelector('[data-changed]')).toBeNull();
    await update({ ...given({ value: 2 }), number: 20 });
    expect(one('[data-changed="epochs"]').textContent).toBe(
      'changed from 4 to 2'
    );
    expect(one<HTMLSelectElement>(SELECT).selectedOptions[0]?.text).toBe(
      '2: 5 minutes, less accurate'
    );
  });

  it('leaves the focus where it is when its value is there', async () => {
    await show(given());
    await choose('2');
    one('[data-parameter] [data-action="set"]').focus();
    await update({ ...given({ value: 2 }), number: 20 });
    expect(document.activeElement).toBe(
      one('[data-parameter] [data-action="set"]')
    );
    expect(one<HTMLSelectElement>(SELECT).selectedOptions[0]?.text).toBe(
      '2: 5 minutes, less accurate'
    );
  });

  it('keeps a value of the attendee as it is, and says so', async () => {
    await show(given({ value: 7 }));
    const select = one<HTMLSelectElement>(SELECT);
    expect([...select.options].map(each => each.text)).toEqual([
      '7 (your own)',
      '4: 10 minutes',
      '2: 5 minutes, less accurate'
    ]);
    expect(select.selectedOptions[0]?.text).toBe('7 (your own)');
  });

  it('that cannot be set says why', async () => {
    await show(given({ value: null, problem: 'It is set twice.' }));
    expect(one('[data-parameter]').textContent).toContain('It is set twice.');
    expect(host.querySelector('select')).toBeNull();
  });

  it('is not set while a cell runs', async () => {
    await show(given());
    await choose('2');
    await update(
      withStep(given(), 'train', { state: 'running' }, { number: 20 })
    );
    await click('[data-step="data"] > button');
    await choose('2');
    await click('[data-parameter] [data-action="set"]');
    expect(executed).toEqual([]);
  });
});

describe('an exercise', () => {
  const exercise = (different: Partial<ExerciseView> = {}): ExerciseView => ({
    cell: { index: 3, id: 'abc' },
    open: true,
    hint: 'Load before you resize.',
    solved: true,
    ...different
  });
  const given = (...exercises: ExerciseView[]) =>
    withStep(snapshot(), 'data', { exercises });
  const SOLUTION = '[data-action="solution"]';

  it('offers a hint, then the solution', async () => {
    await show(given(exercise()));
    expect(one('[data-part="exercise"]').textContent).not.toContain('resize');
    expect(host.querySelector(SOLUTION)).toBeNull();
    await click('[data-action="hint"]');
    expect(one('[data-action="hint"]').getAttribute('aria-expanded')).toBe(
      'true'
    );
    expect(one('[data-part="exercise"]').textContent).toContain(
      'Load before you resize.'
    );
    await click(SOLUTION);
    expect(executed).toEqual([
      [CommandIDs.showSolution, { module: 'classify', step: 'data' }]
    ]);
  });

  it('offers the solution at once where there is no hint', async () => {
    await show(given(exercise({ hint: '' })));
    expect(host.querySelector('[data-action="hint"]')).toBeNull();
    expect(host.querySelector(SOLUTION)).not.toBeNull();
  });

  it('offers no solution that there is not', async () => {
    await show(given(exercise({ hint: '', solved: false })));
    expect(host.querySelector(SOLUTION)).toBeNull();
  });

  it('is told in the primary place', async () => {
    await show(given(exercise()));
    expect(one('.jp-MonaiWorkshop-primary p').textContent).toBe(
      'An exercise: fill in the ??? of its cell first.'
    );
  });

  it('that is done says so and offers nothing', async () => {
    await show(given(exercise({ open: false })));
    expect(one('[data-part="exercise"]').textContent).toBe(
      'The exercise is done.'
    );
    expect(host.querySelector('[data-action="hint"]')).toBeNull();
  });
});

describe('a profile', () => {
  const profile = (different: Partial<ProfileView> = {}): ProfileView => ({
    id: 'no-gpu',
    title: 'No GPU',
    text: 'Both notebooks in minutes.',
    state: 'off',
    recommended: false,
    ...different
  });
  const given = (different: Partial<ProfileView> = {}) =>
    snapshot({ profiles: [profile(different)] });
  const NOTICE = '[data-notice="profile"]';
  const LIST = '.jp-mod-profiles';

  it('is chosen with one click', async () => {
    await show(given());
    await click(`${LIST} > button`);
    expect(one('[data-profile="no-gpu"]').textContent).toContain(
      'Both notebooks in minutes.'
    );
    await click('[data-profile] [data-action="profile"]');
    expect(executed).toEqual([[CommandIDs.setProfile, { profile: 'no-gpu' }]]);
  });

  it('is taken back with one click', async () => {
    await show(given({ state: 'on' }));
    expect(one(`${LIST} > button`).textContent).toBe('Fitted to: No GPU');
    await click(`${LIST} > button`);
    expect(host.querySelector('[data-action="profile"]')).toBeNull();
    await click('[data-action="profile-back"]');
    expect(executed).toEqual([[CommandIDs.setProfile, { profile: '' }]]);
  });

  it('that is there in part can be had whole or not at all', async () => {
    await show(given({ state: 'part' }));
    await click(`${LIST} > button`);
    expect(one('[data-profile]').textContent).toContain('Partly in use');
    expect(one('[data-action="profile"]').textContent).toBe('Use all of it');
    expect(one('[data-action="profile-back"]').textContent).toBe(
      'Take it back'
    );
  });

  it('that suits the machine is offered until it is put away', async () => {
    await show(given({ recommended: true }));
    expect(one(NOTICE).textContent).toContain('“No GPU” suits this machine');
    await click(`${NOTICE} [data-action="profile"]`);
    expect(executed).toEqual([[CommandIDs.setProfile, { profile: 'no-gpu' }]]);
    await click(`${NOTICE} [data-action="later"]`);
    expect(host.querySelector(NOTICE)).toBeNull();
  });

  it.each([
    ['it is on', given({ recommended: true, state: 'on' })],
    ['it does not suit', given()],
    [
      'the notebooks are not there',
      { ...NOT_PREPARED, profiles: [profile({ recommended: true })] }
    ],
    [
      'everything is done',
      {
        ...given({ recommended: true }),
        next: { action: 'finished', module: '', step: '' } as const
      }
    ]
  ])('is not offered when %s', async (_, shown) => {
    await show(shown);
    expect(host.querySelector(NOTICE)).toBeNull();
  });

  it('is not chosen while notebooks are written', async () => {
    await show({
      ...given({ recommended: true }),
      jobs: [job({ kind: 'profile' })]
    });
    await click(`${NOTICE} [data-action="profile"]`);
    expect(executed).toEqual([]);
  });

  it('tells why it could not be had', async () => {
    const failure = {
      code: 'patch-conflict',
      message: 'A cell was changed.',
      hint: 'Look at it.',
      details: ''
    };
    await show({
      ...given(),
      jobs: [job({ kind: 'profile', state: 'failed', failure })]
    });
    expect(host.textContent).toContain('A cell was changed.');
  });
});
