import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import {
  expectWholeRun,
  Guide,
  type ISnapshot,
  letEnd,
  moduleOf,
  writeWorkshop
} from './guided';
import { Hub } from './hub';

let definitions: string;
let hub: Hub;

test.beforeAll(async () => {
  definitions = mkdtempSync(join(tmpdir(), 'definitions-'));
  writeWorkshop(definitions);
  hub = await Hub.start(definitions);
});

test.afterAll(async () => {
  await hub.stop();
  rmSync(definitions, { recursive: true, force: true });
});

test('each person on a hub has a workshop of their own', async ({
  browser
}) => {
  const module = 'reload';
  const page = await (await browser.newContext()).newPage();
  const ada = await hub.login(page, 'ada');
  const guide = await Guide.at(page, ada);
  await guide.next.click();
  await guide.becomes('prepare', 'materials', 'done');
  await expect(guide.next).toBeEnabled();
  const run = guide.command('run-step', { module, step: 'train' });
  await guide.becomes(module, 'train', 'running');
  await page.screenshot({ path: 'screenshots/hub-running.png' });
  letEnd(ada, module);
  await run;
  await guide.becomes(module, 'train', 'done');
  expectWholeRun(await guide.lines(0));
  expect(await guide.dialogs()).toEqual([]);
  const { steps } = await moduleOf(ada, module);
  expect(steps.map(step => step.state)).toEqual(['done', 'ready']);

  // The other one has nothing of it, and gets nothing of it.
  const other = await (await browser.newContext()).newPage();
  const bob = await hub.login(other, 'bob');
  const his = await Guide.at(other, bob);
  await expect(his.step('prepare', 'materials')).toHaveAttribute(
    'data-state',
    'ready'
  );
  await expect(his.node.locator('[data-state="done"]')).toHaveCount(0);
  const { preparation } = await bob.ask<ISnapshot>('workshops/guided');
  expect(preparation.map(part => part.state)).not.toContain('done');
  const looked = await other.request.get(
    `${ada.url}monai-workshop/workshops/guided`
  );
  expect(looked.status()).toBe(403);
});
