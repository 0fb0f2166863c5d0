import { expect, test } from '@playwright/test';
import { Panel } from './panel';
import { Studio } from './studio';
import { walk } from './walk';

interface ISnapshot {
  modules: {
    id: string;
    steps: {
      training: { metrics: { name: string; value: number }[] } | null;
    }[];
  }[];
}

interface IOutputs {
  cells: { lost: boolean; running: boolean; outputs: object[] }[];
}

let studio: Studio;

test.beforeAll(async () => {
  studio = await Studio.start();
});

test.afterAll(async () => {
  await studio.stop();
});

test('a newcomer finishes first-light in Studio, behind a proxy that loses connections', async ({
  page
}) => {
  const { lab, proxy } = studio;
  const began = new Date();
  const panel = await Panel.open(page, lab);
  await expect(panel.node).toContainText('First light');
  await walk(panel, {
    onPrepared: async () => {
      await panel.node.getByText('About this machine').click();
      await expect(panel.node).toContainText('SageMaker Studio');
    },
    onTraining: async () => {
      await expect(panel.node.locator('[data-part="awake"]')).toBeVisible();
      await page.screenshot({ path: 'screenshots/studio-training.png' });
    }
  });
  await page.screenshot({ path: 'screenshots/studio-finished.png' });
  expect(await panel.dialogs()).toEqual([]);
  expect(studio.lastActive().getTime()).toBeGreaterThan(began.getTime());

  const { modules } = await lab.ask<ISnapshot>('workshops/first-light');
  const metrics = modules
    .flatMap(module => module.steps)
    .flatMap(step => step.training?.metrics ?? []);
  const value = (name: string) =>
    metrics.find(metric => metric.name === name)?.value;
  expect(value('accuracy')).toBeGreaterThanOrEqual(0.95);
  expect(value('dice')).toBeGreaterThanOrEqual(0.8);

  // No output fell into a gap: the files have all that the kernels said.
  for (const module of modules) {
    const { cells } = await lab.ask<IOutputs>(
      `workshops/first-light/outputs/${module.id}`
    );
    expect(cells.length).toBeGreaterThan(0);
    expect(cells.filter(cell => cell.lost || cell.running)).toEqual([]);
  }

  // The proxy was as bad as is promised.
  expect(proxy.compressed).toBeGreaterThan(0);
  expect(proxy.dropped).toBeGreaterThan(3);
  expect(proxy.closed).toBeGreaterThan(3);
});
