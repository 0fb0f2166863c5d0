/** What the page of somebody who has the same notebook open tells the others. */
export interface IPresence {
  /** The session of its connection to the kernel; `null` while it has none. */
  readonly kernel: string | null;
}

/** Everybody who has the notebook open, by the number that the room gave them. */
export type Room = ReadonlyMap<number, IPresence>;

/**
 * Who writes the outputs of a run into the shared notebook: exactly one.
 *
 * Whoever asked for the run has them from the kernel, if still there. Else it is the one
 * with the lowest number, of those that hear the kernel if any does; the others see what
 * that one writes.
 *
 * @param requester - The session that asked for the run.
 * @returns The writer's number; `null` when nobody is there.
 */
export function writer(room: Room, requester: string): number | null {
  const all = [...room].sort(([one], [other]) => one - other);
  const hearing = all.filter(([, { kernel }]) => kernel !== null);
  const first =
    hearing.find(([, { kernel }]) => kernel === requester) ??
    hearing[0] ??
    all[0];
  return first?.[0] ?? null;
}
