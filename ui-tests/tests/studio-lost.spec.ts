import { expect } from '@playwright/test';
import { expectWholeRun, letEnd, linesOnDisk, moduleOf, test } from './guided';

test('the end of a cell that is lost with its connection is learnt from the server', async ({
  guide,
  lab,
  studio
}) => {
  const module = 'unanswered';
  const { proxy } = studio!;
  const run = guide.command('run-module', { module });
  await guide.shows(0, 5);
  proxy.swallows = true;
  letEnd(lab, module);
  const state = async () => (await moduleOf(lab, module)).steps[0]!.state;
  await expect.poll(state).toBe('done');
  proxy.cut();
  proxy.swallows = false;
  // The second cell runs as if nothing had been.
  await run;
  await guide.becomes(module, 'look', 'done');
  await expect(guide.cell(0).locator('.jp-InputPrompt')).toHaveText('[1]:');
  await expect(guide.cell(1).locator('.jp-InputPrompt')).toHaveText('[2]:');
  const lines = await guide.lines(0);
  expectWholeRun(lines);
  await expect.poll(() => linesOnDisk(lab, module, 'train')).toEqual(lines);
  expect(await guide.dialogs()).toEqual([]);
});

test('what a cell prints while the connection is lost is there at its end', async ({
  guide,
  lab,
  studio
}) => {
  const module = 'swallowed';
  const { proxy } = studio!;
  const run = guide.command('run-step', { module, step: 'train' });
  await guide.shows(0, 5);
  proxy.swallows = true;
  await guide.page.waitForTimeout(1500);
  proxy.cut();
  proxy.swallows = false;
  await guide.shows(0, (await guide.lines(0)).length + 5);
  letEnd(lab, module);
  await run;
  await guide.becomes(module, 'train', 'done');
  await expect
    .poll(async () => (await guide.lines(0)).length)
    .toBe((await recorded()).length);
  const lines = await guide.lines(0);
  expectWholeRun(lines);
  await expect.poll(() => linesOnDisk(lab, module, 'train')).toEqual(lines);
  expect(await guide.dialogs()).toEqual([]);

  /** What the server heard the cell print. */
  async function recorded(): Promise<string[]> {
    const { cells } = await lab.ask<{
      cells: { id: string; outputs: { text: string }[] }[];
    }>(`workshops/guided/outputs/${module}`);
    const text = cells
      .find(each => each.id === 'train')!
      .outputs.map(each => [each.text].flat().join(''));
    return text
      .join('')
      .split('\n')
      .filter(line => line !== '');
  }
});
