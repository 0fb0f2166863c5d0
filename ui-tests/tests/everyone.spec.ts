import { expect, type Page, test } from '@playwright/test';
import { JupyterLab } from './jupyterlab';
import {
  faintMarks,
  loadAxe,
  openAll,
  unreadable,
  violations
} from './looking';
import { Panel } from './panel';
import { answer, STATES } from './states';

const THEMES = {
  light: 'JupyterLab Light',
  dark: 'JupyterLab Dark',
  contrast: 'JupyterLab Dark High Contrast'
} as const;

let lab: JupyterLab;

test.beforeAll(async () => {
  lab = await JupyterLab.start();
});

test.afterAll(async () => {
  await lab.stop();
});

/** A page in which the REST interface is a table of states. */
async function open(page: Page, workspace: string): Promise<Panel> {
  await answer(page);
  return await Panel.open(page, lab, workspace);
}

/** Execute a command of JupyterLab. */
async function command(page: Page, id: string, args: object): Promise<void> {
  await page.evaluate(
    async ([name, given]) => {
      const { jupyterapp } = window as unknown as {
        jupyterapp: {
          commands: { execute(id: string, args: object): Promise<unknown> };
        };
      };
      await jupyterapp.commands.execute(name, given);
    },
    [id, args] as const
  );
}

/** Show the panel in a state, with all of it open. */
async function show(panel: Panel, state: string): Promise<void> {
  await command(panel.page, 'monai-workshop:select', { workshop: state });
  await panel.node
    .locator(`[data-workshop="${state}"][aria-current="true"]`)
    .waitFor({ state: 'attached' });
  await openAll(panel.node);
}

/** What cannot be read in any of the states, and a picture of each. */
async function unreadableStates(
  panel: Panel,
  words: string,
  states = Object.keys(STATES)
): Promise<string[]> {
  const found: string[] = [];
  for (const state of states) {
    await show(panel, state);
    const lines = await unreadable(panel.node);
    found.push(...lines.map(line => `${state}, ${words}: ${line}`));
    await panel.node.screenshot({
      path: `screenshots/state-${words}-${state}.png`
    });
  }
  return found;
}

/** Let JupyterLab speak a language from the next page on. */
async function speak(locale: string): Promise<void> {
  const id = encodeURIComponent('@jupyterlab/translation-extension:plugin');
  const answer = await fetch(`${lab.url}lab/api/settings/${id}`, {
    method: 'PUT',
    headers: { Authorization: `token ${lab.token}` },
    body: JSON.stringify({ raw: JSON.stringify({ locale }) })
  });
  expect(answer.ok).toBe(true);
}

test('axe-core finds nothing in any state and any theme', async ({ page }) => {
  const found: string[] = [];
  const look = async (panel: Panel, state: string, colours = false) => {
    const lines = [
      ...(await violations(panel.node, colours)),
      ...(await faintMarks(panel.node))
    ];
    found.push(...lines.map(line => `${state}: ${line}`));
  };
  const answers = await answer(page);
  answers.catalogue = 'silent';
  await page.goto(lab.page('axe'));
  const panel = new Panel(page);
  await page.locator('#jp-main-dock-panel').waitFor();
  if (!(await panel.node.isVisible())) {
    await page.locator('[data-id="jp-monai-workshop"]').click();
  }
  await expect(panel.node).toContainText('Loading…');
  await loadAxe(page);
  await look(panel, 'loading');

  answers.catalogue = 'unreachable';
  await page.reload();
  await expect(panel.node).toContainText('cannot be reached');
  await loadAxe(page);
  await openAll(panel.node);
  await look(panel, 'unreachable');

  answers.catalogue = 'there';
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await expect(panel.next).toBeVisible();
  for (const [word, theme] of Object.entries(THEMES)) {
    await panel.theme(theme);
    for (const state of Object.keys(STATES)) {
      await show(panel, state);
      await look(panel, `${state}, ${word}`, word !== 'light');
    }
  }
  // An action that did not work.
  await command(page, 'monai-workshop:select', { workshop: 'nowhere' });
  await expect(panel.node.locator('[data-action="dismiss"]')).toBeVisible();
  await look(panel, 'action failed');
  expect([...new Set(found)]).toEqual([]);
});

test('all of it can be read at 250 pixels, at 200 % zoom, on a slow machine', async ({
  page
}) => {
  const panel = await open(page, 'narrow');
  await page.setViewportSize({ width: 1280, height: 2400 });
  await panel.resize(250);
  const found: string[] = [];
  found.push(...(await unreadableStates(panel, '250-light')));
  const some = ['preparing', 'running', 'failed-step', 'machine'];
  for (const word of ['dark', 'contrast'] as const) {
    await panel.theme(THEMES[word]);
    found.push(...(await unreadableStates(panel, `250-${word}`, some)));
  }
  await page.emulateMedia({ forcedColors: 'active' });
  found.push(...(await unreadableStates(panel, 'forced', some)));
  await page.emulateMedia({ forcedColors: 'none' });
  await panel.theme(THEMES.light);
  expect(found).toEqual([]);

  // A page of 1280 × 900 pixels at 200 % has 640 × 450 of its own.
  await page.setViewportSize({ width: 640, height: 450 });
  found.push(...(await unreadableStates(panel, 'zoomed')));
  expect(found).toEqual([]);
  const last = panel.node.locator('button').last();
  await last.focus();
  await expect(last).toBeInViewport();
});

test('nothing moves where motion is not wanted', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const panel = await open(page, 'still');
  const moving = () =>
    panel.node.evaluate(node => node.getAnimations({ subtree: true }).length);
  for (const state of ['preparing', 'running']) {
    await show(panel, state);
    expect(await moving()).toBe(0);
  }
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await expect.poll(moving).toBeGreaterThan(0);
});

test('a slow machine keeps up', async ({ page }) => {
  const panel = await open(page, 'slow');
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  for (const state of ['running', 'failed-step', 'ready']) {
    const before = Date.now();
    await show(panel, state);
    expect(Date.now() - before).toBeLessThan(10_000);
  }
  await panel.next.focus();
  const before = Date.now();
  await page.keyboard.press('Tab');
  await expect(panel.next).not.toBeFocused();
  expect(Date.now() - before).toBeLessThan(3000);
});

test('where JupyterLab speaks German, so does the panel', async ({ page }) => {
  await speak('de_DE');
  try {
    const panel = await open(page, 'german');
    await expect(panel.next).toHaveText('Alles vorbereiten');
    await page.setViewportSize({ width: 1280, height: 2400 });
    await panel.resize(250);
    expect(await unreadableStates(panel, 'german')).toEqual([]);

    await show(panel, 'finished');
    await expect(panel.step('classify', 'train')).toContainText(
      'Mean Dice 0,90'
    );
    await expect(panel.step('classify', 'train')).toContainText(
      '2 Min. 5 Sek.'
    );
    await show(panel, 'running');
    await expect(panel.node).toContainText('Schritt 1.234/5.000');
    await expect(panel.node).toContainText('21,7 GiB');
    await expect(panel.node).toContainText('noch etwa 1,5 Min.');

    await page.keyboard.press('Control+Shift+C');
    await page.locator('.lm-CommandPalette-input').last().fill('Workshop');
    const palette = page.locator('.lm-CommandPalette-content').last();
    await expect(palette).toContainText('Alles für den Workshop vorbereiten');
    await expect(palette).toContainText(
      'Diesen Rechner für den Workshop prüfen'
    );
    await expect(palette).not.toContainText('Get Everything Ready');
  } finally {
    await speak('default');
  }
});

test('what the server says is German there, too', async ({ page }) => {
  await speak('de_DE');
  try {
    const panel = await Panel.open(page, lab, 'german-server');
    await openAll(panel.node);
    await expect(panel.node).toContainText(
      'Die Materialien sind noch nicht da.'
    );
    await command(page, 'monai-workshop:preflight', {});
    const memory = panel.node.locator('[data-check="memory"]');
    await openAll(panel.node);
    await expect(memory).toContainText(/\d,\d GiB/);
    await expect(panel.node.locator('.jp-mod-machine')).not.toContainText(
      /this workshop|free disk space|is enough/
    );
    await panel.node.screenshot({ path: 'screenshots/german-server.png' });
  } finally {
    await speak('default');
  }
});
