import { expect } from '@playwright/test';
import {
  expectLines,
  Guide,
  type ISnapshot,
  LINES,
  linesOnDisk,
  sourceOnDisk,
  test,
  trainLines
} from './guided';

test('a page that is loaded again in the middle of a cell loses no line', async ({
  guide,
  lab
}) => {
  guide.begin('run-step', { module: 'lesson', step: 'train' });
  await guide.shows(0, 5);
  await guide.reload();
  await guide.becomes('lesson', 'train', 'running');
  await expect(guide.cell(0).locator('.jp-InputPrompt')).toHaveText('[*]:');
  await guide.becomes('lesson', 'train', 'done');
  await expect(guide.cell(0).locator('.jp-InputPrompt')).toHaveText('[1]:');
  expectLines(await guide.lines(0), trainLines());
  // The file has them too, so that whoever reads it next finds them.
  await expect
    .poll(() => linesOnDisk(lab, 'Lesson.ipynb', 'train').length)
    .toBe(LINES + 2);
  await guide.reload();
  await guide.shows(0, LINES + 2);
  expectLines(await guide.lines(0), trainLines());
  expect(await guide.dialogs()).toEqual([]);
});

test('what ran while no page was open is there when one is opened', async ({
  guide,
  lab,
  context
}) => {
  guide.begin('run-step', { module: 'lesson', step: 'train' });
  await guide.shows(0, 5);
  await guide.page.close();
  const train = async () => {
    const { modules } = await lab.ask<ISnapshot>('workshops/guided');
    return modules[0]!.steps[0]!;
  };
  await expect.poll(async () => (await train()).state).toBe('done');
  const again = await Guide.at(await context.newPage(), lab, 'second');
  await again.becomes('lesson', 'train', 'done');
  await again.command('open-notebook', { module: 'lesson' });
  await again.shows(0, LINES + 2);
  expectLines(await again.lines(0), trainLines());
  await expect(again.cell(0).locator('.jp-InputPrompt')).toHaveText('[1]:');
  const loss = (await train()).training?.curves.find(
    each => each.name === 'loss'
  );
  expect(loss?.x).toEqual(Array.from({ length: LINES }, (_, i) => i + 1));
  expect(await again.dialogs()).toEqual([]);
});

test('outputs that were cleared stay cleared', async ({ guide, lab }) => {
  guide.begin('run-step', { module: 'lesson', step: 'train' });
  await guide.shows(0, 5);
  await guide.reload();
  await expect
    .poll(() => linesOnDisk(lab, 'Lesson.ipynb', 'train').length)
    .toBe(LINES + 2);
  await guide.page.getByRole('menuitem', { name: 'Edit', exact: true }).click();
  await guide.page
    .getByRole('menuitem', { name: 'Clear Outputs of All Cells' })
    .click();
  await expect.poll(() => guide.lines(0)).toEqual([]);
  await guide.page.keyboard.press('Control+s');
  await expect
    .poll(() => linesOnDisk(lab, 'Lesson.ipynb', 'train'))
    .toEqual([]);
  await guide.reload();
  await guide.page.waitForTimeout(3000);
  expect(await guide.lines(0)).toEqual([]);
});

test('Run All by hand and the panel give the same states', async ({
  guide,
  lab
}) => {
  const outcome = async () => {
    const { modules } = await lab.ask<ISnapshot>('workshops/guided');
    return modules[0]!.steps.map(({ id, state, training }) => ({
      id,
      state,
      curves: training?.curves.map(({ name, x, y }) => ({ name, x, y }))
    }));
  };
  await guide.command('open-notebook', { module: 'lesson' });
  await guide.page.getByRole('menuitem', { name: 'Run', exact: true }).click();
  await guide.page
    .getByRole('menuitem', { name: 'Run All Cells', exact: true })
    .click();
  await guide.becomes('lesson', 'train', 'running');
  await guide.becomes('lesson', 'look', 'done');
  await guide.becomes('lesson', 'train', 'done');
  const byHand = await outcome();

  const restarted = guide.command('restart', { module: 'lesson' });
  const dialog = guide.page.locator('.jp-Dialog');
  await dialog.getByRole('button', { name: 'Restart' }).click();
  await restarted;
  await guide.becomes('lesson', 'train', 'ready');
  expect(await guide.lines(0)).toEqual([]);

  await guide.command('run-module', { module: 'lesson' });
  await guide.becomes('lesson', 'look', 'done');
  expect(await outcome()).toEqual(byHand);
  expect(await guide.dialogs()).toHaveLength(1);
});

test('a kernel that is killed in the middle of a cell is told within five seconds', async ({
  guide
}) => {
  guide.begin('run-step', { module: 'lesson', step: 'train' });
  await guide.shows(0, 5);
  const [first] = await guide.lines(0);
  process.kill(Number(first!.split(' ')[1]), 'SIGKILL');
  await guide.becomes('lesson', 'train', 'failed', 5000);
  await expect(guide.step('lesson', 'train')).toContainText('kernel');
  // Nothing waits for an answer that cannot come.
  await expect(guide.next).toBeEnabled();
});

test('Stop interrupts the cell, and the step can be run again', async ({
  guide
}) => {
  const run = guide.command('run-module', { module: 'lesson' });
  await guide.shows(0, 5);
  await guide.command('stop-step', { module: 'lesson' });
  await run;
  await guide.becomes('lesson', 'train', 'ready');
  expect((await guide.lines(0)).join(' ')).toContain('KeyboardInterrupt');
  await expect(guide.step('lesson', 'look')).not.toHaveAttribute(
    'data-state',
    'done'
  );
  await guide.command('run-module', { module: 'lesson' });
  await guide.becomes('lesson', 'look', 'done');
  expect(await guide.dialogs()).toEqual([]);
});

test('an output that is newer than the recorded one stays', async ({
  guide,
  lab,
  context
}) => {
  guide.begin('run-step', { module: 'lesson', step: 'train' });
  await guide.shows(0, 5);
  await guide.page.close();
  const page = await context.newPage();
  // The server's answer comes late: meanwhile the attendee has run the cell again.
  let answer = () => undefined as void;
  const ran = new Promise<void>(resolve => (answer = resolve));
  let asked = 0;
  await page.route('**/outputs/lesson*', async route => {
    const response = await route.fetch();
    asked += 1;
    await ran;
    await route.fulfill({ response });
  });
  const again = await Guide.at(page, lab, 'second');
  await again.becomes('lesson', 'train', 'done');
  await again.command('open-notebook', { module: 'lesson' });
  await expect.poll(() => asked).toBeGreaterThan(0);
  await again.command('run-step', { module: 'lesson', step: 'train' });
  expectLines(await again.lines(0), trainLines(2));
  answer();
  await page.waitForTimeout(3000);
  expectLines(await again.lines(0), trainLines(2));
  await expect(again.cell(0).locator('.jp-InputPrompt')).toHaveText('[2]:');
});

test('a correction of an open notebook keeps what was typed, and can be undone', async ({
  guide,
  lab
}) => {
  await guide.command('open-notebook', { module: 'lesson' });
  const look = guide.cell(1);
  await expect(look).toContainText('corrected');
  // The attendee takes the correction out and writes something else, all unsaved.
  await look.locator('.cm-content').click();
  await guide.page.keyboard.press('Control+End');
  await guide.page.keyboard.press('Shift+Home');
  await guide.page.keyboard.type('# mine 🫁');
  await expect(look).not.toContainText('corrected');
  await guide.page.waitForTimeout(1000);
  await guide.command('prepare');
  await expect(look).toContainText('corrected');
  await expect(look).toContainText('# mine 🫁');
  await expect
    .poll(() => sourceOnDisk(lab, 'Lesson.ipynb', 'look'))
    .toBe(
      "answer = 42\nprint('answer', answer)\n# mine 🫁\nprint('corrected')"
    );
  await expect(guide.next).toBeEnabled();
  await look.locator('.cm-content').click();
  await guide.page.keyboard.press('Control+z');
  await expect(look).not.toContainText('corrected');
  await expect(look).toContainText('# mine 🫁');
  expect(await guide.dialogs()).toEqual([]);
});

test('values, profiles and solutions are written into open notebooks and closed ones', async ({
  guide,
  lab
}) => {
  const onDisk = () =>
    /lines = (\d+)/.exec(sourceOnDisk(lab, 'Lesson.ipynb', 'train'))![1];
  // Closed: the file.
  await guide.command('set-parameters', {
    module: 'lesson',
    values: '{"lines": 10}'
  });
  await expect.poll(onDisk).toBe('10');
  // Open, with something typed: the page.
  await guide.command('open-notebook', { module: 'lesson' });
  const train = guide.cell(0);
  await expect(train).toContainText('lines = 10');
  await train.locator('.cm-content').click();
  await guide.page.keyboard.press('Control+Home');
  await guide.page.keyboard.type('# mine 🫁\n');
  await guide.page.waitForTimeout(1000);
  await guide.command('set-parameters', {
    module: 'lesson',
    values: `{"lines": ${LINES}}`
  });
  await expect(train).toContainText(`lines = ${LINES}`);
  await expect(train).toContainText('# mine 🫁');
  await expect.poll(onDisk).toBe(String(LINES));
  await train.locator('.cm-content').click();
  await guide.page.keyboard.press('Control+z');
  await expect(train).toContainText('lines = 10');
  await expect(train).toContainText('# mine 🫁');
  await guide.page.keyboard.press('Control+Shift+z');
  await expect(train).toContainText(`lines = ${LINES}`);
  // A profile: one notebook is open, one is not.
  await guide.command('profile', { profile: 'quick' });
  await expect(train).toContainText('lines = 10');
  await expect.poll(onDisk).toBe('10');
  await expect
    .poll(() => sourceOnDisk(lab, 'Exercise.ipynb', 'after'))
    .toContain('short');
  expect(await guide.dialogs()).toEqual([]);
});

test('Run module stops kindly at an exercise, helps, and goes on', async ({
  guide
}) => {
  await guide.command('run-module', { module: 'exercise' });
  await guide.becomes('exercise', 'before', 'done');
  await expect(guide.node).toContainText('This cell is an exercise');
  await expect(guide.node).toContainText('A pair of numbers.');
  await expect(guide.cell(1)).toHaveClass(/jp-mod-active/);
  await expect(guide.step('exercise', 'fill')).not.toHaveAttribute(
    'data-state',
    'failed'
  );
  expect(await guide.lines(1)).toEqual([]);
  await guide.command('solution', { module: 'exercise', step: 'fill' });
  await expect(guide.cell(1)).toContainText('shape = (2, 3)');
  await guide.command('run-module', { module: 'exercise' });
  await guide.becomes('exercise', 'after', 'done');
  expect(await guide.lines(1)).toEqual(['(2, 3)']);
  expect(await guide.dialogs()).toEqual([]);
});
