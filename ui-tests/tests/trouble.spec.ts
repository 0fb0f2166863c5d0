import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { JupyterLab } from './jupyterlab';
import { Panel } from './panel';

/**
 * A workshop without packages, so that it is ready in seconds. Its notebooks are of
 * nbformat 4.4 (no cell ids), lie in a folder with spaces, and name a kernel that no
 * server has, like the notebooks of real workshops.
 */
function writeWorkshop(folder: string): void {
  const materials = join(folder, 'trouble', 'files', 'a folder');
  mkdirSync(materials, { recursive: true });
  const notebook = (sources: string[]) => ({
    cells: sources.flatMap((source, index) => [
      { cell_type: 'markdown', metadata: {}, source: [`## Part ${index + 1}`] },
      {
        cell_type: 'code',
        execution_count: null,
        metadata: {},
        outputs: [],
        source: [source]
      }
    ]),
    metadata: {
      kernelspec: {
        display_name: 'Elsewhere',
        language: 'python',
        name: 'monai_fix'
      },
      language_info: { name: 'python' }
    },
    nbformat: 4,
    nbformat_minor: 4
  });
  const write = (name: string, sources: string[]) =>
    writeFileSync(
      join(materials, name),
      JSON.stringify(notebook(sources), null, 1) + '\n'
    );
  write('First notebook.ipynb', [
    "print('begun')",
    "print(open('needed.txt').read())"
  ]);
  write('Second notebook.ipynb', ['x = 20', "print('accuracy', x / 20.5)"]);
  const step = (id: string, part: number, more = '') => `
      - id: ${id}
        title: Step ${id}
        text: Text of **${id}**.
        cells: [{heading: Part ${part}}]
        duration: 2${more}`;
  writeFileSync(
    join(folder, 'trouble', 'workshop.yaml'),
    `format: 1
id: trouble
title: Trouble
summary: What goes wrong and how it is told.
text: Welcome.
source: {kind: bundled, path: files, folder: trouble}
modules:
  - id: one
    title: One
    text: The first notebook.
    notebook: a folder/First notebook.ipynb
    steps:${step('begin', 1)}${step('read', 2)}
  - id: two
    title: Two
    text: The second notebook.
    notebook: a folder/Second notebook.ipynb
    steps:${step('assign', 1, '\n        check: {expressions: ["x == 20"]}')}${step(
      'print',
      2,
      "\n        training: {patterns: ['^accuracy (?P<accuracy>.+)$'], metrics: {accuracy: {title: Accuracy}}}"
    )}
`
  );
}

let definitions: string;
let lab: JupyterLab;

test.beforeEach(async () => {
  definitions = mkdtempSync(join(tmpdir(), 'definitions-'));
  writeWorkshop(definitions);
  lab = await JupyterLab.start({ definitions, workshop: 'trouble' });
});

test.afterEach(async () => {
  await lab.stop();
  rmSync(definitions, { recursive: true, force: true });
});

test('a failing cell is told in plain words and can be run again', async ({
  page
}) => {
  const panel = await Panel.open(page, lab);
  await panel.next.click();
  await expect(panel.step('one', 'begin')).toHaveAttribute(
    'data-state',
    'ready'
  );
  await panel.next.click();
  await expect(panel.step('one', 'begin')).toHaveAttribute(
    'data-state',
    'done'
  );
  await panel.next.click();
  const row = panel.step('one', 'read');
  await expect(row).toHaveAttribute('data-state', 'failed');
  await expect(row).toContainText('FileNotFoundError');
  await expect(row.locator('[data-action="copy"]')).toBeVisible();
  await panel.picture('7-failed');
  writeFileSync(join(lab.root, 'trouble', 'a folder', 'needed.txt'), 'here');
  await panel.next.click();
  await expect(row).toHaveAttribute('data-state', 'done');
  expect(await panel.dialogs()).toEqual([]);
});

test('cells run by hand turn their steps done', async ({ page }) => {
  const panel = await Panel.open(page, lab);
  await panel.next.click();
  await expect(panel.step('two', 'assign')).toHaveAttribute(
    'data-state',
    'ready'
  );
  await panel.node.locator('[data-action="open"]').last().click();
  const notebook = page.locator('.jp-NotebookPanel');
  await expect(notebook).toBeVisible();
  await expect(notebook.locator('.jp-Toolbar-kernelName')).toHaveText(
    'Trouble'
  );
  await page.getByRole('menuitem', { name: 'Run', exact: true }).click();
  await page
    .getByRole('menuitem', { name: 'Run All Cells', exact: true })
    .click();
  for (const step of ['assign', 'print']) {
    await expect(panel.step('two', step)).toHaveAttribute('data-state', 'done');
  }
  await expect(panel.step('two', 'print')).toContainText('0.9756');
  expect(await panel.dialogs()).toEqual([]);
});

test('a folder that holds other things is left alone, and the way out is told', async ({
  page
}) => {
  const mine = join(lab.root, 'trouble', 'mine.txt');
  mkdirSync(join(lab.root, 'trouble'));
  writeFileSync(mine, 'precious');
  const panel = await Panel.open(page, lab);
  await panel.next.click();
  const row = panel.step('prepare', 'materials');
  await expect(row).toHaveAttribute('data-state', 'failed');
  await expect(panel.next).toBeEnabled();
  await panel.picture('8-occupied');
  expect(readFileSync(mine, 'utf8')).toBe('precious');
  rmSync(join(lab.root, 'trouble'), { recursive: true });
  await panel.next.click();
  await expect(row).toHaveAttribute('data-state', 'done');
  expect(existsSync(join(lab.root, 'trouble', 'a folder'))).toBe(true);
  expect(await panel.dialogs()).toEqual([]);
});

test('another workshop is one click away, and says what a missing GPU costs', async ({
  page
}) => {
  const panel = await Panel.open(page, lab);
  await panel.node.locator('[data-action="switch"]').click();
  await panel.node
    .locator('[data-action="select"][data-workshop="rsna-2023"]')
    .click();
  await expect(panel.node).toContainText('RSNA 2023');
  await expect(panel.step('auto3dseg', 'run')).toBeVisible();
  const gpu = panel.node.locator('[data-light="gpu"]');
  if ((await gpu.getAttribute('data-level')) !== 'pass') {
    await expect(gpu).toHaveAttribute('data-level', 'warn');
    await expect(panel.node).toContainText(/hour/);
  }
  await expect(panel.next).toBeEnabled();
  await panel.picture('9-rsna');
  await page.reload();
  await expect(panel.node).toContainText('RSNA 2023');
});

test('the keyboard alone starts a step', async ({ page }) => {
  const panel = await Panel.open(page, lab);
  // The launcher takes the focus when it arrives, which may be late.
  await expect(async () => {
    await panel.next.focus();
    await page.waitForTimeout(1000);
    await expect(panel.next).toBeFocused({ timeout: 100 });
  }).toPass();
  await page.keyboard.press('Enter');
  await expect(panel.step('one', 'begin')).toHaveAttribute(
    'data-state',
    'ready'
  );
  await expect(panel.next).toBeEnabled();
  await expect(panel.next).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(panel.step('one', 'begin')).toHaveAttribute(
    'data-state',
    'done'
  );
});
