import { expect, test } from '@playwright/test';
import { JupyterLab } from './jupyterlab';
import { Panel } from './panel';
import { walk } from './walk';

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
  let presses = 0;
  await walk(panel, {
    press: async () => {
      // Enter and Space do the same; nobody had to look for the button again.
      presses += 1;
      expect(await panel.hasFocus(), `before press ${presses}`).toBe(true);
      await page.keyboard.press(presses % 2 === 0 ? 'Space' : 'Enter');
    },
    onPreparing: () => panel.picture('2-preparing'),
    onPrepared: async () => {
      await panel.picture('3-prepared');
      await panel.tabToNext();
    },
    onTraining: async () => {
      await panel.picture('4-training');
      await panel.tabToNext();
    }
  });

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
