import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { writeWorkshop } from './guided';
import { JupyterLab } from './jupyterlab';
import { Panel } from './panel';

let definitions: string;
let lab: JupyterLab;

test.beforeAll(async () => {
  definitions = mkdtempSync(join(tmpdir(), 'definitions '));
  writeWorkshop(definitions);
  lab = await JupyterLab.start({
    workshop: 'guided',
    settings: [`--MonaiWorkshopApp.definition_folders=${definitions}`]
  });
});

test.afterAll(async () => {
  await lab.stop();
  rmSync(definitions, { recursive: true });
});

test('a workshop that nobody answers for does nothing until it is trusted', async ({
  page
}) => {
  const panel = await Panel.show(page, lab, 'trust');
  const card = panel.node.locator('[data-notice="trust"]');
  await expect(card).toContainText('Do you trust this workshop?');
  await expect(card).toContainText('It fetches no files.');
  await expect(panel.next).toHaveCount(0);
  await panel.picture('13-trust');
  const refused = await fetch(
    `${lab.url}monai-workshop/workshops/guided/jobs`,
    {
      method: 'POST',
      headers: { Authorization: `token ${lab.token}` },
      body: JSON.stringify({ kind: 'prepare', key: 'untrusted' })
    }
  );
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({ code: 'not_trusted' });

  await card.locator('[data-action="trust"]').focus();
  await page.keyboard.press('Enter');
  await expect(panel.next).toHaveText('Get everything ready');
  await expect(card).toHaveCount(0);
  await panel.next.click();
  await expect(panel.next).toContainText('Run:', { timeout: 120_000 });

  await page.reload();
  await expect(panel.next).toContainText('Run:');
  await expect(card).toHaveCount(0);
});
