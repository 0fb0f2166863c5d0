import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { JupyterLab } from './jupyterlab';
import { Panel } from './panel';

/** A workshop that asks for more than any machine has, and trains until it is told to end. */
function writeWorkshop(folder: string): void {
  const materials = join(folder, 'demanding', 'files');
  mkdirSync(materials, { recursive: true });
  const source = [
    'import os, time\n',
    "print('epoch 1/2')\n",
    "while not os.path.exists('end'):\n",
    '    time.sleep(0.1)\n',
    'num_workers = 1000000'
  ];
  const cell = {
    cell_type: 'code',
    execution_count: null,
    id: 'train',
    metadata: {},
    outputs: [],
    source
  };
  writeFileSync(
    join(materials, 'Train.ipynb'),
    JSON.stringify({
      cells: [cell],
      metadata: { language_info: { name: 'python' } },
      nbformat: 4,
      nbformat_minor: 5
    })
  );
  writeFileSync(
    join(folder, 'demanding', 'workshop.yaml'),
    `format: 1
id: demanding
title: Demanding
summary: Asks for much.
text: Welcome.
source: {kind: bundled, path: files, folder: demanding}
needs:
  gpu_memory: {gib: 5000, level: recommended, without: Training takes longer.}
  memory: {gib: 1}
  processors: {count: 1}
  workers: {count: 2, batch_mib: 8, module: train, without: Lower it.}
  disk: {gib: 0.1}
modules:
  - id: train
    title: Train
    text: A training.
    notebook: Train.ipynb
    steps:
      - id: train
        title: Train
        text: Trains.
        cells: [{id: train}]
        duration: 60
        training: {patterns: ['^epoch (?P<epoch>.+)/(?P<epochs>.+)$']}
`
  );
}

let definitions: string;
let lab: JupyterLab;

test.beforeEach(async () => {
  definitions = mkdtempSync(join(tmpdir(), 'definitions-'));
  writeWorkshop(definitions);
  lab = await JupyterLab.start({ definitions, workshop: 'demanding' });
});

test.afterEach(async () => {
  await lab.stop();
  rmSync(definitions, { recursive: true, force: true });
});

test('what the machine has and lacks is told, and what a training uses of it', async ({
  page
}) => {
  const panel = await Panel.open(page, lab);
  const toggle = panel.node.locator('.jp-mod-machine > button');
  const check = (name: string) => panel.node.locator(`[data-check="${name}"]`);

  await test.step('warnings are seen without asking, with figures and remedy', async () => {
    await expect(toggle).toHaveAttribute('aria-expanded', 'true');
    await expect(check('gpu')).toHaveAttribute('data-level', 'warn');
    await expect(check('gpu')).toContainText('5000 GiB');
    await expect(check('gpu')).toContainText('Choose a machine with');
    await expect(check('memory')).toHaveAttribute('data-level', 'pass');
    await expect(check('memory')).toContainText('1 GiB');
    await expect(check('shared_memory')).toContainText('for 2 workers');
    await panel.picture('10-machine');
  });

  await test.step('once all is ready they are one click away', async () => {
    await panel.next.click();
    await expect(panel.step('train', 'train')).toHaveAttribute(
      'data-state',
      'ready'
    );
    await expect(toggle).toHaveAttribute('aria-expanded', 'false');
    await toggle.focus();
    await page.keyboard.press('Enter');
    // The notebook is there now, and asks for more workers than any machine can have.
    await expect(check('shared_memory')).toHaveAttribute('data-level', 'warn');
    await expect(check('shared_memory')).toContainText('Lower it.');
    await expect(check('shared_memory')).toContainText('Set num_workers to');
    const checked = panel.node.locator('.jp-mod-machine [data-action]');
    await checked.click();
    await expect(checked).toHaveAttribute('aria-disabled', 'false');
    await page.keyboard.press('Tab');
    await toggle.click();
  });

  await test.step('while it trains, the strip tells what it uses', async () => {
    await panel.next.click();
    const figures = panel.node.locator('.jp-MonaiWorkshop-figure');
    await expect(figures.first()).toBeVisible();
    await expect(figures.last()).toContainText(/GiB/);
    await panel.picture('11-training');
    writeFileSync(join(lab.root, 'demanding', 'end'), '');
    await expect(panel.step('train', 'train')).toHaveAttribute(
      'data-state',
      'done'
    );
    await expect(figures).toHaveCount(0);
  });
  expect(await panel.dialogs()).toEqual([]);
});

test('every check of a real workshop is told', async ({ page }) => {
  const panel = await Panel.open(page, lab);
  await panel.node.locator('[data-action="switch"]').click();
  await panel.node
    .locator('[data-action="select"][data-workshop="rsna-2023"]')
    .click();
  const checks = panel.node.locator('[data-check]');
  await expect(
    panel.node.locator('[data-check="shared_memory"]')
  ).toContainText('168 MiB for 10 workers');
  await panel.node.locator('.jp-mod-machine [data-action="preflight"]').click();
  // Whether the sources are reached depends on the machine; that it is told does not.
  await expect(panel.node.locator('[data-check="network"]')).toBeVisible();
  for (const check of await checks.all()) {
    const level = await check.getAttribute('data-level');
    if (level === 'warn' || level === 'fail') {
      await expect(check.locator('.jp-MonaiWorkshop-remedy')).toBeVisible();
    }
  }
  await panel.picture('12-machine-rsna');
});
