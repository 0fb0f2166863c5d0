import type { Event } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import { WorkshopClient } from '../lab/client';
import { Workshop } from '../lab/workshop';
import { job, snapshot, withStep } from './fixtures';
import { Server } from './server';

const SCHEMA = 'https://events.jupyter.org/jupyter_monai_workshop/snapshot/v1';

let server: Server;
let events: Signal<object, Event.Emission>;
let workshop: Workshop;

beforeEach(() => {
  jest.useFakeTimers();
  server = new Server(snapshot(), snapshot({ id: 'rsna 2023', number: 1 }));
  events = new Signal<object, Event.Emission>({});
  workshop = new Workshop(
    new WorkshopClient(server.settings),
    events as unknown as Event.Stream
  );
});

afterEach(() => {
  workshop.dispose();
  jest.useRealTimers();
});

function push(number: number, id = 'first-light'): void {
  events.emit({
    schema_id: SCHEMA,
    workshop: id,
    number,
    server: 'server-a'
  });
}

/** How often the snapshot was read. */
function reads(): number {
  return server.paths('GET').filter(path => path !== 'workshops').length;
}

it('opens on the workshop that the server names', async () => {
  await workshop.start();
  expect(workshop.state.snapshot?.id).toBe('first-light');
});

it('reads nothing before it is started', async () => {
  push(8);
  await jest.advanceTimersByTimeAsync(120_000);
  expect(server.asked).toEqual([]);
});

it('reads again when a push tells of news', async () => {
  await workshop.start();
  server.show(snapshot({ number: 8, title: 'Newer' }));
  push(8);
  await jest.advanceTimersByTimeAsync(1000);
  expect(workshop.state.snapshot?.title).toBe('Newer');
});

it('ignores pushes that are old or of another workshop', async () => {
  await workshop.start();
  push(7);
  push(99, 'rsna 2023');
  await jest.advanceTimersByTimeAsync(1000);
  expect(reads()).toBe(1);
});

it('reads at most four times a second however much is pushed', async () => {
  await workshop.start();
  const before = reads();
  for (let tick = 0; tick < 200; tick++) {
    push(100 + tick);
    await jest.advanceTimersByTimeAsync(10);
  }
  expect(reads() - before).toBeGreaterThan(4);
  expect(reads() - before).toBeLessThanOrEqual(9);
});

it('never has two reads under way', async () => {
  await workshop.start();
  let open = 0;
  let most = 0;
  const client = new WorkshopClient(server.settings);
  const slow = new Workshop(client, events as unknown as Event.Stream);
  jest.spyOn(client, 'snapshot').mockImplementation(async () => {
    most = Math.max(most, ++open);
    await new Promise(resolve => setTimeout(resolve, 900));
    open--;
    return snapshot();
  });
  const started = slow.start();
  await jest.advanceTimersByTimeAsync(1000);
  await started;
  for (let tick = 0; tick < 50; tick++) {
    push(100 + tick);
    await jest.advanceTimersByTimeAsync(100);
  }
  slow.dispose();
  expect(most).toBe(1);
});

it('reads after five silent seconds while a job runs', async () => {
  server.show(snapshot({ jobs: [job()] }));
  await workshop.start();
  await jest.advanceTimersByTimeAsync(300);
  push(8);
  await jest.advanceTimersByTimeAsync(300);
  const before = reads();
  await jest.advanceTimersByTimeAsync(4500);
  expect(reads()).toBe(before);
  await jest.advanceTimersByTimeAsync(1000);
  expect(reads()).toBe(before + 1);
});

it('asks the server seldom while nothing runs and nothing is pushed', async () => {
  await workshop.start();
  const before = reads();
  await jest.advanceTimersByTimeAsync(9_000);
  expect(reads()).toBe(before);
  server.show(snapshot({ number: 8, title: 'Newer' }));
  await jest.advanceTimersByTimeAsync(51_000);
  expect(workshop.state.snapshot?.title).toBe('Newer');
  expect(reads() - before).toBeLessThanOrEqual(6);
});

it('reads when the window becomes visible again', async () => {
  await workshop.start();
  const before = reads();
  document.dispatchEvent(new window.Event('visibilitychange'));
  await jest.advanceTimersByTimeAsync(1000);
  expect(reads()).toBe(before + 1);
});

it('keeps what it shows when the server is away, and recovers', async () => {
  await workshop.start();
  server.answers.set('GET workshops/first-light', 'unreachable');
  await workshop.refresh();
  expect(workshop.state.problem?.code).toBe('server-unreachable');
  expect(workshop.state.snapshot?.id).toBe('first-light');
  await jest.advanceTimersByTimeAsync(60_000);
  server.show(snapshot({ number: 9 }));
  await jest.advanceTimersByTimeAsync(6000);
  expect(workshop.state.problem).toBeNull();
});

it('tells when the server part is missing', async () => {
  server.answers.clear();
  await workshop.start();
  expect(workshop.state.problem?.code).toBe('extension-missing');
});

it('switches to another workshop and has it remembered', async () => {
  await workshop.start();
  server.answer('PUT selection', { workshop: 'rsna 2023' });
  server.answers.set('GET workshops/rsna%202023', {
    status: 200,
    body: snapshot({ id: 'rsna 2023', number: 1 })
  });
  await workshop.select('rsna 2023');
  expect(workshop.state.snapshot?.id).toBe('rsna 2023');
  expect(server.asked.find(each => each.method === 'PUT')?.body).toEqual({
    workshop: 'rsna 2023'
  });
});

it('starts a job with a key of its own each time', async () => {
  await workshop.start();
  server.answer('POST workshops/first-light/jobs', job(), 202);
  await workshop.startJob('prepare');
  await workshop.startJob('prepare');
  const keys = server.asked
    .filter(each => each.method === 'POST')
    .map(each => (each.body as { key: string }).key);
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(new Set(keys).size).toBe(2);
});

it('shows why an action did not work until it is dismissed', async () => {
  await workshop.start();
  const refusal = {
    code: 'busy',
    message: 'Something runs already.',
    hint: '',
    details: ''
  };
  server.answer('POST workshops/first-light/jobs', refusal, 409);
  await workshop.act({ action: 'prepare' }, () => workshop.startJob('prepare'));
  expect(workshop.state.notice).toEqual(refusal);
  expect(workshop.state.pending).toBeNull();
  workshop.dismiss();
  expect(workshop.state.notice).toBeNull();
});

it('lets only one thing be pending', async () => {
  await workshop.start();
  const second = jest.fn();
  const first = workshop.act(
    { action: 'prepare' },
    () => new Promise(resolve => setTimeout(resolve, 10))
  );
  await workshop.act({ action: 'open-notebook' }, second);
  await jest.advanceTimersByTimeAsync(20);
  await first;
  expect(second).not.toHaveBeenCalled();
});

it('hands a step that runs over to the snapshot', async () => {
  await workshop.start();
  const pending = { action: 'run-step', module: 'classify', step: 'data' };
  const done = workshop.act(
    pending as never,
    () => new Promise(resolve => setTimeout(resolve, 60_000))
  );
  expect(workshop.state.pending).toEqual(pending);
  server.show(withStep(snapshot(), 'data', { state: 'running' }));
  await workshop.refresh();
  expect(workshop.state.pending).toBeNull();
  await jest.advanceTimersByTimeAsync(60_000);
  await done;
});
