import { expect, test } from '@playwright/test';
import { JupyterLab } from './jupyterlab';
import { Panel } from './panel';

interface ISnapshot {
  modules: {
    id: string;
    steps: {
      id: string;
      state: string;
      training: {
        metrics: { name: string; value: number; digits: number }[];
      } | null;
    }[];
  }[];
}

let lab: JupyterLab;

test.beforeAll(async () => {
  lab = await JupyterLab.start();
});

test.afterAll(async () => {
  await lab.stop();
});

test('a newcomer finishes first-light by the primary button and the keyboard alone', async ({
  page
}) => {
  const panel = await Panel.open(page, lab);
  await expect(panel.node).toContainText('First light');
  await panel.picture('1-before');

  await panel.tabToNext();
  await page.keyboard.press('Enter');
  const bars = panel.node.getByRole('progressbar');
  await expect(bars.first()).toBeVisible();
  await panel.picture('2-preparing');
  for (const part of ['materials', 'patches', 'environment']) {
    await expect(panel.step('prepare', part)).toHaveAttribute(
      'data-state',
      'done',
      { timeout: 300_000 }
    );
  }
  await panel.picture('3-prepared');
  await panel.tabToNext();

  let pictured = false;
  const steps = await panel.node.locator('[data-step]').count();
  for (let press = 0; press < 2 * steps; press++) {
    if ((await panel.rowsNot('done').count()) === 0) {
      break;
    }
    await expect(panel.next).toBeEnabled({ timeout: 300_000 });
    const before = await panel.node.locator('[data-state="done"]').count();
    const trains = (await panel.next.textContent())?.includes('Train');
    // Enter and Space do the same; nobody had to look for the button again.
    expect(await panel.hasFocus(), `before press ${press + 1}`).toBe(true);
    await page.keyboard.press(press % 2 === 0 ? 'Enter' : 'Space');
    if (trains && !pictured) {
      pictured = true;
      const running = panel.node.locator('[data-state="running"]');
      await expect(running).toContainText(/loss/i);
      await panel.picture('4-training');
      await panel.tabToNext();
    }
    await expect
      .poll(() => panel.node.locator('[data-state="done"]').count(), {
        timeout: 300_000
      })
      .toBeGreaterThan(before);
  }

  await expect(panel.rowsNot('done')).toHaveCount(0);
  await panel.picture('5-finished');
  expect(await panel.dialogs()).toEqual([]);

  const snapshot = await lab.ask<ISnapshot>('workshops/first-light');
  const metrics = new Map(
    snapshot.modules
      .flatMap(module => module.steps)
      .flatMap(step => step.training?.metrics ?? [])
      .map(metric => [metric.name, metric])
  );
  expect(metrics.get('accuracy')?.value).toBeGreaterThanOrEqual(0.95);
  expect(metrics.get('dice')?.value).toBeGreaterThanOrEqual(0.8);
  for (const name of ['accuracy', 'dice']) {
    const { value, digits } = metrics.get(name)!;
    const shown = value.toFixed(digits);
    await expect(panel.node).toContainText(shown);
  }
  await page.screenshot({ path: 'screenshots/6-whole-window.png' });
});

test('after a reload everything is still done', async ({ page }) => {
  const panel = await Panel.open(page, lab, 'another');
  await expect(panel.rowsNot('done')).toHaveCount(0);
  expect(await panel.dialogs()).toEqual([]);
});
