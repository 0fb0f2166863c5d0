import { act } from 'react';
import { job, parts, snapshot } from './fixtures';
import { click, executed, host, one, server, show, workshop } from './harness';

const SECRET = 'gh-secret-1234';
const failure = {
  code: 'authentication_needed',
  message: 'The server asks for a login.',
  hint: '',
  details: ''
};

function partFails(name: string, code = failure.code) {
  return snapshot({
    preparation: parts('done').map(part =>
      part.name === name
        ? { ...part, state: 'failed', failure: { ...failure, code } }
        : part
    )
  });
}

async function send(token: string): Promise<void> {
  server.answer('POST workshops/first-light/jobs', job(), 202);
  const field = one<HTMLInputElement>('[data-action="token"]');
  field.value = token;
  await act(async () => {
    one('[data-action="send-token"]').click();
    await new Promise(resolve => setTimeout(resolve, 20));
  });
}

function posted(): unknown[] {
  return server.asked
    .filter(each => each.method === 'POST')
    .map(each => each.body);
}

it('is asked for where the materials are private', async () => {
  await show(partFails('materials'));
  const field = one<HTMLInputElement>('[data-action="token"]');
  expect(field.type).toBe('password');
  expect(field.autocomplete).toBe('off');
});

it.each([
  ['another part', partFails('environment')],
  ['another failure', partFails('materials', 'server_unreachable')]
])('is not asked for by %s', async (_, given) => {
  await show(given);
  expect(host.querySelector('[data-action="token"]')).toBeNull();
});

it('goes with one try, and stays nowhere', async () => {
  await show(partFails('materials'));
  const logged = (['log', 'info', 'warn', 'error', 'debug'] as const).map(
    level => jest.spyOn(console, level).mockImplementation()
  );
  await send(SECRET);
  expect(posted()).toEqual([
    { kind: 'prepare', token: SECRET, key: expect.any(String) as string }
  ]);
  expect(one<HTMLInputElement>('[data-action="token"]').value).toBe('');
  expect(executed).toEqual([]);
  expect(JSON.stringify(workshop.state)).not.toContain(SECRET);
  expect(document.documentElement.outerHTML).not.toContain(SECRET);
  expect(location.href).not.toContain(SECRET);
  expect(server.asked.map(each => each.path).join()).not.toContain(SECRET);
  expect(localStorage).toHaveLength(0);
  expect(sessionStorage).toHaveLength(0);
  expect(JSON.stringify(logged.map(each => each.mock.calls))).not.toContain(
    SECRET
  );
  logged.forEach(each => each.mockRestore());
});

it('is sent by Enter too', async () => {
  await show(partFails('materials'));
  server.answer('POST workshops/first-light/jobs', job(), 202);
  const field = one<HTMLInputElement>('[data-action="token"]');
  field.value = SECRET;
  await act(async () => {
    field.dispatchEvent(
      new KeyboardEvent('keydown', { key: 'Enter', bubbles: true })
    );
    await new Promise(resolve => setTimeout(resolve, 20));
  });
  expect(posted()).toHaveLength(1);
});

it('is not sent when there is none', async () => {
  await show(partFails('materials'));
  await send('  ');
  expect(posted()).toEqual([]);
});

it('goes with the update that asked for it, and with its choice', async () => {
  await show(
    snapshot({
      materials: { outdated: true, update: null },
      jobs: [job({ kind: 'update', state: 'failed', failure })]
    })
  );
  await click('[data-notice] .jp-MonaiWorkshop-disclosure button');
  await click('[data-action="restore-deleted"]');
  await send(SECRET);
  expect(posted()).toEqual([
    {
      kind: 'update',
      token: SECRET,
      restore_deleted: true,
      key: expect.any(String) as string
    }
  ]);
});
