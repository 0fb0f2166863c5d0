import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { expectWholeRun, letEnd, moduleOf, writeWorkshop } from './guided';
import { JupyterLab, programsOf } from './jupyterlab';
import { Panel } from './panel';

const MODULE = 'reload';

let definitions: string;
let lab: JupyterLab;

test.beforeAll(async () => {
  definitions = mkdtempSync(join(tmpdir(), 'definitions-'));
  writeWorkshop(definitions);
  lab = await JupyterLab.start({
    definitions,
    workshop: 'guided',
    application: 'notebook',
    programs: programsOf('.venv-notebook7')
  });
});

test.afterAll(async () => {
  await lab.stop();
  rmSync(definitions, { recursive: true, force: true });
});

test('in Notebook 7 the panel stands in the left area, beside the files and beside a notebook', async ({
  page,
  context
}) => {
  await page.goto(`${lab.url}tree?token=${lab.token}`);
  const panel = new Panel(page);
  await expect(panel.next).toBeVisible();
  await panel.next.click();
  const ready = panel.step('prepare', 'environment');
  await expect(ready).toHaveAttribute('data-state', 'done');
  await page.screenshot({ path: 'screenshots/notebook7-tree.png' });

  // A notebook opens in a tab of its own, with the workshop's kernel and the panel.
  const opened = context.waitForEvent('page');
  await panel
    .step(MODULE, 'train')
    .getByRole('button', { name: 'Run step' })
    .click();
  const notebook = await opened;
  // That is good to know, and no failure.
  await expect(
    panel.node.locator('[data-notice="notebook-elsewhere"]')
  ).toContainText('a tab of its own');
  await page.screenshot({ path: 'screenshots/notebook7-elsewhere.png' });
  const beside = new Panel(notebook);
  await expect(beside.next).toBeVisible();
  await expect(notebook.locator('.jp-NotebookPanel')).toContainText('Guided');
  const train = beside.step(MODULE, 'train');
  await train.getByRole('button', { name: 'Run step' }).click();
  await expect(train).toHaveAttribute('data-state', 'running');
  await expect(train).toContainText(/loss/i);
  await notebook.screenshot({ path: 'screenshots/notebook7-notebook.png' });
  letEnd(lab, MODULE);
  await expect(train).toHaveAttribute('data-state', 'done');
  // The page with the files follows.
  await expect(panel.step(MODULE, 'train')).toHaveAttribute(
    'data-state',
    'done'
  );
  const output = notebook
    .locator('.jp-CodeCell')
    .first()
    .locator('.jp-OutputArea-output');
  const lines = (await output.allInnerTexts()).join('').split('\n');
  expectWholeRun(lines.filter(line => line !== ''));
  const { steps } = await moduleOf(lab, MODULE);
  expect(steps.map(step => step.state)).toEqual(['done', 'ready']);
  await expect(page.locator('.jp-Dialog')).toHaveCount(0);
  await expect(notebook.locator('.jp-Dialog')).toHaveCount(0);
});
