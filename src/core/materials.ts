import type { Failure, JobKind, JobStatus, Snapshot } from './snapshot';

/** The jobs that change the version of what is there, or one notebook as a whole. */
const CHANGES: readonly JobKind[] = ['update', 'undo', 'start_again'];
/** The jobs that write into notebooks which may be open. */
const WRITERS: readonly JobKind[] = [
  'materials',
  'patches',
  'parameters',
  'profile',
  'solution',
  ...CHANGES
];

/** Whether nothing writes into the notebooks' files now. */
export function isSettled(snapshot: Snapshot): boolean {
  return !snapshot.jobs.some(
    job => job.state === 'running' && WRITERS.includes(job.kind)
  );
}

/**
 * Whether notebooks on disk may have changed from one snapshot to the next.
 *
 * A quick job may begin and end between the two, and an update may have been made by
 * another program.
 */
export function mayHaveWritten(before: Snapshot, after: Snapshot): boolean {
  const ofInterest = (job: JobStatus) =>
    job.kind === 'prepare' || WRITERS.includes(job.kind);
  const known = new Map(before.jobs.map(job => [job.id, job.state]));
  const now = new Map(after.jobs.map(job => [job.id, job.state]));
  const ended = after.jobs.some(
    job =>
      ofInterest(job) &&
      job.state !== 'running' &&
      (known.get(job.id) ?? 'running') === 'running'
  );
  const vanished = before.jobs.some(
    job => ofInterest(job) && job.state === 'running' && !now.has(job.id)
  );
  const { update: earlier } = before.materials;
  const { update: later } = after.materials;
  return ended || vanished || earlier?.when !== later?.when;
}

/** The jobs of which a failure is told nowhere else. */
const TOLD: readonly JobKind[] = [
  ...CHANGES,
  'parameters',
  'profile',
  'solution',
  'report'
];

/**
 * The last job that the attendee asked for, if it failed; `null` when it went well, was
 * stopped, or runs. Getting ready tells its failures itself.
 */
export function failedChange(
  snapshot: Snapshot
): (JobStatus & { readonly failure: Failure }) | null {
  const changes = snapshot.jobs.filter(job => TOLD.includes(job.kind));
  if (changes.some(job => job.state === 'running')) {
    return null;
  }
  const [last] = changes.sort((one, other) =>
    (other.finished ?? '').localeCompare(one.finished ?? '')
  );
  return last?.state === 'failed' && last.failure !== null
    ? { ...last, failure: last.failure }
    : null;
}

/** Whether an access token would help. */
export function asksForToken(failure: Failure): boolean {
  return failure.code === 'authentication_needed';
}
