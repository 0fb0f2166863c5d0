import type { Snapshot } from '../core/snapshot';
import { CommandIDs } from '../tokens';
import { parameter, snapshot, step, withStep } from './fixtures';
import {
  click,
  executed,
  host,
  NOT_PREPARED,
  one,
  open,
  show
} from './harness';
import { Server } from './server';

const UNTRUSTED = snapshot({
  ...NOT_PREPARED,
  next: { action: 'trust', module: '', step: '' },
  trust: {
    digest: 'd'.repeat(64),
    folder: '/shared/workshops/stranger',
    hosts: ['a.example', 'b.example'],
    packages: ['monai==1.5.2'],
    notebooks: 1,
    cells: 12,
    patches: 1,
    expressions: 0
  }
});

describe('A workshop that is not trusted yet', () => {
  it('says what it would do and offers one button, and no other first thing', async () => {
    await show(UNTRUSTED);
    const card = one('[data-notice="trust"]');
    for (const word of [
      'It runs 12 cells of its notebooks.',
      'It changes 1 place in them.',
      'a.example and b.example',
      'monai==1.5.2'
    ]) {
      expect(card.textContent).toContain(word);
    }
    expect(card.textContent).not.toContain('expression');
    expect(host.querySelector('[data-action="next"]')).toBeNull();
    await click('[data-action="trust"]');
    expect(executed).toEqual([[CommandIDs.trust, {}]]);
  });

  it('is like every other once it is trusted', async () => {
    await show(NOT_PREPARED);
    expect(host.querySelector('[data-notice="trust"]')).toBeNull();
    one('[data-action="next"]');
  });
});

describe('A message of the administrator', () => {
  it('stands on top', async () => {
    const server = new Server(NOT_PREPARED);
    const { body } = server.answers.get('GET workshops') as { body: object };
    server.answer('GET workshops', { ...body, message: 'Closed on Sunday.' });
    await open(server);
    expect(one('[data-notice="message"]').textContent).toBe(
      'Closed on Sunday.'
    );
  });

  it('is not there when there is none', async () => {
    await show(NOT_PREPARED);
    expect(host.querySelector('[data-notice="message"]')).toBeNull();
  });
});

describe('What the administrator has switched off', () => {
  const profile = {
    id: 'no-gpu',
    title: 'No GPU',
    text: 'Less.',
    state: 'off',
    recommended: true
  } as const;
  const withAll = (disabled: Snapshot['disabled']): Snapshot =>
    withStep(
      snapshot({ disabled, profiles: [profile] }),
      'data',
      step('data', 'Make the data', { parameters: [parameter()] })
    );

  it('is not offered', async () => {
    await show(withAll(['parameters']));
    expect(host.querySelector('[data-parameter]')).toBeNull();
    expect(host.querySelector('[data-action="profile"]')).toBeNull();
  });

  it('is offered elsewhere', async () => {
    await show(withAll(['private_sources']));
    expect(host.querySelector('[data-parameter]')).not.toBeNull();
    expect(host.querySelector('[data-action="profile"]')).not.toBeNull();
  });

  it.each([
    [[], 1],
    [['private_sources'], 0]
  ] as const)('leaves the token out: %j', async (disabled, fields) => {
    const failure = {
      code: 'authentication_needed',
      message: 'Asks for a login.',
      hint: '',
      details: ''
    };
    const preparation = NOT_PREPARED.preparation.map(part =>
      part.name === 'materials'
        ? { ...part, state: 'failed' as const, failure }
        : part
    );
    await show({ ...NOT_PREPARED, preparation, disabled });
    expect(host.querySelectorAll('[data-action="token"]')).toHaveLength(fields);
  });
});
