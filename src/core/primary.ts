import type { ModuleView, Snapshot } from './snapshot';
import { findStep, isPrepared, places, type IPlace } from './steps';

/** What the primary button offers; `again` after something failed. */
export type Primary =
  | { readonly kind: 'wait' | 'finished' | 'trust' }
  | { readonly kind: 'prepare'; readonly again: boolean }
  | { readonly kind: 'bring-back'; readonly module: ModuleView }
  | { readonly kind: 'run'; readonly again: boolean; readonly place: IPlace };

/**
 * The one obvious thing to do.
 *
 * @param pending - Whether an action that was asked for has not yet reached the snapshot.
 */
export function primary(snapshot: Snapshot, pending: boolean): Primary {
  if (pending) {
    return { kind: 'wait' };
  }
  const { action, module, step } = snapshot.next;
  switch (action) {
    case 'prepare':
      return { kind: 'prepare', again: hasFailedPart(snapshot) };
    case 'run':
      return run(findStep(snapshot, module, step));
    case 'stuck':
      return isPrepared(snapshot)
        ? goOn(snapshot)
        : { kind: 'prepare', again: true };
    case 'trust':
      return { kind: 'trust' };
    case 'finished':
      return { kind: 'finished' };
    case 'wait':
      return { kind: 'wait' };
  }
}

/** The way on when everything was got ready: a failed step, or a notebook that is gone. */
function goOn(snapshot: Snapshot): Primary {
  const failed = places(snapshot).find(({ step }) => step.state === 'failed');
  const module = snapshot.modules.find(each => each.absent);
  return failed || !module ? run(failed) : { kind: 'bring-back', module };
}

function run(place: IPlace | null | undefined): Primary {
  return place
    ? { kind: 'run', again: place.step.state === 'failed', place }
    : { kind: 'prepare', again: true };
}

/** Whether getting ready was tried and did not work. */
function hasFailedPart(snapshot: Snapshot): boolean {
  return snapshot.preparation.some(part => part.state === 'failed');
}
