import type { JobKind, Snapshot } from './snapshot';
import { places } from './steps';

/** Something that happened and is worth saying to who cannot see the panel. */
export type Announcement =
  | {
      readonly kind:
        | 'step-done'
        | 'step-failed'
        | 'step-running'
        | 'step-stopped'
        | 'kernel-dead'
        | 'kernel-unheard';
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
  const said = [
    ...ofJobs(before, after),
    ...ofSteps(before, after),
    ...ofKernels(before, after)
  ];
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
    const was = earlier.get(`${module.id}/${step.id}`);
    const { state, title } = step;
    if (was === state) {
      return [];
    }
    if (state in kinds) {
      return [{ kind: kinds[state as keyof typeof kinds], title }];
    }
    return was === 'running' ? [{ kind: 'step-stopped', title }] : [];
  });
}

function ofKernels(before: Snapshot, after: Snapshot): Announcement[] {
  const earlier = new Map(before.modules.map(({ id, kernel }) => [id, kernel]));
  return after.modules.flatMap(({ id, kernel, title }): Announcement[] =>
    (kernel === 'dead' || kernel === 'unheard') && earlier.get(id) !== kernel
      ? [{ kind: `kernel-${kernel}`, title }]
      : []
  );
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
