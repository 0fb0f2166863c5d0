import type { JobKind, Snapshot } from './snapshot';
import { places } from './steps';

/** Something that happened and is worth saying to who cannot see the panel. */
export type Announcement =
  | {
      readonly kind: 'step-done' | 'step-failed' | 'step-running';
      readonly title: string;
    }
  | {
      readonly kind: 'job-running' | 'job-done' | 'job-failed' | 'job-stopped';
      readonly job: JobKind;
    }
  | { readonly kind: 'finished' | 'outdated' };

/**
 * What changed from one snapshot to the next, in few words.
 *
 * Progress within a step or a job is left out on purpose: it would never stop talking.
 */
export function announcements(
  before: Snapshot | null,
  after: Snapshot
): readonly Announcement[] {
  if (before?.id !== after.id) {
    return [];
  }
  const said = [...ofJobs(before, after), ...ofSteps(before, after)];
  if (after.materials.outdated && !before.materials.outdated) {
    said.push({ kind: 'outdated' });
  }
  if (after.next.action === 'finished' && before.next.action !== 'finished') {
    said.push({ kind: 'finished' });
  }
  return said;
}

function ofSteps(before: Snapshot, after: Snapshot): Announcement[] {
  const kinds = {
    done: 'step-done',
    failed: 'step-failed',
    running: 'step-running'
  } as const;
  const earlier = new Map(
    places(before).map(({ module, step }) => [
      `${module.id}/${step.id}`,
      step.state
    ])
  );
  return places(after).flatMap(({ module, step }): Announcement[] => {
    const changed = earlier.get(`${module.id}/${step.id}`) !== step.state;
    const { state, title } = step;
    return changed && state in kinds
      ? [{ kind: kinds[state as keyof typeof kinds], title }]
      : [];
  });
}

function ofJobs(before: Snapshot, after: Snapshot): Announcement[] {
  const kinds = {
    running: 'job-running',
    succeeded: 'job-done',
    failed: 'job-failed',
    cancelled: 'job-stopped'
  } as const;
  const earlier = new Map(before.jobs.map(job => [job.id, job.state]));
  return after.jobs
    .filter(job => job.kind !== 'preflight')
    .filter(job => earlier.get(job.id) !== job.state)
    .map(job => ({ kind: kinds[job.state], job: job.kind }));
}
