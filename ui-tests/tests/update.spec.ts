import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { JupyterLab } from './jupyterlab';
import { Panel } from './panel';

/** What the organiser hands out: a lesson of two code cells, and a file of notes. */
interface IEdition {
  begin: string;
  more: string;
  notes: string;
}

const FIRST: IEdition = {
  begin: "print('begun')",
  more: 'answer = 42',
  notes: 'The notes of the first edition.\n'
};
const SECOND: IEdition = {
  begin: "print('begun')  # second edition",
  more: FIRST.more,
  notes: 'The notes of the second edition.\n'
};

/** Write the materials of an edition where the definition has its bundle. */
function writeEdition(definitions: string, edition: IEdition): void {
  const folder = join(definitions, 'lessons', 'files');
  mkdirSync(folder, { recursive: true });
  const code = (id: string, source: string) => ({
    cell_type: 'code',
    execution_count: null,
    id,
    metadata: {},
    outputs: [],
    source: [source]
  });
  const heading = (id: string, source: string) => ({
    cell_type: 'markdown',
    id,
    metadata: {},
    source: [source]
  });
  const notebook = {
    cells: [
      heading('head-1', '## Part 1'),
      code('begin', edition.begin),
      heading('head-2', '## Part 2'),
      code('more', edition.more)
    ],
    metadata: {
      kernelspec: {
        display_name: 'Elsewhere',
        language: 'python',
        name: 'elsewhere'
      },
      language_info: { name: 'python' }
    },
    nbformat: 4,
    nbformat_minor: 5
  };
  writeFileSync(
    join(folder, 'Lesson.ipynb'),
    JSON.stringify(notebook, null, 1) + '\n'
  );
  writeFileSync(join(folder, 'notes.txt'), edition.notes);
}

/** A workshop without packages, so that it is ready in seconds. */
function writeDefinition(definitions: string): void {
  writeEdition(definitions, FIRST);
  writeFileSync(
    join(definitions, 'lessons', 'workshop.yaml'),
    `format: 1
id: lessons
title: Lessons
summary: One lesson that gets a second edition.
text: Welcome.
source: {kind: bundled, path: files, folder: lessons}
modules:
  - id: lesson
    title: The lesson
    text: A notebook.
    notebook: Lesson.ipynb
    steps:
      - id: begin
        title: Begin
        text: Prints a line.
        cells: [{heading: Part 1}]
        duration: 2
      - id: more
        title: Go on
        text: Sets an answer.
        cells: [{heading: Part 2}]
        duration: 2
`
  );
}

/** Press the primary button and wait until the first step can be run. */
async function prepare(page: Page, lab: JupyterLab): Promise<Panel> {
  const panel = await Panel.open(page, lab);
  await panel.next.click();
  await expect(panel.step('lesson', 'begin')).toHaveAttribute(
    'data-state',
    'ready'
  );
  await expect(panel.next).toBeEnabled();
  return panel;
}

/** Add a line to the last cell of the open notebook; it is not saved. */
async function edit(page: Page, line: string): Promise<void> {
  await codeCells(page).last().click();
  await page.keyboard.press('Control+End');
  await page.keyboard.press('Enter');
  await page.keyboard.type(line);
  await expect(codeCells(page).last()).toContainText(line);
}

function codeCells(page: Page): Locator {
  return page.locator('.jp-NotebookPanel .jp-CodeCell .cm-content');
}

async function openNotebook(panel: Panel): Promise<void> {
  await panel.node.locator('[data-action="open"]').click();
  await expect(codeCells(panel.page)).toHaveCount(2);
}

/** What a window does that comes to the front again: it looks at once. */
async function lookAgain(page: Page): Promise<void> {
  await page.evaluate(() =>
    document.dispatchEvent(new Event('visibilitychange'))
  );
}

let definitions: string;
let lab: JupyterLab;

test.beforeEach(async () => {
  definitions = mkdtempSync(join(tmpdir(), 'definitions-'));
  writeDefinition(definitions);
  lab = await JupyterLab.start({ definitions, workshop: 'lessons' });
});

test.afterEach(async () => {
  await lab.stop();
  rmSync(definitions, { recursive: true, force: true });
});

test('an update brings what is new into the open notebook, keeps what is mine, and can be undone', async ({
  page
}) => {
  const panel = await prepare(page, lab);
  await openNotebook(panel);
  await edit(page, '# mine');
  const before = await codeCells(page).allInnerTexts();
  const notes = join(lab.root, 'lessons', 'notes.txt');
  writeFileSync(notes, 'My own notes.\n');

  writeEdition(definitions, SECOND);
  await lookAgain(page);
  const offer = panel.node.locator('[data-notice="outdated"]');
  await expect(offer).toContainText('A newer version of the materials');
  await expect(panel.next).toHaveText('Run: Begin');
  await panel.picture('9-outdated');

  await offer.locator('[data-action="update"]').click();
  const report = panel.node.locator('[data-notice="updated"]');
  await expect(report).toContainText('Lesson.ipynb');
  await expect(codeCells(page).first()).toContainText('second edition');
  await expect(codeCells(page).last()).toContainText('# mine');
  await expect(offer).toHaveCount(0);
  await panel.picture('10-updated');

  expect(readFileSync(notes, 'utf8')).toBe('My own notes.\n');
  await report.locator('[data-action="open-file"]').click();
  await expect(page.locator('.jp-FileEditor')).toContainText(
    'The notes of the second edition.'
  );
  await page.locator('.lm-TabBar-tab', { hasText: 'Lesson.ipynb' }).click();

  await report.locator('[data-action="undo"]').click();
  await expect(codeCells(page).first()).not.toContainText('second edition');
  await expect.poll(() => codeCells(page).allInnerTexts()).toEqual(before);
  await expect(offer).toBeVisible();
  expect(await panel.dialogs()).toEqual([]);
});

test('a deleted file comes back only when that is asked for', async ({
  page
}) => {
  const panel = await prepare(page, lab);
  const notes = join(lab.root, 'lessons', 'notes.txt');
  rmSync(notes);
  writeEdition(definitions, SECOND);
  await lookAgain(page);
  const offer = panel.node.locator('[data-notice="outdated"]');
  await offer.getByRole('button', { name: 'Options' }).click();
  await offer.locator('[data-action="restore-deleted"]').check();
  await offer.locator('[data-action="update"]').click();
  await expect(panel.node.locator('[data-notice="updated"]')).toBeVisible();
  expect(readFileSync(notes, 'utf8')).toBe(SECOND.notes);
});

test('a module starts again with a fresh notebook, and my copy is kept', async ({
  page
}) => {
  const panel = await prepare(page, lab);
  await panel.next.click();
  const begin = panel.step('lesson', 'begin');
  await expect(begin).toHaveAttribute('data-state', 'done');
  await edit(page, '# mine');

  await panel.node.locator('[data-action="more"]').click();
  await panel.node.locator('[data-action="start-again"]').click();
  const dialog = page.locator('.jp-Dialog');
  await expect(dialog).toContainText('is kept beside it under a dated name');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(codeCells(page).last()).toContainText('# mine');
  await expect(begin).toHaveAttribute('data-state', 'done');

  await panel.node.locator('[data-action="start-again"]').click();
  await dialog.getByRole('button', { name: 'Start again' }).click();
  await expect(codeCells(page).last()).not.toContainText('# mine');
  await expect(begin).toHaveAttribute('data-state', 'ready');
  const sessions = await page.request.get(`${lab.url}api/sessions`, {
    headers: { Authorization: `token ${lab.token}` }
  });
  expect(await sessions.json()).toEqual([]);
  const folder = join(lab.root, 'lessons');
  const kept = readdirSync(folder).filter(
    name => name.endsWith('.ipynb') && name !== 'Lesson.ipynb'
  );
  expect(kept).toHaveLength(1);
  expect(readFileSync(join(folder, kept[0]!), 'utf8')).toContain('# mine');

  await panel.next.click();
  await expect(begin).toHaveAttribute('data-state', 'done');
  expect(await panel.dialogs()).toHaveLength(2);
});

test('a cell that runs does not hold up starting again', async ({ page }) => {
  const panel = await prepare(page, lab);
  await panel.next.click();
  await expect(panel.step('lesson', 'begin')).toHaveAttribute(
    'data-state',
    'done'
  );
  await edit(page, '__import__("time").sleep(600)');
  await panel.next.click();
  const more = panel.step('lesson', 'more');
  await expect(more).toHaveAttribute('data-state', 'running');
  await panel.node.locator('[data-action="more"]').click();
  await panel.node.locator('[data-action="start-again"]').click();
  const dialog = page.locator('.jp-Dialog');
  await dialog.getByRole('button', { name: 'Start again' }).click();
  await expect(codeCells(page).last()).not.toContainText('sleep');
  await expect(panel.next).toHaveText('Run: Begin');
  await expect(panel.node.locator('.jp-MonaiWorkshop-failure')).toHaveCount(0);
  expect(await panel.dialogs()).toHaveLength(1);
});

test('a notebook that is gone is brought back without a question', async ({
  page
}) => {
  const panel = await prepare(page, lab);
  const notebook = join(lab.root, 'lessons', 'Lesson.ipynb');
  const before = readFileSync(notebook, 'utf8');
  rmSync(notebook);
  await lookAgain(page);
  const button = panel.node.locator('[data-action="bring-back"]');
  await expect(button).toBeVisible();
  await expect(panel.next).toHaveText('Bring the notebook back');
  await panel.picture('11-absent');
  await button.focus();
  await page.keyboard.press('Enter');
  await expect(button).toHaveCount(0);
  await expect(panel.next).toBeFocused();
  expect(readFileSync(notebook, 'utf8')).toBe(before);
  expect(await panel.dialogs()).toEqual([]);
});
