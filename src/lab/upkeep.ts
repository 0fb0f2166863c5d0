import { mayHaveWritten } from '../core/materials';
import type { Snapshot } from '../core/snapshot';
import type { IWorkshop, IWorkshopState } from '../tokens';
import type { Notebooks } from './notebooks';

/**
 * Keeps the page in step with what the server did: kernelspecs that were made, notebook
 * files that were patched, updated, or begun anew.
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
      if (mayHaveWritten(before, after)) {
        notebooks
          .takeFromDisk(notebooks.below(after.folder))
          .catch(console.warn);
      }
    }
    before = after;
  });
}
