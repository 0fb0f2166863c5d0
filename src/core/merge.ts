import type { IPush, Snapshot } from './snapshot';

/**
 * The one of two snapshots to show.
 *
 * Answers may overtake each other, so of two snapshots that the same server process
 * counted the higher number wins. Numbers of different processes do not compare: what
 * was read last wins.
 */
export function newer(held: Snapshot | null, read: Snapshot): Snapshot {
  const comparable =
    held !== null && held.id === read.id && held.server === read.server;
  return comparable && held.number > read.number ? held : read;
}

/** Whether a push tells of a snapshot that is not held yet. */
export function isNews(held: Snapshot | null, push: IPush): boolean {
  if (held?.id !== push.workshop) {
    return false;
  }
  return held.server !== push.server || push.number > held.number;
}

/** The push that an event's data is, or `null` when it is something else. */
export function asPush(data: unknown): IPush | null {
  if (typeof data !== 'object' || data === null) {
    return null;
  }
  const { workshop, number, server } = data as Partial<IPush>;
  return typeof workshop === 'string' &&
    typeof number === 'number' &&
    typeof server === 'string'
    ? { workshop, number, server }
    : null;
}
