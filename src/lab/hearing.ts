import type { ISessionContext } from '@jupyterlab/apputils';
import { clientFailure, WorkshopFailure } from '../core/failure';

/** Milliseconds without contact after which nobody waits for a kernel's answer. */
const PATIENCE = 15_000;
/** Milliseconds in which a kernel that was shut down is taken off its notebook. */
const MOMENT = 2000;

/**
 * Wait for what a kernel is asked to do, but not when it cannot answer any more.
 *
 * Resolves with what was waited for, or with `undefined` when the kernel died or was shut
 * down, or the notebook was closed. Rejects when the connection to the kernel is lost.
 */
export async function whileHeard<T>(
  session: ISessionContext,
  work: Promise<T>
): Promise<T | undefined> {
  let stop = (): void => undefined;
  const end = new Promise<undefined>((resolve, reject) => {
    const kernel = session.session?.kernel;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const giveUp = () => {
      // A kernel that was shut down or changed is not lost, but gone on purpose.
      if (kernel?.isDisposed === false && session.session?.kernel === kernel) {
        reject(new WorkshopFailure(clientFailure('kernel-unheard')));
      } else {
        resolve(undefined);
      }
    };
    const onConnection = (_: unknown, status: string) => {
      clearTimeout(timer);
      if (status !== 'connected') {
        timer = setTimeout(giveUp, status === 'connecting' ? PATIENCE : MOMENT);
      }
    };
    const onStatus = (_: unknown, status: string) => {
      if (status === 'dead') {
        resolve(undefined);
      }
    };
    const onDisposed = () => resolve(undefined);
    session.connectionStatusChanged.connect(onConnection);
    session.statusChanged.connect(onStatus);
    session.disposed.connect(onDisposed);
    stop = () => {
      clearTimeout(timer);
      session.connectionStatusChanged.disconnect(onConnection);
      session.statusChanged.disconnect(onStatus);
      session.disposed.disconnect(onDisposed);
    };
  });
  try {
    return await Promise.race([work, end]);
  } finally {
    stop();
  }
}
