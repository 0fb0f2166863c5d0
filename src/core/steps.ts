import { isSettled } from './materials';
import type {
  CellRef,
  JobKind,
  JobStatus,
  ModuleView,
  Snapshot,
  StepView
} from './snapshot';

/** The jobs that bring one part of getting ready, which shows them in its own row. */
const PARTS: readonly JobKind[] = [
  'materials',
  'data',
  'patches',
  'environment'
];

/** A step and the module it belongs to. */
export interface IPlace {
  /**
   *
   */
  readonly module: ModuleView;
  /**
   *
   */
  readonly step: StepView;
}

/** Every step of a workshop, in order. */
export function places(snapshot: Snapshot): readonly IPlace[] {
  return snapshot.modules.flatMap(module =>
    module.steps.map(step => ({ module, step }))
  );
}

/** The step with these ids, or `null`. */
export function findStep(
  snapshot: Snapshot,
  module: string,
  step: string
): IPlace | null {
  return (
    places(snapshot).find(
      place => place.module.id === module && place.step.id === step
    ) ?? null
  );
}

/** The step that runs, or `null`. */
export function runningStep(snapshot: Snapshot): IPlace | null {
  return places(snapshot).find(({ step }) => step.state === 'running') ?? null;
}

/**
 * The step that has the attendee's attention: what runs, what is next, or what failed.
 */
export function focus(snapshot: Snapshot): IPlace | null {
  return (
    runningStep(snapshot) ??
    findStep(snapshot, snapshot.next.module, snapshot.next.step) ??
    places(snapshot).find(place => place.step.state === 'failed') ??
    null
  );
}

/** The jobs that run now. */
export function runningJobs(snapshot: Snapshot): readonly JobStatus[] {
  return snapshot.jobs.filter(job => job.state === 'running');
}

/**
 * The jobs to show on top: looking at the machine is of no interest beside other work,
 * and while everything is got ready each part shows its own.
 */
export function shownJobs(snapshot: Snapshot): readonly JobStatus[] {
  const running = runningJobs(snapshot);
  const preparing = running.some(job => job.kind === 'prepare');
  const work = running.filter(
    job => job.kind !== 'preflight' && !(preparing && PARTS.includes(job.kind))
  );
  return work.length > 0 ? work : running;
}

/** Whether a job or a step runs, so that news should come soon. */
export function isBusy(snapshot: Snapshot): boolean {
  return runningJobs(snapshot).length > 0 || runningStep(snapshot) !== null;
}

/**
 * Whether a step may be run: none runs, and nothing writes into the notebooks. Data and
 * packages may still be on their way; the server says which steps wait for them.
 */
export function mayRun(snapshot: Snapshot): boolean {
  return isSettled(snapshot) && runningStep(snapshot) === null;
}

/** Whether every part of the preparation is done. */
export function isPrepared(snapshot: Snapshot): boolean {
  return snapshot.preparation.every(part => part.state === 'done');
}

/** How many steps are done. */
export function countDone(steps: readonly StepView[]): number {
  return steps.filter(step => step.state === 'done').length;
}

/**
 * The place of a cell among a step's cells, from 1, or `null` when it is none of them.
 */
export function cellNumber(step: StepView, cell: CellRef): number | null {
  const place = step.cells.findIndex(each => each.index === cell.index);
  return place < 0 ? null : place + 1;
}

/** Seconds that the steps which are not done should take together. */
export function expectedLeft(steps: readonly StepView[]): number {
  return steps
    .filter(step => step.state !== 'done')
    .reduce((sum, step) => sum + step.expected, 0);
}

/**
 * How much of a running step is done, 0 to 1, or `null` when nothing tells.
 *
 * Epochs and steps that a training printed count most; else whole cells do.
 */
export function fraction(step: StepView): number | null {
  const training = step.training;
  if (training?.epochs) {
    const within =
      training.step !== null && training.steps
        ? training.step / training.steps
        : 0;
    const before = Math.max((training.epoch ?? 1) - 1, 0);
    return bounded((before + within) / training.epochs);
  }
  if (training?.steps && training.step !== null) {
    return bounded(training.step / training.steps);
  }
  return step.cells.length > 1
    ? bounded(step.cells_done / step.cells.length)
    : null;
}

/**
 * Seconds that a running step still needs, or `null` when nobody can know.
 *
 * What the server measured by the training's own pace, where it has done so; else what
 * the definition expects and, once a fifth of a training is done, what it took for that.
 *
 * @param elapsed - Seconds since the step started, by now.
 */
export function timeLeft(step: StepView, elapsed: number): number | null {
  const measured = step.training?.left ?? null;
  if (measured !== null) {
    const now = measured - (elapsed - (step.elapsed ?? elapsed));
    return now > 0 ? now : null;
  }
  const done = step.training ? fraction(step) : null;
  if (done !== null && done >= 0.2) {
    return (elapsed * (1 - done)) / done;
  }
  const left = step.expected - elapsed;
  return left > 0 ? left : null;
}

function bounded(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}
