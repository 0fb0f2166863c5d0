import { expect } from '@playwright/test';
import {
  expectWholeRun,
  Guide,
  letEnd,
  linesOnDisk,
  moduleOf,
  sourceOnDisk,
  test
} from './guided';

test('a page that is loaded again in the middle of a cell loses no line', async ({
  guide,
  lab
}) => {
  const module = 'reload';
  guide.begin('run-step', { module, step: 'train' });
  await guide.shows(0, 5);
  await guide.reload();
  await guide.becomes(module, 'train', 'running');
  const prompt = guide.cell(0).locator('.jp-InputPrompt');
  await expect(prompt).toHaveText('[*]:');
  const shown = (await guide.lines(0)).length;
  await guide.shows(0, shown + 3);
  letEnd(lab, module);
  await guide.becomes(module, 'train', 'done');
  await expect(prompt).toHaveText('[1]:');
  const lines = await guide.lines(0);
  expectWholeRun(lines);
  // The file has them too, so that whoever reads it next finds them.
  await expect.poll(() => linesOnDisk(lab, module, 'train')).toEqual(lines);
  await guide.reload();
  await guide.shows(0, lines.length);
  expect(await guide.lines(0)).toEqual(lines);
  expect(await guide.dialogs()).toEqual([]);
});

test('what ran while no page was open is there when one is opened', async ({
  guide,
  lab,
  context
}) => {
  const module = 'closed';
  guide.begin('run-step', { module, step: 'train' });
  await guide.shows(0, 5);
  await guide.page.close();
  letEnd(lab, module);
  await expect
    .poll(async () => (await moduleOf(lab, module)).steps[0]!.state)
    .toBe('done');
  const again = await Guide.at(await context.newPage(), lab);
  await again.becomes(module, 'train', 'done');
  await again.command('open-notebook', { module });
  await expect(again.cell(0).locator('.jp-InputPrompt')).toHaveText('[1]:');
  const lines = await again.lines(0);
  expectWholeRun(lines);
  const { training } = (await moduleOf(lab, module)).steps[0]!;
  const loss = training?.curves.find(each => each.name === 'loss');
  expect(loss?.x).toEqual(lines.slice(2).map((_, i) => i + 1));
  expect(await again.dialogs()).toEqual([]);
});

test('outputs that were cleared stay cleared', async ({ guide, lab }) => {
  const module = 'cleared';
  guide.begin('run-step', { module, step: 'train' });
  await guide.shows(0, 5);
  await guide.reload();
  letEnd(lab, module);
  await expect
    .poll(() => linesOnDisk(lab, module, 'train').pop())
    .toBe('finished');
  await guide.menu('Edit', 'Clear Outputs of All Cells');
  await expect.poll(() => guide.lines(0)).toEqual([]);
  await guide.page.keyboard.press('Control+s');
  await expect.poll(() => linesOnDisk(lab, module, 'train')).toEqual([]);
  await guide.reload();
  await guide.page.waitForTimeout(3000);
  expect(await guide.lines(0)).toEqual([]);
});

test('Run All by hand and the panel give the same states', async ({
  guide,
  lab
}) => {
  const module = 'by-hand';
  letEnd(lab, module);
  const outcome = async () =>
    (await moduleOf(lab, module)).steps.map(({ id, state, training }) => ({
      id,
      state,
      curves: training?.curves.map(({ name, x, y }) => ({ name, x, y }))
    }));
  await guide.command('open-notebook', { module });
  await guide.menu('Run', 'Run All Cells');
  await guide.becomes(module, 'train', 'done');
  await guide.becomes(module, 'look', 'done');
  const byHand = await outcome();

  const fresh = guide.command('start-again', { module });
  await guide.page.locator('.jp-Dialog .jp-mod-accept').click();
  await fresh;
  await guide.becomes(module, 'train', 'ready');
  await expect.poll(() => guide.lines(0)).toEqual([]);

  await guide.command('run-module', { module });
  await guide.becomes(module, 'look', 'done');
  expect(await outcome()).toEqual(byHand);
  expect(await guide.dialogs()).toHaveLength(1);
});

test('a kernel that is killed in the middle of a cell is told within five seconds', async ({
  guide,
  lab
}) => {
  const module = 'killed';
  guide.begin('run-step', { module, step: 'train' });
  await guide.shows(0, 5);
  const [first] = await guide.lines(0);
  process.kill(Number(first!.split(' ')[1]), 'SIGKILL');
  await guide.becomes(module, 'train', 'failed', 5000);
  const { failure } = (await moduleOf(lab, module)).steps[0]!;
  expect(failure?.code).toBe('kernel_died');
  // Nothing waits for an answer that cannot come.
  await expect(guide.cell(0).locator('.jp-InputPrompt')).not.toHaveText('[*]:');
  await expect(guide.next).toBeEnabled();
});

test('Stop interrupts the cell, and after a restart the module can be run again', async ({
  guide,
  lab
}) => {
  const module = 'stopped';
  const run = guide.command('run-module', { module });
  await guide.shows(0, 5);
  await guide.command('stop-step', { module });
  await run;
  await guide.becomes(module, 'train', 'ready');
  expect((await guide.lines(0)).join(' ')).toContain('KeyboardInterrupt');
  const restarted = guide.command('restart', { module });
  await guide.page.locator('.jp-Dialog .jp-mod-accept').click();
  await restarted;
  expect(await guide.lines(0)).toEqual([]);
  letEnd(lab, module);
  await guide.command('run-module', { module });
  await guide.becomes(module, 'look', 'done');
  expectWholeRun(await guide.lines(0));
  expect(await guide.dialogs()).toHaveLength(1);
});

test('an output that is newer than the recorded one stays', async ({
  guide,
  lab,
  context
}) => {
  const module = 'newer';
  guide.begin('run-step', { module, step: 'train' });
  await guide.shows(0, 5);
  await guide.page.close();
  letEnd(lab, module);
  const page = await context.newPage();
  // The server's answer comes late: meanwhile the attendee has run the cell again.
  let ran = () => undefined as void;
  const late = new Promise<void>(resolve => (ran = resolve));
  let asked = 0;
  await page.route(`**/outputs/${module}*`, async route => {
    const response = await route.fetch();
    asked += 1;
    await late;
    await route.fulfill({ response });
  });
  const again = await Guide.at(page, lab);
  await again.becomes(module, 'train', 'done');
  await again.command('open-notebook', { module });
  await expect.poll(() => asked).toBeGreaterThan(0);
  await again.command('run-step', { module, step: 'train' });
  expectWholeRun(await again.lines(0), 2);
  ran();
  await page.waitForTimeout(3000);
  expectWholeRun(await again.lines(0), 2);
  await expect(again.cell(0).locator('.jp-InputPrompt')).toHaveText('[2]:');
});

test('a correction of an open notebook keeps what was typed, and can be undone', async ({
  guide,
  lab
}) => {
  const module = 'corrected';
  await guide.command('open-notebook', { module });
  const look = guide.cell(1);
  await expect(look).toContainText('corrected');
  // The attendee takes the correction out and writes something else, all unsaved.
  await look.locator('.cm-content').click();
  await guide.page.keyboard.press('Control+End');
  await guide.page.keyboard.press('Shift+Home');
  await guide.page.keyboard.type('# mine 🫁');
  await expect(look).not.toContainText('corrected');
  await guide.command('prepare');
  await expect(look).toContainText('corrected');
  await expect(look).toContainText('# mine 🫁');
  await expect
    .poll(() => sourceOnDisk(lab, module, 'look'))
    .toBe(
      "answer = 42\nprint('answer', answer)\n# mine 🫁\nprint('corrected')"
    );
  await expect(guide.next).toBeEnabled();
  await look.locator('.cm-content').click();
  await guide.page.keyboard.press('Control+z');
  await expect(look).not.toContainText('corrected');
  await expect(look).toContainText('# mine 🫁');
  // What comes after finds the notebook as it was.
  await guide.page.keyboard.press('Control+Shift+z');
  await guide.page.keyboard.press('Control+s');
  await expect
    .poll(() => sourceOnDisk(lab, module, 'look'))
    .toContain('corrected');
  expect(await guide.dialogs()).toEqual([]);
});

test('values and profiles are written into open notebooks and closed ones', async ({
  guide,
  lab
}) => {
  const module = 'chosen';
  const onDisk = (name = module) =>
    /lines = (\d+)/.exec(sourceOnDisk(lab, name, 'train'))![1];
  // Closed: the file.
  await guide.command('set-parameters', { module, values: '{"lines": 9}' });
  await expect.poll(() => onDisk()).toBe('9');
  // Open, with something typed: the page.
  await guide.command('open-notebook', { module });
  const train = guide.cell(0);
  await expect(train).toContainText('lines = 9');
  await train.locator('.cm-content').click();
  await guide.page.keyboard.press('Control+Home');
  await guide.page.keyboard.type('# mine 🫁\n');
  await guide.command('set-parameters', { module, values: '{"lines": 12}' });
  await expect(train).toContainText('lines = 12');
  await expect(train).toContainText('# mine 🫁');
  await expect.poll(() => onDisk()).toBe('12');
  await train.locator('.cm-content').click();
  await guide.page.keyboard.press('Control+z');
  await expect(train).toContainText('lines = 9');
  await expect(train).toContainText('# mine 🫁');
  // A profile: one notebook is open, one is not.
  await guide.command('profile', { profile: 'quick' });
  await expect(train).toContainText('lines = 6');
  await expect(train).toContainText('# mine 🫁');
  await expect.poll(() => onDisk()).toBe('6');
  await expect.poll(() => onDisk('chosen-closed')).toBe('6');
  expect(await guide.dialogs()).toEqual([]);
});

test('Run module stops kindly at an exercise, helps, and goes on', async ({
  guide
}) => {
  const module = 'exercise';
  await guide.command('run-module', { module });
  await guide.becomes(module, 'before', 'done');
  await expect(guide.node).toContainText('This cell is an exercise');
  await expect(guide.node).toContainText('A pair of numbers.');
  await expect(guide.cell(1)).toHaveClass(/jp-mod-active/);
  await expect(guide.step(module, 'fill')).toHaveAttribute(
    'data-state',
    'ready'
  );
  expect(await guide.lines(1)).toEqual([]);
  await guide.command('solution', { module, step: 'fill' });
  await expect(guide.cell(1)).toContainText('shape = (2, 3)');
  await guide.command('run-module', { module });
  await guide.becomes(module, 'after', 'done');
  expect(await guide.lines(1)).toEqual(['(2, 3)']);
  expect(await guide.dialogs()).toEqual([]);
});
