import { expect } from '@playwright/test';
import { expectWholeRun, Guide, letEnd, linesOnDisk, test } from './guided';

test('two people see the same outputs, once, when the one who runs loads the page again', async ({
  guide,
  lab,
  browser
}) => {
  const module = 'two-pages';
  const other = await Guide.at(await browser.newPage(), lab);
  await other.command('open-notebook', { module });
  guide.begin('run-step', { module, step: 'train' });
  await guide.shows(0, 5);
  await other.shows(0, 5);
  await guide.reload();
  for (const each of [guide, other]) {
    await each.becomes(module, 'train', 'running');
    await each.shows(0, (await each.lines(0)).length + 5);
  }
  letEnd(lab, module);
  for (const each of [guide, other]) {
    await each.becomes(module, 'train', 'done');
    await expect(each.cell(0).locator('.jp-InputPrompt')).toHaveText('[1]:');
    expectWholeRun(await each.lines(0));
  }
  const lines = await guide.lines(0);
  expect(await other.lines(0)).toEqual(lines);
  await expect.poll(() => linesOnDisk(lab, module, 'train')).toEqual(lines);
  expect(await guide.dialogs()).toEqual([]);
  expect(await other.dialogs()).toEqual([]);
});

test('who stays gets the outputs of a run whose page is closed', async ({
  guide,
  lab,
  browser
}) => {
  const module = 'left';
  const stays = await Guide.at(await browser.newPage(), lab);
  await stays.command('open-notebook', { module });
  guide.begin('run-step', { module, step: 'train' });
  await stays.shows(0, 5);
  await guide.page.close();
  await stays.shows(0, (await stays.lines(0)).length + 5);
  letEnd(lab, module);
  await stays.becomes(module, 'train', 'done');
  await expect(stays.cell(0).locator('.jp-InputPrompt')).toHaveText('[1]:');
  const lines = await stays.lines(0);
  expectWholeRun(lines);
  await expect.poll(() => linesOnDisk(lab, module, 'train')).toEqual(lines);
  expect(await stays.dialogs()).toEqual([]);
});
