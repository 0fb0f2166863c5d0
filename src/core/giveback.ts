import type { Catalogue, RecordedCell, Snapshot } from './snapshot';

/** A cell of an open notebook, as far as giving back its outputs is concerned. */
export interface IHeldCell {
  /** The cell's id; notebooks of nbformat before 4.5 get theirs from the page. */
  readonly id: string;
  /** Whether it is a code cell. */
  readonly code: boolean;
  /** Its source as it is in the page. */
  readonly source: string;
  /** The count of the run whose outputs it shows; `null` if it shows none or runs. */
  readonly executionCount: number | null;
  /** Whether this page has asked for its execution and still waits for the answer. */
  readonly executing: boolean;
}

/** A run whose outputs this page has begun to give back. */
export interface IGiven {
  /** The run, as the server calls it. */
  readonly run: string;
  /** The version of the outputs that the cell has. */
  readonly version: number;
  /** The outputs themselves, as they were written. */
  readonly outputs: RecordedCell['outputs'];
  /** Whether the cell has all of it. */
  readonly ended: boolean;
}

/** Something to write: the outputs of a run, into the cell at that position. */
export interface IGift {
  /** The cell's position among all cells of the open notebook. */
  readonly at: number;
  /** What it gets. */
  readonly record: RecordedCell;
}

/** What a page knows that decides what it may write. */
export interface IGiveBackFacts {
  /** All cells of the open notebook, in order. */
  readonly held: readonly IHeldCell[];
  /** Whether the page has the cells just as they are in the file. */
  readonly asInFile: boolean;
  /** The session of this page's own connection to the kernel; `null` without one. */
  readonly client: string | null;
  /** What this page has given back so far, by the cell's id. */
  readonly given: ReadonlyMap<string, IGiven>;
  /** Ids of cells that this page ran since the server was asked. */
  readonly touched: ReadonlySet<string>;
}

/**
 * What of the recorded outputs an open notebook lacks.
 *
 * Outputs of runs that it asked for itself come from the kernel. A cell that has
 * something newer, or runs again, keeps what it has.
 */
export function gifts(
  recorded: readonly RecordedCell[],
  facts: IGiveBackFacts
): readonly IGift[] {
  return recorded.flatMap(record => {
    if (record.requester === facts.client) {
      return [];
    }
    const at = place(record, facts);
    const cell = facts.held[at];
    return cell && mayHave(cell, record, facts) ? [{ at, record }] : [];
  });
}

/** Whether there may be more to give back soon: somebody else's run goes on. */
export function goesOn(
  recorded: readonly RecordedCell[],
  client: string | null
): boolean {
  return recorded.some(each => each.running && each.requester !== client);
}

/** The position of the cell meant; -1 if that cannot be told. */
function place(record: RecordedCell, facts: IGiveBackFacts): number {
  const { held, asInFile } = facts;
  if (record.id !== null) {
    const at = held.findIndex(each => each.id === record.id);
    if (at >= 0) {
      return at;
    }
  }
  const there = held[record.index];
  const known =
    there !== undefined &&
    (asInFile || there.source.trim() === record.source.trim());
  return known && record.id === null ? record.index : -1;
}

function mayHave(
  cell: IHeldCell,
  record: RecordedCell,
  facts: IGiveBackFacts
): boolean {
  if (!cell.code || cell.executing || facts.touched.has(cell.id)) {
    return false;
  }
  const given = facts.given.get(cell.id);
  if (given?.run === record.run) {
    const news = record.version > given.version || !record.running;
    return !given.ended && news && cell.executionCount === null;
  }
  return record.lost && cell.executionCount === record.file_execution_count;
}

/** A module whose notebook may be given outputs. */
export interface IGivenModule {
  /** The workshop that it belongs to. */
  readonly workshop: string;
  /** Its identifier in that workshop. */
  readonly id: string;
  /** Whether its kernel is known to run something. */
  readonly busy: boolean;
}

/** Which module's notebook lies at a path: one of the workshop shown, else of another. */
export function moduleAt(
  path: string,
  state: {
    readonly snapshot: Snapshot | null;
    readonly catalogue: Catalogue | null;
  }
): IGivenModule | null {
  const { snapshot, catalogue } = state;
  const shown = snapshot?.modules.find(each => each.notebook === path);
  if (snapshot && shown) {
    const busy = shown.kernel === 'busy';
    return { workshop: snapshot.id, id: shown.id, busy };
  }
  for (const { id, notebooks } of catalogue?.workshops ?? []) {
    const other = notebooks.find(each => each.path === path);
    if (other) {
      return { workshop: id, id: other.module, busy: false };
    }
  }
  return null;
}
