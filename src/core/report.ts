import type { MetricValue, ModuleView } from './snapshot';

/** The last values that a module's trainings printed, those of the last training. */
export function finalMetrics(module: ModuleView): readonly MetricValue[] {
  const trained = module.steps
    .map(step => step.training?.metrics ?? [])
    .filter(metrics => metrics.length > 0);
  return trained[trained.length - 1] ?? [];
}

/**
 * A path of the contents API as seen from a folder: "report.html", "../report.html".
 *
 * @param path - Relative to the server's root.
 * @param folder - Relative to the server's root.
 */
export function relativeTo(folder: string, path: string): string {
  const from = folder.split('/').filter(part => part !== '');
  const to = path.split('/').filter(part => part !== '');
  let shared = 0;
  while (shared < from.length && from[shared] === to[shared]) {
    shared += 1;
  }
  const up = from.slice(shared).map(() => '..');
  return [...up, ...to.slice(shared)].join('/');
}
