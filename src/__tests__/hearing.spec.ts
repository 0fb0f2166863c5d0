import type { ISessionContext } from '@jupyterlab/apputils';
import { Signal } from '@lumino/signaling';
import { asFailure } from '../core/failure';
import { whileHeard } from '../lab/hearing';

let kernel: { isDisposed: boolean };
const connection = new Signal<object, string>({});
const status = new Signal<object, string>({});
const disposed = new Signal<object, void>({});

/** Begin to wait for a kernel; what comes of it is noted when it comes. */
function wait(work: Promise<boolean>): { came: unknown } {
  const context = {
    session: { kernel },
    connectionStatusChanged: connection,
    statusChanged: status,
    disposed
  } as unknown as ISessionContext;
  const noted: { came: unknown } = { came: 'nothing yet' };
  whileHeard(context, work).then(
    came => (noted.came = came),
    (reason: unknown) => (noted.came = asFailure(reason).code)
  );
  return noted;
}

const NEVER = new Promise<boolean>(() => undefined);

beforeEach(() => {
  jest.useFakeTimers();
  kernel = { isDisposed: false };
});

afterEach(() => jest.useRealTimers());

describe('what a kernel is asked to do', () => {
  it('is waited for', async () => {
    const noted = wait(Promise.resolve(true));
    await jest.advanceTimersByTimeAsync(0);
    expect(noted.came).toBe(true);
  });

  it('is waited for through a short loss of the connection', async () => {
    const noted = wait(NEVER);
    connection.emit('connecting');
    await jest.advanceTimersByTimeAsync(10_000);
    connection.emit('connected');
    await jest.advanceTimersByTimeAsync(60_000);
    expect(noted.came).toBe('nothing yet');
  });

  it.each(['connecting', 'disconnected'])(
    'is not waited for when the connection is lost (%s)',
    async lost => {
      const noted = wait(NEVER);
      connection.emit(lost);
      await jest.advanceTimersByTimeAsync(20_000);
      expect(noted.came).toBe('kernel-unheard');
    }
  );

  it('comes to nothing when the kernel is shut down on purpose', async () => {
    const noted = wait(NEVER);
    connection.emit('disconnected');
    kernel.isDisposed = true;
    await jest.advanceTimersByTimeAsync(20_000);
    expect(noted.came).toBeUndefined();
  });

  it.each([
    ['dies', () => status.emit('dead')],
    ['loses its notebook', () => disposed.emit()]
  ])('comes to nothing when the kernel %s', async (_, happens) => {
    const noted = wait(NEVER);
    happens();
    await jest.advanceTimersByTimeAsync(0);
    expect(noted.came).toBeUndefined();
  });
});
