import type { JobStatus, Snapshot } from '../core/snapshot';
import type { IWorkshop, IWorkshopState } from '../tokens';
import type { Notebooks } from './notebooks';

/**
 * Keeps the page in step with what the server did: kernelspecs that were made, notebook
 * files that were patched.
 *
 * @param workshop - The workshop to watch.
 * @param notebooks - What to keep in step.
 */
export function keepInStep(workshop: IWorkshop, notebooks: Notebooks): void {
  let before: Snapshot | null = null;
  workshop.changed.connect((_, { snapshot: after }: IWorkshopState) => {
    if (after === null || after === before) {
      return;
    }
    if (before?.id === after.id) {
      if (
        before.kernel.state === 'missing' &&
        after.kernel.state !== 'missing'
      ) {
        notebooks.refreshKernelspecs().catch(console.warn);
      }
      if (patchingEnded(before, after)) {
        notebooks
          .takeFromDisk(after.modules.map(module => module.notebook))
          .catch(console.warn);
      }
    }
    before = after;
  });
}

function patchingEnded(before: Snapshot, after: Snapshot): boolean {
  const runs = (job: JobStatus) =>
    job.state === 'running' &&
    (job.kind === 'prepare' || job.kind === 'patches');
  return before.jobs.some(
    job =>
      runs(job) && !after.jobs.some(each => each.id === job.id && runs(each))
  );
}
