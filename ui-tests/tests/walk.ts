import { expect } from '@playwright/test';
import type { Panel } from './panel';

/** What may happen on the way. */
export interface IWalkOptions {
  /** The module after which the walk ends; else it goes through all. */
  module?: string;
  /** Presses the primary button; a click where it is left out. */
  press?: () => Promise<void>;
  /** Called when the materials, patches and environment are being prepared. */
  onPreparing?: () => Promise<void>;
  /** Called when everything is prepared. */
  onPrepared?: () => Promise<void>;
  /** Called when the first training runs and says so. */
  onTraining?: () => Promise<void>;
  /** Called when a step is done. */
  onDone?: () => Promise<void>;
}

/** How long a preparation or a step may take, in milliseconds. */
const LONG = 300_000;

/** Go through a workshop by the primary button alone. */
export async function walk(
  panel: Panel,
  options: IWalkOptions = {}
): Promise<void> {
  const press = options.press ?? (() => panel.next.click());
  await press();
  const bars = panel.node.getByRole('progressbar');
  await expect(bars.first()).toBeVisible();
  await options.onPreparing?.();
  for (const part of ['materials', 'patches', 'environment']) {
    await expect(panel.step('prepare', part)).toHaveAttribute(
      'data-state',
      'done',
      { timeout: LONG }
    );
  }
  await options.onPrepared?.();

  const left = options.module
    ? panel.node.locator(
        `[data-module="${options.module}"][data-step]:not([data-state="done"])`
      )
    : panel.rowsNot('done');
  let trained = false;
  const steps = await panel.node.locator('[data-step]').count();
  const done = panel.node.locator('[data-state="done"]');
  for (let turn = 0; turn < 2 * steps; turn++) {
    if ((await left.count()) === 0) {
      break;
    }
    await expect(panel.next).toBeEnabled({ timeout: LONG });
    const before = await done.count();
    const trains = (await panel.next.textContent())?.includes('Train');
    await press();
    if (trains && !trained) {
      trained = true;
      const running = panel.node.locator('[data-state="running"]');
      await expect(running).toContainText(/loss/i);
      await options.onTraining?.();
    }
    await expect
      .poll(() => done.count(), { timeout: LONG })
      .toBeGreaterThan(before);
    await options.onDone?.();
  }
  await expect(left).toHaveCount(0);
}
